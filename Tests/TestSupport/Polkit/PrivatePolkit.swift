package import Foundation

/// A real polkitd on a system bus of its own, with the shipped actions and rules of a test's own.
///
/// Give ``environment`` to a libvirtd, which asks on that bus. Call from one test at a time. It ends with this object.
/// Needs root.
package final class PrivatePolkit: Sendable {
    /// Where Debian has it, outside every PATH.
    static let daemon = "/usr/lib/polkit-1/polkitd"

    package let folder: TemporaryFolder
    /// The variable that leads a process to this bus instead of the system's.
    package var environment: [String: String] { ["DBUS_SYSTEM_BUS_ADDRESS": address] }

    private var address: String { "unix:path=\(folder.file("bus"))" }
    private let processes = Locked<[RunningProcess]>([])

    /// Starts it with rules, each by the name of its file.
    package static func started(rules: [String: String] = [:]) async throws -> PrivatePolkit {
        let polkit = try PrivatePolkit(rules: rules)
        try await polkit.start()
        return polkit
    }

    private init(rules: [String: String]) throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("rules.d")
        for (name, text) in rules { try folder.write(text, to: "rules.d/\(name)") }
        try folder.write(
            """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type><listen>\(address)</listen><auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
              </policy>
            </busconfig>

            """,
            to: "bus.conf"
        )
    }

    deinit {
        stop()
    }

    /// What both said, for the message of a failure.
    package var log: String { processes.withLock { $0.map(\.log).joined() } }

    package func stop() {
        for process in processes.withLock({ $0 }).reversed() { process.end() }
    }

    private func start() async throws {
        try launch(["dbus-daemon", "--config-file=\(folder.file("bus.conf"))", "--nofork", "--nopidfile"], name: "bus")
        try await eventually("the bus answers", within: .seconds(60), detail: { log }) {
            Loopback.accepts(folder.file("bus"))
        }
        try launch(
            [Self.daemon],
            name: "polkitd",
            at: Place.here.showing(["/etc/polkit-1/rules.d": folder.file("rules.d")])
        )
        let ask = [
            "dbus-send", "--bus=\(address)", "--print-reply", "--dest=org.freedesktop.DBus", "/",
            "org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.PolicyKit1",
        ]
        try await eventually("polkitd is on the bus", within: .seconds(60), detail: { log }) {
            try await run(ask).status == .success
        }
    }

    private func launch(_ command: [String], name: String, at place: Place = .here) throws {
        let environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let process = try RunningProcess(command, name: name, in: folder, environment: environment, at: place)
        processes.withLock { $0.append(process) }
    }
}

extension PrivatePolkit {
    /// Whether polkit lets a process do something, without asking anybody.
    package func verdict(on action: String, for pid: pid_t) async throws -> Bool {
        let whole = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let result = try await run(["pkcheck", "--action-id", action, "--process", "\(pid)"], environment: whole)
        // 1: no; 2: it would have to be asked; 3: somebody did not answer. More is a failure of the question.
        guard case .exited(0...3) = result.status else { throw CommandFailed(result: result) }
        return result.status == .success
    }
}
