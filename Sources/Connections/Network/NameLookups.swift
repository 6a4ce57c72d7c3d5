internal import Dispatch
internal import Glibc

/// Asks the system where names lead to, and waits for the answer no longer than it is wanted.
///
/// `getaddrinfo` has no deadline and cannot be ended: without a name server that answers it takes 10 to 30 s, and when its
/// socket is shut down it spins for all of them (measured, glibc 2.36). So it has threads of its own, and a name is asked
/// for once at a time: who asks again waits for the same answer.
package final class NameLookups: Sendable {
    typealias Ask = @Sendable (_ host: String, _ port: Int) -> NameAnswer

    private let pool: BlockingPool
    private let ask: Ask
    private let underWay = PosixLock<[String: Question]>([:])

    /// How soon an abort is noticed.
    private static let slice = DispatchTimeInterval.milliseconds(50)

    /// What takes longer is shown as stuck.
    private static let usual = Duration.seconds(5)

    package convenience init(pool: BlockingPool) {
        self.init(pool: pool) { host, port in NameAnswer(host, port: port) }
    }

    /// - Parameter ask: May block for as long as it likes.
    init(pool: BlockingPool, ask: @escaping Ask) {
        self.pool = pool
        self.ask = ask
    }

    /// Blocks until there is an answer.
    ///
    /// - Parameters:
    ///   - end: When it is too late for one.
    ///   - isAborted: Asked now and then whether anybody still waits.
    /// - Returns: `nil` when none has come; the question is not taken back.
    func answer(
        _ host: String,
        port: Int,
        until end: ContinuousClock.Instant,
        isAborted: () -> Bool
    ) -> NameAnswer? {
        // An address needs nobody's answer.
        let address = NameAnswer(host, port: port, flags: AI_NUMERICHOST)
        if address.code != EAI_NONAME { return address }
        let question = question(host, port)
        repeat {
            if question.isAnswered.wait(timeout: .now() + Self.slice) == .success { return question.answer }
        } while !isAborted() && end > .now
        return nil
    }

    /// The question that is under way, or a new one.
    private func question(_ host: String, _ port: Int) -> Question {
        let name = "\(host) \(port)"
        let (question, isNew) = underWay.withLock { underWay in
            if let question = underWay[name] { return (question, false) }
            let question = Question()
            underWay[name] = question
            return (question, true)
        }
        guard isNew else { return question }
        let answered: @Sendable (NameAnswer) -> Void = { answer in
            self.underWay.withLock { $0[name] = nil }
            question.end(with: answer)
        }
        pool.submit(
            BlockingCall(
                deadline: Self.usual,
                body: { [ask] in ask(host, port) },
                finished: answered,
                late: answered
            ),
            lane: .name,
            admission: Admission(host: LoopBinding.current?.host ?? "")
        )
        return question
    }

    private final class Question: Sendable {
        let isAnswered = DispatchGroup()
        private let slot = PosixLock<NameAnswer?>(nil)

        init() {
            isAnswered.enter()
        }

        var answer: NameAnswer? { slot.withLock(\.self) }

        func end(with answer: NameAnswer) {
            slot.withLock { $0 = answer }
            isAnswered.leave()
        }
    }
}

/// What the system said of a name.
///
/// Sendable because nothing of it changes once it is made.
final class NameAnswer: @unchecked Sendable {
    /// 0, or an `EAI_` code.
    let code: Int32
    private let first: UnsafeMutablePointer<addrinfo>?

    /// Blocks for as long as the system's resolver takes, unless `flags` say that it is not to be asked.
    init(_ host: String, port: Int, flags: Int32 = 0) {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        code = getaddrinfo(host, String(port), &hints, &list)
        first = code == 0 ? list : nil
    }

    deinit {
        if let first { freeaddrinfo(first) }
    }

    /// Valid as long as the answer.
    var addresses: [addrinfo] {
        sequence(first: first) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { $0?.pointee }
    }
}
