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

    init(_ hosts: [ListedHost], bus: ChaosBus, site: PrivateSite, _ bounds: Bounds) throws {
        let keepalive = "{interval: \(Int(bounds.keepalive))s, count: 1}"
        inventory = ServiceProcess.inventory(hosts, defaults: "defaults: {keepalive: \(keepalive)}\n")
        self.bus = bus
        self.site = site
        folder = try TemporaryFolder()
        spool = site.disk.path
    }

    private static let arguments = [
        "--bus-echo-deadline", "5s", "--backoff-base", "100ms", "--backoff-cap", "1s", "--connect-slow", "3s",
        "--probe", "2s", "--probe-deadline", "2s", "--audit", "2s", "--flap-limit", "1000 per 10m",
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

    func kill() async throws { try await running().kill() }

    /// Ends it as an operator does.
    func stop() async throws {
        let status = try await running().stop()
        guard status == .success else { throw Misbehaved(what: "it was asked to end and did so with \(status)") }
    }

    private func running() throws -> ServiceProcess {
        guard let life = lives.last, life.isRunning else { throw Misbehaved(what: "it has ended by itself") }
        return life
    }

    private struct Misbehaved: Error, CustomStringConvertible {
        let what: String

        var description: String { "the service: \(what)" }
    }

    /// The ssh processes that it started.
    var sshs: [pid_t] {
        guard let pid = lives.last?.pid else { return [] }
        return ProcessTable().entries.filter { $0.parent == pid && $0.name == "ssh" && !$0.isZombie }.map(\.pid)
    }

    /// What keeps it from being at rest; `nil` = every host is up and well, all is sent and accounted for.
    func unrest() async throws -> String? {
        guard let status = try await status() else { return "it does not say how it is" }
        let (hosts, ledger) = (status["hosts"], status["ledger"])
        let isWell = hosts?["up"] == hosts?["total"] && hosts?["degraded"] == 0
        let isDone = ledger?["waiting"] == 0 && ledger?.isBalancedLedger == true
        return isWell && isDone ? nil : "hosts \(hosts ?? .null), ledger \(ledger ?? .null)"
    }

    /// Whether nothing that it has heard waits for its journal.
    func hasWrittenAll() async throws -> Bool { try await status()?["ledger"]?["under_way"] == 0 }

    /// Whether it has listed every class.
    func hasListed(_ host: String) async throws -> Bool { Self.hasListed(try await ask("hosts/\(host)")) }

    /// Whether it has done so since the host was last up, which it is.
    func isInStep(with host: String) async throws -> Bool {
        let view = try await ask("hosts/\(host)")
        guard view?["phase"] == "up", let since = view?["since"]?.string.flatMap(Moment.parse) else { return false }
        return Self.hasListed(view, since: since)
    }

    private static func hasListed(_ view: JSONValue?, since moment: Date = .distantPast) -> Bool {
        let listed = (view?["classes"]?.array ?? []).filter { one in
            one["listed"]?.string.flatMap(Moment.parse).map { $0 > moment } ?? false
        }
        return Set(listed.compactMap { $0["object"]?.string }).isSuperset(of: ObjectClass.allCases.map(\.rawValue))
    }

    private func status() async throws -> JSONValue? { try await ask("status") }

    private func ask(_ path: String) async throws -> JSONValue? {
        let result = try await run([
            "curl", "-s", "--max-time", "5", "--unix-socket", folder.file("admin.sock"),
            "http://localhost/api/v1/\(path)",
        ])
        return try? JSONValue(parsing: Data(result.output.utf8))
    }

    /// How often it has said that its journal cannot be written.
    var journalFailures: Int { logLines.count { $0["message"] == "Journal cannot write" } }

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
