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

    /// For an event that nobody told: what it follows from.
    var synthetic: Synthesis?
    var marks = TextMarks()

    func encode(into encoder: inout MessagePackEncoder) {
        encoder.string("relay")
        encoder.map(
            2 + (hostUUID == nil ? 0 : 1) + (synthetic == nil ? 0 : 1) + (marks.unsafe.isEmpty ? 0 : 1)
                + (marks.truncated.isEmpty ? 0 : 1)
        )
        encoder.string("id")
        encoder.string("\(instance)/\(host ?? "_")/\(sequence)")
        encoder.string("observed")
        encoder.string(observed.iso8601)
        if let hostUUID {
            encoder.string("host_uuid")
            encoder.string(hostUUID)
        }
        if let synthetic {
            encoder.string("synthetic")
            encoder.map(3)
            encoder.string("basis")
            encoder.string(synthetic.basis.rawValue)
            encoder.string("from")
            encoder.string(synthetic.from.iso8601)
            encoder.string("to")
            encoder.string(synthetic.to.iso8601)
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
