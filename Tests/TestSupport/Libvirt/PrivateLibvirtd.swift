package import Foundation

/// A real libvirtd with folders, sockets and a port of its own.
///
/// Call from one test at a time. It ends with this object, and with it whatever guests it started.
package final class PrivateLibvirtd: Sendable {
    package enum Mode: Sendable {
        /// Unprivileged, for the test driver.
        case session
        /// Root's, in namespaces of its own, for the drivers and classes that a session lacks: lxc, qemu, secrets.
        case system
    }

    package enum Transport: Sendable {
        case tcp, unix
    }

    package enum Driver: String, Sendable {
        case test, qemu, lxc

        var path: String { self == .test ? "/default" : "/system" }
    }

    package let mode: Mode
    package let folder: TemporaryFolder
    package let port: UInt16
    /// The host's UUID, another one for each daemon.
    package let uuid = UUID().uuidString.lowercased()

    struct Running {
        var daemon: LibvirtdProcess?
        var pin: RunningProcess?
    }
    let running = Locked(Running())

    /// Prepares the folders; ``start()`` starts it.
    package init(mode: Mode = .session) throws {
        self.mode = mode
        folder = try TemporaryFolder()
        port = try FreePort.next()
        for name in ["sock", "etc", "run", "lib", "cache", "log", "home"] { try folder.makeFolder(name) }
        try writeConfiguration()
        if mode == .session { try folder.give(to: .unprivileged) }
    }

    /// Prepares and starts one.
    package static func started(mode: Mode = .session) async throws -> PrivateLibvirtd {
        let daemon = try PrivateLibvirtd(mode: mode)
        try await daemon.start()
        return daemon
    }

    /// The unix socket.
    package var socket: String { folder.file("sock/libvirt-sock") }

    /// The daemon's pid, while it runs.
    package var pid: pid_t? { running.withLock { $0.daemon?.pid } }

    package func uri(_ transport: Transport, driver: Driver = .test) -> String {
        switch transport {
        case .tcp: "\(driver)+tcp://127.0.0.1:\(port)\(driver.path)"
        case .unix: "\(driver)+unix://\(driver.path)?socket=\(socket)"
        }
    }

    /// What the daemon said, for the message of a failure.
    package var log: String {
        let file = (try? String(contentsOfFile: folder.file("log/libvirtd.log"), encoding: .utf8)) ?? ""
        return (running.withLock { $0.daemon?.log } ?? "") + file.suffix(4000)
    }
}
