import Foundation
import TestSupport

/// Carries a schedule out, on real daemons and a real master, and gathers the evidence.
struct ChaosRun: Sendable {
    private let schedule: Schedule
    private let bus: ChaosBus
    private let site: PrivateSite
    private let hosts: [ChaosHost]
    private let service: ChaosService
    private let chronicle = Chronicle()
    private let bounds: Bounds
    /// What was on the bus before.
    private let former: Int

    init(_ schedule: Schedule, bus: ChaosBus, _ bounds: Bounds) async throws {
        self.schedule = schedule
        self.bounds = bounds
        self.bus = bus
        let cables = schedule.ways.contains(.network) ? Schedule.hosts : 0
        let site = try await PrivateSite(bytes: 12 << 20, cables: cables)
        self.site = site
        let seed = schedule.seed &+ UInt64(schedule.number) &* 1000
        hosts = try await withThrowingTaskGroup(of: (Int, ChaosHost).self) { group in
            for (place, way) in schedule.ways.enumerated() {
                group.addTask { (place, try await ChaosHost(place, way, site: site, seed: seed)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        service = try ChaosService(hosts.map(\.listed), bus: bus, site: site, bounds)
        former = bus.tap.events.count
    }

    /// Everything that reached the bus since the schedule began.
    private var events: [BusEvent] { Array(bus.tap.events.dropFirst(former)) }

    func carryOut() async throws -> Evidence {
        do {
            let baselines = try await begin()
            let isOver = Locked(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for host in hosts { group.addTask { try await makeChanges(on: host, until: isOver) } }
                group.addTask {
                    try await doFaults()
                    isOver.withLock { $0 = true }
                }
                try await group.waitForAll()
            }
            let evidence = try await settling(baselines).evidence()
            try await service.stop()
            return evidence
        } catch {
            throw Broken(cause: "\(error)", schedule: schedule, log: await service.log, incidents: chronicle.incidents)
        }
    }

    private func settling(_ baselines: [ObjectTable]) -> Settling {
        Settling(
            schedule: schedule,
            hosts: hosts,
            baselines: baselines,
            service: service,
            chronicle: chronicle,
            bounds: bounds,
            events: { Array(bus.tap.events.dropFirst(former)) }
        )
    }

    // MARK: Begin

    /// Starts all, and waits until the service knows what there is.
    private func begin() async throws -> [ObjectTable] {
        let late = schedule.faults.first { $0.kind == .downAtStart }
        let baselines = try await withThrowingTaskGroup(of: (Int, ObjectTable).self) { group in
            for (place, host) in hosts.enumerated() {
                group.addTask {
                    try await host.start()
                    return (place, try await VirshTable.read(host.daemon, host.driver))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if let late, let place = late.host { try await hosts[place].daemon.kill() }
        try await service.start()
        for (place, host) in hosts.enumerated() where place != late?.host { try await isUp(host) }
        return baselines
    }

    private func isUp(_ host: ChaosHost) async throws {
        try await eventually("\(host.name) is up", within: .seconds(40)) {
            if await !service.isRunning { throw Ended() }
            return events.contains { $0.tag == "\(BusRecord.prefix)/\(host.name)/host/up" }
        }
        // From here on every change is one that is heard.
        try await eventually("\(host.name) is listed", within: .seconds(40), every: .milliseconds(100)) {
            if await !service.isRunning { throw Ended() }
            return try await service.hasListed(host.name) ? true : nil
        }
        host.resume()
    }

    private struct Ended: Error {}

    // MARK: Changes

    /// Makes them for as long as faults are done: what is done when nothing happens comes to nothing.
    private func makeChanges(on host: ChaosHost, until isOver: Locked<Bool>) async throws {
        let end = ContinuousClock.now + .seconds(schedule.calm + schedule.length)
        var random = SeededRandom(seed: schedule.seed &+ UInt64(host.cable))
        let limit = end + .seconds(30)
        func isWanted() -> Bool {
            ContinuousClock.now < end
                || (host.count < Schedule.changes || !isOver.withLock { $0 }) && ContinuousClock.now < limit
        }
        while isWanted() {
            try await host.change(Int.random(in: 1...4, using: &random))
            try await passes(.milliseconds(Int.random(in: 50...350, using: &random)))
        }
    }

    // MARK: Faults

    private func doFaults() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in hosts.indices { group.addTask { try await doFaults(of: host) } }
            group.addTask { try await doFaults(of: nil) }
            try await group.waitForAll()
        }
    }

    private func doFaults(of host: Int?) async throws {
        let begin = ContinuousClock.now
        for fault in schedule.faults where fault.host == host || (host == nil && !fault.kind.isOfHost) {
            guard host == nil || fault.kind.isOfHost else { continue }
            try await comes(begin + .seconds(schedule.calm + fault.at))
            let injector = Injector(
                fault: fault,
                hosts: hosts,
                service: service,
                bus: bus,
                site: site,
                chronicle: chronicle,
                bounds: bounds,
                isUp: isUp
            )
            try await injector.inject()
        }
    }
}

extension ChaosRun {
    /// What the service wrote, through all its lives.
    var serviceLog: [JSONValue] {
        get async { await service.logLines }
    }
}
