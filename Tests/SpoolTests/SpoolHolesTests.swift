import Spool
import Testing

/// What is said of the times of which rows are missing, after memory was short or a database was put aside.
@Suite("Holes in the history of states")
struct SpoolHolesTests {
    private let folder = SpoolFolder()

    private func horizon() throws -> Int64 { try SpoolHistory(folder: folder.path).span().horizon }

    /// What is known of a time; `nil` = that is not kept.
    private func states(at time: Int64) throws -> [String]? {
        guard try time >= horizon() else { return nil }
        return try SpoolHistory(folder: folder.path).states(at: time, after: 0) { _ in true }.found
            .map { "\($0.name) \($0.state)" }
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
