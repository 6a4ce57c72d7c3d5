import Connections
import Testing

@testable import Aggregator

@Suite struct InventoryGroupTests {
    private func load(_ text: String) throws(ConfigurationErrors) -> Inventory {
        try InventoryLoader(files: .memory(["inv.yaml": text])).load(path: "inv.yaml").inventory
    }

    private func errors(_ text: String) -> DiagnosticReport {
        do throws(ConfigurationErrors) {
            _ = try load(text)
            return DiagnosticReport()
        } catch {
            return error.report
        }
    }

    /// A file with one group that has a URI, of which the items of `hosts` are given.
    private func group(_ items: String) -> String {
        "groups:\n  g:\n    uri: qemu://{name}/system\n    hosts:\n\(items)"
    }

    @Test("a group's hosts are those of its names and ranges, each at its own URI")
    func expansion() throws {
        let inventory = try load(
            """
            hosts: {own: qemu:///system}
            groups:
              rack7:
                uri: qemu+ssh://salt@{name}.example.net/system?keyfile=/keys/{name}
                hosts:
                  - kvm7[09-10]
                  - gateway
              rack8: {uri: "qemu+tls://{name}/system", hosts: ["kvm8[a-b]"]}
            """
        )
        #expect(inventory.hosts.map(\.host.name) == ["own", "kvm709", "kvm710", "gateway", "kvm8a", "kvm8b"])
        #expect(
            inventory.hosts[1].host.uri.text
                == "qemu+ssh://salt@kvm709.example.net/system?keyfile=/keys/kvm709"
        )
        #expect(inventory.hosts[5].host.uri.text == "qemu+tls://kvm8b/system")
    }

    @Test("host over group over defaults: labels and keepalive key by key, lists replace")
    func merge() throws {
        let inventory = try load(
            """
            defaults:
              filters: [domain]
              keepalive: {interval: 9s, count: 7}
              labels: {site: a, rack: none, tier: "0"}
            groups:
              g:
                uri: qemu://{name}/system
                tag_prefix: lab
                filters: [pool]
                keepalive: {count: 2}
                labels: {rack: r7, tier: "1"}
                hosts:
                  - kvm[1-3]
                  - kvm2:
                      uri: lxc:///
                      filters: [secret]
                      keepalive: {interval: 1s}
                      labels: {tier: "2"}
                  - kvm4: test:///default
            """
        )
        #expect(inventory.hosts.map(\.host.name) == ["kvm1", "kvm2", "kvm3", "kvm4"])
        let (plain, own) = (inventory.hosts[0], inventory.hosts[1])
        #expect(plain.labels == Labels(["site": "a", "rack": "r7", "tier": "1"]))
        #expect(plain.host.keepalive == Keepalive(interval: .seconds(9), count: 2))
        #expect(plain.host.kinds == [.poolLifecycle, .poolRefresh])
        #expect(plain.tagPrefix == "lab")
        #expect(own.labels == Labels(["site": "a", "rack": "r7", "tier": "2"]))
        #expect(own.host.keepalive == Keepalive(interval: .seconds(1), count: 2))
        #expect(own.host.kinds.map(\.path) == ["secret/lifecycle", "secret/value_changed"])
        #expect(own.host.uri.text == "lxc:///")
        #expect(own.tagPrefix == "lab")
        #expect(inventory.hosts[3].host.uri.text == "test:///default")
        #expect(inventory.tagPrefix == "salt/engines/libvirt_events")
    }

    @Test("the order of a range and of what is special in it does not matter")
    func overrideFirst() throws {
        let inventory = try load(group("    - k2: {labels: {a: b}}\n    - k[1-3]"))
        #expect(inventory.hosts.map(\.host.name) == ["k2", "k1", "k3"])
        #expect(inventory.hosts.map { $0.labels["a"] } == ["b", nil, nil])
    }

    @Test("a range may be told something of its own, too")
    func overriddenRange() throws {
        let inventory = try load(group("    - k[1-4]\n    - k[2-3]: {labels: {a: b}}"))
        #expect(inventory.hosts.map { $0.labels["a"] } == [nil, "b", "b", nil])
    }

    @Test(
        "a host in two places is told with both",
        arguments: [
            (
                "hosts: {a: lxc:///}\ngroups: {g: {uri: 'qemu://{name}/', hosts: [a]}}",
                "inv.yaml:2:45: error: a is in group g and already in hosts, at inv.yaml:1:9; "
            ),
            (
                "groups:\n  g: {uri: 'qemu://{name}/', hosts: ['k[1-5]']}\n  h: {uri: 'lxc://{name}/', hosts: ['k[3-9]']}",
                "inv.yaml:3:37: error: k3 and 2 more are in group h and already in group g, at inv.yaml:2:38; "
            ),
            (
                "groups: {g: {uri: 'qemu://{name}/', hosts: ['k[1-2]', k2]}}",
                "inv.yaml:1:55: error: k2 is in group g twice, first at inv.yaml:1:45; "
            ),
            (
                "groups: {g: {uri: 'qemu://{name}/', hosts: ['k[1,1]']}}",
                "inv.yaml:1:45: error: k1 is in group g twice, first at inv.yaml:1:45; "
            ),
            (
                "groups: {g: {uri: 'qemu://{name}/', hosts: [{a: {}}, {a: {}}]}}",
                "inv.yaml:1:54: error: a is in group g twice, first at inv.yaml:1:45; "
            ),
        ]
    )
    func twice(text: String, line: String) {
        #expect(errors(text).lines == [line + "name a host in one place, once"])
    }

    @Test(
        "a group that cannot be used says what is missing or wrong",
        arguments: [
            ("g: {hosts: [a, b, c]}", "2:3 missing-value"),
            ("g: {uri: 'qemu:///system', hosts: [a, b]}", "2:12 invalid-value"),
            ("g: {uri: 'qemu://{nmae}/system', hosts: [a, b]}", "2:12 invalid-value"),
            ("g: {uri: 'qemu://{name/system', hosts: [a]}", "2:12 invalid-value"),
            ("g: {uri: 'qemu+shh://{name}/system', hosts: [a, b]}", "2:12 invalid-value"),
            ("g: {uri: '{name}', hosts: [a, b]}", "2:12 invalid-value"),
            ("g: {uri: [x], hosts: [a]}", "2:12 wrong-type"),
            ("g: {uri: 'qemu://{name}/'}", "2:3 missing-value"),
            ("g: {uri: 'qemu://{name}/', hosts: }", "2:3 missing-value"),
            ("g: {uri: 'qemu://{name}/', hosts: []}", "2:3 missing-value"),
            ("g: {uri: 'qemu://{name}/', hosts: {a: {}}}", "2:37 wrong-type"),
            ("g: {uri: 'qemu://{name}/', hosts: [[a]]}", "2:38 wrong-type"),
            ("g: {uri: 'qemu://{name}/', hosts: [{a: {}, labels: {}}]}", "2:38 wrong-type"),
            ("g: {uri: 'qemu://{name}/', hosts: [a, ~]}", "2:41 missing-value"),
            ("g: {uri: 'qemu://{name}/', hosts: [a b]}", "2:38 invalid-name"),
            ("g: {uri: 'qemu://{name}/', hosts: ['aggregato[q-s]']}", "2:38 invalid-name"),
            ("g: {uri: 'qemu://{name}/', hosts: ['-[1-9]']}", "2:38 invalid-name"),
            ("g: {uri: 'qemu://{name}/', hosts: ['k[9-1]']}", "2:38 invalid-name"),
            ("g: {uri: 'qemu://{name}/', hosts: [{'k[1-2]': lxc:///}]}", "2:49 invalid-value"),
            ("g: {uri: 'qemu://{name}/', hosts: [a], filter: []}", "2:42 unknown-key"),
            ("g: {uri: 'qemu://{name}/', hosts: [a], ssh: {key: x}}", "2:53 invalid-value"),
            ("g: {uri: 'qemu://{name}/', hosts: [a], filters: [domian]}", "2:52 invalid-value"),
            ("g: {uri: 'qemu://{name}/', hosts: [{a: {filters: [domian]}}]}", "2:53 invalid-value"),
            ("g: [a]", "2:6 wrong-type"),
            ("g:", "2:3 missing-value"),
            ("'g h': {uri: 'qemu://{name}/', hosts: [a]}", "2:3 invalid-name"),
        ]
    )
    func invalidGroup(line: String, place: String) {
        #expect(errors("groups:\n  \(line)").places == [place])
    }

    @Test("a group of one host needs no {name}, and one whose hosts have URIs none of its own")
    func lenient() throws {
        #expect(try load("groups: {aggregator: {uri: 'qemu:///system', hosts: [a]}}").hosts.count == 1)
        #expect(try load("groups: {g: {hosts: [{a: 'qemu:///system'}, {b: {uri: lxc:///}}]}}").hosts.count == 2)
    }

    @Test("hosts without a URI are counted, not listed")
    func lost() {
        let report = errors("groups: {g: {hosts: ['k[1-40]', {k40: 'lxc:///'}]}}")
        #expect(report.diagnostics.map(\.message) == ["group 'g' has no uri for k1 and 38 more"])
    }

    @Test("ranges belong to groups, and brackets in a list into quotes")
    func hints() {
        #expect(
            errors("hosts: {'k[1-2]': 'qemu://{name}/'}").diagnostics.map(\.hint)
                == ["list ranges under hosts of a group, in groups"]
        )
        let hint = errors("groups: {g: {hosts: [kvm7[01-40]]}}").diagnostics.first?.hint
        #expect(hint == "put text with brackets or braces in quotes, as in [\"kvm[01-40]\"]")
    }

    @Test(
        "too many hosts end in one error, whichever way they are written",
        arguments: [
            "    - k[00000-10000]", "    - k[0-999999999]", "    - a\n    - k[0-9999][0-9999][0-9999][0-9999][0-9999]",
            "    - k[0000-9999]\n    - a", "    - k[0000-9999]\n    - a: {}", "    - k[00000-10000]: {}",
            "    - k[0000-9999]\n" + (0..<1000).map { "    - k[\($0)0000-\($0)9999]\n" }.joined(),
        ]
    )
    func limit(items: String) {
        let report = errors(group(items))
        #expect(report.diagnostics.map(\.code) == [.tooManyHosts])
    }

    @Test("a range of too many hosts is named")
    func rangeLimit() {
        #expect(
            errors(group("    - k[0-999999999]")).lines == [
                "inv.yaml:5:7: error: more than 10000 hosts with those of 'k[0-999999999]'; "
                    + "check its bounds, or watch the others from a second service"
            ]
        )
    }

    @Test("10,000 hosts of a range are read, and each may be told something of its own")
    func full() throws {
        #expect(try load(group("    - k[0000-9999]\n    - k[0000-9999]: {labels: {a: b}}")).hosts.count == 10_000)
    }

    @Test("anchors that unfold to ranges again and again end at the limit")
    func anchors() {
        let groups = (1...500).map { "  g\($0): {uri: 'qemu://{name}/', hosts: *all}\n" }.joined()
        let all =
            "groups:\n  g0: {uri: 'qemu://{name}/', hosts: &all [\(Array(repeating: "'k[0-999]'", count: 100).joined(separator: ", "))]}\n"
        let report = errors(all + groups)
        #expect(report.diagnostics.count { $0.code == .tooManyHosts } == 1)
        #expect(report.diagnostics.count < 20)
    }

    @Test("a name of 10 MB is an error like any other", arguments: ["", "[", "[1-2]", "{name}"])
    func longLine(tail: String) {
        let long = String(repeating: "x", count: 10_000_000) + tail
        #expect(errors(group("    - '\(long)'")).places == ["5:7 invalid-name"])
        #expect(errors("groups: {g: {uri: '\(long)', hosts: [a]}}").places == ["1:19 invalid-value"])
        #expect(errors("groups: {'\(long)': {uri: 'lxc:///', hosts: [a]}}").places.count == 1)
    }

    @Test("the uri of the defaults holds for hosts and groups that have none, and needs {name}")
    func uriOfDefaults() throws {
        let text = """
            defaults: {uri: 'qemu+tls://{name}.example.net/system'}
            hosts: {kvm01: , lxc01: 'lxc:///', kvm02: {labels: {rack: r1}}}
            groups: {g: {hosts: ['k[1-2]']}, own: {uri: 'xen://{name}/', hosts: [x1]}}
            """
        let (inventory, _) = try InventoryLoader(files: .memory(["inv.yaml": text])).load(path: "inv.yaml")
        #expect(
            inventory.hosts.map(\.host.uri.text) == [
                "qemu+tls://kvm01.example.net/system", "lxc:///", "qemu+tls://kvm02.example.net/system",
                "qemu+tls://k1.example.net/system", "qemu+tls://k2.example.net/system", "xen://x1/",
            ]
        )
        let same = "defaults: {uri: 'qemu+tls://kvm/system'}\nhosts: {a: , b: }\n"
        let failure = #expect(throws: ConfigurationErrors.self) {
            try InventoryLoader(files: .memory(["inv.yaml": same])).load(path: "inv.yaml")
        }
        #expect(failure?.report.diagnostics.map(\.position.description) == ["inv.yaml:1:17"])
    }
}
