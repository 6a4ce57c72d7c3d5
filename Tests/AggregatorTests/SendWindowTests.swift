import TestSupport
import Testing

@testable import Aggregator

@Suite("Send window")
struct SendWindowTests {
    private var window = SendWindow(limit: 4, watermark: 10)

    private static func records(
        _ positions: some Sequence<Int64>,
        of host: (Int64) -> String = { _ in "kvm01" }
    ) -> [SendWindow.Record] {
        positions.map { SendWindow.Record(position: $0, host: host($0), size: 100) }
    }

    private mutating func settle(_ position: Int64) -> Bool { window.settle(position) }

    @Test("has room for its size, and the watermark follows what is confirmed without a hole")
    mutating func watermark() {
        _ = window.send(Self.records(11...14))
        #expect(window.room == 0)
        #expect(settle(12))
        #expect(settle(13))
        #expect(window.watermark == 10)
        #expect(settle(11))
        #expect(window.watermark == 13)
        #expect(window.room == 3)
        #expect(window.sent == 14)
    }

    @Test("confirmations that nobody waits for count for nothing")
    mutating func strangers() {
        _ = window.send(Self.records(11...12))
        #expect(!settle(9))
        #expect(!settle(99))
        #expect(settle(12))
        #expect(!settle(12))
        #expect(window.watermark == 10)
    }

    @Test("a loss begins again after the watermark, with half the window, which grows back slowly")
    mutating func loss() {
        _ = window.send(Self.records(11...14))
        _ = window.settle(11)
        window.lose()
        #expect(window.sent == 11)
        #expect(window.size == 2)
        for position in Int64(12)...17 {
            _ = window.send(Self.records([position]))
            _ = window.settle(position)
        }
        #expect(window.size == 4)
        for _ in 0..<9 { window.lose() }
        #expect(window.size == 1)
    }

    @Test("what was confirmed ahead of losses never fills the window")
    mutating func neverStuck() {
        _ = window.send(Self.records(11...14))
        for position in Int64(12)...14 { _ = window.settle(position) }
        window.lose()
        #expect(window.send(Self.records(11...12)).now == [11])
        #expect(settle(11))
        #expect(window.watermark == 12)
        #expect(window.send(Self.records(13...14)).now == [])
        #expect(window.watermark == 14)
        #expect(window.isEmpty)
        #expect(window.room == 2)
    }

    @Test("never skips, never passes by what is unconfirmed, whatever happens", arguments: 0..<50)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var window = SendWindow(limit: 8, watermark: 0)
        var confirmed: Set<Int64> = []
        var next: Int64 = 1
        for _ in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                window.lose()
                next = window.watermark + 1
            case 1...4:
                let count = Int.random(in: 0...window.room, using: &random)
                let unsent = window.send(Self.records(next..<next + Int64(count))).now
                #expect(unsent.allSatisfy { !confirmed.contains($0) }, "sent again though confirmed")
                next += Int64(count)
            default:
                let position = Int64.random(in: max(1, next - 9)...next, using: &random)
                let isWaitedFor = window.settle(position)
                if isWaitedFor { confirmed.insert(position) }
            }
            #expect(window.room <= 8)
            #expect(window.watermark < next)
            if window.watermark > 0 {
                #expect((1...window.watermark).allSatisfy { confirmed.contains($0) })
            }
        }
        // Whatever happened: with a bus that confirms, everything gets through.
        for _ in 0..<200 where window.watermark < next + 20 {
            let from = window.sent + 1
            for position in window.send(Self.records(from..<from + Int64(window.room))).now {
                _ = window.settle(position)
            }
            for position in max(1, window.watermark)...window.sent { _ = window.settle(position) }
        }
        #expect(window.watermark >= next + 20)
    }

    @Test("where events may overtake each other each host has one out, and none waits for another host's")
    mutating func onePerHost() {
        window = SendWindow(limit: 10, watermark: 10)
        window.isOnePerHost = true
        // 11 a, 12 b, 13 a, 14 b, 15 a, 16 c.
        let hosts: [Int64: String] = [11: "a", 12: "b", 13: "a", 14: "b", 15: "a", 16: "c"]
        #expect(window.send(Self.records(11...16) { hosts[$0] ?? "" }).now == [11, 12, 16])
        #expect(window.takeReleased() == [])
        #expect(settle(12))
        #expect(window.takeReleased() == [14])
        #expect(settle(11))
        #expect(window.takeReleased() == [13])
        #expect(window.watermark == 12)
        #expect(settle(14))
        #expect(window.takeReleased() == [])
        #expect(window.send(Self.records(17...18) { _ in "b" }).now == [17])
        window.lose()
        #expect(window.takeReleased() == [])
        #expect(window.send(Self.records(13...14) { hosts[$0] ?? "" }).now == [13])
        #expect(window.watermark == 12)
        #expect(settle(13))
        #expect(window.watermark == 14)
    }

    @Test("a host with much to say holds up no other, up to a bound")
    mutating func heldBeside() {
        window = SendWindow(limit: 4, watermark: 0)
        window.isOnePerHost = true
        #expect(window.send(Self.records(1...100) { _ in "busy" }).now == [1])
        #expect(window.room == 3)
        #expect(window.send(Self.records(101...103) { "other\($0)" }).now == [101, 102, 103])
        #expect(window.room == 0)
        for position in Int64(101)...103 { #expect(settle(position)) }
        #expect(window.room == 3)
        let many = Int64(SendWindow.heldLimit.records)
        #expect(window.send(Self.records(104...(104 + many)) { _ in "busy" }).now == [])
        #expect(window.room == 0)
        for position in Int64(1)...100 { #expect(settle(position)) }
        #expect(window.room == 0)
        #expect(settle(104))
        #expect(window.room == 3)
    }
}
