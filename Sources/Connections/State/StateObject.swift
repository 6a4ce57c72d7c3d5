/// What a state is of: an object of one of libvirt's classes, or the host itself.
package enum StateObject: String, CaseIterable, Sendable {
    case domain, network, pool, nodedev, secret, host

    package init(_ object: EventKind.Object) {
        self =
            switch object {
            case .domain: .domain
            case .network: .network
            case .pool: .pool
            case .nodedev: .nodedev
            case .secret: .secret
            }
    }

    /// The class whose objects these are; `nil` for the host.
    package var objectClass: EventKind.Object? { EventKind.Object(rawValue: rawValue) }
}
