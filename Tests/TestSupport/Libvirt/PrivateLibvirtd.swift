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
        /// The same but for the processes, which it sees and is seen among, as polkit must; without guests, which would
        /// outlive it.
        case systemInSight
    }

    package enum Transport: Sendable {
        case tcp, tls, unix
    }

    package enum Driver: String, Sendable {
        case test, qemu, lxc

        var path: String { self == .test ? "/default" : "/system" }
    }

    package let mode: Mode
    package let folder: TemporaryFolder
    package let port: UInt16
    /// The port of TLS, when the daemon has a certificate.
    package let tlsPort: UInt16?
    /// Where the daemon runs.
    package let place: Place
    /// The host's UUID, another one for each daemon.
    package let uuid = UUID().uuidString.lowercased()

    struct Running {
        var daemon: LibvirtdProcess?
        var pin: RunningProcess?
    }
    let running = Locked(Running())
    let environment: [String: String]

    /// Prepares the folders; ``start()`` starts it.
    ///
    /// With `pki`, a folder of ``PKI``, it takes TLS too, and shows the server's certificate that is there. `settings` are
    /// lines of libvirtd.conf which stand for those of ours with the same key: `["auth_tcp": #""sasl""#]`. `environment`
    /// is added to the daemon's. `port` is for a daemon that takes the place of another.
    package init(
        mode: Mode = .session,
        pki: String? = nil,
        settings: [String: String] = [:],
        environment: [String: String] = [:],
        at place: Place = .here,
        port: UInt16? = nil
    ) throws {
        self.mode = mode
        self.place = place
        self.environment = environment
        folder = try TemporaryFolder()
        self.port = try port ?? FreePort.next()
        tlsPort = try pki.map { _ in try FreePort.next() }
        for name in ["sock", "etc", "run", "lib", "cache", "log", "home"] { try folder.makeFolder(name) }
        try writeConfiguration(pki: pki, settings: settings)
        if mode == .session { try folder.give(to: .unprivileged) }
    }

    /// Prepares and starts one.
    package static func started(
        mode: Mode = .session,
        pki: String? = nil,
        settings: [String: String] = [:],
        environment: [String: String] = [:],
        at place: Place = .here,
        port: UInt16? = nil
    ) async throws -> PrivateLibvirtd {
        let daemon = try PrivateLibvirtd(
            mode: mode,
            pki: pki,
            settings: settings,
            environment: environment,
            at: place,
            port: port
        )
        try await daemon.start()
        return daemon
    }

    /// The unix socket.
    package var socket: String { folder.file("sock/libvirt-sock") }

    /// The unix socket for those who only read; in system mode.
    package var readOnlySocket: String { "\(socket)-ro" }

    /// A place where this daemon is the host's own: its sockets are in the folder that libvirt has for them.
    ///
    /// There local URIs lead to it, and so does `virt-ssh-helper`. Needs root.
    package var asLocalHost: Place { place.showing(["/run/libvirt": folder.file("sock")]) }

    /// The daemon's pid, while it runs.
    package var pid: pid_t? { running.withLock { $0.daemon?.pid } }

    package func uri(_ transport: Transport, driver: Driver = .test) -> String {
        switch transport {
        case .tcp: "\(driver)+tcp://127.0.0.1:\(port)\(driver.path)"
        case .tls: "\(driver)+tls://127.0.0.1:\(tlsPort ?? 0)\(driver.path)"
        case .unix: "\(driver)+unix://\(driver.path)?socket=\(socket)"
        }
    }

    /// What the daemon said, for the message of a failure.
    package var log: String {
        let file = (try? String(contentsOfFile: folder.file("log/libvirtd.log"), encoding: .utf8)) ?? ""
        return (running.withLock { $0.daemon?.log } ?? "") + file.suffix(4000)
    }
}
