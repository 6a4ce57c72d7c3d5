import Foundation
import GRDB
import Spool
import Testing

/// What a disk does to a page.
enum Damage {
    /// What becomes of a page.
    enum Extent: CaseIterable {
        /// Nothing of it is what it was, as SQLite sees.
        case page
        /// A sector has zeros, which SQLite takes for rows without values.
        case sector
    }

    /// Overwrites the leaves of indices, and of tables without rows, that have a text in them.
    static func leaf(of path: String, with text: String, _ extent: Extent = .page) throws {
        let file = URL(fileURLWithPath: path)
        var bytes = try Data(contentsOf: file)
        let pages = stride(from: 0, to: bytes.count, by: 4_096).map { $0..<$0 + 4_096 }
        // The first byte says what a page is: of an index, or of a table.
        let leaves = pages.filter {
            [10, 13].contains(bytes[$0.lowerBound]) && bytes[$0].range(of: Data(text.utf8)) != nil
        }
        let found = leaves.filter { bytes[$0.lowerBound] == 10 }
        try #require(!leaves.isEmpty)
        for page in found.isEmpty ? leaves : found {
            overwrite(page, of: &bytes, extent)
        }
        try bytes.write(to: file)
    }

    /// Overwrites the first page of a table.
    static func root(of path: String, table: String) throws {
        let page = try DatabaseQueue(path: path).read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table])
        }
        let end = try #require(page) * 4_096
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        overwrite(end - 4_096..<end, of: &bytes, .page)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private static func overwrite(_ page: Range<Int>, of bytes: inout Data, _ extent: Extent) {
        switch extent {
        case .page: bytes.replaceSubrange(page, with: Array(repeating: 0x55, count: 4_096))
        case .sector: bytes.resetBytes(in: page.lowerBound + 2_048..<page.lowerBound + 2_560)
        }
    }

    /// Gives a record another position, where it is: both between 128 and 16,383.
    static func misplace(_ position: Int, to other: Int, of path: String) throws {
        let file = URL(fileURLWithPath: path)
        var bytes = try Data(contentsOf: file)
        func number(_ position: Int) -> Data { Data([UInt8(0x80 | position >> 7), UInt8(position & 0x7f)]) }
        var found = 0
        for page in stride(from: 0, to: bytes.count, by: 4_096) where bytes[page] == 13 {
            for cell in 0..<Int(bytes[page + 3]) << 8 + Int(bytes[page + 4]) {
                let pointer = page + 8 + 2 * cell
                let start = page + Int(bytes[pointer]) << 8 + Int(bytes[pointer + 1])
                // Behind the number of its bytes, which has two digits here.
                let key = start + 2..<start + 4
                guard bytes[start] >= 0x80, bytes[start + 1] < 0x80, bytes[key] == number(position) else { continue }
                bytes.replaceSubrange(key, with: number(other))
                found += 1
            }
        }
        try #require(found == 1)
        try bytes.write(to: file)
    }

    /// Leaves a database as somebody does who dies while he puts what waited in a damaged one into it.
    static func interruptSaving(of path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { try $0.execute(sql: "DELETE FROM record WHERE position > 700; PRAGMA user_version = 1") }
        let aside = (path as NSString).lastPathComponent + ".damaged-1"
        try FileManager.default.createSymbolicLink(atPath: path + ".aside", withDestinationPath: aside)
    }

    /// Puts enough of everything into them for several pages of each.
    static func fillSmallTables(of spool: Spool) throws {
        let hosts = 0..<600
        let note = HearingNote(
            hearings: hosts.map { HostHearing(host: "host-\($0)", time: 7) },
            identities: hosts.map { HostIdentity(host: "h\($0)", uuid: "uuid-of-\($0)") }
        )
        #expect(try spool.keep(note))
        try spool.replacePauses(hosts.map { HostPause(host: "p\($0)", until: nil, by: "op-\($0)") })
        try spool.giveUp(hosts.map { GivenUp(host: "gone-\($0)", time: 1) })
    }
}
