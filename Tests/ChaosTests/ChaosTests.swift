import Foundation
import TestSupport
import Testing

/// Random faults on real daemons, a master and the service: what was told, and what there was.
@Suite("Chaos", .needs(.sshd, .network, .allSalt), .timeLimit(.minutes(240)))
struct ChaosTests {
    private static let wanted = Wanted(ProcessInfo.processInfo.environment)

    private func lanes(_ seed: UInt64) throws -> ChaosLanes {
        ChaosLanes(
            salt: try #require(SaltInstallation.all.first),
            seed: seed,
            folder: Repository.path(".build/chaos")
        )
    }

    @Test("one schedule that is always the same: the bus says what virsh says, and every gap is told")
    func fast() async throws {
        let seed: UInt64 = 6
        let report = try await lanes(seed).run([Schedule(seed: seed, number: 0)], lanes: 1)
        print("chaos: \(try report.line())")
        #expect(report.isClean)
        #expect(report.changes >= 200)
    }

    @Test("as many schedules as are asked for", .enabled(if: wanted != nil))
    func many() async throws {
        let wanted = try #require(Self.wanted)
        let schedules = wanted.numbers.map { Schedule(seed: wanted.seed, number: $0, isLong: wanted.isLong) }
        let report = try await lanes(wanted.seed).run(schedules, lanes: wanted.lanes)
        try (report.line() + "\n").write(toFile: wanted.report, atomically: true, encoding: .utf8)
        #expect(report.isClean)
    }

    /// What `make chaos` asks for.
    private struct Wanted {
        let seed: UInt64
        let numbers: [Int]
        let isLong: Bool
        let lanes: Int
        /// Where the last line goes.
        let report: String

        init?(_ environment: [String: String]) {
            func number(_ name: String) -> Int? { environment["VIRT_AGGREGATOR_CHAOS_\(name)"].flatMap { Int($0) } }
            guard let report = environment["VIRT_AGGREGATOR_CHAOS_REPORT"], let seed = number("SEED") else {
                return nil
            }
            self.report = report
            self.seed = UInt64(seed)
            numbers = number("SCHEDULE").map { [$0] } ?? Array(0..<(number("SCHEDULES") ?? 20))
            isLong = number("LONG") == 1
            lanes = number("LANES") ?? 2
        }
    }
}
