internal import Connections
internal import SaltBus
internal import Spool

/// The service as the admin interface shows it.
struct StatusView: Codable, Equatable, Sendable {
    let version: String

    /// The version of the libvirt library the service runs on.
    let libvirt: String

    /// The first part of every `relay.id`.
    let instance: String
    let started: String

    /// Seconds since then, by a clock that nobody sets.
    let uptime: Double
    let hosts: Hosts
    let hypervisors: Hypervisors
    let bus: Bus
    let ledger: LedgerView
    let spool: SpoolView
    let pool: Pool
    let eventLoop: EventLoopView
    let inventory: Source

    /// The last reload that changed or refused something.
    let reload: Reload?
    let warnings: [String]

    /// How many hosts are in each phase, and how many of them are paused, degraded or flapping.
    struct Hosts: Codable, Equatable, Sendable {
        var total = 0
        var connecting = 0
        var up = 0
        var down = 0
        var stopped = 0
        var paused = 0
        var degraded = 0
        var flapping = 0

        /// Gaps told of all of them since they are watched.
        var gaps = 0

        init(_ entries: [Supervisor.Entry]) {
            for entry in entries {
                total += 1
                if entry.status.pause != nil { paused += 1 }
                if !entry.status.degraded.isEmpty { degraded += 1 }
                if entry.status.flapping != nil { flapping += 1 }
                gaps += entry.status.gaps
                switch entry.status.phase {
                case .connecting: connecting += 1
                case .up: up += 1
                case .down: down += 1
                case .stopped: stopped += 1
                }
            }
        }
    }

    /// Who the hosts are, where that is odd.
    struct Hypervisors: Codable, Equatable, Sendable {
        struct Shared: Codable, Equatable, Sendable {
            let uuid: String
            let hosts: [String]
        }

        struct Changed: Codable, Equatable, Sendable {
            let host, before, after, at: String
        }

        /// One hypervisor under several names.
        let shared: [Shared]

        /// Another hypervisor under a name than before.
        let changed: [Changed]

        init(_ shared: [Identities.Shared] = [], _ changes: [Identities.Change] = []) {
            self.shared = shared.map { Shared(uuid: $0.uuid, hosts: $0.hosts) }
            changed = changes.map { Changed(host: $0.host, before: $0.before, after: $0.after, at: $0.at.iso8601) }
        }
    }

    struct Bus: Codable, Equatable, Sendable {
        /// `connecting`, `ready` or `away`.
        let state: String
        let since: String

        /// `bare` or `length-prefixed`, while it is ready.
        let framing: String?

        /// Why it is away.
        let error: String?
        let pacing: Pacing

        /// What counts as an event's being there: `echo`, or `write`, which proves nothing.
        let confirm: String

        init(_ state: BusState, confirm: Settings.Confirm, pacing: Pacer.Snapshot) {
            self.confirm = confirm.rawValue
            self.state = state.phase.rawValue
            since = state.since.iso8601
            framing = state.framing.map { $0 == .bare ? "bare" : "length-prefixed" }
            error = state.failure.map { "\($0)" }
            self.pacing = Pacing(pacing)
        }

        /// How many events a second the master is given.
        struct Pacing: Codable, Equatable, Sendable {
            /// Events per second; left out when `bus.budget` is off.
            let rate: Int?

            /// How long echoes took of late, in seconds; left out when there was none.
            let delay: Double?

            /// Whether the rate held events back of late.
            let limited: Bool

            init(_ pacing: Pacer.Snapshot) {
                rate = pacing.rate
                delay = pacing.delay?.seconds
                limited = pacing.isLimited
            }
        }
    }

    /// What became of every event so far: see the names in ``Ledger/rows``.
    struct LedgerView: Codable, Equatable, Sendable {
        let callbacks, accepted, filtered, suppressed, underWay: Int
        let received, relayed, coalesced, dead, waiting: Int

        /// By reason.
        let dropped: Dropped

        /// Whether every event is accounted for; anything but `true` is a defect of the service.
        let balanced: Bool

        struct Dropped: Codable, Equatable, Sendable {
            let inFlight, memory, room: Int
        }

