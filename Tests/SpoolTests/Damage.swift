import Foundation
import GRDB
import Spool
import Testing

/// What a disk does to a page.
enum Damage {
    /// Overwrites the leaves of indices, and of tables without rows, that have a text in them.
    static func leaf(of path: String, with text: String) throws {
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
            bytes.replaceSubrange(page, with: Array(repeating: 0x55, count: 4_096))
        }
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
