internal import Connections
internal import SaltBus

/// An entry of an event's data.
struct DataField: Hashable, Sendable {
    let key: String
    let value: MessagePackValue

    init(_ key: String, _ value: MessagePackValue) {
        self.key = key
        self.value = value
    }

    /// A text of libvirt's, null where it gave NULL.
    init(_ key: String, _ text: String?) {
        self.init(key, text.map { .string($0) } ?? .null)
    }
}

extension MessagePackValue {
    /// A map, in order.
    static func fields(_ fields: [DataField]) -> MessagePackValue {
        .map(fields.map { Entry(key: .string($0.key), value: $0.value) })
    }

    /// A map from texts to texts, in order.
    static func texts(_ pairs: [(key: String, value: String)]) -> MessagePackValue {
        .map(pairs.map { Entry(key: .string($0.key), value: .string($0.value)) })
    }
}
