import Foundation
import Spool
import Testing

/// How long hosts are remembered that are watched no more.
@Suite("Spool's hosts")
struct SpoolLeftHostsTests {
    private let folder = SpoolFolder()
    private static let minute: Int64 = 60_000_000

    private func spool() throws -> Spool {
        try Spool(folder: folder.path, limits: SpoolLimits(age: .seconds(60)))
    }

    private func change(_ host: String, _ object: String, _ key: String = "", at time: Int64, exists: Bool)
        -> SpoolChange
    {
        SpoolChange(time: time, host: host, object: object, key: key, name: key, exists: exists, state: "")
    }

    /// What is written of a host that comes, and goes.
    private func life(_ host: String, at time: Int64, objects: Bool = false) -> [SpoolChange] {
        [true, false].flatMap { exists in
            [change(host, "host", at: time, exists: exists), change(host, "domain", at: time, exists: exists)]
                + [change(host, "domain", "u", at: time, exists: objects || exists)]
        }
    }

    private func hosts() throws -> [String] { try SpoolHistory(folder: folder.path).hosts() }

    @Test("a host that has left is forgotten with what was known of it, once that is old, and one that is away is not")
    func left() throws {
        let spool = try spool()
        // Of one there is an object, of the other the last proof, in which it had none.
        try spool.append(SpoolBatch(changes: life("objects", at: 1, objects: true) + life("heard", at: 1)))
        #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "heard", time: 1)])))
        try spool.append(SpoolBatch(changes: life("left", at: 1) + life("late", at: 2 * Self.minute)))
        try spool.append(SpoolBatch(changes: [change("up", "host", at: 1, exists: true)]))
        for _ in 0..<2 { try spool.maintain(now: 2 * Self.minute) }
        #expect(try hosts() == ["heard", "late", "objects", "up"])
        #expect(try spool.states().count { $0.host == "heard" && !$0.exists } == 2)
        try spool.append(SpoolBatch(changes: [change("left", "host", at: 3 * Self.minute, exists: true)]))
        #expect(try spool.states().filter { $0.host == "left" }.map(\.time) == [3 * Self.minute])
    }

    @Test("nothing that a host was is forgotten while the disk is left, which has it otherwise")
    func memory() throws {
        let spool = try spool()
        try spool.append(SpoolBatch(changes: [change("a", "host", at: 1, exists: true)]))
        try spool.leaveDisk()
        try spool.append(SpoolBatch(changes: [change("a", "host", at: 2, exists: false)]))
        try spool.maintain(now: 2 * Self.minute)
        _ = try spool.returnToDisk()
        #expect(try spool.states().map(\.exists) == [false])
    }

    @Test("that all hosts are to be told anew is noted of those that are watched, whoever left last")
    func toldAnew() throws {
        do {
            let spool = try spool()
            try spool.append(SpoolBatch(changes: [change("a", "host", at: 1, exists: true)]))
            #expect(try spool.keep(HearingNote(hearings: [HostHearing(host: "a", time: 1)])))
            try spool.append(SpoolBatch(changes: [change("left", "host", at: 1, exists: false)]))
            try spool.maintain(now: 2 * Self.minute)
            #expect(try spool.states().map(\.host) == ["a"])
        }
        try FileManager.default.removeItem(atPath: folder.path + "/whole")
        #expect(try spool().givenUp().map(\.host) == ["a"])
    }
}
