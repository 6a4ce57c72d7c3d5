package import Foundation

/// What tests do to a master that runs.
extension SaltMaster {
    /// The process that listens on the sockets of the bus; nil while none does.
    ///
    /// The kernel says who called `listen`, whatever Salt calls that process, and even while it is frozen.
    package var publisher: pid_t? {
        try? LocalStream(path: pullSocket).peer
    }

    /// Sends a signal to the publisher, and gives its pid.
    ///
    /// One that is busy takes no connection for a while, and so is not to be found.
    @discardableResult
    package func signalPublisher(_ number: Int32) async throws -> pid_t {
        let publisher = try await eventually("there is a publisher", detail: { log }, look: { self.publisher })
        kill(publisher, number)
        return publisher
    }

    /// How often it has said this so far, in all of its lives.
    package func timesLogged(_ text: String) -> Int {
        let files = ["salt-master.out", "salt-master.err", "root/var/log/salt/master"].map(folder.file)
        return files.reduce(0) { count, file in
            let bytes = FileManager.default.contents(atPath: file) ?? Data()
            return count + String(decoding: bytes, as: UTF8.self).ranges(of: text).count
        }
    }

    /// Sends a signal to every process of the master.
    package func signalAll(_ number: Int32) {
        guard let pid else { return }
        for entry in ProcessTable().session(pid) { kill(entry.pid, number) }
    }
}
