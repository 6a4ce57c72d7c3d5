internal import Connections
internal import Dispatch
internal import Spool

/// Keeps the pauses of hosts where they survive the service.
///
/// Any thread; the disk is waited for on a queue of its own, and what was asked for first is written first.
struct PauseStore: Sendable {
    private let queue = DispatchQueue(label: "aggregator.pauses")
    private let read: @Sendable () throws(SpoolError) -> [HostPause]
    private let write: @Sendable ([HostPause]) throws(SpoolError) -> Void

    init(_ spool: Spool) {
        read = { () throws(SpoolError) in try spool.pauses() }
        write = { pauses throws(SpoolError) in try spool.replacePauses(pauses) }
    }

    /// A store of a test's own.
    init(
        read: @escaping @Sendable () throws(SpoolError) -> [HostPause] = { [] },
        write: @escaping @Sendable ([HostPause]) throws(SpoolError) -> Void
    ) {
        self.read = read
        self.write = write
    }

    /// What a former run left, with what is over: somebody has yet to say so.
    ///
    /// Blocks for a disk access.
    func load() throws(SpoolError) -> [String: Pause] {
        let pauses = try read().map { pause in
            (pause.host, Pause(by: pause.by, until: pause.until.map { Timestamp(microseconds: $0) }))
        }
        return Dictionary(pauses) { $1 }
    }

    /// Writes all of them.
    ///
    /// - Parameter done: Called once, on the store's queue.
    func save(_ pauses: [String: Pause], done: @escaping @Sendable (Result<Void, SpoolError>) -> Void) {
        let rows = pauses.map { HostPause(host: $0.key, until: $0.value.until?.microseconds, by: $0.value.by) }
        queue.async {
            do throws(SpoolError) {
                try write(rows)
                done(.success(()))
            } catch {
                done(.failure(error))
            }
        }
    }
}

extension Pause {
    func isUnderWay(at now: Timestamp) -> Bool {
        until.map { now < $0 } ?? true
    }
}
