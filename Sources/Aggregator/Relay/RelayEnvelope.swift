internal import Connections
internal import SaltBus

/// The `relay` entry of every event: which one it is, and when it was observed.
struct RelayEnvelope {
    let instance: String

    /// `nil` for the service's own events, whose id then has `_` for a host.
    let host: String?
    let sequence: UInt64
    let observed: Timestamp
    var hostUUID: String?
    var marks = TextMarks()

    func encode(into encoder: inout MessagePackEncoder) {
        encoder.string("relay")
        encoder.map(
            2 + (hostUUID == nil ? 0 : 1) + (marks.unsafe.isEmpty ? 0 : 1) + (marks.truncated.isEmpty ? 0 : 1)
        )
        encoder.string("id")
        encoder.string("\(instance)/\(host ?? "_")/\(sequence)")
        encoder.string("observed")
        encoder.string(observed.iso8601)
        if let hostUUID {
            encoder.string("host_uuid")
            encoder.string(hostUUID)
        }
        encode(marks.unsafe, as: "unsafe", into: &encoder)
        encode(marks.truncated, as: "truncated", into: &encoder)
    }

    private func encode(_ places: [String], as key: StaticString, into encoder: inout MessagePackEncoder) {
        guard !places.isEmpty else { return }
        encoder.string(key)
        encoder.array(places.count)
        for place in places { encoder.string(place) }
    }
}
