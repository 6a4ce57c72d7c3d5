internal import Connections
internal import Logging

extension SettingsKey {
    /// Every key, in the order documentation lists them.
    static let all: [SettingsKey] = [
        inventory, busSaltConfig, busSockDir, busPub, busPull, busConfirm, busFraming, busWindow, busBudget,
        busEchoDeadline, busStamp, connectFast, connectSlow, connectParallelFast, connectParallelSlow,
        connectParallelJump, backoffBase, backoffCap, downGrace, probe, probeDeadline, audit, flapLimit, spoolPath,
        spoolDurability, spoolMaxBytes, spoolMaxAge, spoolWhenFull, adminSocket, runDir, logFormat, logLevel,
        stopTimeout,
    ]

    static let inventory = SettingsKey(
        "inventory",
        \.inventory,
        .path,
        help: "The file with the hosts, or a folder of such files."
    )
    static let busSaltConfig = SettingsKey(
        "bus.salt_config",
        \.bus.saltConfig,
        .path,
        default: "/etc/salt/master",
        help: "The Salt master's configuration, read for where its bus is."
    )
    static let busSockDir = SettingsKey(
        "bus.sock_dir",
        \.bus.sockDir,
        .path,
        help: "The folder of the master's sockets; the master's configuration is then not needed."
    )
    static let busPub = SettingsKey(
        "bus.pub",
        \.bus.pub,
        .busAddress,
        help: "Where the bus publishes, a path or tcp://127.0.0.1:port; over bus.sock_dir."
    )
    static let busPull = SettingsKey(
        "bus.pull",
        \.bus.pull,
        .busAddress,
        help: "Where the bus takes events, a path or tcp://127.0.0.1:port; over bus.sock_dir."
    )
    static let busConfirm = SettingsKey(
        "bus.confirm",
        \.bus.confirm,
        .word,
        default: "echo",
        help: "What counts as sent: echo (seen on the bus), or write (taken by the socket, nothing proven)."
    )
    static let busFraming = SettingsKey(
        "bus.framing",
        \.bus.framing,
        .word,
        help: "With bus.confirm: write, what the master speaks: bare or length-prefixed; an echo tells by itself."
    )
    static let busWindow = SettingsKey(
        "bus.window",
        \.bus.window,
        .integer(1...4096),
        default: "256",
        help: "How many events may be on their way without their echo; at most 4096."
    )
    static let busBudget = SettingsKey(
        "bus.budget",
        \.bus.budget,
        .budget,
        default: "auto",
        help: "Events per second: auto (what the master passes on without delay), a number, or off."
    )
    static let busEchoDeadline = SettingsKey(
        "bus.echo_deadline",
        \.bus.echoDeadline,
        .duration(.milliseconds(100)...(.seconds(60))),
        default: "5s",
        help: "How long to wait for an echo before sending again."
    )
    static let busStamp = SettingsKey(
        "bus.stamp",
        \.bus.stamp,
        .word,
        default: "auto",
        help: "The form of _stamp: auto (as the master writes it), naive or offset."
    )
    static let connectFast = SettingsKey(
        "connect.fast",
        \.connect.fast,
        .duration(.milliseconds(10)...(.seconds(3600))),
        default: "2s",
        help: "How long a first attempt to connect may take."
    )
    static let connectSlow = SettingsKey(
        "connect.slow",
        \.connect.slow,
        .duration(.milliseconds(10)...(.seconds(3600))),
        default: "15s",
        help: "How long an attempt may take after one that timed out."
    )
    static let connectParallelFast = SettingsKey(
        "connect.parallel.fast",
        \.connect.parallel.fast,
        .integer(1...1024),
        default: "64",
        help: "How many first attempts may be under way at once."
    )
    static let connectParallelSlow = SettingsKey(
        "connect.parallel.slow",
        \.connect.parallel.slow,
        .integer(1...1024),
        default: "16",
        help: "How many attempts may be under way at once after one that timed out."
    )
    static let connectParallelJump = SettingsKey(
        "connect.parallel.jump",
        \.connect.parallel.jump,
        .integer(1...1024),
        default: "8",
        help: "How many attempts may be under way at once through one ssh jump host."
    )
    static let backoffBase = SettingsKey(
        "backoff.base",
        \.backoff.base,
        .duration(.milliseconds(1)...(.seconds(86_400))),
        default: "1s",
        help: "The longest pause before the second attempt; it doubles with each."
    )
    static let backoffCap = SettingsKey(
        "backoff.cap",
        \.backoff.cap,
        .duration(.milliseconds(1)...(.seconds(86_400))),
        default: "20s",
        help: "The longest pause there is; at least backoff.base."
    )
    static let downGrace = SettingsKey(
        "down_grace",
        \.downGrace,
        .duration(.zero...(.seconds(3600))),
        default: "0s",
        help: "How long an outage may last without a word; the inventory's down_grace is over this."
    )
    static let probe = SettingsKey(
        "probe",
        \.probe,
        .interval(.milliseconds(100)...(.seconds(86_400))),
        default: "30s",
        help: "How often a host that is up is asked whether it still answers."
    )
    static let probeDeadline = SettingsKey(
        "probe_deadline",
        \.probeDeadline,
        .duration(.milliseconds(100)...(.seconds(3600))),
        default: "5s",
        help: "How long such an answer may take before the host is degraded; at most probe."
    )
    static let audit = SettingsKey(
        "audit",
        \.audit,
        .interval(.seconds(1)...(.seconds(7 * 86_400))),
        default: "5m",
        help: "How often what is known of a host's objects is compared with what the host has."
    )
    static let flapLimit = SettingsKey(
        "flap_limit",
        \.flapLimit,
        .flapLimit,
        default: "6 per 10m",
        help: "How often a host may be lost before host/flapping is told in the place of each up and down."
    )
    static let spoolPath = SettingsKey(
        "spool.path",
        \.spool.path,
        .path,
        default: "/var/lib/virt-aggregator",
        help: "The folder of the journal."
    )
    static let spoolDurability = SettingsKey(
        "spool.durability",
        \.spool.durability,
        .word,
        default: "process",
        help: "What the journal survives: the end of the process, or the loss of power too."
    )
    static let spoolMaxBytes = SettingsKey(
        "spool.max_bytes",
        \.spool.maxBytes,
        .bytes(1 << 20...1 << 40),
        default: "1GiB",
        help: "How large the journal may get, events that were sent and are kept for looking back among it."
    )
    static let spoolMaxAge = SettingsKey(
        "spool.max_age",
        \.spool.maxAge,
        .duration(.seconds(60)...(.seconds(3_660 * 86_400))),
        default: "7d",
        help: "How long events that were sent are kept for looking back."
    )
    static let spoolWhenFull = SettingsKey(
        "spool.when_full",
        \.spool.whenFull,
        .word,
        default: "drop_oldest",
        help:
            "What gives way when the journal is full of events that were not sent: drop_oldest or drop_newest of them."
    )
    static let adminSocket = SettingsKey(
        "admin.socket",
        \.admin.socket,
        .adminSocket,
        unset: "admin.sock in run_dir",
        help: "The socket of the admin interface, or off."
    )
    static let runDir = SettingsKey(
        "run_dir",
        \.runDir,
        .path,
        unset: Settings.standardRunDir,
        help: "The folder of what lives as long as the service; made when missing."
    )
    static let logFormat = SettingsKey(
        "log.format",
        \.log.format,
        .word,
        default: "auto",
        help: "text, json, or auto: text on a terminal, else json."
    )
    static let logLevel = SettingsKey(
        "log.level",
        \.log.level,
        .word,
        default: "info",
        help: "The least important level to log: trace, debug, info, notice, warning, error or critical."
    )
    static let stopTimeout = SettingsKey(
        "stop_timeout",
        \.stopTimeout,
        .duration(.seconds(1)...(.seconds(3600))),
        default: "10s",
        help: "How long stopping may take; what is not sent by then is sent after the next start."
    )
}
