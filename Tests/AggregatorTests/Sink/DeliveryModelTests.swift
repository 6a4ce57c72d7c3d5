import Spool
import TestSupport
import Testing

@testable import Aggregator

/// Backlog, window and settlement together, against plain arrays.
@Suite("Delivery")
struct DeliveryModelTests {
    private struct Delivery {
        enum Fate { case relayed, coalesced, dropped }

        /// The spool: every record there ever was, those that are there, and what it was told.
        var records: [SpooledEvent] = []
        var gone: Set<Int64> = []
        var watermark: Int64 = 0
        var ahead: Set<Int64> = []

        var backlog = Backlog()
        var window = SendWindow(limit: 16)
        var settlement = Settlement(watermark: 0)
        var fates: [Int64: Fate] = [:]
        var out: [Int64] = []

        /// In the order of their first sending in this life.
        var sent: [Int64] = []
        var random: SeededRandom

        init(seed: UInt64) { random = SeededRandom(seed: seed) }

        mutating func settle(_ position: Int64, _ fate: Fate) {
            #expect(fates.updateValue(fate, forKey: position) == nil, "\(position) is settled twice")
            settlement.settle(position)
        }

        mutating func append() {
            let kinds = ["lifecycle", "reboot", "balloon_change", "tunable"]
            let kind = kinds.randomElement(using: &random) ?? ""
            records.append(
                .sample(
                    Int64(records.count + 1),
                    of: "h\(Int.random(in: 0..<4, using: &random))",
                    kind,
                    level: kinds.suffix(2).contains(kind) ? "u\(Int.random(in: 0..<2, using: &random))" : nil,
                    replayOf: Int.random(in: 0..<10, using: &random) == 0 ? 1 : nil
                )
            )
        }

        mutating func read() {
            let from = settlement.read
            let there = records.dropFirst(Int(from)).filter { !gone.contains($0.position) }
            for event in there.prefix(5) {
                let first = settlement.read + 1
                for missing in first..<max(first, event.position) where fates[missing] == nil {
                    fates[missing] = .dropped
                }
                guard settlement.take(event.position) else { continue }
                #expect(fates[event.position] == nil, "\(event.position) is settled and read again")
                guard let older = backlog.add(event) else { continue }
                let (record, newer) = (records[Int(older) - 1].record, event.record)
                #expect(older < event.position && !out.contains(older) && record.level != nil)
                #expect(record.host == newer.host && record.kind == newer.kind && record.level == newer.level)
                settle(older, .coalesced)
            }
        }

        mutating func send() {
            while window.room > 0, let pick = backlog.pick() {
                #expect(fates[pick.position] == nil, "\(pick.position) is settled and sent")
                #expect(!out.contains(pick.position), "\(pick.position) is out twice")
                window.send(pick, at: .zero)
                out.append(pick.position)
                if !sent.contains(pick.position) { sent.append(pick.position) }
            }
        }

        mutating func echo() {
            // Mostly the first, else any, or one that nobody waits for.
            let isFirst = Int.random(in: 0..<4, using: &random) > 0
            let position = (isFirst ? out.first : out.randomElement(using: &random)) ?? 1
            guard let known = window.settle(position) else { return #expect(!out.contains(position)) }
            out.removeAll { $0 == position }
            backlog.settled(known.pick)
            settle(position, .relayed)
        }

        mutating func lose() {
            let lost = window.lose()
            #expect(lost.map(\.position) == out)
            backlog.requeue(lost)
            out = []
        }

        mutating func tell() {
            let news = settlement.news()
            watermark = news.through
            for range in news.ahead { ahead.formUnion(range) }
            settlement.tell()
        }

        /// The spool removes its oldest records.
        mutating func removeOldest() {
            guard let first = records.first(where: { !gone.contains($0.position) }) else { return }
            let range = first.position...min(first.position + 3, Int64(records.count))
            gone.formUnion(range)
            for position in backlog.drop(range) { settle(position, .dropped) }
        }

        /// A new life, which knows what the spool was told.
        mutating func restart() {
            (backlog, window, out, sent) = (Backlog(), SendWindow(limit: 16), [], [])
            backlog.isOnePerHost = Bool.random(using: &random)
            let ranges = ahead.map { $0...$0 }
            settlement = Settlement(watermark: watermark, ahead: ranges)
            fates = fates.filter { $0.key <= watermark || ahead.contains($0.key) }
        }

        func check() {
            let last = settlement.read
            let unsettled = records.lazy.map(\.position).filter { $0 <= last && fates[$0] == nil }
            // Beyond what is read there may be what a former life settled.
            var watermark = (unsettled.first ?? last + 1) - 1
            while fates[watermark + 1] != nil { watermark += 1 }
            #expect(settlement.watermark == watermark)
            #expect(backlog.count + window.count == unsettled.count)
            #expect(window.count == out.count)
            if backlog.isOnePerHost {
                let hosts = out.map { records[Int($0) - 1] }.map { $0.isReplay ? "replays" : $0.host }
                #expect(Set(hosts).count == hosts.count)
            }
            for host in ["h0", "h1", "h2", "h3"] {
                let order = sent.filter { records[Int($0) - 1].host == host && !records[Int($0) - 1].isReplay }
                #expect(order == order.sorted(), "\(host) is out of order")
            }
        }
    }

    @Test("nothing is lost, nothing settled twice, order kept, only superseded ones are left out", arguments: 0..<100)
    func model(seed: UInt64) {
        var delivery = Delivery(seed: seed)
        for _ in 0..<400 {
            switch Int.random(in: 0..<40, using: &delivery.random) {
            case 0: delivery.lose()
            case 1: delivery.restart()
            case 2: delivery.removeOldest()
            case 3...5: delivery.tell()
            case 6...16: delivery.append()
            case 17...20: delivery.read()
            case 21...25: delivery.send()
            default: delivery.echo()
            }
            delivery.check()
        }
        // With a bus that confirms everything gets through, and one more, behind whatever is gone.
        delivery.append()
        for _ in 0..<2_000 where delivery.settlement.watermark < delivery.records.count {
            delivery.read()
            delivery.send()
            delivery.echo()
        }
        delivery.tell()
        delivery.check()
        #expect(delivery.watermark == delivery.records.count)
        #expect(delivery.fates.count == delivery.records.count)
        #expect(delivery.fates.values.contains(.relayed))
    }
}
