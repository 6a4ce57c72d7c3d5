import Connections
import TestSupport
import Testing

/// A daemon of each release on this machine, side by side, and what came of watching them.
final class Fleet: Sendable {
    /// The fleet of the suite that runs; started once, because a daemon serves one test as well as the next.
    @TaskLocal static var current: Fleet?

    let daemons: [Release: PrivateLibvirtd]
    /// Their versions in the words of their own virsh.
    let versions: [Release: LibvirtVersion]
    let outcomes = Locked<Set<Outcome>>([])

    private init() async throws {
        var daemons: [Release: PrivateLibvirtd] = [:]
        var versions: [Release: LibvirtVersion] = [:]
        for release in Release.allCases {
            let daemon = try await PrivateLibvirtd.started(at: release.place)
            try daemon.folder.write(Happening.device, to: "device.xml")
            daemons[release] = daemon
            versions[release] = LibvirtVersion(try await Self.virsh(["version --daemon"], on: daemon).daemonVersion)
        }
        self.daemons = daemons
        self.versions = versions
    }

    /// Makes things happen on a release's daemon with its own virsh.
    func provoke(_ happenings: [Happening], on release: Release) async throws {
        let daemon = try #require(daemons[release])
        try await Self.virsh(happenings.map(\.command), on: daemon)
    }

    /// What can be made to happen on a release's daemon.
    func happenings(on release: Release) -> [Happening] {
        let hasNetworks = versions[release].map { $0 >= LibvirtVersion(9, 8) } ?? false
        return Happening.everywhere + (hasNetworks ? Happening.ofNetworks : [])
    }

    @discardableResult
    private static func virsh(_ commands: [String], on daemon: PrivateLibvirtd) async throws -> CommandResult {
        // Whoever enters a root stands at its top.
        try await Virsh.script(["cd \(daemon.folder.path)"] + commands, on: daemon, at: daemon.place)
    }

    /// Runs a suite beside a fleet, and prints what came of it.
    struct SideBySide: SuiteTrait, TestScoping {
        func provideScope(
            for test: Test,
            testCase: Test.Case?,
            performing function: @concurrent @Sendable () async throws -> Void
        ) async throws {
            let fleet = try await Fleet()
            try await Fleet.$current.withValue(fleet) { try await function() }
            let outcomes = fleet.outcomes.withLock { $0 }
            if !outcomes.isEmpty { print(Outcome.table(outcomes)) }
        }
    }
}

extension CommandResult {
    /// The version in the output of virsh's `version --daemon`.
    fileprivate var daemonVersion: String? {
        output.firstMatch(of: #/Running against daemon: ([\d.]+)/#).map { String($0.output.1) }
    }
}

extension Trait where Self == Fleet.SideBySide {
    /// Beside a daemon of each release, as ``Fleet/current``.
    static var sideBySide: Self { Self() }
}
