import Foundation
import TestSupport
import Testing

@testable import Aggregator

@Suite struct ChangeDetectorTests {
    @Test(
        "a change counts once, when two looks in a row agree on it",
        arguments: [
            ([1, 1, 1], []), ([2, 2, 2, 2], [1]), ([2, 3, 4, 4, 4], [3]), ([2, 1, 1], []), ([2, 2, 1, 1], [1, 3]),
            ([2, 1, 2, 2], [3]),
        ] as [([Int], [Int])]
    )
    func counts(looks: [Int], reads: [Int]) {
        var detector = ChangeDetector(settled: 1)
        var found: [Int] = []
        for (index, look) in looks.enumerated() where detector.looked(look) {
            found.append(index)
            detector.read(after: look)
        }
        #expect(found == reads)
    }

    @Test("what could not be read is read again though it looks the same: after one look, two, four, up to a bound")
    func failed() {
        var detector = ChangeDetector(settled: 1)
        detector.failed(after: 1)
        var found: [Int] = []
        for index in 1...160 where detector.looked(1) {
            found.append(index)
            detector.failed(after: 1)
        }
        #expect(found == [1, 3, 7, 15, 31, 63, 95, 127, 159])
        // A change counts at once, and a success ends it.
        let changes = [detector.looked(2), detector.looked(2)]
        #expect(changes == [false, true])
        detector.read(after: 2)
        let later = (0..<100).map { _ in detector.looked(2) }
        #expect(!later.contains(true))
    }

    @Test("a file that is written, moved into place, added or removed looks different; one that is read does not")
    func fingerprint() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("d")
        let file = try folder.write("a", to: "d/a.yaml")
        func look(_ path: String) -> FileFingerprint { FileFingerprint(of: path, files: .disk) }
        for path in [file, folder.file("d")] {
            var last = look(path)
            #expect(look(path) == last)
            _ = try String(contentsOfFile: file, encoding: .utf8)
            #expect(look(path) == last)
            // Of equal length: an editor that renames gives it another inode.
            try folder.write("\(path.count % 10)", to: "d/a.yaml")
            #expect(look(path) != last)
            last = look(path)
        }
        let before = look(folder.file("d"))
        try folder.write("b", to: "d/b.yaml")
        let after = look(folder.file("d"))
        #expect(after != before)
        try FileManager.default.removeItem(atPath: file)
        #expect(look(folder.file("d")) != after)
        #expect(look(file) == look(folder.file("nothing").replacing("nothing", with: "d/a.yaml")))
    }
}
