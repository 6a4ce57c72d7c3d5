import Connections
import Testing

@testable import Aggregator

/// The configuration of Salt's engine, taken as it is.
@Suite struct EngineReaderTests {
    private func load(
        _ text: String,
        conf: String = ""
    ) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport) {
        let files = FileSource.memory(["master": text, "/conf": conf, "/k": ""])
        let machine = LocalMachine(hostName: "salt.example.net", libvirtConf: "/conf")
        return try InventoryLoader(files: files, machine: machine).load(.engine(path: "master"))
    }

    private func errors(_ text: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try load(text)
            return []
        } catch {
            return error.report.lines
        }
    }

    @Test(
        "an engine that is named and told nothing has Salt's defaults",
        arguments: [
            "engines: [libvirt_events]", "engines: [{libvirt_events: }]", "engines: {libvirt_events: }",
            "engines: [slack, libvirt_events: {}]", "libvirt_events:", "libvirt_events: {filters: ~}",
            "engines: [{libvirt_events: {uri: ~}}]",
        ]
    )
    func defaults(text: String) throws {
        let (inventory, warnings) = try load(text)
        var expected = Inventory.local(LocalMachine(hostName: "salt", libvirtConf: nil))
        expected.hosts[0].tagLayout = .engine
        #expect(inventory == expected)
        #expect(warnings.isEmpty)
    }

    @Test(
        "the whole file of a master, its part, and the part of that are the same",
        arguments: [
            "engines:\n  - libvirt_events:\n      uri: lxc:///\n      tag_prefix: libvirt\n      filters: [domain/lifecycle, pool]\n",
            "engines: {libvirt_events: {uri: 'lxc:///', tag_prefix: libvirt, filters: [pool, domain/lifecycle]}}",
            "libvirt_events: {uri: 'lxc:///', tag_prefix: libvirt, filters: [domain/lifecycle, pool]}",
            "uri: lxc:///\ntag_prefix: libvirt\nfilters:\n  - domain/lifecycle\n  - pool\n",
        ]
    )
    func forms(text: String) throws {
        let (inventory, warnings) = try load("# Salt\n" + text)
        #expect(warnings.isEmpty)
        #expect(inventory.tagPrefix == "libvirt")
        let host = try #require(inventory.hosts.first)
        #expect(inventory.hosts.count == 1)
        #expect(host.host.name == "salt")
        #expect(host.tagBase == "libvirt/lxc")
        #expect(host.host.kinds.map(\.path) == ["domain/lifecycle", "pool/lifecycle", "pool/refresh"])
        #expect(host.filter.wants(host: "down"), "the engine has no word for what it never said")
    }

    @Test("engines of a list are hosts of their own, each with a name")
    func several() throws {
        let (inventory, warnings) = try load(
            """
            interface: 0.0.0.0
            engines:
              - logstash: {host: log, token: hunter2}
              - libvirt_events: {uri: "qemu:///system"}
              - libvirt_events: {uri: "lxc:///"}
              - libvirt_events: {uri: "lxc:///system"}
              - libvirt_events: {uri: "qemu+tls://kvm01.example.net/system"}
              - libvirt_events: {uri: "qemu+tls://[2001:db8::1]/system"}
              - rack7: {engine_module: libvirt_events, uri: "qemu+ssh://salt@kvm701/system?keyfile=/k"}
              - other: {engine_module: slack, uri: x, filters: {}}
            """
        )
        #expect(warnings.isEmpty)
        #expect(
            inventory.hosts.map(\.host.name) == [
                "salt", "salt-lxc", "salt-2", "kvm01.example.net", "2001-db8--1", "rack7",
            ]
        )
        #expect(inventory.hosts.last?.host.credentials.sshKey == "/k")
        #expect(inventory.hosts.last?.tagBase == "salt/engines/libvirt_events/qemu+ssh/salt@kvm701/system")
    }

    @Test("filters are the engine's: `all` wherever it stands, unknown ones passed over, and said")
    func filters() throws {
        let (inventory, warnings) = try load("filters: [secret, domain/rtc_chnge, '!domain', host, domain/reboot]")
        let kinds = inventory.hosts[0].host.kinds.map(\.path)
        #expect(kinds == ["domain/reboot", "secret/lifecycle", "secret/value_changed"])
        #expect(
            warnings.lines == [
                "master:1:19: warning: 'domain/rtc_chnge' matches nothing, as in the engine; write domain/rtc_change",
                "master:1:37: warning: '!domain' matches nothing, as in the engine; write domain",
                "master:1:48: warning: 'host' matches nothing, as in the engine; remove it",
            ]
        )
        #expect(try load("filters: [pool, all]").inventory.hosts[0].filter == .all)
        let text = try load("filters: domain/lifecycle")
        #expect(text.inventory.hosts[0].host.kinds == EventKind.all.filter { $0.object == .domain })
        #expect(text.warnings.places == ["1:10 wrong-type"])
        #expect(try load("filters: []").warnings.places == ["1:10 silent-filter"])
    }

    @Test("what the engine relays is taken, and what it never heard of is a warning", arguments: EventKind.all)
    func table(kind: EventKind) throws {
        let (inventory, warnings) = try load("filters: [domain/lifecycle, \(kind.path)]")
        #expect(warnings.diagnostics.map(\.code) == (kind.isOfEngine ? [] : [.invalidValue]))
        #expect(inventory.hosts[0].host.kinds.contains(kind) == kind.isOfEngine)
    }

    @Test("an alias of libvirt's is followed, as libvirt does for the engine")
    func alias() throws {
        let inventory = try load("uri: hail", conf: "uri_aliases = ['hail=qemu+tls://hail/system']").inventory
        #expect(inventory.hosts.map(\.tagBase) == ["salt/engines/libvirt_events/qemu+tls/hail/system"])
        #expect(inventory.hosts.map(\.host.name) == ["hail"])
    }

    @Test("options that stand beside the engine are told, as Salt does not")
    func indentation() throws {
        let (inventory, warnings) = try load("engines:\n  - libvirt_events:\n    uri: lxc:///\n    token: hunter2\n")
        #expect(inventory.hosts[0].host.uri == .unspecified)
        #expect(warnings.places == ["3:5 unused-key"])
    }

    @Test(
        "what the engine could not use is an error at its place",
        arguments: [
            ("libvirt_events: {url: x}", "1:18"), ("libvirt_events: [{uri: x}]", "1:17"), ("uri: nope", "1:6"),
            ("uri: 'qemu+ssh://h/?command=/x'", "1:6"), ("uri: 'qemu://a:b@h/'", "1:6"), ("uri: [x]", "1:6"),
            ("tag_prefix: a/", "1:13"), ("filters: {a: b}", "1:10"), ("filters: [[a]]", "1:10"),
            ("uri: 'qemu://h/a//b'", "1:6"), ("user: root", "1:1"), ("engines: [slack]", "1:1"), ("", "1:1"),
            ("engines:\n  - libvirt_events\n  - libvirt_events: {uri: ~}", "3:27"),
            ("engines: [{a: {engine_module: libvirt_events, url: x}}]", "1:47"),
        ]
    )
    func wrong(text: String, place: String) {
        let lines = errors(text)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("master:\(place): error: ") == true, "\(lines)")
    }

    @Test(
        "nothing else of the master's file is quoted",
        arguments: [
            "token: hunter2\nengines: [", "token: {hunter2: hunter2: }", "\"hunter2\": 1\n\"hunter2\": 2",
            "a: *hunter2", "engines:\n  - slack: {hunter2: hunter2}", "engines: hunter2", "hunter2", "- hunter2",
            "hunter2: x\nlibvirt_events: {x: y}", "\thunter2: \0",
        ]
    )
    func secrets(text: String) {
        let lines = errors(text)
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { !$0.contains("hunter2") }, "\(lines)")
    }

    @Test("a file that is not there says so")
    func missing() {
        let error = #expect(throws: ConfigurationErrors.self) {
            try InventoryLoader(files: .memory([:])).load(engine: "nowhere")
        }
        #expect(error?.report.diagnostics.map(\.code) == [.unreadableFile])
    }
}
