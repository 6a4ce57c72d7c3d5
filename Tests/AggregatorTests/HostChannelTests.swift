import Connections
import SaltBus
import Spool
import TestSupport
import Testing

@testable import Aggregator

@Suite("Host channel")
struct HostChannelTests {
    private static let uuid = ObjectUUID(bytes: (0..<16).map { UInt8($0) })
    private static let uuidText = "00010203-0405-0607-0809-0a0b0c0d0e0f"

    private func channel(labels: [String: String] = [:], filter: [String] = []) throws -> HostChannel {
        let host = Host(name: "kvm01", uri: try LibvirtURI("test:///default"))
        let words = try filter.map { try FilterWord(text: $0) }
        let inventory = InventoryHost(
            host: host,
            labels: Labels(labels),
            tagPrefix: TagPrefix.standard,
            filter: words.isEmpty ? .all : Filter(words)
        )
        return try HostChannel(inventory, instance: "0123456789abcdef")
    }

    private func report(_ body: HostReport.Body, synthetic: Synthesis? = nil) -> HostReport {
        HostReport(
            host: "kvm01",
            sequence: 7,
            observed: Timestamp(microseconds: 1_795_336_099_265_359),
            uri: "test:///default",
            body: body,
            synthetic: synthetic
        )
    }

    /// The tag and the data of a record, with a stamp added as the sink does.
    private func decoded(_ bytes: [UInt8]) throws -> (tag: String, data: [(String, MessagePackValue)]) {
        let stamped = UnstampedEvent(bytes: bytes).stamped(with: Stamp(microseconds: 0, form: .naive))
        let end = try #require(stamped.indices.first { stamped[$0...].starts(with: [10, 10]) })
        let value = try MessagePackDecoder.decode(Array(stamped[(end + 2)...]))
        guard case .map(let entries) = value else { return ("", []) }
        let data = entries.map { entry in
            if case .string(let key) = entry.key { (key, entry.value) } else { ("?", entry.value) }
        }
        return (String(decoding: stamped[..<end], as: UTF8.self), data)
    }

    private static let relay: MessagePackValue = .map([
        .init(key: .string("id"), value: .string("0123456789abcdef/kvm01/7")),
        .init(key: .string("observed"), value: .string("2026-11-22T08:28:19.265359Z")),
    ])

    private static func object(_ pairs: (String, MessagePackValue)...) -> MessagePackValue {
        .map(pairs.map { .init(key: .string($0.0), value: $0.1) })
    }

