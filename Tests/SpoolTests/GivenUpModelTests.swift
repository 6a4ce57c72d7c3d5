import Foundation
import Spool
import Testing

/// What is known of that which had to go, beside what it should be.
@Suite("Model of what was given up")
struct GivenUpModelTests {
    private let folder = SpoolFolder()
    private static let large = String(repeating: "x", count: 8_000)

    /// What went of each host and has not been settled since.
    private struct Model {
        var keys: [String: Set<String>] = [:]
        var last: [String: Int64] = [:]

        mutating func lose(_ position: Int64, _ record: SpoolRecord) {
            keys[record.host, default: []].insert(record.key)
            last[record.host] = position
        }

        mutating func settle(_ found: [GivenUp]) {
            for found in found where last[found.host] ?? 0 <= found.through { keys[found.host] = nil }
        }
    }

    @Test(
        "every object of which a record went is named until that is settled, whatever happens between",
        arguments: 0..<10
    )
    func model(seed: Int) throws {
        var dice = Dice(seed: seed)
        let limits = SpoolLimits(bytes: 1 << 20, age: .seconds(60))
        var spools = [try Spool(folder: folder.path, limits: limits)]
        var records: [Int64: SpoolRecord] = [:]
        var model = Model()
        var former: [GivenUp] = []
        var lost = 0
        for step in 0..<200 {
            switch dice.roll(12) {
            case 0...5:
                let new = (0...dice.roll(20)).map { _ in
                    record(Self.large, time: Int64(step), host: "h\(dice.roll(3))", key: "k\(dice.roll(40))")
                }
                let ends = new.map {
                    SpoolChange(
                        time: $0.time,
                        host: $0.host,
                        object: "domain",
                        key: $0.key,
                        name: "",
                        exists: false,
                        state: ""
                    )
                }
                let appended = try spools[0].append(SpoolBatch(records: new, changes: ends))
                for (index, record) in new.enumerated() {
                    records[appended.last - Int64(new.count - 1 - index)] = record
                }
                for position in appended.removed.joined() {
                    if let record = records[position] { model.lose(position, record) }
                    lost += 1
                }
            case 6: try spools[0].acknowledge(through: spools[0].last - Int64(dice.roll(60)))
            case 7: try spools[0].leaveDisk()
            case 8: _ = try spools[0].returnToDisk()
            case 9:
                _ = try spools[0].returnToDisk()
                spools = []
                spools = [try Spool(folder: folder.path, limits: limits)]
            case 10: former = try spools[0].givenUp()
            default:
                let found = dice.roll(2) == 0 ? former : try spools[0].givenUp()
                try spools[0].settle(found)
                model.settle(found)
            }
            let named = try Dictionary(uniqueKeysWithValues: spools[0].givenUp().map { ($0.host, $0) })
            for (host, keys) in model.keys {
                #expect(keys.isSubset(of: Set(named[host]?.objects.map(\.key) ?? [])), "step \(step)")
                #expect(named[host]?.isEverything == false)
            }
        }
        #expect(lost > 100)
    }
}
