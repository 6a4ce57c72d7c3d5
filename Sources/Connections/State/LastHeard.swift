/// When it was last proven that a host is heard: by a callback, or by a call that returned.
///
/// What belongs to a gap that has not been told yet stays at that gap's beginning: should the service end before, the next
/// one tells it.
package struct LastHeard: Hashable, Sendable {
    /// Of the connection as a whole; `nil` = never.
    package var connection: Timestamp?

    /// Of each class; a daemon may fall silent about one alone, which keeps its own beginning then.
    package var classes: [EventKind.Object: Timestamp]

    /// Classes that could not be heard, or not be compared, while the host was heard: each has a gap since its own proof.
    ///
    /// Of any other the connection's proof is good enough: nothing need have happened to it for long.
    package var away: Set<EventKind.Object>

    package init(
        connection: Timestamp? = nil,
        classes: [EventKind.Object: Timestamp] = [:],
        away: Set<EventKind.Object> = []
    ) {
        self.connection = connection
        self.classes = classes
        self.away = away
    }
}
