import Connections
import TestSupport
import Testing

@testable import Aggregator

/// Host over group over defaults, for every key there is, against a plain model of it.
@Suite struct InventoryMergeTests {
    /// Everything a level may say that replaces what is above it, as it is written.
    private static let replacing: [String: [String]] = [
        "user": ["u0", "u1", "u2"], "port": ["10", "11", "12"], "auth": ["/a0", "/a1", "/a2"],
        "allow_ext": ["true", "false", "true"], "tag_prefix": ["p0", "p1/x", "p2"],
        "tag_layout": ["engine", "host", "engine"], "filters": ["[domain]", "[pool, '!host']", "[secret]"],
        "domains": ["[a]", "[b, c]", "['*']"], "down_grace": ["1s", "2m", "3s"],
    ]

    /// Those whose own keys merge.
    private static let merging: [String: [String]] = [
        "ssh": ["key", "known_hosts", "jump"], "tls": ["pki"], "keepalive": ["interval", "count"],
        "labels": ["a", "b", "c"],
    ]

    /// What a level says, by key, and by key and key within.
    private typealias Level = [String: String]

    private static func value(_ path: String, level: Int) -> String {
        switch path {
        case "keepalive.interval": "\(level + 1)s"
        case "keepalive.count": "\(level + 1)"
        case "ssh.jump": "jump\(level)"
        case _ where path.hasPrefix("labels."): "label\(level)"
        case _ where path.contains("."): "/\(path)/\(level)"
        default: replacing[path]?[level] ?? ""
        }
    }

    private static var paths: [String] {
        replacing.keys.sorted()
            + merging.keys.sorted().flatMap { key in (merging[key] ?? []).map { "\(key).\($0)" } }
    }

    private static func text(_ level: Level) -> String {
        let plain = level.keys.sorted().filter { !$0.contains(".") }.map { "\($0): \(level[$0] ?? "")" }
        let nested = merging.keys.sorted().compactMap { key -> String? in
            let own = level.keys.sorted().filter { $0.hasPrefix(key + ".") }
            let entries = own.map { "\($0.dropFirst(key.count + 1)): \(level[$0] ?? "")" }
            return own.isEmpty ? nil : "\(key): {\(entries.joined(separator: ", "))}"
        }
        return (plain + nested).joined(separator: ", ")
    }

    @Test("every key of every level ends where the model has it", arguments: 0..<100 as Range<UInt64>)
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let levels = (0..<3).map { number in
            Level(
                uniqueKeysWithValues: Self.paths.filter { _ in Bool.random(using: &random) }
                    .map { ($0, Self.value($0, level: number)) }
            )
        }
        let scheme = Bool.random(using: &random) ? "qemu+ssh" : "qemu+tls"
        let uri = "uri: '\(scheme)://{name}/system'"
        let group = [uri, "hosts: [{h: {\(Self.text(levels[2]))}}]", Self.text(levels[1])].filter { !$0.isEmpty }
        let yaml = "defaults: {\(Self.text(levels[0]))}\ngroups: {g: {\(group.joined(separator: ", "))}}"
        let host = try #require(
            try InventoryLoader(files: .memory(["f": yaml])).load(path: "f").inventory.hosts.first,
            "\(yaml)"
        )

        let merged = levels.reduce(into: Level()) { $0.merge($1) { $1 } }
        let isSSH = scheme == "qemu+ssh"
        let user = isSSH ? merged["user"].map { "\($0)@" } ?? "" : ""
        let port = merged["port"].map { ":\($0)" } ?? ""
        #expect(host.host.uri.text == "\(scheme)://\(user)h\(port)/system", "\(yaml)")
        #expect(
            host.host.credentials
                == Credentials(
                    sshKey: isSSH ? merged["ssh.key"] : nil,
                    sshKnownHosts: isSSH ? merged["ssh.known_hosts"] : nil,
                    sshJump: isSSH ? merged["ssh.jump"] : nil,
                    pki: isSSH ? nil : merged["tls.pki"],
                    authFile: merged["auth"]
                ),
            "\(yaml)"
        )
        #expect(host.tagPrefix == merged["tag_prefix"] ?? TagPrefix.standard)
        #expect(host.tagLayout.rawValue == merged["tag_layout"] ?? "host")
        #expect(host.filter == (try Self.filter(merged["filters"])))
        #expect(host.host.kinds == host.filter.kinds)
        #expect(
            "[\(host.domains.map(\.text).joined(separator: ", "))]" == merged["domains"]?.replacing("'", with: "")
                ?? "[*]"
        )
        let seconds = ["1s": 1, "2m": 120, "3s": 3]
        #expect(host.host.downGrace == .seconds(merged["down_grace"].flatMap { seconds[$0] } ?? 0))
        let interval = merged["keepalive.interval"].flatMap { Int($0.dropLast()) }
        #expect(host.host.keepalive.interval == .seconds(interval ?? 5))
        #expect(host.host.keepalive.count == merged["keepalive.count"].flatMap { Int($0) } ?? 3)
        let labels = merged.filter { $0.key.hasPrefix("labels.") }.map { (String($0.key.dropFirst(7)), $0.value) }
        #expect(host.labels == Labels(Dictionary(uniqueKeysWithValues: labels)))
    }

    private static func filter(_ text: String?) throws -> Filter {
        guard let words = text?.split(whereSeparator: { "[], '".contains($0) }) else { return .all }
        return Filter(try words.map { try FilterWord(text: String($0)) })
    }
}
