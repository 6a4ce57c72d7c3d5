import Spool
import Testing

/// What is said of the times of which rows are missing, after memory was short or a database was put aside.
@Suite("Holes in the history of states")
struct SpoolHolesTests {
    private let folder = SpoolFolder()
    private static let huge = [UInt8](repeating: 1, count: 8 << 20)

    private func horizon() throws -> Int64 { try SpoolHistory(folder: folder.path).span().horizon }

    /// What is known of a time; `nil` = that is not kept.
    private func states(at time: Int64) throws -> [String]? {
        guard try time >= horizon() else { return nil }
        return try SpoolHistory(folder: folder.path).states(at: time, after: 0) { _ in true }.found
            .map { "\($0.name) \($0.state)" }
    }

    /// Appends records until those from before have gone, sent or not.
    private func push(_ spool: Spool, at time: inout Int64, isSent: Bool) throws {
        for _ in 0..<10 {
            time += 1
            let record = SpoolRecord(
                time: time,
                host: "kvm01",
                object: "domain",
                kind: "lifecycle",
                subject: "vm",
                bytes: Self.huge
            )
            try spool.append([record])
            if isSent { try spool.acknowledge(through: spool.last) }
        }
    }

    @Test("before what had to go from memory nothing is known, and from then on what was")
    func superseded() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(SpoolBatch(records: [record("a", time: 10)], changes: [.domain("a", "running", at: 10)]))
        try spool.leaveDisk()
        for (state, time) in [("paused", Int64(20)), ("running", 30), ("shutoff", 40)] {
            let change = SpoolChange.domain("a", state, at: time)
            try spool.append(SpoolBatch(records: [record(state, time: time)], changes: [change]))
        }
        var time: Int64 = 50
        try push(spool, at: &time, isSent: true)
        try spool.maintain(now: time)
        _ = try spool.returnToDisk()
        #expect(try states(at: 25) == nil)
        #expect(try states(at: time) == ["a shutoff"])
        #expect(try spool.next(after: 0, limit: .max).last?.record.time == time)
    }

    @Test("where nothing had to go from memory all of it is known, though its oldest records have gone")
    func whole() throws {
        let spool = try Spool(folder: folder.path)
        try spool.append(SpoolBatch(records: [record("a", time: 10)], changes: [.domain("a", "running", at: 10)]))
        try spool.leaveDisk()
        try spool.append(SpoolBatch(records: [record("b", time: 20)], changes: [.domain("a", "paused", at: 20)]))
        var time: Int64 = 50
        try push(spool, at: &time, isSent: true)
        try spool.maintain(now: time)
        _ = try spool.returnToDisk()
        for (time, state) in [(Int64(15), "a running"), (25, "a paused"), (time, "a paused")] {
            #expect(try states(at: time) == [state])
        }
    }

    @Test(
        "what ended in memory is gone on the disk, though there was no room for that it was",
        arguments: [false, true]
    )
    func ended(isBack: Bool) throws {
        let names = ["a", "b", "c"]
        do {
            let spool = try Spool(folder: folder.path)
            try spool.append(SpoolBatch(changes: names.map { .domain($0, "running", at: 10) }))
            try spool.leaveDisk()
            let ends = names.dropLast().map { SpoolChange.domain($0, "gone", at: 20, exists: false) }
            try spool.append(SpoolBatch(records: [record("end", time: 20)], changes: ends))
            try spool.acknowledge(through: spool.last)
            var time: Int64 = 50
            try push(spool, at: &time, isSent: false)
            try spool.maintain(now: time)
            if isBack { try spool.append(SpoolBatch(changes: [.domain("a", "paused", at: time)])) }
            try spool.acknowledge(through: spool.last)
            try spool.settle(spool.givenUpNotes())
            _ = try spool.returnToDisk()
            #expect(try states(at: 30) == nil)
            #expect(
                try states(at: time)?.filter { !$0.hasSuffix("gone") } == (isBack ? ["a paused"] : []) + ["c running"]
            )
        }
        let next = try Spool(folder: folder.path)
        #expect(try next.states().filter(\.exists).map(\.name) == (isBack ? ["c", "a"] : ["c"]))
    }

    @Test("of a database that is put aside the latest states are saved, and before them nothing is known")
    func putAside() throws {
        let path = folder.path + "/spool.sqlite"
        do {
            let spool = try Spool(folder: folder.path)
            let changes =
                [("a", "running", 10), ("a", "shutoff", 20), ("b", "running", 15)] as [(String, String, Int64)]
            try spool.append(SpoolBatch(changes: changes.map { .domain($0, $1, at: $2) }))
            for _ in 0..<10 {
                try spool.append((0..<20).map { _ in record("waits " + String(repeating: "x", count: 500)) })
            }
        }
        try Damage.leaf(of: path, with: "waits xxx")
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside != nil)
        #expect(try states(at: 19) == nil)
        #expect(try states(at: 20) == ["a shutoff", "b running"])
        // It stays so, whatever is tidied up later on.
        try spool.append([record("new", time: 30)])
        try spool.maintain(now: 40)
        #expect(try states(at: 19) == nil)
    }

    @Test("what was not known any more is not known after a database is put aside either")
    func putAsideLater() throws {
        let path = folder.path + "/spool.sqlite"
        do {
            let spool = try Spool(folder: folder.path)
            try spool.append(SpoolBatch(changes: [.domain("b", "running", at: 10), .domain("a", "running", at: 10)]))
            let end = SpoolChange.domain("a", "gone", at: 20, exists: false)
            try spool.append(SpoolBatch(records: [record("end", time: 30)], changes: [end]))
            try spool.acknowledge(through: 1)
            try spool.maintain(now: 40)
            for _ in 0..<10 {
                try spool.append((0..<20).map { _ in record("waits " + String(repeating: "x", count: 500), time: 40) })
            }
        }
        try Damage.leaf(of: path, with: "waits xxx")
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside != nil)
        #expect(try states(at: 15) == nil)
        #expect(try states(at: 30) == ["b running"])
    }
}
