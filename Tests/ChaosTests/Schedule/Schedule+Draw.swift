import TestSupport

extension Schedule {
    /// Draws the schedule of this number.
    init(seed: UInt64, number: Int, isLong: Bool = false) {
        var random = SeededRandom(seed: seed &* 1_000_003 &+ UInt64(number))
        // Each kind has its turn, whatever the rest is drawn from.
        let kinds = FaultKind.allCases
        let featured = kinds[(number + Int(seed % UInt64(kinds.count))) % kinds.count]
        var drawing = Drawing(featured: featured, isLong: isLong, random: random)
        while !drawing.isEnough {
            drawing = Drawing(featured: featured, isLong: isLong, random: random)
            drawing.draw()
            random = drawing.random
        }
        self.init(
            seed: seed,
            number: number,
            isLong: isLong,
            featured: featured,
            ways: drawing.ways,
            faults: drawing.faults.sorted { ($0.at, $0.host ?? -1) < ($1.at, $1.host ?? -1) },
            length: drawing.length
        )
    }
}

/// A schedule while it is drawn.
private struct Drawing {
    let featured: FaultKind
    let isLong: Bool
    let length: Double
    var random: SeededRandom
    var ways: [Way] = []
    var faults: [Schedule.Fault] = []

    init(featured: FaultKind, isLong: Bool, random: SeededRandom) {
        self.featured = featured
        self.isLong = isLong
        self.random = random
        length = isLong ? 80 : 9
    }

    var isEnough: Bool {
        faults.count >= Schedule.least.faults && Set(faults.map(\.kind)).count >= Schedule.least.kinds
            && faults.contains { $0.kind == featured }
    }

    mutating func draw() {
        drawWays()
        // The last host is left alone by every other schedule or so: nothing may be said of it then.
        let leavesOneAlone = chance(0.4)
        drawFaultsOfAll(leavesOneAlone: leavesOneAlone)
        for host in 0..<Schedule.hosts where !(leavesOneAlone && host == Schedule.hosts - 1) { drawFaults(of: host) }
    }

    private mutating func drawWays() {
        let needsNetwork = featured.isOfHost && featured.suits(.network) && !featured.suits(.relay)
        let needsRelay = featured.isOfHost && featured.suits(.relay) && !featured.suits(.network)
        let first: Way = needsNetwork ? .network : needsRelay ? .relay : pick([.network, .relay])
        ways = [first, pick([first, .unix, .ssh]), pick([.unix, .ssh])]
        // A host that may be left alone must not be the only one of the featured kind.
        if featured.isOfHost, !ways.dropLast().contains(where: featured.suits) { ways[1] = ways[2] }
        if featured.isOfHost, !ways.dropLast().contains(where: featured.suits) { ways[1] = .ssh }
        for place in ways.indices where ways[place] == .ssh && chance(0.4) { ways[place] = .durable }
    }

    private mutating func drawFaultsOfAll(leavesOneAlone: Bool) {
        let kinds: [FaultKind] =
            leavesOneAlone
            ? [.diskFull, .masterRestarted]
            : [.allLost, .selfKilled, .selfKilled, .diskFull, .masterRestarted, .downAtStart]
        var chosen: Set<FaultKind> = featured.isOfHost ? [] : [featured]
        for share in [0.6, 0.3] where chance(share) { chosen.insert(pick(kinds)) }
        // A class that is deaf is found out by an audit, which takes its time on a connection that stays.
        if featured == .classDeaf { chosen.subtract([.allLost, .selfKilled]) }
        for kind in FaultKind.allCases where chosen.contains(kind) {
            let last = kind == .downAtStart ? Schedule.hosts - 1 : nil
            add(kind, of: last, at: kind == .downAtStart ? 0 : between(0.5, length * 0.7))
        }
    }

    private mutating func drawFaults(of host: Int) {
        let ofAll = faults.map(\.kind)
        let kinds = FaultKind.allCases.filter { kind in
            kind.isOfHost && kind.suits(ways[host])
                && !(kind == .classDeaf && !Set(ofAll).isDisjoint(with: [.allLost, .selfKilled]))
        }
        var time = between(0.2, 2) + (ofAll.contains(.downAtStart) && host == Schedule.hosts - 1 ? 4 : 0)
        while time < length {
            let kind = kinds.contains(featured) && !faults.contains { $0.kind == featured } ? featured : pick(kinds)
            add(kind, of: host, at: time)
            time += (faults.last?.lasts ?? 0) + Self.recovery(from: kind) + between(0.3, 2)
        }
    }

    private mutating func add(_ kind: FaultKind, of host: Int?, at time: Double) {
        let bounds: ClosedRange<Double> =
            switch kind {
            case .daemonKilled, .daemonRestarted, .allLost: 0.1...1.5
            case .frozenShort, .packetsDroppedShort: 0.2...0.8
            case .frozenLong, .packetsDropped: isLong ? 30...32 : 3...4.5
            case .callsSwallowed: 2.5...5
            case .selfKilled: 0.1...2
            case .diskFull: 1.5...3
            case .downAtStart: 1...3
            default: 0...0
            }
        faults.append(.init(kind: kind, host: host, at: time, lasts: between(bounds.lowerBound, bounds.upperBound)))
    }

    /// How long the next fault of the host waits, so that this one is one of its own.
    private static func recovery(from kind: FaultKind) -> Double {
        switch kind {
        case .classDeaf: 9
        case .callsSwallowed: 5
        default: 1
        }
    }

    private mutating func between(_ low: Double, _ high: Double) -> Double {
        low == high ? low : .random(in: low...high, using: &random)
    }

    private mutating func chance(_ share: Double) -> Bool { between(0, 1) < share }

    private mutating func pick<Element>(_ all: [Element]) -> Element {
        all[Int.random(in: 0..<all.count, using: &random)]
    }
}
