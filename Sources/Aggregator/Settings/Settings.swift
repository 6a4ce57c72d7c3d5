internal import Connections
internal import Logging
internal import SaltBus

/// Everything an operator can set but the hosts; what each key means stands in ``SettingsKey/all``.
struct Settings: Equatable, Sendable {
    var inventory: String?
    var bus = Bus()
    var connect = Connect()
    var backoff = Backoff()
    var downGrace = Duration.zero

    /// Whether a connection is still heard on: how often that is asked, and how long the answer may take.
    var probe = Duration.seconds(30)
    var probeDeadline = Duration.seconds(5)

    /// How often what is known of a host's objects is compared with what it has.
    var audit = Duration.seconds(300)
    var flapLimit = FlapLimit()
    var spool = Spool()
    var admin = Admin()

    /// Where what lives as long as the service is kept; `nil` = ``standardRunDir``, which need not be usable.
    var runDir: String?
    var log = Log()
    var stopTimeout = Duration.seconds(10)

    static let standardRunDir = "/run/virt-aggregator"

    struct Bus: Equatable, Sendable {
        var saltConfig = "/etc/salt/master"
        var sockDir: String?
        var pub: BusAddress?
        var pull: BusAddress?
        var confirm = Confirm.echo

        /// What pull is spoken in, where no echo tells; `nil` = an echo does.
        var framing: Framing?
        var window = 256
        var budget = BusBudget.auto
        var echoDeadline = Duration.seconds(5)
        var stamp = Stamp.auto
    }

    /// What counts as an event's being on the bus.
    enum Confirm: String, CaseIterable, Sendable {
        /// It was seen there.
        case echo

        /// The master's socket took it, which proves nothing.
        case write
    }

    /// How frames are told apart on the master's pull socket.
    enum Framing: String, CaseIterable, Sendable {
        case bare
        case lengthPrefixed = "length-prefixed"
    }

    /// The form of the `_stamp` of our events.
    enum Stamp: String, CaseIterable, Sendable {
        /// That of the first event of the master's own.
        case auto

        /// UTC without an offset, as Salt 3006 and 3007 write it.
        case naive

        /// UTC with `+00:00`, as Salt 3008 writes it.
        case offset
    }

    struct Connect: Equatable, Sendable {
        var fast = Duration.seconds(2)
        var slow = Duration.seconds(15)
        var parallel = Parallel()
    }

    /// How many attempts to connect may be under way at once.
    struct Parallel: Equatable, Sendable {
        /// First attempts, with the short deadline.
        var fast = 64

        /// Attempts after one that timed out.
        var slow = 16

        /// Through one ssh jump host.
        var jump = 8
    }

    struct Backoff: Equatable, Sendable {
        var base = Duration.seconds(1)
        var cap = Duration.seconds(20)
    }

    struct Spool: Equatable, Sendable {
        var path = "/var/lib/virt-aggregator"
        var durability = Durability.process
        var maxBytes = 1 << 30
        var maxAge = Duration.seconds(7 * 86_400)
        var whenFull = WhenFull.dropOldest
    }

    /// What gives way when the journal is full of events that have not been sent.
    enum WhenFull: String, CaseIterable, Sendable {
        case dropOldest = "drop_oldest"
        case dropNewest = "drop_newest"
    }

    /// What the journal survives.
    enum Durability: String, CaseIterable, Sendable {
        /// The end of the process, however it comes.
        case process

        /// The loss of power too, at the price of an fsync for each batch.
        case power
    }

    struct Admin: Equatable, Sendable {
        /// `nil` = `admin.sock` in the run folder.
        var socket: AdminSocketSetting?
    }

    struct Log: Equatable, Sendable {
        var format = Format.auto
        var level = Logger.Level.info

        enum Format: String, CaseIterable, Sendable {
            /// Text on a terminal, else JSON.
            case auto
            case text, json
        }
    }
}
