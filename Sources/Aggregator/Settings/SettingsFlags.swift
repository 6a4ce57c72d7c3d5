internal import ArgumentParser

/// The flags of every command that needs the settings: one for each row of the table, and `--config` and `--engine`.
struct SettingsFlags: ParsableArguments {
    @Option(help: "The settings file. (default: \(SettingsLoader.standardPath), if there is one)")
    var config: String?

    @Option(help: "The file with the configuration of Salt's engine libvirt_events, in the place of an inventory.")
    var engine: String?

    @Option(.inventory) var inventory: String?
    @Option(.busSaltConfig) var busSaltConfig: String?
    @Option(.busSockDir) var busSockDir: String?
    @Option(.busPub) var busPub: String?
    @Option(.busPull) var busPull: String?
    @Option(.busConfirm) var busConfirm: String?
    @Option(.busFraming) var busFraming: String?
    @Option(.busWindow) var busWindow: String?
    @Option(.busBudget) var busBudget: String?
    @Option(.busEchoDeadline) var busEchoDeadline: String?
    @Option(.busStamp) var busStamp: String?
    @Option(.connectFast) var connectFast: String?
    @Option(.connectSlow) var connectSlow: String?
    @Option(.connectParallelFast) var connectParallelFast: String?
    @Option(.connectParallelSlow) var connectParallelSlow: String?
    @Option(.connectParallelJump) var connectParallelJump: String?
    @Option(.backoffBase) var backoffBase: String?
    @Option(.backoffCap) var backoffCap: String?
    @Option(.downGrace) var downGrace: String?
    @Option(.probe) var probe: String?
    @Option(.probeDeadline) var probeDeadline: String?
    @Option(.audit) var audit: String?
    @Option(.flapLimit) var flapLimit: String?
    @Option(.spoolPath) var spoolPath: String?
    @Option(.spoolDurability) var spoolDurability: String?
    @Option(.spoolMaxBytes) var spoolMaxBytes: String?
    @Option(.spoolMaxAge) var spoolMaxAge: String?
    @Option(.spoolWhenFull) var spoolWhenFull: String?
    @Option(.adminSocket) var adminSocket: String?
    @Option(.runDir) var runDir: String?
    @Option(.logFormat) var logFormat: String?
    @Option(.logLevel) var logLevel: String?
    @Option(.stopTimeout) var stopTimeout: String?

    /// What was given, by the key's name.
    var texts: [String: String] {
        let rows: [(SettingsKey, String?)] = [
            (.inventory, inventory), (.busSaltConfig, busSaltConfig), (.busSockDir, busSockDir), (.busPub, busPub),
            (.busPull, busPull), (.busConfirm, busConfirm), (.busFraming, busFraming), (.busWindow, busWindow),
            (.busBudget, busBudget), (.busEchoDeadline, busEchoDeadline), (.busStamp, busStamp),
            (.connectFast, connectFast), (.connectSlow, connectSlow), (.connectParallelFast, connectParallelFast),
            (.connectParallelSlow, connectParallelSlow), (.connectParallelJump, connectParallelJump),
            (.backoffBase, backoffBase), (.backoffCap, backoffCap), (.downGrace, downGrace), (.probe, probe),
            (.probeDeadline, probeDeadline), (.audit, audit), (.flapLimit, flapLimit), (.spoolPath, spoolPath),
            (.spoolDurability, spoolDurability), (.spoolMaxBytes, spoolMaxBytes), (.spoolMaxAge, spoolMaxAge),
            (.spoolWhenFull, spoolWhenFull), (.adminSocket, adminSocket), (.runDir, runDir),
            (.logFormat, logFormat), (.logLevel, logLevel), (.stopTimeout, stopTimeout),
        ]
        return Dictionary(uniqueKeysWithValues: rows.compactMap { key, text in text.map { (key.name, $0) } })
    }
}

extension Option where Value == String? {
    /// The flag of a row of the table.
    init(_ key: SettingsKey) {
        let standard = key.standard.map { " (default: \($0))" } ?? ""
        self.init(name: .customLong(key.flag), help: ArgumentHelp(key.help + standard, valueName: "value"))
    }
}
