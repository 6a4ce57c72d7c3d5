import Foundation
import TestSupport

/// The end of a schedule: waits until everything has been told, and then for what should not come.
struct Settling: Sendable {
    let schedule: Schedule
    let hosts: [ChaosHost]
    let baselines: [ObjectTable]
    let service: ChaosService
    let chronicle: Chronicle
    let bounds: Bounds
    /// Everything that reached the bus since the schedule began.
    let events: @Sendable () -> [BusEvent]

    /// How often it is looked, which costs the service something.
    private static let pause = Duration.milliseconds(200)

    /// How long nothing must have come from the bus before it is taken that nothing more does.
    private static let calm = Duration.milliseconds(1500)

    /// How long nothing may be told afterwards; audits and probes go on in it.
    private static let quiet = Duration.seconds(3)

    /// What is there in the end.
    private struct Ends: Sendable {
        let truth: ObjectTable
        let direct: [DirectEvent]
    }

    /// - Throws: Where the service does not come to rest.
    func evidence() async throws -> Evidence {
        for host in hosts { host.pause() }
        var ends: [Ends] = []
        for host in hosts {
            ends.append(
                Ends(truth: try await VirshTable.read(host.daemon, host.driver), direct: try await host.ears.events())
            )
        }
        try await waitUntilTold(ends)
        let quiet = Date()
        try await passes(Self.quiet)
        try await waitUntilAtRest()
        return evidence(ends, quiet)
    }

    private var patience: Duration { .seconds(bounds.patience) }

    /// A probe that a busy machine is slow with, or a moment without an answer, is no unrest.
    private func waitUntilAtRest() async throws {
        var unrest: String?
        let isAtRest = try await comesTrue("it is at rest", within: patience, every: Self.pause) {
            unrest = try await service.unrest()
            return unrest == nil
        }
        if !isAtRest, let unrest { throw Restless(what: unrest, patience: patience) }
    }

    /// Waits for as long as that may take: what is missing then is for the judge, but for a service that has no rest.
    private func waitUntilTold(_ ends: [Ends]) async throws {
        var last = (count: 0, at: ContinuousClock.now)
        var unrest: String? = "something is told all the time"
        let isTold = try await comesTrue("all is told", within: patience, every: Self.pause) {
            let evidence = evidence(ends, .distantFuture)
            if evidence.bus.count != last.count { last = (evidence.bus.count, .now) }
            guard ContinuousClock.now - last.at > Self.calm, !isDropWaitedFor else { return false }
            unrest = try await service.unrest()
            let judgement = Judgement(evidence)
            return unrest == nil && judgement.stateMismatches.isEmpty && judgement.uncoveredGaps.isEmpty
        }
        if !isTold, let unrest { throw Restless(what: unrest, patience: patience) }
    }

    /// Whether what a full disk had dropped may still be told anew.
    private var isDropWaitedFor: Bool {
        chronicle.incidents.contains { incident in
            incident.kind.effect == .drops
                && Date() < (incident.heals ?? .distantFuture).addingTimeInterval(Judgement.after + 3)
        }
    }

    private func evidence(_ ends: [Ends], _ quiet: Date) -> Evidence {
        Evidence(
            schedule: schedule,
            hosts: hosts.indices.map { place in
                Evidence.HostEvidence(
                    name: hosts[place].name,
                    baseline: baselines[place],
                    truth: ends[place].truth,
                    direct: ends[place].direct,
                    changes: hosts[place].count
                )
            },
            incidents: chronicle.incidents,
            bus: events(),
            quiet: quiet,
            bounds: bounds
        )
    }

    private struct Restless: Error, CustomStringConvertible {
        let what: String
        let patience: Duration

        var description: String { "the service is not at rest after \(patience): \(what)" }
    }
}
