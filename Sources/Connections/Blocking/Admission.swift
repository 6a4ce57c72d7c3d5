/// How a call waits for a thread of its lane.
package struct Admission: Hashable, Sendable {
    /// Whose call it is; for the list of those that are stuck.
    package var host: String

    /// Calls with the same word here share a cap, whatever their lane: connections through one ssh jump host, whose sshd
    /// turns away what comes in a crowd.
    ///
    /// The default is `nil`, no such cap.
    package var group: String?

    /// Whether nothing bad is known of the host yet; such calls go before the others.
    ///
    /// The default is true.
    package var isFresh: Bool

    /// How long it may wait; then it is taken back.
    ///
    /// The default is `nil`, for as long as it takes.
    package var patience: Duration?

    package init(host: String = "", group: String? = nil, isFresh: Bool = true, patience: Duration? = nil) {
        self.host = host
        self.group = group
        self.isFresh = isFresh
        self.patience = patience
    }
}

/// A call that has passed its deadline and has not returned, although it was asked to.
package struct StuckCall: Hashable, Sendable {
    package let host: String
    package let lane: BlockingPool.Lane

    /// Since a thread took it.
    package let age: Duration

    package init(host: String, lane: BlockingPool.Lane, age: Duration) {
        self.host = host
        self.lane = lane
        self.age = age
    }
}
