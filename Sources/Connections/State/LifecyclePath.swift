/// The shortest sense that can be made of a difference: the steps that lead from what was told of an object to what it is.
enum LifecyclePath {
    private typealias Word = ObjectState.Word

    /// - Parameters:
    ///   - old: What was told last; `nil` = not there.
    ///   - new: What a listing says; `nil` = not there.
    static func steps(
        of object: EventKind.Object,
        from old: ObjectState?,
        to new: ObjectState?
    ) -> [LifecycleStep] {
        guard old != new else { return [] }
        switch (object, old, new) {
        case (_, nil, nil): return []
        case (.nodedev, _, _), (.secret, _, _): return presence(of: object, from: old, to: new)
        case (_, let old?, nil): return end(old)
        case (_, nil, let new?): return beginning(new)
        case (_, let old?, let new?) where old.name == new.name: return change(from: old, to: new)
        // Domains alone can be renamed, and only while they are off.
        case (.domain, let old?, let new?) where old.persistent && new.persistent:
            let stopped = old.active ? [LifecycleStep("stopped", of: old.name)] : []
            let renamed = [
                LifecycleStep("undefined", "renamed", of: old.name), LifecycleStep("defined", "renamed", of: new.name),
            ]
            return stopped + renamed + (new.active ? start(new) : [])
        case (_, let old?, let new?): return end(old) + beginning(new)
        }
    }

    /// The steps that lead to what an object is, whatever was told of it before.
    static func steps(of object: EventKind.Object, to new: ObjectState?, name: String) -> [LifecycleStep] {
        func step(_ word: String) -> LifecycleStep { LifecycleStep(word, of: new?.name ?? name) }
        switch object {
        case .nodedev: return [step(new == nil ? "deleted" : "created")]
        case .secret: return [step(new == nil ? "undefined" : "defined")]
        case .domain, .network, .pool: break
        }
        guard let new else { return [step("stopped"), step("undefined")] }
        guard new.active else { return [step("defined"), step("stopped")] }
        return (new.persistent ? [step("defined"), step("started")] : [step("started"), step("undefined")])
            + way(from: running(new), to: new)
    }

    private static func presence(
        of object: EventKind.Object,
        from old: ObjectState?,
        to new: ObjectState?
    ) -> [LifecycleStep] {
        let words = object == .nodedev ? (there: "created", gone: "deleted") : (there: "defined", gone: "undefined")
        switch (old, new) {
        case (nil, let new?): return [LifecycleStep(words.there, of: new.name)]
        case (let old?, nil): return [LifecycleStep(words.gone, of: old.name)]
        default: return []
        }
    }

    private static func end(_ old: ObjectState) -> [LifecycleStep] {
        let stopped = LifecycleStep("stopped", of: old.name)
        let undefined = LifecycleStep("undefined", of: old.name)
        guard old.active else { return [undefined] }
        return old.persistent ? [stopped, undefined] : [stopped]
    }

    private static func beginning(_ new: ObjectState) -> [LifecycleStep] {
        (new.persistent ? [LifecycleStep("defined", of: new.name)] : []) + (new.active ? start(new) : [])
    }

    private static func start(_ new: ObjectState) -> [LifecycleStep] {
        [LifecycleStep("started", of: new.name)] + way(from: running(new), to: new)
    }

    /// What a domain is once it has started; a network or a pool is nothing else then.
    private static func running(_ new: ObjectState) -> ObjectState {
        var state = new
        state.state = new.state == Word.active ? Word.active : Word.running
        return state
    }

    private static func change(from old: ObjectState, to new: ObjectState) -> [LifecycleStep] {
        var steps: [LifecycleStep] = []
        if old.persistent != new.persistent {
            steps.append(LifecycleStep(new.persistent ? "defined" : "undefined", of: new.name))
        }
        switch (old.active, new.active) {
        case (true, false): steps.append(LifecycleStep("stopped", of: new.name))
        case (false, true): steps += start(new)
        case (true, true): steps += way(from: old, to: new)
        case (false, false): break
        }
        return steps
    }

    /// Between two states of a domain that is active.
    private static func way(from old: ObjectState, to new: ObjectState) -> [LifecycleStep] {
        guard old.state != new.state else { return [] }
        func step(_ word: String, _ detail: String? = nil) -> LifecycleStep {
            LifecycleStep(word, detail, of: new.name)
        }
        return switch (old.state, new.state) {
        case (Word.pmsuspended, Word.running): [step("started", "wakeup")]
        // There is no way back from these but through the end.
        case (Word.shutdown, Word.running), (Word.crashed, Word.running): [step("stopped"), step("started")]
        case (_, Word.running): [step("resumed")]
        case (_, Word.paused): [step("suspended")]
        case (_, Word.shutdown): [step("shutdown")]
        case (_, Word.pmsuspended): [step("pmsuspended")]
        case (_, Word.crashed): [step("crashed")]
        default: []
        }
    }
}