        init(_ ledger: Ledger) {
            callbacks = ledger.callbacks.callbacks
            accepted = ledger.callbacks.accepted
            filtered = ledger.callbacks.filtered
            suppressed = ledger.callbacks.suppressed
            underWay = ledger.callbacks.underWay
            received = ledger.received
            relayed = ledger.relayed
            coalesced = ledger.coalesced
            dead = ledger.dead
            waiting = ledger.waiting
            dropped = Dropped(
                inFlight: ledger.callbacks.dropped,
                memory: ledger.dropped.memory,
                room: ledger.dropped.room
            )
            balanced = ledger.isBalanced
        }
    }

    /// The journal's disk.
    struct SpoolView: Codable, Equatable, Sendable {
        /// `disk`, `full` (and getting along with the room there is) or `memory` (the disk has failed).
        let state: String
        let bytes, limit: Int

        /// Whether SQLite's log grows beyond the limit, since somebody reads the database without end.
        let logHeld: Bool

        init(_ size: SpoolSize) {
            state = size.isInMemory ? "memory" : size.isDiskFull ? "full" : "disk"
            bytes = size.bytes
            limit = size.limit
            logHeld = size.isLogHeld
        }
    }

    /// The threads of calls that may block.
    struct Pool: Codable, Equatable, Sendable {
        /// Calls without a thread, threads within their lanes, and threads beside them: at calls that take long, and at
        /// what could not be ended.
        let waiting, running, slow, writtenOff: Int

        /// Calls that have ever passed their deadline.
        let expired: Int

        /// Those of them that have not returned, oldest first.
        let stuck: [Stuck]

        struct Stuck: Codable, Equatable, Sendable {
            let host, lane: String

            /// In seconds.
            let age: Double

            init(_ call: StuckCall) {
                host = call.host
                lane = call.lane.rawValue
                age = call.age.seconds
            }
        }

        init(_ counters: BlockingPoolCounters) {
            waiting = counters.waiting
            running = counters.running
            slow = counters.slow
            writtenOff = counters.writtenOff
            expired = counters.expired
            stuck = counters.stuck.map(Stuck.init)
        }
    }

    /// What libvirt holds in this process: it goes up and down with the connections, and with nothing else.
    struct EventLoopView: Codable, Equatable, Sendable {
        let handles, timers: Int

        /// Handles and timers that are removed and not freed.
        let unfreed: Int

        /// Registered callbacks, one for each kind of event and one for the loss of each connection.
        let callbacks: Int

        /// Times the loop woke up.
        let wakeups: Int

        /// How often a connection has held up the loop, and the host whose does so now: no host is heard meanwhile.
        let stalls: Int
        let heldBy: String?

        init(_ counters: EventLoopCounters, callbacks: Int) {
            handles = counters.handles
            timers = counters.timers
            unfreed = counters.added - counters.freed - counters.handles - counters.timers
            self.callbacks = callbacks
            wakeups = counters.wakeups
            stalls = counters.stalls
            heldBy = counters.heldBy
        }
    }

    struct Source: Codable, Equatable, Sendable {
        /// The path; `nil` when the hosts are fixed.
        let source: String?
    }

    struct Reload: Codable, Equatable, Sendable {
        let at: String
        let trigger: String

        /// Whether the inventory was taken over.
        let ok: Bool
        let errors: [DiagnosticView]
        let warnings: [DiagnosticView]

        init(_ outcome: Reloader.Outcome) {
            at = outcome.at.iso8601
            trigger = outcome.trigger.rawValue
            switch outcome.result {
            case .success:
                ok = true
                (errors, warnings) = ([], [])
            case .failure(let failure):
                ok = false
                let found = failure.report.diagnostics
                errors = found.filter { $0.severity == .error }.map(DiagnosticView.init)
                warnings = found.filter { $0.severity == .warning }.map(DiagnosticView.init)
            }
        }
    }
}

/// What a reload did.
struct ReloadView: Codable, Equatable, Sendable {
    let difference: ReloadDifference
    let warnings: [DiagnosticView]
}
