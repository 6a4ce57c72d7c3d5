import Foundation
import Spool
import Testing

/// What is where the spool was, by the time that memory is to be brought back.
@Suite("Spool's place")
struct SpoolPlaceTests {
    private let folder = SpoolFolder()
    private var away: String { folder.path + "/away" }
    private var path: String { folder.path + "/spool" }
    private let files = FileManager.default

    /// A spool that has left its disk.
    private func left() throws -> Spool {
        try files.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let spool = try Spool(folder: path)
        try spool.append([record("1")])
        try spool.leaveDisk()
        try spool.append([record("2")])
        return spool
    }

    private func expectRefused(_ spool: Spool) {
        let error = #expect(throws: SpoolError.self) { try spool.returnToDisk() }
        #expect(error?.code == .unusable)
        #expect(error?.hint.contains("mount") == true)
    }

    @Test("a folder that is empty, as one below a disk that is not mounted, is not returned to")
    func empty() throws {
        let spool = try left()
        try files.moveItem(atPath: path, toPath: away)
        expectRefused(spool)
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        expectRefused(spool)
        #expect(try files.contentsOfDirectory(atPath: path) == [])
        try files.removeItem(atPath: path)
        try files.moveItem(atPath: away, toPath: path)
        #expect(try spool.returnToDisk() == nil)
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["1", "2"])
    }

    @Test("the spool of another service is not, whether that runs or has ended")
    func foreign() throws {
        let spool = try left()
        try files.moveItem(atPath: path, toPath: away)
        do {
            let other = try Spool(folder: path)
            expectRefused(spool)
            try other.append([record("other")])
        }
        expectRefused(spool)
        #expect(texts(try Spool(folder: path).next(after: 0, limit: 9)) == ["other"])
    }

    @Test("a copy of the disk is, and nobody else may use it then")
    func copied() throws {
        let spool = try left()
        try files.copyItem(atPath: path, toPath: away)
        try files.removeItem(atPath: path)
        try files.moveItem(atPath: away, toPath: path)
        #expect(try spool.returnToDisk() == nil)
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["1", "2"])
        let error = #expect(throws: SpoolError.self) { try Spool(folder: path) }
        #expect(error?.code == .locked)
    }

    @Test("a disk that takes its place is, once somebody says so")
    func replaced() throws {
        let spool = try left()
        try files.moveItem(atPath: path, toPath: away)
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        expectRefused(spool)
        #expect(files.createFile(atPath: path + "/lock", contents: nil))
        #expect(try spool.returnToDisk() == nil)
        #expect(try spool.append([record("3")]).last == 3)
    }
}
