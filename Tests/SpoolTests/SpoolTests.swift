import Foundation
import Spool
import Testing

@Suite("Spool")
struct SpoolTests {
    private let folder = NSTemporaryDirectory() + "va-spool-\(UUID().uuidString)"

    private func record(_ text: String) -> SpoolRecord {
        SpoolRecord(time: 1, host: "kvm01", object: "domain", kind: "lifecycle", subject: "vm", bytes: Array(text.utf8))
    }

    private func texts(_ events: [SpooledEvent]) -> [String] {
        events.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("gives back what was appended, in order and in pages")
    func order() throws {
        defer { remove() }
        let spool = try Spool(folder: folder)
        #expect(try spool.append([record("a"), record("b"), record("c")]).last == 3)
        #expect(try spool.append([record("d")]).last == 4)
        #expect(texts(try spool.next(after: 0, limit: 2)) == ["a", "b"])
        #expect(texts(try spool.next(after: 2, limit: 9)) == ["c", "d"])
        #expect(try spool.next(after: 4, limit: 9) == [])
    }

    @Test("an acknowledged record waits no more and stays as history, and the watermark never goes back")
    func acknowledges() throws {
        defer { remove() }
        let spool = try Spool(folder: folder)
        try spool.append([record("a"), record("b")])
        try spool.acknowledge(through: 2)
        #expect(try spool.waiting() == 0)
        #expect(try spool.append([record("c")]).last == 3)
        try spool.acknowledge(through: 1)
        #expect(try spool.watermark() == 2)
        #expect(texts(try spool.next(after: 0, limit: 9)) == ["a", "b", "c"])
        #expect(try spool.waiting() == 1)
    }

    @Test("survives being reopened", arguments: Spool.Durability.allCases)
    func reopens(durability: Spool.Durability) throws {
        defer { remove() }
        for round in 0..<3 {
            let spool = try Spool(folder: folder, durability: durability)
            #expect(try spool.watermark() == Int64(round))
            #expect(try spool.waiting() == round)
            try spool.append([record("\(round)"), record("\(round)")])
            try spool.acknowledge(through: Int64(round + 1))
        }
    }

    @Test("a folder has one user at a time, and is free again when that one is gone")
    func locks() throws {
        defer { remove() }
        do {
            let first = try Spool(folder: folder)
            let error = #expect(throws: SpoolError.self) { try Spool(folder: folder) }
            #expect(error?.code == .locked)
            #expect(error?.description.contains(folder) == true)
            try first.append([record("a")])
        }
        #expect(try Spool(folder: folder).waiting() == 1)
    }

    @Test("a database that is damaged is put aside, as often as it happens, and one is begun anew")
    func damaged() throws {
        defer { remove() }
        do {
            let spool = try Spool(folder: folder)
            for _ in 0..<50 { try spool.append((0..<20).map { _ in record(String(repeating: "x", count: 500)) }) }
            #expect(spool.movedAside == nil)
        }
        let path = folder + "/spool.sqlite"
        // One is no database at all, one has a page of nonsense in its middle, one lacks its end.
        let damages: [(inout Data) -> Void] = [
            { $0 = Data("no database".utf8 + Array(repeating: 0x21, count: 4_096)) },
            { $0.replaceSubrange(($0.count / 2)..<($0.count / 2 + 4_096), with: Array(repeating: 0x55, count: 4_096)) },
            { $0.removeLast($0.count / 2) },
        ]
        let lefts = [0...0, 900...999, 0...0]
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for (index, damage) in damages.enumerated() {
            var bytes = whole
            damage(&bytes)
            try bytes.write(to: URL(fileURLWithPath: path))
            let spool = try Spool(folder: folder)
            #expect(spool.movedAside == "\(path).damaged-\(index + 1)")
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: "\(path).damaged-\(index + 1)")).prefix(4_096)
                    == bytes.prefix(4_096)
            )
            #expect(try lefts[index].contains(spool.waiting()))
            #expect(try spool.append([record("a")]).last == (index == 1 ? 1_001 : 1))
        }
        #expect(try Spool(folder: folder).movedAside == nil)
    }

    @Test("its files are for its user alone, whoever made the folder")
    func mode() throws {
        defer { remove() }
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        let spool = try Spool(folder: folder)
        try spool.append([record("a")])
        for name in ["lock", "spool.sqlite", "spool.sqlite-wal", "spool.sqlite-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        #expect(try spool.waiting() == 1)
    }

    @Test(
        "a link, or a folder, where its files should be is refused and left alone",
        arguments: ["lock", "spool.sqlite"]
    )
    func foreignFiles(name: String) throws {
        defer { remove() }
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: "\(folder)/elsewhere")
        let error = #expect(throws: SpoolError.self) { try Spool(folder: folder) }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains(name) == true)
        #expect(!files.fileExists(atPath: "\(folder)/elsewhere"))
        try files.removeItem(atPath: "\(folder)/\(name)")
        try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        #expect(throws: SpoolError.self) { try Spool(folder: folder) }
    }

    @Test("a folder that cannot be used says so, with the remedy")
    func unusable() throws {
        let error = #expect(throws: SpoolError.self) { try Spool(folder: "/dev/null/spool") }
        #expect(error?.code == .unusable)
        #expect(error?.hint.contains("spool.path") == true)
    }
}
