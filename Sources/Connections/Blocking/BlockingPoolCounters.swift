/// What a pool holds and has done; a snapshot.
package struct BlockingPoolCounters: Equatable, Sendable {
    /// Calls that wait for a thread.
    package var waiting: Int
    /// Threads that count against their lanes.
    package var running: Int
    /// Threads at calls on live connections that take long and count no longer; at most ``BlockingPool/slowCallLimit``.
    package var slow: Int
    /// Threads that are past their deadline and count no longer; at most ``BlockingPool/writeOffLimit``.
    package var writtenOff: Int
    /// The calls that are past their deadline and have not returned, oldest first, whether or not their threads count.
    package var stuck: [StuckCall]
    /// Calls that have ever passed their deadline.
    package var expired: Int
}
