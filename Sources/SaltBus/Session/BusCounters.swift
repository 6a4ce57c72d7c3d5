/// What a bus client has seen and done since it was made.
///
/// Totals; they never go down.
package struct BusCounters: Hashable, Sendable {
    /// Bytes read from pub.
    package var bytesRead = 0

    /// Bytes written to pull.
    package var bytesWritten = 0

    /// Events on pub that were looked at: foreign ones, echoes, probes.
    package var eventsSeen = 0

    /// Events that were neither echoes nor probes of ours.
    package var foreign = 0

    /// Events of ours that came back.
    package var echoes = 0

    /// Events on pub too large to be looked at.
    package var oversized = 0

    /// Events given to a session that were no events; see ``BusReport/undeliverable(session:ticket:why:)``.
    package var undeliverable = 0

    /// Events given for a session that was over, or beyond what one may hold.
    ///
    /// Their sender has been told `lost`.
    package var ignored = 0

    package var probesSent = 0

    /// Sessions that became ready.
    package var sessions = 0

    /// Sessions lost after they had been ready.
    package var losses = 0

    /// Attempts that ended before they were ready.
    package var failedAttempts = 0

    package init() {}
}
