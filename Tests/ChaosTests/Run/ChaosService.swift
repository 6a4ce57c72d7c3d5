import Foundation
import TestSupport

/// The service of a schedule, through all its lives.
actor ChaosService {
    private let inventory: String
    private let bus: ChaosBus
    private let site: PrivateSite
    private let spool: String
    private let folder: TemporaryFolder
    private var lives: [ServiceProcess] = []

    init(_ hosts: [ListedHost], bus: ChaosBus, site: PrivateSite) throws {
        // 1 s x 1: a host that says nothing is lost after 2 s.
        inventory = ServiceProcess.inventory(hosts, defaults: "defaults: {keepalive: {interval: 1s, count: 1}}\n")
        self.bus = bus
        self.site = site
        folder = try TemporaryFolder()
        spool = site.disk.path
    }

    private static let arguments = [
        "--backoff-base", "100ms", "--backoff-cap", "1s", "--connect-slow", "3s",
        "--probe", "1s", "--probe-deadline", "1s", "--audit", "2s", "--flap-limit", "1000 per 10m",
    ]

    func start() throws {
        lives.append(
            try ServiceProcess(
                inventory: inventory,
                sockDir: bus.master.sockDir,
                spool: spool,
                adminSocket: folder.file("admin.sock"),
                at: site.place,
                arguments: Self.arguments + ["--bus-pub", bus.tap.socket]
            )
        )
    }

    func kill() async throws { try await lives.last?.kill() }

    func stop() async throws { try await lives.last?.stop() }

    /// The ssh processes that it started.
    var sshs: [pid_t] {
        guard let pid = lives.last?.pid else { return [] }
        return ProcessTable().entries.filter { $0.parent == pid && $0.name == "ssh" && !$0.isZombie }.map(\.pid)
    }

    /// Whether every host is up and nothing waits to be sent; false while it cannot be asked.
    func isAtRest() async throws -> Bool {
        let result = try await run([
            "curl", "-s", "--max-time", "5", "--unix-socket", folder.file("admin.sock"),
            "http://localhost/api/v1/status",
        ])
        guard let status = try? JSONValue(parsing: Data(result.output.utf8)) else { return false }
        let hosts = status["hosts"]
        return hosts?["up"] == hosts?["total"] && status["ledger"]?["waiting"] == 0
    }

    /// All that every life wrote.
    var log: String { lives.map(\.log).joined(separator: "\n") }

    var logLines: [JSONValue] { lives.flatMap(\.logLines) }

    var isRunning: Bool { lives.last?.isRunning ?? false }
}

/// A master, and the tap through which a service sees its bus.
struct ChaosBus: Sendable {
    let master: SaltMaster
    let tap: BusTap

    init(_ salt: SaltInstallation) async throws {
        master = try await SaltMaster.started(salt)
        tap = try await BusTap(master)
    }
}
