import Foundation
import GRDB
import Spool
import Testing

/// What is known of positions, after damage to the little that tells of them.
@Suite("Spool's damaged positions")
struct SpoolPositionsTests {
    private let folder = SpoolFolder()
    private var path: String { folder.path + "/spool.sqlite" }

    private func fill(_ count: Int, through settled: Int64, ahead: [ClosedRange<Int64>] = []) throws {
        let spool = try Spool(folder: folder.path)
        try spool.append((1...count).map { record("\($0)") })
        try spool.acknowledge(through: settled, ahead: ahead)
    }

    private func write(_ sql: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    }

    /// What is appended now comes to whoever goes on from the watermark.
    private func expectNewIsSent(_ spool: Spool, after last: Int64) throws {
        let new = try spool.append([record("new")]).last
        #expect(new > last)
        let watermark = try spool.watermark()
        #expect(watermark < new)
        #expect(try spool.next(after: watermark, limit: .max).last?.position == new)
        #expect(try !spool.settledAhead().contains { $0.contains(new) })
    }

    @Test("where nobody knows which position was the last, they go on behind all that can be read")
    func sequence() throws {
        try fill(1_000, through: 900)
        try Damage.root(of: path, table: "sqlite_sequence")
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        #expect(try spool.watermark() == 900)
        #expect(try spool.next(after: 900, limit: .max).map(\.position) == Array(901...1_000))
        try expectNewIsSent(spool, after: 1_000)
    }

    @Test(
        "what contradicts itself is put aside, and not believed",
        arguments: [
            "UPDATE watermark SET position = 5000", "UPDATE watermark SET position = 9223372036854775807",
            "UPDATE watermark SET position = -1", "DELETE FROM watermark",
            "UPDATE sqlite_sequence SET seq = 4", "UPDATE sqlite_sequence SET seq = 9223372036854775807",
            "DELETE FROM sqlite_sequence", "INSERT INTO settled VALUES (9, 5000)", "INSERT INTO settled VALUES (9, 5)",
        ]
    )
    func contradiction(sql: String) throws {
        try fill(10, through: 5)
        try write(sql)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        try expectNewIsSent(spool, after: 10)
        // Of what waited nothing is passed over where it is known that it did.
        let isKnown = !sql.contains("watermark")
        #expect(try spool.next(after: 5, limit: .max).map(\.position).dropLast() == (isKnown ? [6, 7, 8, 9, 10] : []))
    }

    @Test("where nobody knows what was settled beyond the watermark, all that is beyond it waits")
    func settled() throws {
        try fill(1_000, through: 400, ahead: [500...510])
        try Damage.root(of: path, table: "settled")
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        #expect(try spool.waiting() == 600)
        #expect(try spool.next(after: 400, limit: .max).map(\.position) == Array(401...1_000))
        try expectNewIsSent(spool, after: 1_000)
    }
}
