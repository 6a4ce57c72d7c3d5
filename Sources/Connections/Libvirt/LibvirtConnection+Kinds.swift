internal import CLibvirt

extension LibvirtConnection {
    func change(kinds: [EventKind]) {
        _ = call { pointer -> Void? in
            let before = updateWhileOpen { use in
                defer { use.kinds = kinds }
                return use.callbacks
            }
            guard let before else { return nil }
            for callback in before where !kinds.contains(callback.wanted) { take(back: callback, on: pointer) }
            let refused = facts.refused.filter { !$0.isPassing }.map(\.kind)
            let missing = kinds.filter { kind in
                !before.contains { $0.wanted == kind } && !refused.contains(kind)
            }
            let isWhole = missing.allSatisfy { add($0, on: pointer) }
            let isHeard = updateWhileOpen { use in
                use.facts.refused.removeAll { !kinds.contains($0.kind) }
                use.facts.olderForms.removeAll { !kinds.contains($0.kind) }
                use.facts.registered = kinds.compactMap { kind in use.callbacks.first { $0.wanted == kind }?.kind }
                return !use.facts.registered.isEmpty || kinds.isEmpty
            }
            // A host that looks up and is deaf to what is wanted of it is lost, and establishing says why.
            if !isWhole || isHeard == false { abort() }
            return nil
        }
    }

    private func take(back callback: KindRegistrar.Callback, on pointer: virConnectPtr) {
        // Out of the list first: a close that comes meanwhile takes back the others.
        let isOurs: Void? = updateWhileOpen { use in
            use.callbacks.removeAll { $0.kind == callback.kind }
        }
        if isOurs != nil { _ = callback.kind.deregister(callback.id, on: pointer) }
    }

    /// - Returns: `false` when it was the connection that failed, not the kind.
    private func add(_ kind: EventKind, on pointer: virConnectPtr) -> Bool {
        guard let outcome = try? registrar.register(kind, on: pointer) else { return false }
        let isOpen: Void? = updateWhileOpen { use in
            use.facts.refused.removeAll { $0.kind == kind }
            use.facts.add(outcome)
            if case .registered(let callback, _) = outcome { use.callbacks.append(callback) }
        }
        // Closed meanwhile: nobody else knows of this one.
        if isOpen == nil, case .registered(let callback, _) = outcome {
            _ = callback.kind.deregister(callback.id, on: pointer)
        }
        return true
    }
}
