internal import Connections
internal import Spool

/// What is committed together or not at all: what a host said, and the state that it leads to.
struct JournalEntry: Sendable {
    /// `nil` when there is only a state to be kept, or the host's filter wants no more.
    var record: SpoolRecord?
    var changes: [SpoolChange] = []

    /// How many places in flight it holds until it is committed or dropped.
    var places = 0

    /// Whether we made it up from what a listing says: there is no bound to it but how many objects a host has.
    var isMadeUp = false

    /// The host that has to hear if it is dropped; `nil` = nobody has.
    var origin: Origin?

    struct Origin: Hashable, Sendable {
        let host: String

        /// When what the entry tells began.
        let since: Timestamp
    }

    /// Bytes, about.
    var size: Int { (record?.bytes.count ?? 0) + (changes.count + 1) * 96 }
}

/// Where the journal puts what it takes: a spool, or what a test has for one.
///
/// Called on the journal's queue alone; may block for a disk access.
struct JournalStore: Sendable {
    /// Puts a batch into the spool, all or none.
    let append: @Sendable (SpoolBatch) throws(SpoolError) -> Appended

    /// See ``Spool/leaveDisk()``.
    let leaveDisk: @Sendable () throws(SpoolError) -> Void

    /// See ``Spool/returnToDisk()``.
    let returnToDisk: @Sendable () throws(SpoolError) -> String?

    /// See ``Spool/isDamaged``.
    let isDamaged: @Sendable () -> Bool

    /// See ``Spool/end()``.
    let end: @Sendable () -> Void

    init(_ spool: Spool) {
        append = { batch throws(SpoolError) in try spool.append(batch) }
        leaveDisk = { () throws(SpoolError) in try spool.leaveDisk() }
        returnToDisk = { () throws(SpoolError) in try spool.returnToDisk() }
        isDamaged = { spool.isDamaged }
        end = { spool.end() }
    }

    init(
        append: @escaping @Sendable (SpoolBatch) throws(SpoolError) -> Appended,
        leaveDisk: @escaping @Sendable () throws(SpoolError) -> Void = { () throws(SpoolError) in },
        returnToDisk: @escaping @Sendable () throws(SpoolError) -> String? = { () throws(SpoolError) in nil },
        isDamaged: @escaping @Sendable () -> Bool = { false },
        end: @escaping @Sendable () -> Void = {}
    ) {
        self.append = append
        self.leaveDisk = leaveDisk
        self.returnToDisk = returnToDisk
        self.isDamaged = isDamaged
        self.end = end
    }
}
