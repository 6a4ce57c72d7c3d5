internal import Glibc

/// Performs what a ``BusSession`` decides: sockets, `poll(2)`, the clock.
///
/// Lives on one thread and never waits but in `poll`.
final class BusLoop {
    /// 256 KiB are about 1,000 events of the usual size in one read.
    private static let readSize = 256 << 10

    /// Reads in one turn, so that a flood on pub keeps neither writes nor deadlines waiting.
    private static let readsPerTurn = 4

    private let endpoint: BusEndpoint
    private let mailbox: BusMailbox
    private let clock: @Sendable () -> BusMoment
    private let report: @Sendable (BusReport) -> Void
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 16)

    private var session: BusSession
    private var pub: BusSocket?
    private var pull: BusSocket?

    private var gathering = Gathering()

    init(
        session: BusSession,
        endpoint: BusEndpoint,
        mailbox: BusMailbox,
        clock: @escaping @Sendable () -> BusMoment,
        report: @escaping @Sendable (BusReport) -> Void
    ) {
        self.session = session
        self.endpoint = endpoint
        self.mailbox = mailbox
        self.clock = clock
        self.report = report
    }

    deinit {
        buffer.deallocate()
    }

    /// Works until the mailbox is stopped; both connections are closed when it returns.
    func run() {
        perform(session.started(at: clock()))
        while let order = mailbox.take(leaving: session.counters) {
            if !order.events.isEmpty {
                perform(session.sendRequested(order.events, session: order.session, at: clock()))
            }
            write()
            wait()
            let moment = clock()
            readBeforeDeadline(at: moment)
            perform(session.deadlinePassed(at: moment))
        }
        (pub, pull) = (nil, nil)
    }

    // MARK: Actions

    private func perform(_ actions: [BusSession.Action]) {
        for action in actions {
            switch action {
            case .connectPub: connect(.pub)
            case .connectPull: connect(.pull)
            case .closePull: pull = nil
            case .closeAll: (pub, pull) = (nil, nil)
            case .report(let fact): report(fact)
            }
        }
    }

    private func connect(_ side: BusSession.Side) {
        do throws(BusFailure) {
            let socket = try BusSocket(connectingTo: side == .pub ? endpoint.pub : endpoint.pull, as: side)
            switch side {
            case .pub: pub = socket
            case .pull: pull = socket
            }
            if !socket.isConnecting { connected(side) }
        } catch {
            perform(session.connectFailed(error, at: clock()))
        }
    }

    private func connected(_ side: BusSession.Side) {
        switch side {
        case .pub: perform(session.pubConnected(at: clock()))
        case .pull: perform(session.pullConnected(at: clock()))
        }
    }

    // MARK: Facts

    /// Waits for the next fact and tells the session of it.
    private func wait() {
        let gathering = gatheringTimeout
        let (pub, pull) = (gathering == nil ? pub : nil, pull)
        var descriptors = [
            pollfd(fd: mailbox.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pub?.descriptor ?? -1, events: Int16(pub?.isConnecting == true ? POLLOUT : POLLIN), revents: 0),
            pollfd(fd: pull?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        if pull?.isConnecting == true || !session.unwrittenIsEmpty { descriptors[2].events |= Int16(POLLOUT) }
        let deadline = timeout
        let wait = gathering.map { min(deadline < 0 ? .max : deadline, $0) } ?? deadline
        guard poll(&descriptors, nfds_t(descriptors.count), wait) > 0 else { return }

        if descriptors[0].revents != 0 { mailbox.wake.clear() }
        // An earlier fact may have put another socket into the place of one that was waited for.
        if let pub, pub === self.pub, descriptors[1].revents != 0 { pubIsReady(pub) }
        if let pull, pull === self.pull, descriptors[2].revents != 0 {
            pullIsReady(pull, canRead: descriptors[2].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0)
        }
    }

    /// Milliseconds until pub is to be read, rounded up; nil if it is to be read as soon as something comes.
    private var gatheringTimeout: Int32? {
        guard pub?.isConnecting == false else { return nil }
        let left = gathering.left(awaited: session.awaitedEchoes, at: clock().instant)
        return left.map { Int32(($0 / .milliseconds(1)).rounded(.up)) }
    }

    /// Milliseconds to the session's deadline, rounded up; without a descriptor to be woken by, never more than 50.
    private var timeout: Int32 {
        let longest: Int32 = mailbox.wake.descriptor < 0 ? 50 : -1
        guard let deadline = session.deadline else { return longest }
        let left = max(.zero, deadline - clock().instant) / .milliseconds(1)
        return min(Int32(clamping: Int64(left.rounded(.up))), longest < 0 ? .max : longest)
    }

    /// Who was stopped for a while, as a machine is for a snapshot, finds on pub what came in time.
    private func readBeforeDeadline(at moment: BusMoment) {
        guard let deadline = session.deadline, deadline <= moment.instant, let pub, !pub.isConnecting else { return }
        pubIsReady(pub)
    }

    private func pubIsReady(_ socket: BusSocket) {
        guard !socket.isConnecting else { return connectingEnded(socket, .pub) }
        let instant = clock().instant
        defer { gathering.read(at: instant, seen: session.counters.eventsSeen) }
        for _ in 0..<Self.readsPerTurn where pub === socket {
            switch socket.read(into: buffer) {
            case .done(let count):
                perform(session.pubRead(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: clock()))
            case .later: return
            case .failed(let failure): perform(session.disconnected(.pub, failure, at: clock()))
            }
        }
    }

    private func pullIsReady(_ socket: BusSocket, canRead: Bool) {
        guard !socket.isConnecting else { return connectingEnded(socket, .pull) }
        // Masters say nothing on pull; reading is how the end of the connection is noticed.
        if canRead, case .failed(let failure) = socket.read(into: buffer) {
            perform(session.disconnected(.pull, failure, at: clock()))
        }
    }

    private func connectingEnded(_ socket: BusSocket, _ side: BusSession.Side) {
        do throws(BusFailure) {
            try socket.connectingEnded()
            connected(side)
        } catch {
            perform(session.connectFailed(error, at: clock()))
        }
    }

    /// Once a turn, so that reading never waits for writing; what is left wakes `poll` again.
    private func write() {
        guard let pull, !pull.isConnecting, !session.unwrittenIsEmpty else { return }
        switch session.withUnwritten({ pull.write($0) }) {
        case .done(let count): perform(session.pullWritten(count, at: clock()))
        case .later: return
        case .failed(let failure): perform(session.disconnected(.pull, failure, at: clock()))
        }
    }
}
