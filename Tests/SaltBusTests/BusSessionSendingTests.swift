import Testing

@testable import SaltBus

private let closed = BusFailure(.closed, message: "closed")

private func confirmed(_ tickets: Int64..., session: Int = 1) -> [BusSession.Action] {
    [.report(.confirmed(session: session, tickets: tickets))]
}

@Suite("Session: sending and echoes")
struct BusSessionSendingTests {
    @Test("events are written in order and each is confirmed by its echo", arguments: [Framing.bare, .lengthPrefixed])
    func order(framing: Framing) throws {
        var bench = try SessionBench.ready(pull: framing)
        #expect(try bench.send((1...100).map { try .sample($0) }) == [])
        let events = bench.write(framing)
        #expect(events.count == 100)
        for (index, event) in events.enumerated() {
            #expect(bench.publish(event) == confirmed(Int64(index + 1)))
        }
        #expect(bench.session.deadline == nil)
        #expect(bench.session.counters.echoes == 100)
    }

    @Test("echoes out of order are confirmed, once each")
    func outOfOrder() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send((1...3).map { try .sample($0) })
        let events = bench.write(.lengthPrefixed)
        #expect(bench.publish(events[2]) == confirmed(3))
        #expect(bench.publish(events[2]) == [])
        #expect(bench.publish(events[0]) == confirmed(1))
        #expect(bench.publish(events[1]) == confirmed(2))
    }

    @Test("one read gives one report")
    func batch() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send((1...3).map { try .sample($0) })
        let frames = bench.write(.lengthPrefixed).flatMap { event in
            [UInt8](hex: "82a46865616480a4626f6479c4") + [UInt8(event.count)] + event
        }
        #expect(bench.read(frames) == confirmed(1, 2, 3))
    }

    @Test("what only resembles an echo confirms nothing")
    func copies() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send([.sample(1), .sample(2, tag: "salt/engines/libvirt_events/kvm02/domain/lifecycle")])
        let events = bench.write(.lengthPrefixed)
        let tag = "salt/engines/libvirt_events/kvm01/domain/lifecycle"
        #expect(bench.publish(Array("syndic/".utf8) + events[0]) == [])
        #expect(bench.publish(foreignEvent(tag, [("id", "0f/kvm01/1")])) == [])
        #expect(bench.publish(foreignEvent(tag, [("relay", "0f/kvm01/1")])) == [])
        #expect(bench.publish(try OutgoingEvent.sample(9).bytes) == [])
        #expect(bench.publish(try OutgoingEvent.sample(1, tag: tag + "/x").bytes) == [])
        #expect(bench.publish(try OutgoingEvent.sample(1, tag: "salt/engines/libvirt_events").bytes) == [])
        #expect(bench.publish([]) == [])
        #expect(bench.session.counters.foreign == 7)
        #expect(bench.publish(events[0]) == confirmed(1))
        #expect(bench.publish(events[1]) == confirmed(2))
    }

    @Test("an event that somebody makes up under a tag and an id of ours confirms nothing, written or not")
    func madeUp() throws {
        var bench = try SessionBench.ready()
        let (first, second) = (try OutgoingEvent.sample(1), try OutgoingEvent.sample(2))
        _ = bench.send([first, second])
        func forged(_ event: OutgoingEvent) throws -> [UInt8] {
            var bytes = event.bytes
            // Its last byte is of what it says, behind what it is known by.
            bytes[bytes.count - 1] ^= 1
            return UnstampedEvent(bytes: bytes).stamped(with: Stamp(microseconds: 0, form: .naive))
        }
        #expect(bench.publish(try forged(first)) == [])
        #expect(bench.publish(try forged(second)) == [])
        let events = bench.write(.lengthPrefixed)
        #expect(bench.publish(try forged(first)) == [])
        #expect(bench.publish(try forged(second)) == [])
        #expect(bench.session.counters.foreign == 4)
        #expect(bench.publish(events[1]) == confirmed(2))
        #expect(bench.publish(events[0]) == confirmed(1))
    }

    @Test("an event sent twice, as a replay is, is confirmed twice, by two echoes")
    func twice() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send([.sample(1, id: "0f/kvm01/1"), .sample(2, id: "0f/kvm01/1")])
        let events = bench.write(.lengthPrefixed)
        #expect(bench.publish(events[0]) == confirmed(1))
        #expect(bench.publish(events[0]) == confirmed(2))
        #expect(bench.publish(events[0]) == [])
    }

    @Test("events of tags that have nothing in common are told from others all the same")
    func tags() throws {
        var bench = try SessionBench.ready()
        let tags = ["a/kvm01/domain/lifecycle", "b/kvm02/domain/lifecycle", "c/kvm03/domain/lifecycle"]
        _ = try bench.send(tags.enumerated().map { try .sample(Int64($0), tag: $1) })
        let events = bench.write(.lengthPrefixed)
        // The right id under another's tag, and under a tag that nobody has.
        #expect(try bench.publish(OutgoingEvent.sample(7, id: "0f/kvm01/1", tag: tags[0]).bytes) == [])
        #expect(try bench.publish(OutgoingEvent.sample(7, id: "0f/kvm01/1", tag: "d/kvm01").bytes) == [])
        for (index, event) in events.enumerated().reversed() {
            #expect(bench.publish(event) == confirmed(Int64(index)))
        }
    }

    @Test("what cannot be confirmed is refused, and the rest is sent")
    func undeliverable() throws {
        var bench = try SessionBench.ready()
        let good = try OutgoingEvent.sample(0).bytes
        let bad: [[UInt8]] = [
            [], Array("tag".utf8), Array("\n\n".utf8) + [0x81], Array("tag\n\n".utf8), Array("tag\n\n".utf8) + [0xc0],
            foreignEvent("tag", [("id", "1")]), good + [0xc0], good.dropLast(),
            good + [UInt8](repeating: 0, count: 1 << 20),
        ]
        let events = bad.enumerated().map { OutgoingEvent(ticket: Int64($0), bytes: $1) }
        let actions = bench.send(events + [try .sample(99)])
        #expect(
            actions.map { action in
                guard case .report(.undeliverable(session: 1, let ticket, let why)) = action, !why.isEmpty else {
                    return -1
                }
                return ticket
            } == (0..<Int64(bad.count)).map(\.self)
        )
        #expect(bench.session.counters.undeliverable == bad.count)
        #expect(bench.publish(bench.write(.lengthPrefixed)[0]) == confirmed(99))
    }

    @Test("partial writes lose and repeat nothing")
    func partialWrites() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send((1...5).map { try .sample($0) })
        for count in [1, 3, 100, 2, 200] { bench.write(atMost: count) }
        _ = try bench.send([.sample(6)])
        #expect(bench.write(.lengthPrefixed).count == 6)
        #expect(bench.session.unwrittenIsEmpty)
    }

    @Test("a silent bus is lost, ever more patiently, until an event comes back")
    func echoDeadline() throws {
        var bench = try SessionBench.ready()
        for (index, seconds) in [5, 10, 20, 40, 60, 60].enumerated() {
            _ = try bench.send([.sample(1)], session: index + 1)
            _ = bench.write(.lengthPrefixed)
            #expect(bench.pass(.seconds(seconds) - .milliseconds(1)) == [])
            #expect(bench.pass(.milliseconds(1)) == [.closeAll, .report(.lost(session: index + 1, .echoSilent))])
            #expect(bench.passDeadline() == [.connectPub])
            _ = bench.becomeReady()
            #expect(bench.session.unwrittenIsEmpty)
        }
        _ = try bench.send([.sample(1)], session: 7)
        #expect(bench.publish(bench.write(.lengthPrefixed)[0]) == confirmed(1, session: 7))
        _ = try bench.send([.sample(2)], session: 7)
        _ = bench.write(.lengthPrefixed)
        // A session keeps the patience that it began with: what comes late once may come late again.
        #expect(bench.pass(.seconds(60) - .milliseconds(1)) == [])
        #expect(bench.pass(.milliseconds(1)) == [.closeAll, .report(.lost(session: 7, .echoSilent))])
        #expect(bench.session.counters.losses == 7)
        #expect(bench.passDeadline() == [.connectPub])
        _ = bench.becomeReady()
        _ = try bench.send([.sample(1)], session: 8)
        _ = bench.write(.lengthPrefixed)
        #expect(bench.pass(.seconds(10)) == [.closeAll, .report(.lost(session: 8, .echoSilent))])
    }

    @Test("the echo deadline is that of the oldest, from when it was written")
    func oldestCounts() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send([.sample(1)])
        #expect(bench.pass(.seconds(4)) == [])
        let first = bench.write(.lengthPrefixed)
        #expect(bench.pass(.seconds(4)) == [])
        _ = try bench.send([.sample(2)])
        _ = bench.write(.lengthPrefixed)
        #expect(bench.publish(first[0]) == confirmed(1))
        #expect(bench.pass(.seconds(4)) == [])
        #expect(bench.pass(.seconds(1)) == [.closeAll, .report(.lost(session: 1, .echoSilent))])
    }

    @Test("writing that makes no progress for 10 s is lost")
    func writeDeadline() throws {
        var bench = try SessionBench.ready()
        _ = try bench.send([.sample(1)])
        #expect(bench.pass(.seconds(9)) == [])
        bench.write(atMost: 10)
        #expect(bench.pass(.seconds(9)) == [])
        #expect(bench.pass(.seconds(1)) == [.closeAll, .report(.lost(session: 1, .writeStalled))])
    }

    @Test("events for a session that is over are ignored and counted")
    func oldSession() throws {
        var bench = try SessionBench.ready()
        #expect(try bench.send([.sample(1)], session: 2) == [])
        #expect(
            bench.session.disconnected(.pull, closed, at: bench.moment) == [
                .closeAll, .report(.lost(session: 1, closed)),
            ]
        )
        #expect(try bench.send([.sample(1)]) == [])
        #expect(bench.session.unwrittenIsEmpty)
        #expect(bench.session.counters.ignored == 2)
    }

    @Test("more than a session may hold loses it, so that nothing is dropped in silence")
    func overrun() throws {
        var bench = try SessionBench.ready()
        let actions = try bench.send((0...4096).map { try .sample($0) })
        #expect(actions == [.closeAll, .report(.lost(session: 1, .overrun))])
        #expect(bench.session.counters.ignored == 1)
    }

    @Test("an echo of what is not written yet, from a session before, confirms as well")
    func earlyEcho() throws {
        var bench = try SessionBench.ready()
        let event = try OutgoingEvent.sample(1)
        _ = try bench.send([event, .sample(2)])
        #expect(
            bench.publish(UnstampedEvent(bytes: event.bytes).stamped(with: Stamp(microseconds: 0, form: .naive)))
                == confirmed(1)
        )
        #expect(bench.publish(bench.write(.lengthPrefixed)[1]) == confirmed(2))
    }

    @Test("garbage on pub ends the session, after what came before it", arguments: ["c0", "81c0", "82a161c1"])
    func garbage(hex: String) throws {
        var bench = try SessionBench.ready()
        let actions = bench.read([UInt8](hex: hex))
        #expect(actions.first == .closeAll)
        guard case .report(.lost(session: 1, let failure)) = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(failure.code == .protocolError)
    }

    @Test("a session that stood shortens the pauses again, one that fell at once does not")
    func backoff() throws {
        var bench = try SessionBench.ready()
        for _ in 0..<10 {
            _ = bench.session.disconnected(.pub, closed, at: bench.moment)
            _ = bench.passDeadline()
            _ = bench.becomeReady()
        }
        #expect(bench.session.backoff.failures == 10)
        _ = bench.pass(.seconds(5))
        _ = bench.session.disconnected(.pub, closed, at: bench.moment)
        #expect(bench.session.backoff.failures == 1)
    }

    @Test(
        "stamps take the form of the first foreign event",
        arguments: [
            (StampSetting.auto, "2026-11-22T08:28:19.265359+00:00", "2026-11-22T08:28:19.265359+00:00"),
            (.auto, "2026-11-22T08:28:19.265359", "2026-11-22T08:28:19.265359"),
            (.naive, "2026-11-22T08:28:19+00:00", "2026-11-22T08:28:19.265359"),
            (.offset, "2026-11-22T08:28:19", "2026-11-22T08:28:19.265359+00:00"),
        ]
    )
    func stampForm(setting: StampSetting, seen: String, expected: String) throws {
        var bench = try SessionBench.ready(stamp: setting)
        _ = bench.publish(foreignEvent("salt/a", [("x", "y")]))
        // What was ours, in the other form.
        let other = expected.hasSuffix("+00:00") ? Stamp.Form.naive : .offset
        let late = Stamp(microseconds: 0, form: other)
        _ = bench.publish(UnstampedEvent(bytes: try OutgoingEvent.sample(9).bytes).stamped(with: late))
        _ = bench.publish(foreignEvent("virt-aggregator/probe/former", [("nonce", "n"), ("_stamp", late.text)]))
        _ = bench.publish(foreignEvent("salt/b", [("x", "y"), ("_stamp", seen)]))
        _ = bench.publish(foreignEvent("salt/c", [("_stamp", "2026")]))
        _ = try bench.send([.sample(1)])
        #expect(bench.write(.lengthPrefixed)[0].suffix(expected.utf8.count) == Array(expected.utf8)[...])
    }
}
