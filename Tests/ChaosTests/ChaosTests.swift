import Foundation
import TestSupport
import Testing

/// Random faults on real daemons, a master and the service: what was told, and what there was.
@Suite("Chaos", .needs(.sshd, .network, .allSalt), .timeLimit(.minutes(240)))
struct ChaosTests {
    private func lanes(_ seed: UInt64, _ bounds: Bounds) throws -> ChaosLanes {
        ChaosLanes(
            salt: try #require(SaltInstallation.all.first),
            seed: seed,
            folder: Repository.path(".build/chaos"),
            bounds: bounds
        )
    }

    @Test("one schedule that is always the same: the bus says what virsh says, and every gap is told")
    func fast() async throws {
        let seed: UInt64 = 6
        let report = try await lanes(seed, .crowded).run([Schedule(seed: seed, number: 0)], lanes: 1)
        print("chaos: \(try report.line())")
        #expect(report.isClean)
        #expect(report.schedules == 1)
    }

    @Test("as many schedules as are asked for", .enabled(if: WantedChaos.isAskedFor))
    func many() async throws {
        let wanted = try WantedChaos(ProcessInfo.processInfo.environment)
        let schedules = wanted.numbers.map { Schedule(seed: wanted.seed, number: $0, isLong: wanted.isLong) }
        let report = try await lanes(wanted.seed, .alone).run(schedules, lanes: wanted.lanes)
        try (report.line() + "\n").write(toFile: wanted.report, atomically: true, encoding: .utf8)
        #expect(report.isClean)
        #expect(report.schedules == schedules.count)
    }
}
