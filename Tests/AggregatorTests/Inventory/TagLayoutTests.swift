import Connections
import Foundation
import SaltBus
import Spool
import TestSupport
import Testing

@testable import Aggregator

@Suite struct TagLayoutTests {
    private func load(_ text: String) throws(ConfigurationErrors) -> Inventory {
        try InventoryLoader(files: .memory(["inv": text])).load(path: "inv").inventory
    }

    private func errors(_ text: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try load(text)
            return []
        } catch {
            return error.report.lines
        }
    }

    private func tag(_ kind: EventKind, of host: InventoryHost) -> String { "\(host.tagBase ?? "?")/\(kind.path)" }

    @Test("every form of URI has the tag that the engine makes of it")
    func golden() throws {
        let file = Bundle.module.bundleURL.appending(path: "Fixtures/uritags-3007.15.json")
        let forms = try #require(try JSONValue(parsing: Data(contentsOf: file)).object)
        #expect(forms.count == 12)
        for (uri, expected) in forms {
            let inventory = try load("defaults: {tag_layout: engine, tag_prefix: P}\nhosts: {a: '\(uri)'}")
            #expect(tag(.domainLifecycle, of: inventory.hosts[0]) == expected.string, "\(uri)")
        }
    }

    @Test(
        "what the engine's way of taking a URI apart does beyond",
        arguments: [
            ("QEMU:///system", "qemu/system"), ("qemu://h", "qemu/h"), ("qemu://h?a=/b", "qemu/h"),
            ("qemu:///system#/x?y", "qemu/system"), ("qemu:////system//", "qemu/system"), ("test:///a/b", "test/a/b"),
            ("qemu+ssh://a%40b@H:22/system", "qemu+ssh/a%40b@H:22/system"),
        ]
    )
    func segments(uri: String, expected: String) throws {
        #expect(try LibvirtURI(uri).engineSegments == expected)
    }

    @Test("layout and prefix may be of defaults, group and host")
    func levels() throws {
        let inventory = try load(
            """
            defaults: {tag_prefix: d}
            hosts:
              a: qemu://a/system
              b: {uri: qemu://b/system, tag_prefix: h/x, tag_layout: engine}
            groups:
              g:
                tag_layout: engine
                tag_prefix: g
                uri: qemu+ssh://{name}/system
                user: salt
                hosts: [c, {d: {tag_layout: host}}, {e: {tag_prefix: e}}]
            """
        )
        #expect(
            inventory.hosts.map { tag(.domainReboot, of: $0) } == [
                "d/a/domain/reboot", "h/x/qemu/b/system/domain/reboot", "g/qemu+ssh/salt@c/system/domain/reboot",
                "g/d/domain/reboot", "e/qemu+ssh/salt@e/system/domain/reboot",
            ]
        )
        #expect(inventory.hosts.map(\.ownTagBase) == ["d/a", "h/x/b", "g/c", "g/d", "e/e"])
        #expect(inventory.tagPrefix == "d")
    }

    @Test("two hosts with one tag are an error that names both places")
    func duplicates() {
        #expect(
            errors(
                "defaults: {tag_layout: engine}\nhosts:\n  a: test+unix:///default?socket=/a\n  b: test+unix:///default?socket=/b\n"
            ) == [
                "inv:4:6: error: b: b has the tags of a at inv:3:6; "
                    + "use tag_layout: host, or another tag_prefix, for one of them"
            ]
        )
        #expect(errors("hosts: {lxc: 'qemu://x/', b: {uri: 'lxc:///', tag_layout: engine}}").count == 1)
        #expect(
            errors("defaults: {tag_layout: engine}\nhosts: {a: {uri: 'lxc:///', tag_prefix: p}, b: 'lxc:///'}") == []
        )
        let group = "groups: {g: {uri: 'qemu+unix:///system?socket=/{name}', tag_layout: engine, hosts: ['a[1-900]']}}"
        #expect(errors(group).count == 1)
        #expect(errors(group.replacing("tag_layout: engine, ", with: "")) == [])
    }

    @Test(
        "a URI that cannot stand in a tag is an error",
        arguments: ["/a//b", "/" + String(repeating: "a", count: 1500)]
    )
    func unsafe(path: String) {
        #expect(errors("hosts: {a: {uri: 'qemu://h\(path)', tag_layout: engine}}").count == 1)
        #expect(errors("hosts: {a: {uri: 'qemu://h\(path)'}}") == [])
    }

    // MARK: On the bus

    private static let uuid = ObjectUUID(bytes: (0..<16).map { UInt8($0) })

    private func event(_ name: String, in host: InventoryHost, uri: String) throws -> (tag: String, uri: String)? {
        let event = HostEvent(
            kind: .domainLifecycle,
            subject: .domain(name: name, id: 1, uuid: Self.uuid),
            payload: .lifecycle(event: 5, detail: 1),
            observed: Timestamp(microseconds: 0)
        )
        return try sent(.event(event), in: host, uri: uri)
    }

    private func sent(_ body: HostReport.Body, in host: InventoryHost, uri: String) throws -> (
        tag: String, uri: String
    )? {
        let report = HostReport(
            host: host.host.name,
            sequence: 1,
            observed: Timestamp(microseconds: 0),
            uri: uri,
            body: body
        )
        let channel = try HostChannel(host, instance: "0123456789abcdef")
        guard let record = channel.record(of: report) else { return nil }
        let bytes = UnstampedEvent(bytes: record.bytes).stamped(with: Stamp(microseconds: 0, form: .naive))
        let end = try #require(bytes.indices.first { bytes[$0...].starts(with: [10, 10]) })
        let data = try MessagePackDecoder.decode(Array(bytes[(end + 2)...]))
        guard case .string(let uri)? = data["uri"] else { return nil }
        return (String(decoding: bytes[..<end], as: UTF8.self), uri)
    }

    @Test("in the engine's layout the data has the query, but no user; own events have the host's tags and no query")
    func data() throws {
        let text = "hosts: {a: {uri: 'qemu+ssh://me@h/system?keyfile=/k', tag_layout: engine, tag_prefix: p}}"
        let host = try load(text).hosts[0]
        let redacted = host.host.uri.redacted
        let sent = try #require(try event("vm", in: host, uri: redacted))
        #expect(sent == ("p/qemu+ssh/me@h/system/domain/lifecycle", "qemu+ssh://h/system?keyfile=/k"))
        let down = HostDown(reason: .eof, message: "", since: Timestamp(microseconds: 0), nextAttempt: nil)
        let own = try #require(try self.sent(.down(down), in: host, uri: redacted))
        #expect(own == ("p/a/host/down", "qemu+ssh://h/system"))
        let plain = try load(text.replacing("tag_layout: engine, ", with: "")).hosts[0]
        #expect(try #require(try event("vm", in: plain, uri: redacted)) == ("p/a/domain/lifecycle", redacted))
    }

    @Test("where libvirt chooses, the engine's tags are made of what the connection says")
    func chosen() throws {
        var host = Inventory.local(LocalMachine(hostName: "kvm01", libvirtConf: nil)).hosts[0]
        let prefix = TagPrefix.standard
        #expect(try event("vm", in: host, uri: "qemu:///system")?.tag == "\(prefix)/kvm01/domain/lifecycle")
        host.tagLayout = .engine
        #expect(try event("vm", in: host, uri: "qemu:///system")?.tag == "\(prefix)/qemu/system/domain/lifecycle")
        #expect(try event("vm", in: host, uri: "libvirt's default")?.tag == "\(prefix)/kvm01/domain/lifecycle")
    }

    @Test("events of domains that are not asked for are kept back, those of other objects are not")
    func domains() throws {
        let host = try load("hosts: {a: {uri: 'qemu:///system', domains: ['web*', db?]}}").hosts[0]
        for (name, isWanted) in [("web1", true), ("db1", true), ("db", false), ("mail", false)] {
            #expect((try event(name, in: host, uri: "qemu:///system") != nil) == isWanted)
        }
        let pool = HostEvent(
            kind: .poolRefresh,
            subject: .pool(name: "mail", uuid: Self.uuid),
            payload: .plain,
            observed: Timestamp(microseconds: 0)
        )
        #expect(try sent(.event(pool), in: host, uri: "qemu:///system") != nil)
    }
}
