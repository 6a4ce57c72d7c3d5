import Connections
import Testing

@testable import Aggregator

@Suite struct InventoryLoaderTests {
    private func load(_ text: String) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport)
    {
        try InventoryLoader(files: .memory(["inv.yaml": text])).load(path: "inv.yaml")
    }

    private func errors(_ text: String) -> DiagnosticReport {
        do throws(ConfigurationErrors) {
            _ = try load(text)
            return DiagnosticReport()
        } catch {
            return error.report
        }
    }

    @Test("a host is a name and a URI")
    func shortForm() throws {
        let (inventory, warnings) = try load("hosts: {kvm01: qemu+tls://kvm01/system}")
        let host = Host(name: "kvm01", uri: try LibvirtURI("qemu+tls://kvm01/system"))
        #expect(
            inventory
                == Inventory(
                    hosts: [
                        InventoryHost(
                            host: host,
                            labels: Labels(),
                            tagPrefix: "salt/engines/libvirt_events",
                            filter: .all
                        )
                    ],
                    tagPrefix: "salt/engines/libvirt_events"
                )
        )
        #expect(warnings.isEmpty)
    }

    @Test("a host is laid over the defaults: labels merge, keepalive key by key, lists replace")
    func merge() throws {
        let (inventory, _) = try load(
            """
            defaults:
              tag_prefix: fleet
              filters: [domain]
              keepalive: {interval: 9s, count: 7}
              labels: {site: a, rack: r0, count: 007, on: true}
            hosts:
              plain: qemu:///system
              own:
                uri: lxc:///
                tag_prefix: lab/x
                filters: [pool]
                keepalive: {count: 1}
                labels: {rack: "r9", empty: ""}
            """
        )
        #expect(inventory.tagPrefix == "fleet")
        let (plain, own) = (inventory.hosts[0], inventory.hosts[1])
        #expect(plain.labels == Labels(["site": "a", "rack": "r0", "count": "007", "on": "true"]))
        #expect(plain.host.keepalive == Keepalive(interval: .seconds(9), count: 7))
        #expect(plain.host.kinds.allSatisfy { $0.object == .domain })
        #expect(plain.tagPrefix == "fleet")
        #expect(
            own.labels == Labels(["site": "a", "rack": "r9", "count": "007", "on": "true", "empty": ""])
        )
        #expect(own.labels["rack"] == "r9")
        #expect(own.labels["none"] == nil)
        #expect(own.labels.all.map(\.name) == ["count", "empty", "on", "rack", "site"])
        #expect(own.host.keepalive == Keepalive(interval: .seconds(9), count: 1))
        #expect(own.host.kinds == [.poolLifecycle, .poolRefresh])
        #expect(own.tagPrefix == "lab/x")
    }

    @Test("different mistakes in one file are all told, each at its place")
    func allAtOnce() {
        let report = errors(
            """
            defaults:
              tag_prefx: a/b
              keepalive: {interval: 5, count: 300}
            hosts:
              kvm01: qemu+tls://kvm01/system
              kvm02: {uri: "qemu+tls://kvm02/system", filters: [domain/lifecycl]}
              kvm01: qemu:///system
              kvm03: kvm-alias
              kvm04:
            """
        )
        #expect(
            report.places == [
                "2:3 unknown-key", "3:25 invalid-value", "3:35 invalid-value", "6:53 invalid-value",
                "7:3 duplicate-key", "8:10 invalid-value", "9:3 missing-value",
            ]
        )
        #expect(
            report.lines.first
                == "inv.yaml:2:3: error: 'tag_prefx' is no key of defaults; write tag_prefix"
        )
        #expect(report.exitStatus == .configuration)
    }

    @Test(
        "a host that cannot be used is told with its place",
        arguments: [
            ("a: ''", "2:6 invalid-value"),
            ("a: default", "2:6 invalid-value"),
            ("a: host/system", "2:6 invalid-value"),
            ("a: qemu+carrier://h/", "2:6 invalid-value"),
            ("a: 'qemu+ssh://h/system?command=/bin/x'", "2:6 invalid-value"),
            ("a: 'qemu+ssh://h/system?c%6Fmmand=/bin/x'", "2:6 invalid-value"),
            ("a: 'qemu+ext://h/system?command=/bin/x'", "2:6 not-allowed"),
            ("a: {uri: 'qemu+ext:///system', allow_ext: true}", "2:12 invalid-value"),
            ("a: {uri: 'qemu+ext:///system?command=x', allow_ext: true}", "2:12 invalid-value"),
            ("a: 'qemu+ssh://h/system?Command=/bin/x'", "2:6 invalid-value"),
            ("a: 'qemu+ssh://h/system?socket=/x;command=/bin/x'", "2:6 invalid-value"),
            ("a: [qemu:///system]", "2:6 wrong-type"),
            ("a: {}", "2:3 missing-value"),
            ("a: {uri: }", "2:12 missing-value"),
            ("a: {uri: qemu:///system, tag_layout: x}", "2:40 invalid-value"),
            ("a: {uri: qemu:///system, domains: web*}", "2:37 wrong-type"),
            ("a: {uri: qemu:///system, domains: []}", "2:37 missing-value"),
            ("a: {uri: qemu:///system, domains: ['[a']}", "2:38 invalid-value"),
            ("a: {uri: qemu:///system, domains: ['']}", "2:38 invalid-value"),
            ("a: {uri: qemu:///system, down_grace: 5}", "2:40 invalid-value"),
            ("a: {uri: qemu:///system, down_grace: 2h}", "2:40 invalid-value"),
            ("a: {uri: 'qemu://h/', user: }", "2:31 missing-value"),
            ("a: {uri: 'qemu://h/', user: -l}", "2:31 invalid-value"),
            ("a: {uri: 'qemu://h/', user: a b}", "2:31 invalid-value"),
            ("a: {uri: 'qemu://h/', port: 0}", "2:31 invalid-value"),
            ("a: {uri: 'qemu://h/', port: ssh}", "2:31 invalid-value"),
            ("a: {uri: 'qemu://h/', auth: auth.conf}", "2:31 invalid-value"),
            ("a: {uri: 'qemu://h/', allow_ext: 1}", "2:36 invalid-value"),
            ("a: {uri: 'qemu://h/', tls: /pki}", "2:30 wrong-type"),
            ("a: {uri: 'qemu://h/', tls: {pki: ~/pki}}", "2:36 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {keys: /k}}", "2:31 unknown-key"),
            ("a: {uri: 'qemu://h/', ssh: {key: \"/a\\nProxyCommand x\"}}", "2:36 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {key: \"/a\\0\"}}", "2:36 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {key: '/a%h'}}", "2:36 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {known_hosts: '/a b'}}", "2:44 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {jump: '-oProxyCommand=x'}}", "2:37 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {jump: 'a,b'}}", "2:37 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {jump: 'h/x'}}", "2:37 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {jump: 'h:99999'}}", "2:37 invalid-value"),
            ("a: {uri: 'qemu://h/', ssh: {jump: '@h'}}", "2:37 invalid-value"),
            ("a: {uri: qemu:///system, filters: domain}", "2:37 wrong-type"),
            ("a: {uri: qemu:///system, filters: []}", "2:37 missing-value"),
            ("a: {uri: qemu:///system, filters: [[all]]}", "2:38 wrong-type"),
            ("a: {uri: qemu:///system, keepalive: 5s}", "2:39 wrong-type"),
            ("a: {uri: qemu:///system, keepalive: {interval: 1500ms}}", "2:50 invalid-value"),
            ("a: {uri: qemu:///system, keepalive: {count: 0}}", "2:47 invalid-value"),
            ("a: {uri: qemu:///system, labels: [x]}", "2:36 wrong-type"),
            ("a: {uri: qemu:///system, labels: {1a: x}}", "2:37 invalid-name"),
            ("a: {uri: qemu:///system, labels: {a: [x]}}", "2:40 wrong-type"),
            ("a: {uri: qemu:///system, labels: {a: \(String(repeating: "x", count: 257))}}", "2:40 invalid-value"),
        ]
    )
    func invalidHost(line: String, place: String) {
        #expect(errors("hosts:\n  \(line)").places == [place])
    }

    @Test(
        "a name must fit in a tag",
        arguments: ["aggregator", "a b", "a/b", "-a", ".a", "ä", "a\\n", String(repeating: "a", count: 64)]
    )
    func invalidName(name: String) {
        #expect(errors("hosts: {\"\(name)\": qemu:///system}").places == ["1:9 invalid-name"])
    }

    @Test(
        "a name may have all that a tag may",
        arguments: ["a", "0", "kvm01.example.net", "A_b-c.d", String(repeating: "a", count: 63)]
    )
    func validName(name: String) throws {
        #expect(try load("hosts: {\(name): qemu:///system}").inventory.hosts.map(\.host.name) == [name])
    }

    @Test(
        "a prefix must fit in a tag",
        arguments: ["/a", "a/", "a//b", "a b", "a\\n", "ä", "", String(repeating: "a", count: 257)]
    )
    func invalidPrefix(prefix: String) {
        let report = errors("defaults: {tag_prefix: \"\(prefix)\"}\nhosts: {a: qemu:///system}")
        #expect(report.places == ["1:24 invalid-value"])
    }

    @Test(
        "an inventory without hosts is an error",
        arguments: [("", "1:1"), ("hosts:", "1:1"), ("groups: {}", "1:1"), ("defaults: {}\nhosts: {}", "2:1")]
    )
    func noHosts(text: String, place: String) {
        #expect(errors(text).places == ["\(place) no-hosts"])
    }

    @Test("sections have their types")
    func sections() {
        #expect(errors("- a").places == ["1:1 wrong-type", "1:1 no-hosts"])
        #expect(errors("hosts: [a]").places == ["1:8 wrong-type"])
        #expect(errors("defaults: {uri: qemu:///system}\nhosts: {a: qemu:///system}").places == ["1:17 invalid-value"])
        #expect(errors("groups: [a]").places == ["1:9 wrong-type"])
        #expect(errors("hosts: {a: qemu:///system}\ngroups: {}").isEmpty)
        #expect(errors("host: {a: qemu:///system}").diagnostics.first?.hint == "write hosts")
    }

    @Test("two hosts with one URI, and filters that let nothing through, are warnings")
    func warnings() throws {
        let (inventory, warnings) = try load(
            "hosts:\n  a: {uri: qemu:///system, filters: [host]}\n  b: qemu:///system\n"
        )
        #expect(inventory.hosts.count == 2)
        #expect(warnings.places == ["2:37 silent-filter", "3:6 duplicate-uri"])
    }

    @Test("10,000 hosts are read, one more is refused")
    func limit() throws {
        let text = { (count: Int) in "hosts:\n" + (0..<count).map { "  h\($0): qemu://h\($0)/system\n" }.joined() }
        #expect(try load(text(10_000)).inventory.hosts.count == 10_000)
        #expect(errors(text(10_001)).places == ["10002:3 too-many-hosts"])
    }

    @Test("too many labels are refused, those of the defaults included")
    func labelLimit() {
        let labels = { (range: Range<Int>) in range.map { "l\($0): x" }.joined(separator: ", ") }
        let report = errors(
            "defaults: {labels: {\(labels(0..<32))}}\nhosts: {a: {uri: qemu:///system, labels: {\(labels(31..<33))}}}"
        )
        #expect(report.places == ["2:34 invalid-value"])
    }

    @Test("an inventory that cannot be read says why")
    func unreadable() {
        for (files, message) in [
            (FileSource.memory([:]), "the inventory does not exist"),
            (.memory([:], refused: ["inv.yaml"]), "the inventory cannot be read: Permission denied"),
        ] {
            let error = #expect(throws: ConfigurationErrors.self) {
                try InventoryLoader(files: files).load(path: "inv.yaml")
            }
            #expect(error?.report.diagnostics.map(\.message) == [message])
        }
    }
}
