import Connections
import Foundation
import SaltBus
import Spool
import TestSupport
import Testing

@testable import Aggregator

/// What reactors that were written for Salt's engine rely on: its tags' tails, its keys, its words.
@Suite("Parity", .serialized)
struct ParityTests {
    /// The tables of the engine's words, and ours.
    private static let words: [(golden: String, ours: EventWords)] = [
        ("agent.reason", .agentReason), ("agent.state", .agentState), ("block_job.status", .blockJobStatus),
        ("block_job.type", .blockJobType), ("disk_change.reason", .diskChangeReason),
        ("graphics.address.family", .addressFamily), ("graphics.phase", .graphicsPhase),
        ("io_error.action", .ioErrorAction), ("metadata.type", .metadataType), ("network", .lifecycle(.network)),
        ("nodedev", .lifecycle(.nodedev)), ("pool", .lifecycle(.pool)), ("secret", .lifecycle(.secret)),
        ("tray_change.reason", .trayChangeReason), ("watchdog.action", .watchdogAction),
    ]

    /// Where our word is another than the engine's; README, "Differences from the engine".
    private static let wordDifferences = [
        "domain/lifecycle 2 5: recreated", "domain/lifecycle 3 8: postcopy failed",
        "domain/lifecycle 3 9: guest shutdown", "domain/lifecycle 4 4: postcopy failed",
        "domain/lifecycle 5 7: recreated", "graphics.address.family 0: ipv4", "graphics.address.family 1: ipv6",
        "graphics.address.family 2: unix", "network 0: defined",
    ]

    @Test("the engine's kinds are the table's, by libvirt's own ids")
    func kinds() {
        let ours = EventKind.table.filter(\.isOfEngine)
        #expect(ours.map(\.path).sorted() == GoldenCallback.all.map(\.path).sorted())
        for golden in GoldenCallback.all {
            #expect(ours.first { $0.path == golden.path }?.id == golden.id, "\(golden.path)")
        }
    }

    @Test(
        "every callback of the engine's gives the data it gave there, but for what is documented",
        .needs(.systemLibvirtd)
    )
    func callbacks() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let caller = CallbackCaller(try LibvirtHandles(secretsOf: daemon))
        for golden in GoldenCallback.all {
            let kind = try #require(EventKind.table.first { $0.isOfEngine && $0.path == golden.path })
            let event = try caller.event(kind, golden.arguments)
            let sent = try Sent(event)
            #expect(sent.tagTail == golden.tagTail)
            #expect(sent.data == Self.expected(golden, object: caller.handles.data(of: kind.object)), "\(golden.path)")
        }
        print("parity: \(GoldenCallback.all.count) callbacks compared")
        #expect(GoldenCallback.all.count >= 30)
    }

    /// The engine's data with the handle's own name, id and UUID, and with what is documented to differ.
    private static func expected(_ golden: GoldenCallback, object: JSONValue) -> [String: JSONValue] {
        var data = golden.data
        let name = String(golden.path.prefix { $0 != "/" })
        // The same members, of the handle's own object.
        if data[name]?.object?.keys.sorted() == object.object?.keys.sorted() { data[name] = object }
        data["uri"] = .string(Sent.uri)
        switch golden.path {
        case "network/lifecycle": data["event"] = .string("defined")
        case "graphics", "domain/graphics":
            for (side, family) in [("local", "ipv4"), ("remote", "unix")] {
                guard var address = data[side]?.object else { break }
                address["family"] = .string(family)
                data[side] = .object(address)
            }
        case "domain/block_job": data["disk_form"] = .string("target")
        default: break
        }
        return data
    }

    @Test("every number has the engine's word, but for what is documented")
    func enums() throws {
        let file = try Data(contentsOf: GoldenCallback.fixture("enums-3007.15.json"))
        let golden = try #require(try JSONValue(parsing: file).object)
        var compared = 0
        var differences: [String] = []
        func compare(_ place: String, _ number: Int32, _ theirs: String, _ ours: EventWords) {
            compared += 1
            let word = ours[number]
            // Where the engine gives up, we say which number it was.
            if word != theirs, theirs != "unknown" || word != "unknown-\(number)" {
                differences.append("\(place): \(word)")
            }
        }
        for (name, ours) in Self.words {
            for (number, word) in try #require(golden[name]?.object) {
                compare("\(name) \(number)", try #require(Int32(number)), try #require(word.string), ours)
            }
        }
        for (number, row) in try #require(golden["domain/lifecycle"]?.object) {
            let event = try #require(Int32(number))
            compare("domain/lifecycle \(number)", event, try #require(row["event"]?.string), .lifecycle(.domain))
            for (detail, word) in try #require(row["detail"]?.object) {
                let ours = EventWords.lifecycleDetail(.domain, event: event)
                compare(
                    "domain/lifecycle \(number) \(detail)",
                    try #require(Int32(detail)),
                    try #require(word.string),
                    ours
                )
            }
        }
        let known = Set(Self.words.map(\.golden) + ["domain/lifecycle", "_libvirt_python"])
        #expect(Set(golden.keys) == known)
        #expect(differences.sorted() == Self.wordDifferences)
        print("parity: \(compared) enum values compared")
        #expect(compared == Self.values(in: golden))
    }

    /// How many words the file holds.
    private static func values(in golden: [String: JSONValue]) -> Int {
        func texts(_ value: JSONValue) -> Int {
            if case .object(let members) = value {
                members.values.reduce(0) { $0 + texts($1) }
            } else {
                value.string == nil ? 0 : 1
            }
        }
        return golden.values.reduce(0) { $0 + texts($1) }
    }
}

/// What goes out of an event, without what we add to the engine's data.
struct Sent {
    static let uri = "qemu+tls://hv1.example.com/system"
    let tagTail: String
    let data: [String: JSONValue]

    /// All of the data, `host` and `relay` among it.
    let whole: [String: JSONValue]

    init(_ event: HostEvent) throws {
        let host = InventoryHost(
            host: Host(name: "hv1", uri: try LibvirtURI(Self.uri)),
            labels: Labels(),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
        let report = HostReport(host: "hv1", sequence: 1, observed: event.observed, uri: Self.uri, body: .event(event))
        let record = try #require(try HostChannel(host, instance: "0123456789abcdef").record(of: report))
        let bytes = UnstampedEvent(bytes: record.bytes).stamped(with: Stamp(microseconds: 0, form: .naive))
        let end = try #require(bytes.indices.first { bytes[$0...].starts(with: [10, 10]) })
        tagTail = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "/").suffix(2).joined(separator: "/")
        whole = try #require(JSONValue(try MessagePackDecoder.decode(Array(bytes[(end + 2)...]))).object)
        data = whole.filter { !["host", "relay", "_stamp"].contains($0.key) }
    }
}

extension JSONValue {
    init(_ value: MessagePackValue) {
        self =
            switch value {
            case .bool(let value): .bool(value)
            case .int(let value): .integer(value)
            case .uint(let value): .number(Double(value))
            case .double(let value): .number(value)
            case .string(let value): .string(value)
            case .array(let values): .array(values.map(JSONValue.init))
            case .map(let entries):
                .object(
                    Dictionary(
                        entries.map { entry in
                            if case .string(let key) = entry.key { (key, JSONValue(entry.value)) } else { ("?", .null) }
                        }
                    ) { $1 }
                )
            default: .null
            }
    }
}
