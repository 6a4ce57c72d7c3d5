/// The words for libvirt's numbers, as the Salt engine writes them.
///
/// A number without a word is `unknown-<n>`: newer libvirt releases send new ones. The tables stand in the order of
/// libvirt's enums, whose values are contiguous from 0; a test compares them with the installed headers.
package enum EventWords {
    /// `virDomainEventType` and its kin: what happened.
    package static func lifecycle(_ object: EventKind.Object, event: Int32) -> String {
        switch object {
        case .domain: word(domainEvents.map(\.word), event)
        case .network: word(networkEvents, event)
        case .pool: word(poolEvents, event)
        case .nodedev: word(nodedevEvents, event)
        case .secret: word(secretEvents, event)
        }
    }

    /// `virDomainEvent*DetailType`: how it came about.
    ///
    /// Only domains have one; the engine writes `unknown` for the rest, whose detail is always 0.
    package static func lifecycleDetail(_ object: EventKind.Object, event: Int32, detail: Int32) -> String {
        guard object == .domain else { return detail == 0 ? "unknown" : "unknown-\(detail)" }
        guard domainEvents.indices.contains(Int(event)) else { return "unknown-\(detail)" }
        return word(domainEvents[Int(event)].details, detail)
    }

    /// `virDomainMetadataType`.
    package static func metadata(type: Int32) -> String {
        word(["description", "title", "element"], type)
    }

    private static func word(_ words: [String], _ number: Int32) -> String {
        words.indices.contains(Int(number)) ? words[Int(number)] : "unknown-\(number)"
    }

    static let domainEvents: [(word: String, details: [String])] = [
        ("defined", ["added", "updated", "renamed", "from snapshot"]),
        ("undefined", ["removed", "renamed"]),
        ("started", ["booted", "migrated", "restored", "from snapshot", "wakeup", "recreated"]),
        (
            "suspended",
            [
                "paused", "migrated", "ioerror", "watchdog", "restored", "from snapshot", "api error", "postcopy",
                "postcopy failed", "guest shutdown",
            ]
        ),
        ("resumed", ["unpaused", "migrated", "from snapshot", "postcopy", "postcopy failed"]),
        (
            "stopped",
            ["shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "recreated"]
        ),
        ("shutdown", ["finished", "guest", "host"]),
        ("pmsuspended", ["memory", "disk"]),
        ("crashed", ["panicked", "crashloaded"]),
    ]
    static let networkEvents = ["defined", "undefined", "started", "stopped"]
    static let poolEvents = ["defined", "undefined", "started", "stopped", "created", "deleted"]
    static let nodedevEvents = ["created", "deleted", "defined", "undefined"]
    static let secretEvents = ["defined", "undefined"]
}
