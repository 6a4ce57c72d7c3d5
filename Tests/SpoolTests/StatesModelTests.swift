import Spool
import Testing

/// The history of states beside what it should be, whatever had to go of it, on the disk and in memory.
@Suite("Model of the history of states")
struct StatesModelTests {
    private let folder = SpoolFolder()
    private static let huge = [UInt8](repeating: 1, count: 17 << 20)

    private static func record(at time: Int64, _ bytes: [UInt8]) -> SpoolRecord {
        SpoolRecord(time: time, host: "kvm01", object: "domain", kind: "lifecycle", subject: "vm", bytes: bytes)
    }

    /// What is there at a time, of all that was told.
    private func states(_ told: [SpoolChange], at time: Int64) -> Set<SpoolChange> {
        let latest = Dictionary(told.filter { $0.time <= time }.map { ($0.key, $0) }) { $1 }
        return Set(latest.values.filter(\.exists))
    }

    @Test(
        "of every time from which on anything is known it is right, and how things are is never forgotten",
        arguments: 3..<6
    )
    func model(seed: Int) throws {
        var dice = Dice(seed: seed)
        let limits = SpoolLimits(bytes: 64 << 20, age: .seconds(1))
        var spools = [try Spool(folder: folder.path, limits: limits)]
        var told: [SpoolChange] = []
        var time: Int64 = 1_000_000
        var looks = 0
        var isLeft = false
        for step in 0..<150 {
            time += Int64(1 + dice.roll(20_000))
            switch dice.roll(16) {
            case 0...8:
                let name = "\(dice.roll(8))"
                let change = SpoolChange.domain(name, "\(step)", at: time, exists: dice.roll(3) > 0)
                let records = dice.roll(3) > 0 ? [Self.record(at: time, [1])] : []
                try spools[0].append(SpoolBatch(records: records, changes: [change]))
                told.append(change)
            case 9...10: try spools[0].acknowledge(through: spools[0].last - Int64(dice.roll(8)))
            case 11:
                // More than there is room for in memory.
                guard spools[0].lastSize.isInMemory else { continue }
                for _ in 0..<4 { try spools[0].append([Self.record(at: time, Self.huge)]) }
                isLeft = true
            case 12: try spools[0].maintain(now: time)
            case 13: try spools[0].leaveDisk()
            case 14: _ = try spools[0].returnToDisk()
            default:
                _ = try spools[0].returnToDisk()
                spools = []
                spools = [try Spool(folder: folder.path, limits: limits)]
            }
            guard !spools[0].lastSize.isInMemory else { continue }
            #expect(try Set(spools[0].states().filter(\.exists)) == states(told, at: time), "step \(step)")
            let history = try SpoolHistory(folder: folder.path)
            let horizon = try history.span().horizon
            #expect(horizon <= time)
            for moment in [horizon, horizon + (time - horizon) / 2, time - Int64(dice.roll(60_000)), time]
            where moment >= horizon {
                let found = try history.states(at: moment, after: 0) { _ in true }.found
                #expect(
                    Set(found.filter(\.exists)) == states(told, at: moment),
                    "step \(step), \(moment) after \(horizon)"
                )
                looks += 1
            }
        }
        #expect(looks > 100 && isLeft)
    }
}
