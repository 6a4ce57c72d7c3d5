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
        var lost: [String: Int] = [:]

        mutating func lose(_ host: String, _ key: String) {
            keys[host, default: []].insert(key)
            lost[host, default: 0] += 1
        }

        /// - Parameter found: What had been lost when it was looked.
        mutating func settle(_ found: [String: Int]) {
            for (host, count) in found where lost[host] == count { keys[host] = nil }
        }
    }

    @Test(
        "the objects of which a record went are named until that is settled, and no others, whatever happens between",
        arguments: 0..<10
    )
    func model(seed: Int) throws {
        var dice = Dice(seed: seed)
        let limits = SpoolLimits(bytes: 1 << 20, age: .seconds(60))
        var spools = [try Spool(folder: folder.path, limits: limits)]
        var records: [Int64: SpoolRecord] = [:]
        var model = Model()
        var former: (notes: [GivenUp.Note], lost: [String: Int]) = ([], [:])
        var lost = 0
        for step in 0..<200 {
            switch dice.roll(13) {
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
                    if let record = records[position] { model.lose(record.host, record.key) }
                    lost += 1
                }
            case 6: try spools[0].acknowledge(through: spools[0].last - Int64(dice.roll(60)))
            case 7: try spools[0].leaveDisk()
            case 8: _ = try spools[0].returnToDisk()
            case 9:
                _ = try spools[0].returnToDisk()
                spools = []
                spools = [try Spool(folder: folder.path, limits: limits)]
            case 10: former = (try spools[0].givenUpNotes(), model.lost)
            case 11:
                let (host, key) = ("h\(dice.roll(3))", "k\(dice.roll(40))")
                let object = GivenUp.Object(object: "domain", key: key, name: "")
                try spools[0].giveUp([GivenUp(host: host, time: 0, isEverything: false, objects: [object])])
                model.lose(host, key)
            default:
                let found = dice.roll(2) == 0 ? former : (notes: try spools[0].givenUpNotes(), lost: model.lost)
                try spools[0].settle(found.notes)
                model.settle(found.lost.filter { lost in found.notes.contains { $0.host == lost.key } })
            }
            let found = try spools[0].givenUp()
            let named = Dictionary(uniqueKeysWithValues: found.map { ($0.host, Set($0.objects.map(\.key))) })
            #expect(named == model.keys, "step \(step)")
            #expect(found.filter(\.isEverything) == [])
            #expect(try spools[0].givenUpNotes() == found.map(\.note))
        }
        #expect(lost > 100)
    }
}
