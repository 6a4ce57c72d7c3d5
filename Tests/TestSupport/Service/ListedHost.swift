/// A host of an inventory as an operator writes it.
package struct ListedHost: Sendable {
    package let name: String
    package let uri: String
    /// The keys beside the URI: `ssh`, `tls`, `filters` and so on.
    package let keys: [String: JSONValue]

    package init(_ name: String, _ uri: String, _ keys: [String: JSONValue] = [:]) {
        self.name = name
        self.uri = uri
        self.keys = keys
    }

    /// So many hosts by turns on the daemons, named as ``LatencyProber`` knows them.
    package static func byTurns(
        _ count: Int,
        on daemons: [PrivateLibvirtd],
        _ keys: [String: JSONValue] = [:]
    ) -> [ListedHost] {
        (0..<count).map { number in
            let daemon = number % daemons.count
            return ListedHost("\(daemon)-\(number / daemons.count)", daemons[daemon].uri(.tcp), keys)
        }
    }

    /// A line of the map of hosts: JSON is YAML too.
    var line: String {
        let value = keys.isEmpty ? .string(uri) : JSONValue.object(keys.merging(["uri": .string(uri)]) { $1 })
        return "  \(JSONValue.string(name)): \(value)\n"
    }
}

extension ServiceProcess {
    /// The inventory of these hosts, after `defaults` as YAML.
    package static func inventory(_ hosts: [ListedHost], defaults: String = "") -> String {
        defaults + "hosts:\n" + hosts.map(\.line).joined()
    }
}

extension PrivateSSHD {
    /// The host that this sshd leads to.
    package func host(
        _ name: String,
        _ driver: PrivateLibvirtd.Driver,
        transport: String = "ssh",
        key: Key = .known,
        knownHosts: KnownHosts = .right
    ) -> ListedHost {
        ListedHost(name, uri(driver, transport: transport), keys(key, knownHosts))
    }

    /// The key `ssh` of a host.
    package func keys(_ key: Key = .known, _ knownHosts: KnownHosts = .right) -> [String: JSONValue] {
        ["ssh": ["key": .string(path(key)), "known_hosts": .string(path(knownHosts))]]
    }
}

extension PrivateLibvirtd {
    /// This daemon by TLS, to a client with a folder of ``PKI``.
    package func tlsHost(_ name: String, _ driver: Driver = .test, pki: String) -> ListedHost {
        ListedHost(name, uri(.tls, driver: driver), ["tls": ["pki": .string(pki)]])
    }
}