    @Test("an event has the engine's keys in the engine's order, then ours, then the stamp")
    func domain() throws {
        let event = HostEvent(
            kind: .domainLifecycle,
            subject: .domain(name: "vm1", id: -1, uuid: Self.uuid),
            payload: .lifecycle(event: 5, detail: 1),
            observed: Timestamp(microseconds: 0)
        )
        let record = try #require(try channel(labels: ["rack": "r1"]).record(of: report(.event(event))))
        #expect(record.host == "kvm01")
        #expect(record.object == "domain")
        #expect(record.kind == "lifecycle")
        #expect(record.subject == "vm1")
        #expect(record.key == Self.uuid.description)
        let (tag, data) = try decoded(record.bytes)
        #expect(tag == "salt/engines/libvirt_events/kvm01/domain/lifecycle")
        let keys = ["uri", "domain", "event", "detail", "host", "labels", "relay", "_stamp"]
        #expect(data.map(\.0) == keys)
        let values = Dictionary(uniqueKeysWithValues: data)
        #expect(values["uri"] == .string("test:///default"))
        #expect(
            values["domain"]
                == Self.object(("name", .string("vm1")), ("id", .int(-1)), ("uuid", .string(Self.uuidText)))
        )
        #expect(values["event"] == .string("stopped"))
        #expect(values["detail"] == .string("destroyed"))
        #expect(values["host"] == .string("kvm01"))
        #expect(values["labels"] == Self.object(("rack", .string("r1"))))
        #expect(values["relay"] == Self.relay)
    }

    @Test(
        "every kind's data is the engine's",
        arguments: [
            (
                .domainReboot, .domain(name: "a", id: 3, uuid: uuid), .plain, "domain/reboot",
                ["event": .string("reboot")]
            ),
            (
                .domainMetadataChange, .domain(name: "a", id: 3, uuid: uuid),
                .metadataChange(type: 2, nsuri: "http://x"), "domain/metadata_change",
                ["event": .string("metadata_change"), "type": .string("element"), "nsuri": .string("http://x")]
            ),
            (
                .domainMetadataChange, .domain(name: "a", id: 3, uuid: uuid), .metadataChange(type: 1, nsuri: nil),
                "domain/metadata_change", ["type": .string("title"), "nsuri": .null]
            ),
            (
                .networkLifecycle, .network(name: "n", uuid: uuid), .lifecycle(event: 0, detail: 0),
                "network/lifecycle",
                [
                    "event": .string("defined"), "detail": .string("unknown"),
                    "network": object(("name", .string("n")), ("uuid", .string(uuidText))),
                ]
            ),
            (
                .poolRefresh, .pool(name: "p", uuid: uuid), .plain, "pool/refresh",
                [
                    "event": .string("refresh"),
                    "pool": object(("name", .string("p")), ("uuid", .string(uuidText))),
                ]
            ),
            (
                .nodedevLifecycle, .nodedev(name: "net_lo"), .lifecycle(event: 0, detail: 0), "nodedev/lifecycle",
                ["event": .string("created"), "nodedev": object(("name", .string("net_lo")))]
            ),
            (
                .secretLifecycle, .secret(uuid: uuid), .lifecycle(event: 1, detail: 0), "secret/lifecycle",
                ["event": .string("undefined"), "secret": object(("uuid", .string(uuidText)))]
            ),
        ] as [(EventKind, HostEvent.Subject, HostEvent.Payload, String, [String: MessagePackValue])]
    )
    func kinds(
        kind: EventKind,
        subject: HostEvent.Subject,
        payload: HostEvent.Payload,
        tail: String,
        wanted: [String: MessagePackValue]
    ) throws {
        let event = HostEvent(kind: kind, subject: subject, payload: payload, observed: Timestamp(microseconds: 0))
        let record = try #require(try channel().record(of: report(.event(event))))
        let (tag, data) = try decoded(record.bytes)
        #expect(tag == "salt/engines/libvirt_events/kvm01/\(tail)")
        let values = Dictionary(uniqueKeysWithValues: data)
        for (key, value) in wanted { #expect(values[key] == value) }
        #expect(values["relay"] == Self.relay)
    }

    @Test("up and down carry what an operator asks first")
    func own() throws {
        let facts = ConnectionFacts(
            uri: "test:///default",
            daemonVersion: "9.0.0",
            keepsAlive: false,
            registered: [.domainLifecycle],
            refused: [RefusedKind(kind: .secretLifecycle, message: "no")]
        )
        let up = HostUp(attempt: 2, took: .milliseconds(1500), facts: facts)
        let record = try #require(try channel().record(of: report(.up(up))))
        let (tag, data) = try decoded(record.bytes)
        #expect(tag == "salt/engines/libvirt_events/kvm01/host/up")
        let values = Dictionary(uniqueKeysWithValues: data)
        #expect(values["attempt"] == .int(2))
        #expect(values["took"] == .double(1.5))
        #expect(values["libvirt"] == .string("9.0.0"))
        #expect(values["keepalive"] == .string("unsupported"))
        #expect(values["registered"] == .array([.string("domain/lifecycle")]))
        #expect(values["refused"] == Self.object(("secret/lifecycle", .string("no"))))
    }

    private static let first = Timestamp(microseconds: 1_795_336_037_265_359)
    private static let last = Timestamp(microseconds: 1_795_336_099_265_359)

    @Test(
        "what is said of gaps and doubts",
        arguments: [
            (
                .gap(HostGap(from: first, to: last, classes: [.domain, .pool], cause: .`self`, synthesised: 3)), "gap",
                [
                    "from": .string("2026-11-22T08:27:17.265359Z"), "to": .string("2026-11-22T08:28:19.265359Z"),
                    "classes": .array([.string("domain"), .string("pool")]), "cause": .string("self"),
                    "synthesised": .int(3),
                ]
            ),
            (
                .degraded(HostDegradation(.probe, age: .milliseconds(5_500))), "degraded",
                ["doubt": .string("probe"), "class": .null, "age": .double(5.5)]
            ),
            (
                .recovered(HostDegradation(.audit(.network), age: .seconds(60))), "recovered",
                ["doubt": .string("audit"), "class": .string("network"), "age": .double(60)]
            ),
            (
                .flapping(HostFlapping(count: 7, since: first)), "flapping",
                ["count": .int(7), "since": .string("2026-11-22T08:27:17.265359Z")]
            ),
        ] as [(HostReport.Body, String, [String: MessagePackValue])]
    )
    func doubts(body: HostReport.Body, name: String, wanted: [String: MessagePackValue]) throws {
        let record = try #require(try channel().record(of: report(body)))
        #expect(record.object == "host")
        #expect(record.kind == name)
        let (tag, data) = try decoded(record.bytes)
        #expect(tag == "salt/engines/libvirt_events/kvm01/host/\(name)")
        let values = Dictionary(uniqueKeysWithValues: data)
        #expect(values["event"] == .string(name))
        for (key, value) in wanted { #expect(values[key] == value) }
        #expect(try channel(filter: ["!host/\(name)"]).record(of: report(body)) == nil)
        #expect(try channel(filter: ["domain", "host/\(name)"]).record(of: report(body)) != nil)
    }

    @Test("an event that nobody told says what it follows from, and passes the filter as one that was told")
    func synthetic() throws {
        let event = HostEvent(
            kind: .domainLifecycle,
            subject: .domain(name: "vm1", id: -1, uuid: Self.uuid),
            payload: .lifecycle(event: 5, detail: 0),
            observed: Self.last
        )
        let report = report(.event(event), synthetic: Synthesis(.audit, from: Self.first, to: Self.last))
        let record = try #require(try channel().record(of: report))
        let (tag, data) = try decoded(record.bytes)
        #expect(tag == "salt/engines/libvirt_events/kvm01/domain/lifecycle")
        let relay = data.first { $0.0 == "relay" }?.1
        #expect(
            relay?["synthetic"]
                == Self.object(
                    ("basis", .string("audit")),
                    ("from", .string("2026-11-22T08:27:17.265359Z")),
                    ("to", .string("2026-11-22T08:28:19.265359Z"))
                )
        )
        #expect(try channel(filter: ["!domain/lifecycle"]).record(of: report) == nil)
    }

    @Test("the envelope says who the hypervisor is and what was cut, when there is something to say")
    func envelope() throws {
        let event = HostEvent(
            kind: .nodedevLifecycle,
            subject: .nodedev(name: "x"),
            payload: .lifecycle(event: 0, detail: 0),
            observed: Timestamp(microseconds: 0),
            marks: TextMarks(truncated: ["/nodedev/name"])
        )
        let report = HostReport(
            host: "kvm01",
            sequence: 1,
            observed: Timestamp(microseconds: 0),
            uri: "",
            hostUUID: Self.uuidText,
            body: .event(event)
        )
        let record = try #require(try channel().record(of: report))
        let relay = try decoded(record.bytes).data.first { $0.0 == "relay" }?.1
        #expect(relay?["host_uuid"] == .string(Self.uuidText))
        #expect(relay?["truncated"] == .array([.string("/nodedev/name")]))
    }

    @Test("what a host says in an own event is looked through like an event's texts, and so are labels")
    func hostileWords() throws {
        let down = HostDown(
            reason: .eof,
            message: "{{ 7*7 }}" + String(repeating: "ä", count: 4_096),
            since: Timestamp(microseconds: 0),
            nextAttempt: nil
        )
        let channel = try channel(labels: ["note": "{% raw %}", "a": "b"])
        let data = try decoded(try #require(channel.record(of: report(.down(down)))).bytes).data
        let values = Dictionary(uniqueKeysWithValues: data)
        #expect(values["relay"]?["unsafe"] == .array([.string("/message"), .string("/labels/note")]))
        #expect(values["relay"]?["truncated"] == .array([.string("/message")]))
        guard case .string(let message) = values["message"] else { return #expect(Bool(false)) }
        #expect(message.utf8.count == 4_095 && message.hasSuffix("ä"))
        let refusals = EventKind.all.map { RefusedKind(kind: $0, message: String(repeating: "x", count: 9_000)) }
        let up = HostUp(attempt: 1, took: .zero, facts: ConnectionFacts(uri: "test:///default", refused: refusals))
        #expect(try #require(channel.record(of: report(.up(up)))).bytes.count < 32_768)
    }

    @Test("an event in its older form goes where the newer one would")
    func olderForm() throws {
        let channel = try channel(filter: ["domain/block_job"])
        for (kind, form) in [(EventKind.domainBlockJob, "target"), (.domainBlockJobByPath, "path")] {
            let event = HostEvent(
                kind: kind,
                subject: .domain(name: "a", id: 1, uuid: Self.uuid),
                payload: .blockJob(disk: "vda", type: 99, status: 0),
                observed: Timestamp(microseconds: 0)
            )
            let record = try #require(channel.record(of: report(.event(event))))
            let (tag, data) = try decoded(record.bytes)
            #expect(tag == "salt/engines/libvirt_events/kvm01/domain/block_job")
            #expect(record.kind == "block_job")
            let values = Dictionary(uniqueKeysWithValues: data)
            #expect(values["disk_form"] == .string(form))
            #expect(values["type"] == .string("unknown-99"))
        }
    }

    @Test("an event stays below 64 KiB, with all that a host and an inventory may put into it")
    func size() throws {
        // As the callback leaves it: names of 79 bytes, texts of 20 KiB, everything marked.
        let names = (0..<EventLimits.parameters).map { String(repeating: "n", count: 76) + "\($0 + 100)" }
        let text = String(repeating: "{{", count: EventLimits.texts / EventLimits.parameters / 2)
        let event = HostEvent(
            kind: .domainJobCompleted,
            subject: .domain(name: "", id: 1, uuid: Self.uuid),
            payload: .parameters(names.map { HostEvent.Parameter(name: $0, value: .text(text)) }),
            observed: Timestamp(microseconds: 0),
            marks: TextMarks(truncated: names.map { "/params/\($0)" }, unsafe: names.map { "/params/\($0)" })
        )
        let labels = (0..<Labels.limit).map {
            (String(repeating: "l", count: 61) + "\($0 + 10)", String(repeating: "{{", count: Labels.valueLimit / 2))
        }
        let uri = "qemu:///system?x=" + String(repeating: "x", count: 2_000)
        let host = InventoryHost(
            host: Host(name: String(repeating: "h", count: 63), uri: try LibvirtURI(uri)),
            labels: Labels(Dictionary(uniqueKeysWithValues: labels)),
            tagPrefix: String(repeating: "p", count: 256),
            filter: .all,
            tagLayout: .engine
        )
        let report = HostReport(
            host: host.host.name,
            sequence: .max,
            observed: Timestamp(microseconds: 1),
            uri: uri,
            hostUUID: Self.uuidText,
            body: .event(event)
        )
        let channel = try HostChannel(host, instance: "0123456789abcdef")
        let record = channel.record(of: report)
        let size = try #require(record).bytes.count
        #expect((60_000..<65_000).contains(size), "\(size)")
    }

    @Test("the host's filter keeps own events back")
    func filter() throws {
        let down = HostDown(
            reason: .eof,
            message: "",
            since: Timestamp(microseconds: 0),
            nextAttempt: Timestamp(microseconds: 0)
        )
        #expect(try channel(filter: ["!host/down"]).record(of: report(.down(down))) == nil)
        #expect(try channel(filter: ["host/down"]).record(of: report(.down(down))) != nil)
    }
}
