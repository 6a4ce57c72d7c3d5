import Foundation
import TestSupport

/// Runs schedules beside each other, each lane with a master of its own, and says of those that failed all there is.
struct ChaosLanes: Sendable {
    let salt: SaltInstallation
    let seed: UInt64
    /// Where the timeline of a schedule that failed is written.
    let folder: String
    let bounds: Bounds

    func run(_ schedules: [Schedule], lanes: Int) async throws -> ChaosReport {
        let waiting = Locked(Array(schedules.reversed()))
        let report = Locked(ChaosReport(seed: seed))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(lanes, schedules.count) {
                group.addTask {
                    let bus = try await ChaosBus(salt)
                    while let schedule = waiting.withLock({ $0.popLast() }) {
                        try await run(schedule, on: bus, report)
                    }
                }
            }
            try await group.waitForAll()
        }
        return report.withLock { $0 }
    }

    private func run(_ schedule: Schedule, on bus: ChaosBus, _ report: Locked<ChaosReport>) async throws {
        let begin = ContinuousClock.now
        do {
            let run = try await ChaosRun(schedule, bus: bus, bounds)
            let evidence = try await run.carryOut()
            let judgement = Judgement(evidence)
            report.withLock { $0.add(evidence, judgement) }
            let took = (ContinuousClock.now - begin) / .seconds(1)
            let failures = judgement.failures + (evidence.lack.map { ["broken: \($0)"] } ?? [])
            let result = failures.isEmpty ? "clean" : "FAILED"
            say(
                "schedule \(schedule.number): \(result), \(evidence.done.count) faults, \(evidence.changes) changes, "
                    + "\(judgement.gaps) gaps, \(took.short) s"
            )
            guard !failures.isEmpty else { return }
            let text = evidence.timeline(serviceLog: await run.serviceLog)
            let lines = failures.map { "  \($0)\n" }.joined()
            let path = try write("\(schedule)\n\(lines)\n\(text)", of: schedule)
            say("\(schedule)\(lines)timeline: \(path)\nagain: \(schedule.command)")
        } catch {
            report.withLock { $0.addBroken() }
            let path = try write("\(schedule)\n\(error)\n", of: schedule)
            say("\(schedule)could not be carried out: \(error)\n\(path)\nagain: \(schedule.command)")
        }
    }

    private func write(_ text: String, of schedule: Schedule) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/\(schedule.seed)-\(schedule.number).txt"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
