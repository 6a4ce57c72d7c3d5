import Foundation
import Spool
import Testing

/// What is known of that which had to go before it was sent.
@Suite("What was given up")
struct GivenUpTests {
    private let folder = SpoolFolder()
    private let large = String(repeating: "x", count: 1_000)

    private func spool() throws -> Spool {
        try Spool(folder: folder.path, limits: SpoolLimits(bytes: 1 << 20, age: .seconds(60)))
    }

    @Test(
        "of whom something that waited had to go is known, with the time and the first gap of it, until it is settled"
    )
    func givenUp() throws {
        do {
            let spool = try spool()
            try spool.append([record("sent", time: 1, host: "sent")])
            try spool.acknowledge(through: 1)
            let gap = record("gap", time: 30, host: "a", object: "host", kind: "gap")
            let copy = record("copy", time: 2, host: "copy", replayOf: 1)
            try spool.append([record("1", time: 20, host: "a"), gap, record("2", time: 10, host: "a"), copy])
            try spool.append([record("own", time: 3, host: ""), record("3", time: 40, host: "b")])
            #expect(try spool.givenUp() == [])
            while try spool.givenUp().isEmpty { try spool.append((0..<20).map { _ in record(large, host: "late") }) }
        }
        let spool = try spool()
        let all = try spool.givenUp()
        #expect(
            all.filter { $0.host != "late" }.map { GivenUp(host: $0.host, time: $0.time, gap: $0.gap) }
                == [GivenUp(host: "a", time: 10, gap: Array("gap".utf8)), GivenUp(host: "b", time: 40)]
        )
        try spool.settle(all.filter { $0.host == "a" }.map(\.note))
        #expect(try spool.givenUp().map(\.host).contains("b"))
        #expect(try !spool.givenUp().map(\.host).contains("a"))
        let found = try spool.givenUp()
        while try spool.givenUp() == found { try spool.append((0..<20).map { _ in record(large, host: "late") }) }
        try spool.settle(found.map(\.note))
        #expect(try spool.givenUp().map(\.host) == ["late"], "what has gone since is not settled")
    }

    @Test("what had to go from memory is known on the disk afterwards")
    func givenUpInMemory() throws {
        let spool = try spool()
        try spool.leaveDisk()
        try spool.append([record("1", time: 20, host: "a")])
        let huge = String(repeating: "x", count: 1 << 20)
        while try spool.givenUp().isEmpty { try spool.append((0..<20).map { _ in record(huge, host: "b") }) }
        try spool.acknowledge(through: spool.last)
        #expect(try spool.returnToDisk() == nil)
        let first = try spool.givenUp().first
        #expect(first?.host == "a")
        #expect(first?.time == 20)
    }

    @Test(
        "what can never be sent is given up, too, wherever it is; the own and copies are not",
        arguments: [false, true]
    )
    func dead(isInMemory: Bool) throws {
        let spool = try spool()
        let gap = record("gap", time: 30, host: "a", object: "host", kind: "gap")
        try spool.append([record("1", time: 20, host: "a", key: "first"), gap, record("own", time: 3, host: "")])
        try spool.append([record("copy", time: 2, host: "copy", replayOf: 1), record("sent", time: 1, host: "sent")])
        if isInMemory { try spool.leaveDisk() }
        try spool.append([record("2", time: 40, host: "a", key: "second")])
        let letters = [1, 2, 3, 4, 6].map { DeadLetter(position: $0, time: 50, reason: "scripted") }
        #expect(try spool.acknowledge(through: 6, letters: letters) == ["a", "a", "a"])
        let objects = ["first", "second"].map { GivenUp.Object(object: "domain", key: $0, name: "vm") }
        func isNoted() throws -> Bool {
            let noted = try spool.givenUp().map {
                GivenUp(host: $0.host, time: $0.time, gap: $0.gap, isEverything: $0.isEverything, objects: $0.objects)
            }
            return noted == [GivenUp(host: "a", time: 20, gap: gap.bytes, isEverything: false, objects: objects)]
        }
        #expect(try isNoted())
        if isInMemory { _ = try spool.returnToDisk() }
        #expect(try isNoted())
    }

    private func end(of key: String, at time: Int64) -> SpoolBatch {
        let change = SpoolChange(
            time: time,
            host: "a",
            object: "domain",
            key: key,
            name: "",
            exists: false,
            state: "gone"
        )
        return SpoolBatch(records: [record("end", time: time, host: "a", key: key)], changes: [change])
    }

    @Test("of what objects something had to go is known, of those that ended too, however much else goes after them")
    func givenUpObjects() throws {
        func gone(_ keys: String...) -> [GivenUp] {
            let objects = keys.map { GivenUp.Object(object: "domain", key: $0, name: "vm") }
            return [GivenUp(host: "a", time: 20, isEverything: false, objects: objects)]
        }
        func noted(_ spool: Spool) throws -> [GivenUp] {
            try spool.givenUp().filter { $0.host == "a" }.map {
                GivenUp(host: $0.host, time: $0.time, isEverything: $0.isEverything, objects: $0.objects)
            }
        }
        var first: [GivenUp.Note] = []
        do {
            let spool = try spool()
            try spool.append(end(of: "first", at: 20))
            var clock: Int64 = 30
            func push(until isDone: () throws -> Bool) throws {
                while try !isDone() {
                    clock += 1
                    try spool.append((0..<20).map { _ in record(large, time: clock, host: "late", key: "k") })
                }
            }
            try push { try !noted(spool).isEmpty }
            first = try spool.givenUpNotes()
            try spool.append(end(of: "second", at: clock))
            let last = spool.last
            try push { try spool.next(after: last - 1, limit: 1).first?.position != last }
            try spool.maintain(now: clock + 1_000_000_000)
            #expect(try spool.states().filter { $0.host == "a" }.isEmpty, "nothing else knows of them any more")
            #expect(try noted(spool) == gone("first", "second"))
            try spool.settle(first)
            try spool.leaveDisk()
            #expect(try noted(spool) == gone("first", "second"), "nor is it forgotten while the disk fails")
            try spool.append(end(of: "third", at: clock))
            try spool.giveUp(gone("third"))
            _ = try spool.returnToDisk()
        }
        let spool = try spool()
        #expect(try noted(spool) == gone("first", "second", "third"))
        try spool.settle(try spool.givenUpNotes())
        #expect(try spool.givenUp() == [])
        try spool.giveUp(gone())
        #expect(try noted(spool) == gone())
    }

    @Test("what a disk is to be told of what ended while it failed stays in memory")
    func endsInMemory() throws {
        let spool = try spool()
        var begun = end(of: "x", at: 10).changes[0]
        (begun.exists, begun.name) = (true, "vm")
        try spool.append(SpoolBatch(changes: [begun]))
        try spool.leaveDisk()
        try spool.append(end(of: "x", at: 20))
        try spool.append([record("later", time: 90_000_000)])
        try spool.acknowledge(through: spool.last)
        try spool.maintain(now: 200_000_000)
        _ = try spool.returnToDisk()
        #expect(try spool.states().map(\.exists) == [false])
    }

    @Test("what ended in memory pushes out nothing that waits, and takes no more than there is")
    func manyEndsInMemory() throws {
        let spool = try spool()
        try spool.leaveDisk()
        try spool.append([record("waits", time: 90_000_000)])
        let huge = String(repeating: "x", count: 200 << 10)
        for number in 0..<500 {
            var change = end(of: "\(number)", at: 30).changes[0]
            change.name = huge
            #expect(try spool.append(SpoolBatch(changes: [change])).removed == [])
        }
        let size = try spool.size()
        #expect(size.bytes <= size.limit)
        #expect(try texts(spool.next(after: 0, limit: 9)) == ["waits"])
    }

    @Test("what was settled while the disk failed does not come back with it")
    func settledInMemory() throws {
        let spool = try spool()
        try spool.giveUp(["a", "b"].map { GivenUp(host: $0, time: 7) })
        let found = try spool.givenUpNotes()
        try spool.leaveDisk()
        #expect(try spool.givenUpNotes() == found)
        try spool.settle([found[0]])
        _ = try spool.returnToDisk()
        #expect(try spool.givenUpNotes() == [found[1]])
    }

    @Test("what is noted after it was looked stays, though its records are older")
    func revisions() throws {
        let spool = try spool()
        let objects = ["1", "2"].map { GivenUp.Object(object: "domain", key: $0, name: "vm") }
        for object in objects {
            let found = try spool.givenUpNotes()
            try spool.giveUp([GivenUp(host: "a", time: 1, isEverything: false, objects: [object])])
            try spool.settle(found)
        }
        #expect(try spool.givenUp().flatMap(\.objects) == objects)
        #expect(try spool.givenUp(of: ["b"]) == [])
        #expect(try spool.givenUp(of: ["a"]) == spool.givenUp())
    }
}
