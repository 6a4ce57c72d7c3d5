/// What an object is known by: its UUID, or its name where there is none.
///
/// A name can change hands, a UUID cannot.
package enum ObjectKey: Hashable, Sendable, CustomStringConvertible {
    case uuid(ObjectUUID)

    /// A device's.
    case name(String)

    /// As the journal has it; `nil` when an object of that class cannot have such a key.
    package init?(_ text: String, of object: EventKind.Object) {
        switch object {
        case .nodedev:
            guard !text.isEmpty else { return nil }
            self = .name(text)
        case .domain, .network, .pool, .secret:
            guard let uuid = ObjectUUID(text) else { return nil }
            self = .uuid(uuid)
        }
    }

    /// Whether it names no object: that of a device that a daemon tells of without a name.
    ///
    /// There is no state of it, for an empty key is what is said of a class as a whole.
    var isNobody: Bool { self == .name("") }

    package var description: String {
        switch self {
        case .uuid(let uuid): uuid.description
        case .name(let name): name
        }
    }
}

extension HostEvent.Subject {
    package var objectKey: ObjectKey {
        switch self {
        case .domain(_, _, let uuid), .network(_, let uuid), .pool(_, let uuid), .secret(let uuid): .uuid(uuid)
        case .nodedev(let name): .name(name)
        }
    }

    /// The name that goes into a state; a secret, which has none, is named by its UUID.
    var stateName: String {
        switch self {
        case .domain(let name, _, _), .network(let name, _), .pool(let name, _), .nodedev(let name): name
        case .secret(let uuid): uuid.description
        }
    }
}
