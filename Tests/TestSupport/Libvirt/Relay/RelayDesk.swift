import Foundation

/// What a ``LibvirtRelay`` has been told, and the connections it is told of.
final class RelayDesk: Sendable {
    struct Rules {
        var calls = LibvirtRelay.Calls.pass
        var deafTo: Set<RelayedMessage.EventClass> = []
        var isFrozen = false
        var cutsNextListing = false
        var refuses = false
        var hasBooted = false
    }

    /// What to do with a message.
    enum Verdict {
        case pass, hold, drop
        /// Half of it, and then the end.
        case cut
        /// As a host says it that has just booted.
        case freshen
    }

    private struct State {
        var rules = Rules()
        var counts = LibvirtRelay.Counts()
        var connections: [ObjectIdentifier: RelayedConnection] = [:]
        var isOver = false
    }

    private let daemon: UInt16
    private let state = Locked(State())

    /// Told of each change that somebody may wait for.
    private let changed = NSCondition()

    init(daemon: UInt16) {
        self.daemon = daemon
    }

    var counts: LibvirtRelay.Counts { state.withLock(\.counts) }

    var connected: Int { state.withLock(\.connections.count) }

    func change(_ body: (inout Rules) -> Void) {
        state.withLock { body(&$0.rules) }
        wakeAll()
    }

    private func wakeAll() {
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    /// Passes on the calls that were held.
    func letGo() {
        for connection in state.withLock({ Array($0.connections.values) }) { connection.letGo() }
    }

    /// - Returns: How many connections there were.
    @discardableResult
    func end(_ body: (RelayedConnection) -> Void) -> Int {
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections { body(connection) }
        return connections.count
    }

    /// Takes connections until the listener is shut down.
    func serve(_ listener: Int32) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            guard !isRefused(), let server = Loopback.connected(to: daemon) else {
                close(client)
                continue
            }
            let connection = RelayedConnection(client: client, server: server, desk: self)
            state.withLock { state in
                state.counts.connections += 1
                state.connections[ObjectIdentifier(connection)] = connection
            }
            connection.start()
        }
        close(listener)
        state.withLock { $0.isOver = true }
        wakeAll()
        end { $0.end() }
    }

    /// Whether the client that has come is turned away.
    private func isRefused() -> Bool {
        state.withLock { state in
            if state.rules.refuses { state.counts.refusals += 1 }
            return state.rules.refuses
        }
    }

    func forget(_ connection: RelayedConnection) {
        _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Waits while nothing may pass.
    func waitWhileFrozen() {
        changed.lock()
        while state.withLock({ $0.rules.isFrozen && !$0.isOver }) { changed.wait() }
        changed.unlock()
    }

    /// What is to become of a message, in whichever direction it goes.
    func judge(_ message: RelayedMessage) -> Verdict {
        state.withLock { state in
            if message.isCall, state.rules.calls != .pass {
                state.counts.calls += 1
                return state.rules.calls == .hold ? .hold : .drop
            }
            if message.isAlive { state.counts.answers += 1 }
            if let object = message.eventClass, state.rules.deafTo.contains(object) {
                state.counts.events += 1
                return .drop
            }
            if message.isListing, state.rules.cutsNextListing {
                state.rules.cutsNextListing = false
                state.counts.cuts += 1
                return .cut
            }
            return message.isProcessorStats && state.rules.hasBooted ? .freshen : .pass
        }
    }
}
