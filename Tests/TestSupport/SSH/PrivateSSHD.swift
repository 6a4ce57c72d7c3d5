import Foundation

/// A real sshd on loopback that lets who runs the tests in, with one key.
///
/// What it runs for a client sees `place`: give it ``PrivateLibvirtd/asLocalHost``, and it is a hypervisor's. Call from
/// one test at a time. It ends with this object, and with it every session. Needs root.
package final class PrivateSSHD: Sendable {
    /// What a client knows of the host's key.
    package enum KnownHosts: String, Sendable, CaseIterable {
        case right = "known_hosts"
        /// Another key than the host's: as if the host's had changed, or somebody else answered.
        case changed = "known_hosts.changed"
        case empty = "known_hosts.empty"
    }

    /// A private key of a client.
    package enum Key: String, Sendable {
        case known = "userkey"
        /// Lets nobody in.
        case stranger = "strangerkey"
    }

    package let port: UInt16
    package let folder: TemporaryFolder
    /// Whom it lets in.
    package let user = Account.current.name
    private let place: Place
    private let process = Locked<RunningProcess?>(nil)

    /// Makes the keys and starts it.
    ///
    /// `options` stand before the key in `authorized_keys`, say `restrict,command="..."`.
    package static func started(at place: Place = .here, options: String = "") async throws -> PrivateSSHD {
        for _ in 1...3 {
            let sshd = try PrivateSSHD(at: place)
            try await sshd.makeKeys(options: options)
            // ssh takes a private key of its own user or, being root, of anybody: so both kinds of client may have it.
            try sshd.folder.give(to: .unprivileged)
            do {
                try await sshd.start()
                return sshd
            } catch  where sshd.log.contains("Address already in use") {
                // Some daemon has taken the port meanwhile, that chose it itself.
            }
        }
        throw SystemError("no port for sshd", EADDRINUSE)
    }

    private init(at place: Place) throws {
        self.place = place
        folder = try TemporaryFolder()
        port = try FreePort.next()
    }

    package func path(_ key: Key) -> String { folder.file(key.rawValue) }
    package func path(_ knownHosts: KnownHosts) -> String { folder.file(knownHosts.rawValue) }

    /// What it said, for the message of a failure.
    package var log: String { process.withLock { $0?.log } ?? "" }

    package func stop() {
        process.withLock { $0.take() }?.end()
    }

    private func start() async throws {
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        let program = try await run(["sh", "-c", "command -v sshd"]).checked().output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        // Each session of a client leaves sshd's, so what ends them all is a process namespace.
        let process = try RunningProcess(
            [
                "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--", program, "-D", "-e", "-f",
                folder.file("sshd_config"),
            ],
            name: "sshd",
            in: folder,
            at: place
        )
        self.process.withLock { $0 = process }
        try await eventually("sshd listens on \(port)", within: .seconds(60), detail: { log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            // Whoever else is there would take connections, too.
            return try String(contentsOfFile: process.errors, encoding: .utf8).contains("Server listening")
        }
    }
}
