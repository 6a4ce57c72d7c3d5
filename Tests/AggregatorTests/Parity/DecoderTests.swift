import Connections
import TestSupport
import Testing

@testable import Aggregator

/// What the recording of the engine does not have: ids it does not register, wide numbers, and NULLs.
@Suite("Decoders", .serialized)
struct DecoderTests {
    struct Row: Sendable {
        let kind: EventKind
        let arguments: [JSONValue]

        /// Beyond `uri`, the object and `event`.
        let data: [String: JSONValue]
    }

    private static let wide: Int64 = 1 << 40

    private static let rows: [Row] = [
        Row(
            kind: .domainIOErrorWithoutReason,
            arguments: ["/img", "virtio-disk0", 2],
            data: ["srcPath": "/img", "dev": "virtio-disk0", "action": "report", "reason": .null]
        ),
        Row(
            kind: .domainBlockJobByPath,
            arguments: ["/img", 3, 2],
            data: ["disk": "/img", "type": "commit", "status": "canceled", "disk_form": "path"]
        ),
        Row(
            kind: .domainMemoryFailure,
            arguments: [1, 2, 3],
            data: ["recipient": "guest", "action": "fatal", "flags": ["action required", "recursive"]]
        ),
        Row(
            kind: .domainMemoryFailure,
            arguments: [0, 9, 4],
            data: ["recipient": "hypervisor", "action": "unknown-9", "flags": ["unknown-4"]]
        ),
        Row(
            kind: .domainMemoryDeviceSizeChange,
            arguments: ["mem0", .integer(wide)],
            data: ["dev": "mem0", "size": .integer(wide)]
        ),
        Row(
            kind: .domainNICMACChange,
            arguments: ["net0", "52:54:00:00:00:01", "52:54:00:00:00:02"],
            data: ["dev": "net0", "oldMAC": "52:54:00:00:00:01", "newMAC": "52:54:00:00:00:02"]
        ),
        Row(kind: .domainVCPURemoved, arguments: [7], data: ["vcpuid": 7]),
        Row(
            kind: .domainChannelLifecycle,
            arguments: ["org.example.0", 2, 1],
            data: ["channelName": "org.example.0", "state": "disconnected", "reason": "domain started"]
        ),
        Row(kind: .networkMetadataChange, arguments: [2, "http://x"], data: ["type": "element", "nsuri": "http://x"]),
        Row(kind: .domainRTCChange, arguments: [.integer(-wide)], data: ["utcoffset": .integer(-wide)]),
        Row(kind: .domainBalloonChange, arguments: [.integer(wide)], data: ["actual": .integer(wide)]),
        Row(
            kind: .domainBlockThreshold,
            arguments: ["vdb[2]", "/img", .integer(wide), .integer(wide + 1)],
            data: ["dev": "vdb[2]", "path": "/img", "threshold": .integer(wide), "excess": .integer(wide + 1)]
        ),
        Row(kind: .domainLifecycle, arguments: [5, 77], data: ["detail": "unknown-77"]),
        Row(kind: .networkLifecycle, arguments: [3, 1], data: ["detail": "unknown-1"]),
        Row(kind: .domainPMSuspend, arguments: [1], data: ["reason": "unknown-1"]),
        Row(kind: .domainAgentLifecycle, arguments: [0, 0], data: ["state": "unknown-0", "reason": "unknown"]),
        Row(
            kind: .domainGraphics,
            arguments: [
                2, ["family": 1, "node": "::1", "service": .null], .null, .null,
                [["x509dname", "CN=a"], [.null, .null]],
            ],
            data: [
                "phase": "disconnect", "local": ["family": "ipv6", "node": "::1", "service": .null], "remote": .null,
                "authScheme": .null,
                "subject": [["type": "x509dname", "name": "CN=a"], ["type": .null, "name": .null]],
            ]
        ),
        Row(
            kind: .domainGraphics,
            arguments: [0, .null, .null, "none", .null],
            data: ["phase": "connect", "local": .null, "remote": .null, "authScheme": "none", "subject": []]
        ),
        Row(
            kind: .domainIOError,
            arguments: [.null, .null, 0, .null],
            data: ["srcPath": .null, "dev": .null, "action": "none", "reason": .null]
        ),
        Row(
            kind: .domainDiskChange,
            arguments: [.null, "/new", .null, 1],
            data: ["oldSrcPath": .null, "newSrcPath": "/new", "dev": .null, "reason": "drop missing on start"]
        ),
        Row(kind: .domainDeviceRemoved, arguments: [.null], data: ["dev": .null]),
        Row(kind: .domainTrayChange, arguments: [.null, 1], data: ["dev": .null, "reason": "close"]),
    ]

    @Test("every argument of a callback is where it belongs, whole", arguments: rows.indices)
    func decode(index: Int) throws {
        let row = Self.rows[index]
        let caller = CallbackCaller(try LibvirtHandles())
        var data = try Sent(try caller.event(row.kind, row.arguments)).data
        #expect(data.removeValue(forKey: "uri") == .string(Sent.uri))
        #expect(data.removeValue(forKey: row.kind.object.rawValue) == caller.handles.data(of: row.kind.object))
        let event = data.removeValue(forKey: "event")
        if row.kind.name != "lifecycle" { #expect(event == .string(row.kind.name)) }
        #expect(data == row.data)
    }

    @Test("identities end after thirty-two, and the subject is said to be cut")
    func identities() throws {
        let caller = CallbackCaller(try LibvirtHandles())
        let many = JSONValue.array((0..<33).map { ["saslUsername", .string("u\($0)")] })
        let sent = try Sent(try caller.event(.domainGraphics, [0, .null, .null, .null, many]))
        #expect(sent.data["subject"]?.array?.count == 32)
        #expect(sent.whole["relay"]?["truncated"] == ["/subject"])
    }
}
