import TestSupport

extension BusListener {
    /// What came of a release's host, without the tag's head.
    static func events(of release: Release, in events: [BusEvent]) -> [BusEvent] {
        let head = "salt/engines/libvirt_events/\(release.rawValue)/"
        return events.filter { $0.tag.hasPrefix(head) }.map {
            BusEvent(tag: String($0.tag.dropFirst(head.count)), data: $0.data)
        }
    }

    /// Waits for the first event of one kind of a release's host.
    func event(_ tail: String, of release: Release) async throws -> BusEvent {
        let all = try await wait(for: "\(tail) of \(release)") { events in
            Self.events(of: release, in: events).contains { $0.tag == tail }
        }
        return Self.events(of: release, in: all).first { $0.tag == tail } ?? BusEvent(tag: tail, data: .null)
    }
}
