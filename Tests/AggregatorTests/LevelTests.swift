import Connections
import Testing

@testable import Aggregator

@Suite("Levels of events")
struct LevelTests {
    private static let uuid = ObjectUUID(bytes: 1...16)
    private static let text = "01020304-0506-0708-090a-0b0c0d0e0f10"

    private static func parameters(_ names: String...) -> HostEvent.Payload {
        .parameters(names.map { HostEvent.Parameter(name: $0, value: .int(1)) })
    }

    /// As libvirt names the disk.
    private static func limit(of disk: HostEvent.Parameter.Value) -> HostEvent.Payload {
        .parameters([
            HostEvent.Parameter(name: "blkdeviotune.total_iops_sec", value: .uint(100)),
            HostEvent.Parameter(name: "blkdeviotune.disk", value: disk),
        ])
    }

    @Test(
        "an event that tells how something is tells of what; all others tell nothing of the kind",
        arguments: [
            (EventKind.domainBalloonChange, .balloonChange(actual: 5), text),
            (.domainRTCChange, .rtcChange(utcOffset: 1), text),
            (
                .domainBlockThreshold, .blockThreshold(device: "vda[1]", path: "/a", threshold: 1, excess: 2),
                "\(text)/vda[1]"
            ),
            (.domainTunable, parameters("b.x", "a.y"), "\(text)/a.y,b.x"), (.domainTunable, parameters(), "\(text)/"),
            (.domainTunable, limit(of: .text("vda")), "\(text)/blkdeviotune.disk,blkdeviotune.total_iops_sec/vda"),
            (.domainTunable, limit(of: .none), nil),
            (.domainJobCompleted, parameters("a"), nil), (.domainReboot, .plain, nil),
            (.domainLifecycle, .lifecycle(event: 0, detail: 0), nil),
            (.domainMemoryDeviceSizeChange, .memoryDeviceSize(device: "a", size: 1), nil),
        ] as [(EventKind, HostEvent.Payload, String?)]
    )
    func levels(kind: EventKind, payload: HostEvent.Payload, level: String?) {
        #expect(event(kind, payload).level == level)
        #expect(event(kind, payload, truncated: ["/dev"]).level == nil, "it may be about something else")
    }

    private func event(_ kind: EventKind, _ payload: HostEvent.Payload, truncated: [String] = []) -> HostEvent {
        HostEvent(
            kind: kind,
            subject: .domain(name: "web", id: 1, uuid: Self.uuid),
            payload: payload,
            observed: Timestamp(microseconds: 1),
            marks: TextMarks(truncated: truncated)
        )
    }
}
