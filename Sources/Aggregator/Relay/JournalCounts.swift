/// What became of the records before the spool; one snapshot.
struct JournalCounts: Hashable, Sendable {
    /// Records taken in.
    var accepted = 0

    /// Of these, those that wait for the disk.
    var pending = 0
    var committed = 0

    /// Dropped because too many waited for the disk.
    var droppedForMemory = 0

    /// Dropped because the spool was full of others, and these came last.
    var droppedForRoom = 0

    /// Changes of states that were dropped, with their records or by themselves: the next listing puts them right.
    var lostStates = 0

    /// The position of the last record committed.
    var last: Int64 = 0
}
