internal import Connections

/// Who says something: what is nearer to the host goes over what is further away.
enum InventoryLevel: Int, Comparable, Sendable {
    case defaults, group, host

    static func < (left: InventoryLevel, right: InventoryLevel) -> Bool { left.rawValue < right.rawValue }
}

/// A value, and where it was written.
struct Written<Value: Hashable & Sendable>: Hashable, Sendable {
    let value: Value
    let position: Position
    let level: InventoryLevel
}

/// What defaults, groups and hosts say of the way to a host, beside its URI.
struct HostAccess: Sendable {
    var user: Written<String>?
    var port: Written<Int>?
    var sshKey: Written<String>?
    var knownHosts: Written<String>?
    var jump: Written<String>?
    var pki: Written<String>?
    var authFile: Written<String>?

    /// Whether a URI may name a program to run.
    var allowsExt = false

    /// Takes what an entry says, if it is one of these keys.
    mutating func merge(
        _ key: InventoryKey,
        _ value: YAMLValue,
        level: InventoryLevel,
        report: inout DiagnosticReport
    ) {
        switch key {
        case .user: take(value, .userName, "user", level, into: \.user, &report)
        case .port: take(value, .integer(1...65535), "port", level, into: \.port, &report)
        case .auth: take(value, .accessPath, "auth", level, into: \.authFile, &report)
        case .allowExt: allowsExt = value.parsed(as: .bool, name: key.rawValue, report: &report) ?? allowsExt
        case .ssh:
            let keys = InventoryKey.SSH.allCases.map(\.rawValue)
            for (name, entry) in value.entries(of: "ssh", keys: keys, report: &report) ?? [:] {
                switch InventoryKey.SSH(rawValue: name) {
                case .key: take(entry.value, .accessPath, name, level, into: \.sshKey, &report)
                case .knownHosts: take(entry.value, .accessPath, name, level, into: \.knownHosts, &report)
                case .jump: take(entry.value, .jumpHost, name, level, into: \.jump, &report)
                case nil: break
                }
            }
        case .tls:
            let keys = InventoryKey.TLS.allCases.map(\.rawValue)
            let entries = value.entries(of: "tls", keys: keys, report: &report) ?? [:]
            if let entry = entries[InventoryKey.TLS.pki.rawValue] {
                take(entry.value, .accessPath, "pki", level, into: \.pki, &report)
            }
        default: break
        }
    }

    private mutating func take<Value>(
        _ value: YAMLValue,
        _ parser: ValueParser<Value>,
        _ name: String,
        _ level: InventoryLevel,
        into property: WritableKeyPath<HostAccess, Written<Value>?>,
        _ report: inout DiagnosticReport
    ) {
        guard let parsed = value.parsed(as: parser, name: name, report: &report) else { return }
        self[keyPath: property] = Written(value: parsed, position: value.position, level: level)
    }
}
