import Foundation
import Spool
import Testing

/// Which objects are named of those of which something had to go.
@Suite("Objects of what was given up")
struct GivenUpObjectsTests {
    private let folder = SpoolFolder()

    private func objects(_ numbers: Range<Int>, of class: String = "domain") -> [GivenUp.Object] {
        numbers.map { GivenUp.Object(object: `class`, key: "\(10_000 + $0)", name: "vm") }
    }

    private func change(_ object: GivenUp.Object, at time: Int64, exists: Bool) -> SpoolChange {
        SpoolChange(
            time: time,
            host: "a",
            object: object.object,
            key: object.key,
            name: exists ? object.name : "",
            exists: exists,
            state: ""
        )
    }

    private func giveUp(_ objects: [GivenUp.Object], in spool: Spool) throws -> GivenUp? {
        try spool.giveUp([GivenUp(host: "a", time: 1, isEverything: false, objects: objects)])
        return try spool.givenUp().first
    }

    @Test("of more than are named, those that there are count all, and those that went first are named")
    func overflow() throws {
        let spool = try Spool(folder: folder.path)
        let all = objects(0..<GivenUp.objectLimit)
        #expect(try giveUp(all, in: spool)?.isEverything == false)
        let noted = try giveUp(objects(GivenUp.objectLimit..<GivenUp.objectLimit + 1), in: spool)
        #expect(noted?.isEverything == true && noted?.objects == all)
    }

    @Test("one that is named already takes no room again, and has its later name if that is known")
    func again() throws {
        let spool = try Spool(folder: folder.path)
        let many = GivenUp.objectLimit / 2 + 100
        _ = try giveUp(objects(0..<many), in: spool)
        let renamed = ["later", ""].map { GivenUp.Object(object: "domain", key: "10000", name: $0) }
        let noted = try giveUp(renamed + objects(1..<many + 10), in: spool)
        #expect(noted?.isEverything == false)
        #expect(noted?.objects == [renamed[0]] + objects(1..<many + 10))
    }

    @Test("what is there, and node devices, leave their room to what has ended")
    func room() throws {
        let spool = try Spool(folder: folder.path)
        let there = objects(0..<2_000)
        try spool.append(SpoolBatch(changes: there.map { change($0, at: 1, exists: true) }))
        var noted = try giveUp(there, in: spool)
        #expect(noted?.isEverything == true)
        let named = noted?.objects.count ?? 0
        #expect(named < 2_000)
        let devices = objects(0..<GivenUp.objectLimit, of: "nodedev")
        let room = GivenUp.objectLimit - named
        noted = try giveUp(devices, in: spool)
        #expect(noted?.objects.filter { $0.object == "nodedev" } == Array(devices.prefix(room)))
        let ended = objects(5_000..<5_000 + room + 1)
        noted = try giveUp(ended, in: spool)
        #expect(noted?.objects.count == GivenUp.objectLimit)
        let all = Set(noted?.objects ?? [])
        #expect(all.isSuperset(of: ended.dropLast()))
        // What was there is named still, and may end now.
        #expect(noted?.objects.prefix(named) == there.prefix(named))
    }

    @Test("where records of a former version had to go, all that has ended since is named")
    func formerRecords() throws {
        let spool = try Spool(folder: folder.path, limits: SpoolLimits(bytes: 1 << 20, age: .seconds(60)))
        let ended = objects(0..<3)
        try spool.append([record("old", time: 20, host: "a")])
        try spool.append(
            SpoolBatch(
                changes: ended.map { change($0, at: 10, exists: true) }
                    + [change(ended[0], at: 10, exists: false)]
                    + ended.dropFirst().map { change($0, at: 30, exists: false) }
            )
        )
        let large = String(repeating: "x", count: 8_000)
        while try spool.givenUp().isEmpty {
            try spool.append((0..<20).map { _ in record(large, time: 40, host: "late", key: "k") })
        }
        let noted = try spool.givenUp().first
        #expect(noted?.isEverything == true)
        #expect(noted?.objects == Array(ended.dropFirst()))
    }
}
