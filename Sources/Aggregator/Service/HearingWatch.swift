internal import Connections
internal import Spool

/// The fleet's hearing on its way to the disk.
///
/// It is not noted before the journal has committed all that it had been given by then: a gap that a watcher has told may
/// still wait there, and if the service died, the next one would begin behind it. A value without a clock.
struct HearingWatch: Sendable {
    /// What is to be written now.
    struct Due: Sendable {
        let note: HearingNote
        fileprivate let fleet: [String: HostMemory]
    }

    private var book: HearingBook
    private var taken: (fleet: [String: HostMemory], mark: JournalMark)?

    /// - Parameter stored: As a former run left it.
    init(_ stored: [String: HostMemory]) {
        book = HearingBook(stored)
    }

    /// Whether something was taken that waits for the journal.
    var isWaiting: Bool { taken != nil }

    /// Takes what is to be noted, in the place of what waits.
    ///
    /// - Parameters:
    ///   - fleet: All hosts that are wanted.
    ///   - mark: The journal's, set after the hosts were asked.
    mutating func take(_ fleet: [String: HostMemory], at mark: JournalMark) {
        taken = (fleet, mark)
    }

    /// Hands out what was taken, if its time has come.
    ///
    /// - Parameter losses: See ``Journal/losses(before:)``. Of such hosts a gap is still to be told.
    mutating func due(_ losses: (JournalMark) -> Set<String>?) -> Due? {
        guard let (fleet, mark) = taken, let lost = losses(mark) else { return nil }
        taken = nil
        let known = book.leavingOut(lost, of: fleet)
        return Due(note: book.note(of: known), fleet: known)
    }

    /// When each host was last heard, as it was noted.
    var noted: [GivenUp] { book.connections.map { GivenUp(host: $0.key, time: $0.value.microseconds) } }

    /// The disk knows nothing any more.
    mutating func beginAnew() {
        book = HearingBook()
    }

    /// It is on the disk.
    mutating func wrote(_ due: Due) {
        book.wrote(due.fleet)
    }
}
