internal import Connections
internal import Logging
internal import SaltBus
internal import Spool
internal import Synchronization

/// What the bus says, and what the spool is told of it.
extension Sink {
    /// Takes all that came meanwhile, and then sees what can be sent.
    func take(_ inputs: [Input]) {
        for input in inputs {
            switch input {
            case .appended(let appended):
                for range in appended.removed { drop(range) }
                handedOver.subtract(appended.events.count, ordering: .relaxed)
                takeOver(appended.events)
            case .reported(let report): take(report)
            }
        }
        pump()
    }

    private func take(_ report: BusReport) {
        busState.take(report, session: session, at: now())
        switch report {
        case .ready(let number, let framing) where bus != nil:
            session = number
            backlog.isOnePerHost = framing == .bare
            logger.notice("Bus ready", metadata: ["framing": "\(framing)"])
        case .confirmed(session, let tickets):
            let time = scheduler.now
            for ticket in tickets {
                guard let sent = settle(ticket) else { continue }
                counts.tally.relayed += 1
                pacer.echoed(sent: sent.at, now: time)
            }
            pacer.review(at: time)
        case .undeliverable(session, let ticket, let why):
            bury(ticket, why)
        case .lost(session, let failure):
            session = nil
            suspectFirst(because: failure)
            backlog.requeue(window.lose())
            pacer.lose(at: scheduler.now)
            // There is no bus to wait for any more.
            if !drainsAcrossLoss { resumeDrained() }
            logger.warning("Bus lost", metadata: [LogKeys.error: "\(failure)"])
        case .unavailable(let failure):
            logger.error("Bus unavailable", metadata: [LogKeys.error: "\(failure)"])
            // It tries again by itself, but not to get a thread: then this is its only chance. Else it does nothing.
            if failure.code == .system { plan(after: .seconds(5)) { $0.bus?.start() } }
        case .confirmed, .undeliverable, .lost, .ready:
            break  // Of a session that is over: its records have been or will be sent again.
        }
    }

    /// A record that is out can never be sent.
    private func bury(_ position: Int64, _ why: String) {
        guard settle(position) != nil else { return }
        counts.tally.dead += 1
        letters.append(DeadLetter(position: position, time: now().microseconds, reason: why))
        logger.error("Event cannot be sent", metadata: ["position": "\(position)", LogKeys.error: "\(why)"])
    }

    /// A master that passes on others and never this one would have it sent again for ever, and all that is behind it.
    ///
    /// Alone it proves less: each session begins with a probe that came back, but the master may have got slow after it.
    private func suspectFirst(because failure: BusFailure) {
        guard let first = window.first, failure.code == .echoSilent else { return }
        var (passed, alone) = suspect?.position == first ? (suspect?.passed ?? 0, suspect?.alone ?? 0) : (0, 0)
        if window.isFirstPassed {
            passed += 1
        } else if window.count == 1 {
            alone += 1
        }
        suspect = (first, passed, alone)
        guard passed >= Self.patience || alone >= Self.patienceAlone else { return }
        suspect = nil
        let others = passed >= Self.patience ? "events that were sent after it" : "our probe"
        bury(first, "the master passed on \(others), and never this one, \(max(passed, alone)) times")
    }

    /// A record that was out needs no more attention.
    func settle(_ position: Int64) -> SendWindow.Sent? {
        guard let sent = window.settle(position) else { return nil }
        backlog.settled(sent.pick)
        settlement.settle(position)
        untold += 1
        return sent
    }

    /// Tells the spool what is settled, now or when it is time.
    func settleUp() {
        guard settlement.isNews || !letters.isEmpty, !plans.isTellingAgain else { return }
        let left = told.map { $0 + Self.tellInterval - scheduler.now } ?? .zero
        if left <= .zero || untold >= Self.tellLimit { return tell() }
        guard !plans.isTelling else { return }
        plans.isTelling = true
        plan(after: left) { sink in
            sink.plans.isTelling = false
            sink.settleUp()
        }
    }

    /// Tells the spool what is settled.
    func tell() {
        guard settlement.isNews || !letters.isEmpty else { return }
        let news = settlement.news()
        do throws(SpoolError) {
            let hosts = try spool.acknowledge(through: news.through, ahead: news.ahead, letters: letters)
            for host in hosts { dead[host, default: 0] += 1 }
            letters = []
            settlement.tell()
            isTellable = true
            told = scheduler.now
            untold = 0
        } catch {
            // The next one covers this one; a crash before it repeats events, with equal ids.
            if isTellable { logger.error("Journal cannot acknowledge", metadata: [LogKeys.error: "\(error)"]) }
            isTellable = false
            plans.isTellingAgain = true
            plan(after: .seconds(1)) { sink in
                sink.plans.isTellingAgain = false
                sink.tell()
            }
        }
    }
}
