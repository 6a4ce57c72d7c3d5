import Foundation
import Spool
import Testing

/// The spool beside what it should be: a plain array.
@Suite("Spool model")
struct SpoolModelTests {
    private let folder = SpoolFolder()

    /// What a spool with nothing but an array would know.
    private struct Model {
        var texts: [String] = []
        var watermark = 0
        var ahead: Set<Int> = []
        var states: [String: SpoolChange] = [:]

        var waiting: Int { (watermark..<texts.count).count { !ahead.contains($0 + 1) } }

        mutating func acknowledge(through position: Int, ahead new: ClosedRange<Int>?) {
            watermark = max(watermark, position)
            if let new { ahead.formUnion(new) }
            ahead = ahead.filter { $0 > watermark }
        }
    }

    /// What kill -9 leaves: the files as they are at this moment.
    private func crashed(_ number: Int) throws -> String {
        let copy = "\(folder.path)-\(number)"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in ["spool.sqlite", "spool.sqlite-wal"] {
            try FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(copy)/\(name)")
        }
        return copy
    }

    @Test("appends, reads, acknowledgements, reopenings and crashes, at random", arguments: 0..<20)
    func model(seed: Int) throws {
        var dice = Dice(seed: seed)
        // In an array, so that nothing else holds it when it is to be closed.
        var spools = [try Spool(folder: folder.path)]
        var model = Model()
        var copies: [String] = []
        defer { for copy in copies { try? FileManager.default.removeItem(atPath: copy) } }

        func check(_ spool: Spool) throws {
            #expect(try spool.waiting() == model.waiting)
            #expect(try spool.watermark() == model.watermark)
            #expect(spool.last == model.texts.count)
            #expect(
                try spool.settledAhead().flatMap { $0.map(Int.init) }.filter { $0 > model.watermark }.sorted()
                    == model.ahead.sorted()
            )
            #expect(texts(try spool.next(after: 0, limit: .max)) == model.texts)
            #expect(try Dictionary(spool.states().map { ($0.key, $0) }) { $1 } == model.states)
        }

        for step in 0..<120 {
            switch dice.roll(10) {
            case 0...3:
                let new = (0...dice.roll(5)).map { "\(step).\($0)" }
                let change = SpoolChange.domain("\(dice.roll(4))", dice.roll(2) == 0 ? "running" : "shutoff", at: 1)
                let appended = try spools[0].append(SpoolBatch(records: new.map { record($0) }, changes: [change]))
                model.texts += new
                model.states[change.key] = change
                #expect(appended.last == Int64(model.texts.count))
                #expect(appended.removed == [])
            case 4, 5:
                let after = dice.roll(model.texts.count + 1), limit = 1 + dice.roll(10)
                let expected = model.texts.dropFirst(after).prefix(limit)
                #expect(texts(try spools[0].next(after: Int64(after), limit: limit)) == Array(expected))
                #expect(
                    texts(try spools[0].events(at: [Int64(after), 1 << 40]))
                        == (after == 0 ? [] : [model.texts[after - 1]])
                )
            case 6, 7:
                let through = min(model.texts.count, max(0, model.watermark + dice.roll(12) - 2))
                let first = max(through, model.ahead.max() ?? 0) + 2 + dice.roll(4)
                let ahead = first <= model.texts.count ? first...min(model.texts.count, first + dice.roll(3)) : nil
                try spools[0].acknowledge(
                    through: Int64(through),
                    ahead: ahead.map { [Int64($0.lowerBound)...Int64($0.upperBound)] } ?? []
                )
                model.acknowledge(through: through, ahead: ahead)
            case 8:
                spools = []
                spools = [try Spool(folder: folder.path)]
            default:
                copies.append(try crashed(copies.count))
                try check(try Spool(folder: copies[copies.count - 1]))
            }
            try check(spools[0])
        }
    }
}
