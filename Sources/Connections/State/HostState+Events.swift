extension HostState {
    /// Reduces an event.
    ///
    /// Lifecycles alone change a state. Whatever the order of events, and whichever of them were missed: each says
    /// something of the object as it is after it, and that is taken from it.
    ///
    /// - Returns: What has changed, whether or not the class is known or heard as a whole: the event is told, and a later
    ///   life has to know that.
    package mutating func apply(_ event: HostEvent) -> [StateChange] {
        guard case .lifecycle(let number, let detail) = event.payload else { return [] }
        let object = event.kind.object
        let key = event.subject.objectKey
        guard !key.isNobody else { return [] }
        let before = classes[object]?.objects[key]
        let step = Step(
            name: event.subject.stateName,
            word: EventWords.lifecycle(object)[number],
            detail: EventWords.lifecycleDetail(object, event: number)[detail]
        )
        let after = step.next(of: object, after: before)
        guard before != after else { return [] }
        if before == nil, (classes[object]?.objects.count ?? 0) >= Self.limit {
            beyondLimit += 1
            return []
        }
        classes[object, default: ClassState()].objects[key] = after
        guard before?.state != after?.state else { return [] }
        return [.object(object, key, after?.state, at: event.observed)]
    }
}

/// A step in an object's life, in libvirt's words.
private struct Step {
    typealias Entry = HostState.Entry
    typealias Word = ObjectState.Word

    let name: String
    let word: String
    let detail: String

    /// What the object is afterwards; `nil` = not there.
    ///
    /// A word that is newer than this build changes nothing.
    func next(of object: EventKind.Object, after entry: Entry?) -> Entry? {
        switch object {
        case .domain: nextDomain(entry)
        case .network, .pool: nextService(entry)
        case .nodedev:
            // What is defined or undefined is a device that may be made, which no listing of those present has.
            switch word {
            case "created": present
            case "deleted": nil
            default: entry
            }
        case .secret:
            switch word {
            case "defined": present
            case "undefined": nil
            default: entry
            }
        }
    }

    private func nextDomain(_ entry: Entry?) -> Entry? {
        switch word {
        // Before its new name is told, a domain is told to have lost the old one.
        case "undefined" where detail == "renamed": entry
        case "defined": defined(entry, Word.shutoff)
        case "undefined": undefined(entry)
        case "started", "resumed": active(entry, Word.running)
        case "suspended": active(entry, Word.paused)
        case "pmsuspended": active(entry, Word.pmsuspended)
        case "shutdown": active(entry, Word.shutdown)
        // The guest goes on, with the kernel that it keeps for this.
        case "crashed" where detail == "crashloaded": entry?.state.active == true ? entry : active(entry, Word.running)
        case "crashed": active(entry, Word.crashed)
        case "stopped": stopped(entry, Word.shutoff)
        default: entry
        }
    }

    /// A network or a pool.
    ///
    /// That a pool's place was made or removed says nothing of the pool.
    private func nextService(_ entry: Entry?) -> Entry? {
        switch word {
        case "defined": defined(entry, Word.inactive)
        case "undefined": undefined(entry)
        case "started": active(entry, Word.active)
        case "stopped": stopped(entry, Word.inactive)
        default: entry
        }
    }

    private var present: Entry {
        Entry(state: .present(name), isPersistenceKnown: true)
    }

    private func defined(_ entry: Entry?, _ inactive: String) -> Entry {
        let new = ObjectState(name: name, persistent: true, active: false, state: inactive)
        guard var state = entry?.state else { return Entry(state: new, isPersistenceKnown: true) }
        state.name = name
        state.persistent = true
        return Entry(state: state, isPersistenceKnown: true)
    }

    private func undefined(_ entry: Entry?) -> Entry? {
        guard var state = entry?.state, state.active else { return nil }
        state.persistent = false
        return Entry(state: state, isPersistenceKnown: true)
    }

    /// One that has never been told to be persistent is taken to be transient, as it is until it is defined.
    private func active(_ entry: Entry?, _ word: String) -> Entry {
        let persistent = entry?.state.persistent ?? false
        let state = ObjectState(name: name, persistent: persistent, active: true, state: word)
        return Entry(state: state, isPersistenceKnown: entry?.isPersistenceKnown ?? false)
    }

    private func stopped(_ entry: Entry?, _ word: String) -> Entry? {
        guard let entry, entry.state.persistent else { return nil }
        let state = ObjectState(name: name, persistent: true, active: false, state: word)
        return Entry(state: state, isPersistenceKnown: true)
    }
}
