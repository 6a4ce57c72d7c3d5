import Foundation
import TestSupport

/// An event as a listener on the daemon's own socket heard it.
struct DirectEvent: Sendable, Hashable, CustomStringConvertible {
    let at: Date
    let object: ObjectClass
    let name: String
    /// libvirt's words, in lower case: `defined added`.
    let words: String

    var description: String { "\(at.clock) \(object) \(name): \(words)" }
}

/// virsh's own listeners on a daemon, one for each class: what the service could have heard.
///
/// No fault is done to their way; but with the daemon they go, and are opened anew before anything is done there again.
actor Ears {
    private let daemon: PrivateLibvirtd
    private let driver: PrivateLibvirtd.Driver
    private let folder: TemporaryFolder
    private var processes: [RunningProcess] = []
    private var opened = 0

    private static let commands = [
        "event --event lifecycle --loop --timestamp", "net-event --event lifecycle --loop --timestamp",
        "pool-event --event lifecycle --loop --timestamp",
    ]

    /// What names the objects begin with that exist only so that the listeners prove that they hear.
    static let proof = "proof-"

    init(_ daemon: PrivateLibvirtd, _ driver: PrivateLibvirtd.Driver) throws {
        self.daemon = daemon
        self.driver = driver
        folder = try TemporaryFolder()
    }

    /// Begins to listen, and returns when all three hear.
    func open() async throws {
        for process in processes { process.end() }
        opened += 1
        let (daemon, driver, folder) = (daemon, driver, folder)
        processes = try Self.commands.enumerated().map { place, command in
            try RunningProcess(
                ["virsh", "-q", "-k", "0", "-c", daemon.uri(.unix, driver: driver)]
                    + command.split(separator: " ").map(String.init),
                name: "ears\(place)-\(opened)",
                in: folder,
                environment: Virsh.environment(in: folder)
            )
        }
        var attempt = 0
        try await eventually("the daemon is heard directly", detail: { processes.map(\.log).joined() }) {
            attempt += 1
            let name = "\(Self.proof)\(opened)-\(attempt)"
            try folder.write(
                Changes.domain("<name>\(name)</name>", of: driver),
                to: "domain.xml"
            )
            try folder.write("<network><name>\(name)</name></network>", to: "network.xml")
            try await Virsh.script(
                [
                    "define \(folder.file("domain.xml"))", "undefine \(name)",
                    "net-define \(folder.file("network.xml"))", "net-undefine \(name)",
                    "pool-define-as \(name) dir --target /nowhere", "pool-undefine \(name)",
                ],
                on: daemon,
                driver: driver
            )
            return try await comesTrue("all hear \(name)", within: .milliseconds(300)) {
                try processes.allSatisfy { try Self.text(of: $0).contains(name) }
            }
        }
    }

    /// All that was heard through all times it listened, but for its own proofs.
    func events() throws -> [DirectEvent] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".out") }
        let lines = try names.flatMap {
            try String(contentsOfFile: folder.file($0), encoding: .utf8).split(separator: "\n")
        }
        return lines.compactMap(Self.event).sorted { $0.at < $1.at }
    }

    private static func text(of process: RunningProcess) throws -> String {
        try String(contentsOfFile: process.output, encoding: .utf8)
    }

    /// Reads `2026-11-26 04:25:31.024+0000: event 'lifecycle' for domain 'vm-1': Defined Added`.
    static func event(_ line: some StringProtocol) -> DirectEvent? {
        let pattern = /^([^ ]+ [^ ]+): event 'lifecycle' for (domain|network|storage pool) '?([^':]+)'?: (.*)$/
        guard let match = String(line).wholeMatch(of: pattern), let at = Moment.parse(match.output.1) else {
            return nil
        }
        let object: ObjectClass =
            switch match.output.2 {
            case "domain": .domain
            case "network": .network
            default: .pool
            }
        guard !match.output.3.hasPrefix(proof) else { return nil }
        return DirectEvent(
            at: at,
            object: object,
            name: String(match.output.3),
            words: match.output.4.lowercased()
        )
    }
}
