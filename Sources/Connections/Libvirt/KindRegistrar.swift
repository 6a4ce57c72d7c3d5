internal import CLibvirt

/// Asks a host for kinds of events, on one connection.
struct KindRegistrar {
    let inlet: ConnectionInlet
    let uri: LibvirtURI

    /// Kinds to take for refused without asking; see ``LibvirtDriver``.
    let treatAsRefused: Set<EventKind>

    /// What came of asking for one kind.
    enum Outcome {
        /// `insteadOf` has the host's words for refusing the newer form of the kind, where this is the older one.
        case registered(Callback, insteadOf: String?)

        /// The host cannot give this kind, or will not; in its own words, or in ours where it need not be asked.
        case refused(String)
    }

    /// A callback that stands.
    struct Callback {
        /// What was asked for.
        let wanted: EventKind

        /// What is registered: the same, or its older form.
        let kind: EventKind

        /// libvirt's number for it, which may be 0.
        let id: Int32
    }

    /// Registers a kind, or its older form where the host has only that: a round trip, or two.
    ///
    /// - Throws: When it is the connection that failed, not the kind.
    func register(_ wanted: EventKind, on pointer: virConnectPtr) throws(EstablishFailure) -> Outcome {
        switch try ask(for: wanted, as: wanted, on: pointer) {
        case .registered(let callback, _): return .registered(callback, insteadOf: nil)
        case .refused(let message):
            guard let older = wanted.olderForm,
                case .registered(let callback, _) = try ask(for: wanted, as: older, on: pointer)
            else { return .refused(message) }
            return .registered(callback, insteadOf: message)
        }
    }

    private func ask(
        for wanted: EventKind,
        as kind: EventKind,
        on pointer: virConnectPtr
    ) throws(EstablishFailure) -> Outcome {
        // An id at or above the library's own last one does not reach the host, and libvirt's words say nothing of it.
        if let library = LibvirtVersion.installed, library < kind.since {
            return .refused("needs libvirt \(kind.since), and the library here is \(library)")
        }
        guard !treatAsRefused.contains(kind) else { return .refused("treated as refused") }
        let opaque = Unmanaged.passRetained(CallbackBox(kind: kind, inlet: inlet)).toOpaque()
        let id = kind.register(on: pointer, opaque: opaque)
        guard id >= 0 else {
            let error = LibvirtError.last()
            // libvirt calls the free callback for a registration that stood, not for one that failed.
            CallbackBox.release(opaque)
            guard error.isRefusal, virConnectIsAlive(pointer) == 1 else { throw EstablishFailure(error) }
            return .refused(uri.redacting(error.message))
        }
        return .registered(Callback(wanted: wanted, kind: kind, id: id), insteadOf: nil)
    }
}

extension ConnectionFacts {
    /// Writes down what came of asking for a kind.
    mutating func add(_ outcome: KindRegistrar.Outcome, of wanted: EventKind) {
        switch outcome {
        case .registered(let callback, let words):
            registered.append(callback.kind)
            if let words { olderForms.append(RefusedKind(kind: wanted, message: words)) }
        case .refused(let words):
            refused.append(RefusedKind(kind: wanted, message: words))
        }
    }
}
