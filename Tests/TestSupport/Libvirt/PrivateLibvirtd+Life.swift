import Foundation

extension PrivateLibvirtd {
    /// Starts the daemon and returns when a call on it has: the socket is there before the drivers are.
    package func start() async throws {
        // A killed daemon leaves its files behind, which would look like a started one.
        for name in ["libvirtd.pid", "sock/libvirt-sock", "sock/libvirt-sock-ro", "sock/libvirt-admin-sock"] {
            unlink(folder.file(name))
        }
        let former = running.withLock { $0.daemon }
        let daemon = try await LibvirtdProcess(of: self, after: former)
        running.withLock { $0.daemon = daemon }
        // The ports of another network cannot be tried from here; there the socket must do.
        let ports = place.isElsewhere ? [] : [port, tlsPort].compactMap(\.self)
        try await eventually("libvirtd listens on \(ports) and \(socket)", detail: { log }) {
            if !daemon.isRunning { throw LibvirtdEnded(log: log) }
            return Loopback.accepts(socket) && ports.allSatisfy(Loopback.accepts)
        }
        try await pin()
    }

    /// Ends the daemon as an administrator does, guests and all.
    package func stop() async throws {
        try await end(with: SIGTERM)
        running.withLock { $0.daemon.take() }?.end()
    }

    /// Kills it with SIGKILL; in system mode its guests live on, for the next ``start()`` to find.
    package func kill() async throws {
        try await end(with: SIGKILL)
    }

    /// Ends the daemon alone with SIGTERM, for the next ``start()`` to take its place.
    package func terminate() async throws {
        try await end(with: SIGTERM)
    }

    /// Stops it from running, with all its sockets open, as a hung host does.
    package func freeze() {
        running.withLock { $0.daemon }?.signal(SIGSTOP)
    }

    package func thaw() {
        running.withLock { $0.daemon }?.signal(SIGCONT)
    }

    /// Whether it has ended by itself.
    ///
    /// libvirtd 9.0 may do so when it has been frozen: it did of a null pointer in its own binary, by the kernel's log.
    package var hasEnded: Bool { running.withLock { $0.daemon?.isRunning == false } }

    /// Starts it again if it has ended by itself.
    package func startIfEnded() async throws {
        guard hasEnded else { return }
        running.withLock { $0.pin.take() }?.end()
        try await start()
    }

    /// Ends it and starts it anew with the same address.
    package func restart() async throws {
        try await end(with: SIGTERM)
        try await start()
    }

    private func end(with number: Int32) async throws {
        let (daemon, pin) = running.withLock { ($0.daemon, $0.pin.take()) }
        daemon?.signal(number)
        daemon?.signal(SIGCONT)
        pin?.end()
        try await daemon?.waitForExit()
    }

    /// Holds a connection to the test driver's default host, which forgets everything when its last one closes.
    ///
    /// Without keepalive, so that it outlives a long freeze.
    private func pin() async throws {
        let pin = try RunningProcess(
            ["virsh", "--keepalive-interval", "0", "-c", uri(.unix)],
            name: "pin",
            in: folder,
            environment: Virsh.environment(in: folder),
            input: .pipe
        )
        pin.send("uri\n")
        try await eventually("virsh answers on \(uri(.unix))", detail: { pin.log + log }) {
            if !pin.isRunning { throw CommandFailed(result: CommandResult(of: pin)) }
            return try String(contentsOfFile: pin.output, encoding: .utf8).contains("test+unix:")
        }
        running.withLock { $0.pin = pin }
    }
}

/// A daemon that ended before it was ready.
package struct LibvirtdEnded: Error, CustomStringConvertible {
    let log: String
    package var description: String { "libvirtd ended before it was ready\n\(log)" }
}
