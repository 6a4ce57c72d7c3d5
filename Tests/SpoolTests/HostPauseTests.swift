import Foundation
import Spool
import Testing

@Suite("Pauses in the spool")
struct HostPauseTests {
    private let folder = NSTemporaryDirectory() + "va-spool-\(UUID().uuidString)"

    private func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("they survive being reopened, and are replaced as a whole")
    func survive() throws {
        defer { remove() }
        let first = [HostPause(host: "a", until: 42, by: "op"), HostPause(host: "b", until: nil, by: "it's \"me\"")]
        do {
            let spool = try Spool(folder: folder)
            #expect(try spool.pauses() == [])
            try spool.replacePauses(first.reversed())
        }
        do {
            let spool = try Spool(folder: folder)
            #expect(try spool.pauses() == first)
            try spool.replacePauses([HostPause(host: "c", until: nil, by: "op")])
        }
        #expect(try Spool(folder: folder).pauses().map(\.host) == ["c"])
    }

    @Test("one that cannot be stored leaves those before")
    func whole() throws {
        defer { remove() }
        let spool = try Spool(folder: folder)
        try spool.replacePauses([HostPause(host: "a", until: nil, by: "op")])
        let twice = HostPause(host: "b", until: nil, by: "op")
        #expect(throws: SpoolError.self) { try spool.replacePauses([twice, twice]) }
        #expect(try spool.pauses().map(\.host) == ["a"])
    }
}
