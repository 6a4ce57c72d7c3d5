import Testing

@testable import Aggregator

@Suite("Settlement")
struct SettlementTests {
    private var settlement = Settlement(watermark: 10)

    private mutating func take(_ positions: ClosedRange<Int64>) -> [Int64] {
        var open: [Int64] = []
        for position in positions where settlement.take(position) { open.append(position) }
        return open
    }

    private mutating func take(_ position: Int64) -> Bool { settlement.take(position) }
    private mutating func pass(through position: Int64) -> Int { settlement.pass(through: position) }

    /// What the spool would be told, and is.
    private mutating func tell() -> [ClosedRange<Int64>] {
        defer { settlement.tell() }
        return settlement.news().ahead
    }

    @Test("the watermark follows what is settled without a hole, and what is beyond is told in ranges, once")
    mutating func watermark() {
        #expect(take(11...20) == Array(11...20))
        #expect(!settlement.isNews)
        for position: Int64 in [12, 13, 17, 16, 11] { settlement.settle(position) }
        #expect(settlement.watermark == 13)
        #expect(tell() == [16...17])
        #expect(!settlement.isNews)
        for position: Int64 in [18, 20] { settlement.settle(position) }
        #expect(tell() == [18...18, 20...20])
        for position: Int64 in [14, 15, 19] { settlement.settle(position) }
        #expect(settlement.watermark == 20)
        #expect(tell() == [])
        #expect(settlement.span == 0)
    }

    @Test("what the spool could not be told is told with what comes after")
    mutating func untold() {
        _ = take(11...20)
        settlement.settle(15)
        let news = settlement.news()
        #expect(news.ahead == [15...15])
        settlement.settle(16)
        #expect(tell() == [15...16])
    }

    @Test("records that are gone count as settled, and are counted once")
    mutating func holes() {
        #expect(take(11))
        #expect(pass(through: 14) == 3)
        #expect(pass(through: 14) == 0)
        #expect(take(15))
        #expect(take(18))
        settlement.settle(11)
        #expect(settlement.watermark == 14)
        settlement.settle(15)
        #expect(settlement.watermark == 17)
    }

    @Test("goes on where a former run left it")
    mutating func continues() {
        settlement = Settlement(watermark: 10, ahead: [11...12, 14...15])
        #expect(settlement.watermark == 12)
        #expect(take(11...16) == [13, 16])
        settlement.settle(13)
        #expect(settlement.watermark == 15)
        settlement.settle(16)
        #expect(settlement.watermark == 16)
        #expect(tell() == [])
    }

    @Test("settling what is settled, or never was, changes nothing")
    mutating func strangers() {
        _ = take(11...12)
        settlement.settle(9)
        settlement.settle(12)
        settlement.settle(12)
        #expect(tell() == [12...12])
        settlement.settle(12)
        #expect(tell() == [])
        #expect(!take(12))
    }
}
