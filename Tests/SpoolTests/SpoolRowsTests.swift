import Foundation
import GRDB
import Spool
import Testing

/// Damage of which SQLite says nothing: rows without values, or where they do not belong.
@Suite("Spool's damaged rows")
struct SpoolRowsTests {
    private let folder = SpoolFolder()
    private var path: String { folder.path + "/spool.sqlite" }

    /// Appends 1,000 that wait, and then more than SQLite remembers.
    private func fill(_ rest: Int = 0) throws {
        let spool = try Spool(folder: folder.path)
        for start in stride(from: 1, through: 1_000, by: 100) {
            try spool.append((start..<start + 100).map { record("\($0) " + String(repeating: "x", count: 100)) })
        }
        for _ in 0..<rest { try spool.append((0..<100).map { _ in record(String(repeating: "y", count: 1_000)) }) }
    }

    /// All but those on the page.
    private func expectTheRest(_ spool: Spool, through last: Int64) throws {
        let left = try spool.next(after: 0, limit: .max)
        let positions = left.map(\.position)
        #expect(positions.first == 1)
        #expect(positions.last == last)
        #expect(zip(positions, positions.dropFirst()).allSatisfy(<))
        #expect((last - 100..<last).contains(Int64(left.count)))
        #expect(left.prefix(900).allSatisfy { texts([$0])[0].hasPrefix("\($0.position) xxx") })
    }

    @Test("records without values are met at the start, and the others are saved")
    func start() throws {
        try fill()
        try Damage.leaf(of: path, with: "500 xxx", .sector)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        try expectTheRest(spool, through: 1_000)
    }

    @Test("records without values that come while the service runs are damage to whoever reads them")
    func running() throws {
        try fill(100)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == nil)
        try Damage.leaf(of: path, with: "500 xxx", .sector)
        #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
        #expect(spool.isDamaged)
        try spool.leaveDisk()
        try spool.append([record("m")])
        #expect(try spool.returnToDisk() == path + ".damaged-1")
        #expect(spool.begunAnew == 1, "something is missing")
        try expectTheRest(spool, through: 11_001)
    }

    @Test("a record that is not where it belongs is damage to whoever reads it")
    func misplaced() throws {
        try fill()
        try Damage.misplace(500, to: 200, of: path)
        let spool = try Spool(folder: folder.path)
        #expect(throws: SpoolError.self) { try spool.next(after: 0, limit: .max) }
        #expect(spool.isDamaged)
        try spool.leaveDisk()
        #expect(try spool.returnToDisk() == path + ".damaged-1")
        #expect(spool.begunAnew == 1, "something is missing")
        try expectTheRest(spool, through: 1_000)
    }

    @Test("who looks back at such records is told of the damage", arguments: [true, false])
    func history(isMisplaced: Bool) throws {
        try fill()
        if isMisplaced {
            try Damage.misplace(500, to: 200, of: path)
        } else {
            try Damage.leaf(of: path, with: "500 xxx", .sector)
        }
        let history = try SpoolHistory(folder: folder.path)
        let looks: [() throws -> Void] = [
            { _ = try history.events(SpoolSelection(), after: 0) },
            { _ = try history.positions(SpoolSelection(), before: 1_001) },
        ]
        for look in looks {
            let error = #expect(throws: SpoolError.self) { try look() }
            #expect(error?.message.contains("damaged") == true)
        }
    }

    @Test("states without values are damage at the start, and not objects that never were")
    func states() throws {
        do {
            let spool = try Spool(folder: folder.path)
            try spool.append(SpoolBatch(changes: (0..<500).map { .domain("vm\($0)", "running", at: 1) }))
        }
        try Damage.leaf(of: path, with: "vm300running", .sector)
        let spool = try Spool(folder: folder.path)
        #expect(spool.movedAside == path + ".damaged-1")
        #expect(try (300..<500).contains(spool.states().count))
    }
}
