/// One row of the table of settings, which the file, the flags, `--help` and the documentation are made from.
struct SettingsKey: Sendable {
    /// What a text does to the settings once it is parsed.
    typealias Change = @Sendable (inout Settings) -> Void

    /// The name with dots; the file nests it: `bus.window` is `bus: {window: 256}`.
    let name: String

    /// The default as an operator would write it; `nil` when there is none.
    let standard: String?

    /// One line on what it is for.
    let help: String
    let parser: ValueParser<Change>

    /// The flag without its dashes: `bus-window`.
    var flag: String {
        String(name.map { $0 == "." || $0 == "_" ? "-" : $0 })
    }

    init<Value: Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ parser: ValueParser<Value>,
        default standard: String,
        help: String
    ) {
        self.name = name
        self.standard = standard
        self.help = help
        self.parser = parser.map { value in { $0[keyPath: path] = value } }
    }

    /// A key without a default, or with one that is told from the same value written out.
    init<Value: Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<Settings, Value?> & Sendable,
        _ parser: ValueParser<Value>,
        unset standard: String? = nil,
        help: String
    ) {
        self.name = name
        self.standard = standard
        self.help = help
        self.parser = parser.map { value in { $0[keyPath: path] = value } }
    }
}
