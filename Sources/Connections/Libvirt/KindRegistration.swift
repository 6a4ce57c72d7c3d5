internal import CLibvirt

/// What came of asking a host for one kind of event.
enum KindRegistration {
    /// With libvirt's callback id, which may be 0.
    case registered(Int32)

    /// The host cannot give this kind, or will not; in its own words.
    case refused(String)

    /// Registers a kind: a round trip.
    ///
    /// - Throws: When it is the connection that failed, not the kind.
    static func make(
        _ kind: EventKind,
        on pointer: virConnectPtr,
        inlet: ConnectionInlet,
        uri: LibvirtURI
    ) throws(EstablishFailure) -> KindRegistration {
        let opaque = Unmanaged.passRetained(CallbackBox(kind: kind, inlet: inlet)).toOpaque()
        let id = kind.register(on: pointer, opaque: opaque)
        guard id >= 0 else {
            let error = LibvirtError.last()
            // libvirt calls the free callback for a registration that stood, not for one that failed.
            CallbackBox.release(opaque)
            guard error.isRefusal, virConnectIsAlive(pointer) == 1 else { throw EstablishFailure(error) }
            return .refused(uri.redacting(error.message))
        }
        return .registered(id)
    }
}
