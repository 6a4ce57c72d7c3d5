import Foundation
import TestSupport

/// What is done to a host.
extension ChaosHost {
    /// Ends the daemon and starts another one in its place.
    ///
    /// - Returns: When the first one was gone, and from when on the second one could be there.
    func renew(with signal: Int32, after pause: Double) async throws -> (holds: Date, heals: Date) {
        self.pause()
        if signal == SIGKILL { try await daemon.kill() } else { try await daemon.terminate() }
        let holds = Date()
        try await passes(.seconds(pause))
        let heals = Date()
        try await daemon.start()
        try await attend()
        resume()
        return (holds, heals)
    }

    /// The ssh that leads a service there: its port is among the words that it was started with.
    func isItsSSH(_ pid: pid_t) -> Bool {
        guard let sshd, let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
        return data.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == "\(sshd.port)" }
    }

    /// Takes all clients off the daemon that only read, as the service does.
    ///
    /// - Returns: How many these were.
    func disconnectReaders() async throws -> Int {
        let readers = try await readers()
        for id in readers { _ = try await run(admin + ["client-disconnect", "libvirtd", id]) }
        return readers.count
    }

    /// The clients of the daemon that only read.
    func readers() async throws -> [String] {
        let list = try await run(admin + ["client-list", "libvirtd"]).checked().output
        var readers: [String] = []
        for id in list.split(separator: "\n").compactMap({ $0.split(separator: " ").first.flatMap { Int($0) } }) {
            let facts = try await run(admin + ["client-info", "libvirtd", "\(id)"])
            if facts.output.contains(/readonly *: *yes/) { readers.append("\(id)") }
        }
        return readers
    }

    private var admin: [String] {
        ["virt-admin", "-c", "libvirtd:///system?socket=\(daemon.folder.file("sock/libvirt-admin-sock"))"]
    }
}
