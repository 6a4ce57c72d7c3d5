internal import Connections
internal import Dispatch
internal import Logging
internal import Spool

/// When each host was last heard, and noting that in the spool.
extension Upkeep {
    struct Hearing: Sendable {
        var watch: HearingWatch
        var isFailing = false
    }

    func listen(_ hearing: inout Hearing) async {
        let fleet = await memories()
        hearing.watch.take(fleet, at: journal.mark())
    }

    /// Writes what has become different of the whole fleet's hearing, once the journal is that far.
    func note(_ hearing: inout Hearing, on queue: DispatchQueue) async {
        guard let due = hearing.watch.due(journal.losses(before:)) else { return }
        let outcome: Result<Bool, SpoolError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(SpoolError) in try spool.keep(due.note) }) }
        }
        switch outcome {
        case .success(let isKept):
            if isKept { hearing.watch.wrote(due) }
            hearing.isFailing = false
        case .failure(let error):
            // The next gap then begins earlier than it had to.
            if !hearing.isFailing {
                logger.warning("Cannot note when hosts were last heard", metadata: [LogKeys.error: "\(error)"])
            }
            hearing.isFailing = true
        }
    }
}
