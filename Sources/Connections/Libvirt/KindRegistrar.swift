internal import CLibvirt

/// Asks a host for kinds of events, on one connection.
struct KindRegistrar {
    let inlet: ConnectionInlet
    let uri: LibvirtURI

    /// Kinds to take for refused without asking; see ``LibvirtDriver``.
    let treatAsRefused: Set<EventKind>

    /// A callback that stands.
    struct Callback {
        /// What was asked for.
        let wanted: EventKind

        /// What is registered: the same, or its older form.
        let kind: EventKind

        /// libvirt's number for it, which may be 0.
        let id: Int32
    }

    /// What came of asking for a kind.
    enum Outcome {
        /// `insteadOf` has the host's words for refusing the newer form of the kind, where this is the older one.
        case registered(Callback, insteadOf: RefusedKind?)
        case refused(RefusedKind)
    }

    /// Registers a kind, or its older form where the host has only that: a round trip, or two.
    ///
    /// - Throws: When it is the connection that failed, not the kind.
    func register(_ wanted: EventKind, on pointer: virConnectPtr) throws(EstablishFailure) -> Outcome {
        switch try ask(for: wanted, on: pointer) {
        case .yes(let id): return .registered(Callback(wanted: wanted, kind: wanted, id: id), insteadOf: nil)
        case .no(let refusal):
            // Who refuses the newer form for the moment may have it in the next.
            guard !refusal.isPassing, let older = wanted.olderForm else { return .refused(refusal) }
            switch try ask(for: older, on: pointer) {
            case .yes(let id):
                return .registered(Callback(wanted: wanted, kind: older, id: id), insteadOf: refusal)
            case .no(let other):
                return .refused(
                    RefusedKind(kind: wanted, message: other.message, isPassing: other.isPassing, reason: other.reason)
                )
            }
        }
    }

    private enum Answer {
        case yes(Int32)
        case no(RefusedKind)
    }

    private func ask(for kind: EventKind, on pointer: virConnectPtr) throws(EstablishFailure) -> Answer {
        guard let callback = kind.callback, !treatAsRefused.contains(kind) else {
            return .no(RefusedKind(kind: kind, message: "not asked for"))
        }
        let opaque = CallbackBox(kind: kind, inlet: inlet).lend()
        let id = callback.register(as: kind.id, on: pointer, opaque: opaque)
        if id >= 0 { return .yes(id) }
        let error = LibvirtError.last()
        // libvirt calls the free callback for a registration that stood, and for one that failed only by mistake.
        CallbackBox.release(opaque)
        guard virConnectIsAlive(pointer) == 1 else { throw EstablishFailure(error) }
        // An id that the library does not know never reaches the host, and libvirt's words do not say why.
        if let library = LibvirtVersion.installed, library < kind.since, !error.isUnsupported {
            let message = "needs libvirt \(kind.since), and the library here is \(library)"
            return .no(RefusedKind(kind: kind, message: message))
        }
        // The connection lives: of a modular daemon's parts one may be away, and the others are heard.
        let words = uri.redacting(error.message)
        return .no(
            RefusedKind(
                kind: kind,
                message: error.isOfOlderDaemon ? "needs libvirt \(kind.since) on the host: \(words)" : words,
                isPassing: !error.isUnsupported,
                reason: error.reason
            )
        )
    }
}

extension ConnectionFacts {
    /// Writes down what came of asking for a kind.
    mutating func add(_ outcome: KindRegistrar.Outcome) {
        switch outcome {
        case .registered(let callback, let refusal):
            registered.append(callback.kind)
            if let refusal { olderForms.append(refusal) }
        case .refused(let refusal): refused.append(refusal)
        }
    }
}
