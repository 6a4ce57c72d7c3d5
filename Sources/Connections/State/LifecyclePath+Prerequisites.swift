extension LifecyclePath {
    /// What must have come before an event for it to make sense after what was told, which may be long ago.
    ///
    /// Only where libvirt's own order leaves no doubt: a domain that starts paused is resumed before it is started.
    static func prerequisites(of event: HostEvent, after old: ObjectState?) -> [LifecycleStep] {
        guard case .lifecycle(let number, let detail) = event.payload else { return [] }
        let object = event.kind.object
        let word = EventWords.lifecycle(object)[number]
        let how = EventWords.lifecycleDetail(object, event: number)[detail]
        func step(_ word: String) -> [LifecycleStep] { [LifecycleStep(word, of: old?.name ?? event.subject.stateName)] }
        let isActive = old?.active == true
        switch (object, word) {
        case (.nodedev, "created"): return old == nil ? [] : step("deleted")
        case (.nodedev, "deleted"): return old == nil ? step("created") : []
        case (.nodedev, _): return []
        case (.secret, "undefined"): return old == nil ? step("defined") : []
        case (.secret, _): return []
        case (.domain, "undefined") where how == "renamed": return []
        case (_, "undefined"): return old?.persistent == true ? [] : step("defined")
        case (.domain, "started") where how == "wakeup": return []
        case (_, "started"): return isActive ? step("stopped") : []
        case (_, "stopped"): return isActive ? [] : step("started")
        case (.domain, "suspended"), (.domain, "shutdown"), (.domain, "pmsuspended"), (.domain, "crashed"):
            return isActive ? [] : step("started")
        default: return []
        }
    }
}
