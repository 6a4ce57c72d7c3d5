/// libvirt's enums in the order of their values; a test compares them with the API description of the libvirt it is
/// built with, and with that of 12.8.
extension EventWords {
    /// `virDomainEventType` and its kin: what happened.
    package static func lifecycle(_ object: EventKind.Object) -> EventWords {
        switch object {
        case .domain: domainLifecycle
        case .network: networkLifecycle
        case .pool: poolLifecycle
        case .nodedev: nodedevLifecycle
        case .secret: secretLifecycle
        }
    }

    /// `virDomainEvent*DetailType`: how it came about.
    ///
    /// Only domains have one; the engine writes `unknown` for the rest, whose detail is always 0.
    package static func lifecycleDetail(_ object: EventKind.Object, event: Int32) -> EventWords {
        guard object == .domain else { return reserved }
        return domainDetails.indices.contains(Int(event)) ? domainDetails[Int(event)] : EventWords(nil, [])
    }

    static let domainLifecycle = EventWords(
        "virDomainEventType",
        [
            "defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed",
        ]
    )

    /// Of each of ``domainLifecycle``.
    package static let domainDetails: [EventWords] = [
        EventWords("virDomainEventDefinedDetailType", ["added", "updated", "renamed", "from snapshot"]),
        EventWords("virDomainEventUndefinedDetailType", ["removed", "renamed"]),
        EventWords(
            "virDomainEventStartedDetailType",
            ["booted", "migrated", "restored", "from snapshot", "wakeup", "recreated"]
        ),
        EventWords(
            "virDomainEventSuspendedDetailType",
            [
                "paused", "migrated", "ioerror", "watchdog", "restored", "from snapshot", "api error", "postcopy",
                "postcopy failed", "guest shutdown",
            ]
        ),
        EventWords(
            "virDomainEventResumedDetailType",
            ["unpaused", "migrated", "from snapshot", "postcopy", "postcopy failed"]
        ),
        EventWords(
            "virDomainEventStoppedDetailType",
            [
                "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "recreated",
            ]
        ),
        EventWords("virDomainEventShutdownDetailType", ["finished", "guest", "host"]),
        EventWords("virDomainEventPMSuspendedDetailType", ["memory", "disk"]),
        EventWords("virDomainEventCrashedDetailType", ["panicked", "crashloaded"]),
    ]

    /// Every word of ``domainDetails``, each once; for descriptions, since a number means another in each.
    package static let allDomainDetails = EventWords(
        nil,
        domainDetails.flatMap(\.words).reduce(into: []) { words, word in
            if !words.contains(word) { words.append(word) }
        }
    )

    static let networkLifecycle = EventWords(
        "virNetworkEventLifecycleType",
        ["defined", "undefined", "started", "stopped"]
    )
    static let poolLifecycle = EventWords(
        "virStoragePoolEventLifecycleType",
        ["defined", "undefined", "started", "stopped", "created", "deleted"]
    )
    static let nodedevLifecycle = EventWords(
        "virNodeDeviceEventLifecycleType",
        ["created", "deleted", "defined", "undefined"]
    )
    static let secretLifecycle = EventWords("virSecretEventLifecycleType", ["defined", "undefined"])

    /// A number libvirt keeps for later and sets to 0, for which the engine writes `unknown`.
    package static let reserved = EventWords(nil, ["unknown"])
    package static let watchdogAction = EventWords(
        "virDomainEventWatchdogAction",
        [
            "none", "pause", "reset", "poweroff", "shutdown", "debug", "injectnmi",
        ]
    )
    package static let ioErrorAction = EventWords("virDomainEventIOErrorAction", ["none", "pause", "report"])
    package static let graphicsPhase = EventWords(
        "virDomainEventGraphicsPhase",
        ["connect", "initialize", "disconnect"]
    )
    package static let addressFamily = EventWords("virDomainEventGraphicsAddressType", ["ipv4", "ipv6", "unix"])
    package static let blockJobType = EventWords(
        "virDomainBlockJobType",
        ["unknown", "pull", "copy", "commit", "active commit", "backup"]
    )
    package static let blockJobStatus = EventWords(
        "virConnectDomainEventBlockJobStatus",
        ["completed", "failed", "canceled", "ready"]
    )
    package static let diskChangeReason = EventWords(
        "virConnectDomainEventDiskChangeReason",
        ["change missing on start", "drop missing on start"]
    )
    package static let trayChangeReason = EventWords("virDomainEventTrayChangeReason", ["open", "close"])
    package static let agentState = EventWords(
        "virConnectDomainEventAgentLifecycleState",
        [nil, "connected", "disconnected"]
    )
    package static let agentReason = EventWords(
        "virConnectDomainEventAgentLifecycleReason",
        ["unknown", "domain started", "channel"]
    )
    package static let channelState = EventWords(
        "virConnectDomainEventChannelLifecycleState",
        [nil, "connected", "disconnected"]
    )
    package static let channelReason = EventWords(
        "virConnectDomainEventChannelLifecycleReason",
        ["unknown", "domain started", "channel"]
    )
    package static let metadataType = EventWords("virDomainMetadataType", ["description", "title", "element"])
    package static let memoryFailureRecipient = EventWords(
        "virDomainMemoryFailureRecipientType",
        ["hypervisor", "guest"]
    )
    package static let memoryFailureAction = EventWords(
        "virDomainMemoryFailureActionType",
        ["ignore", "inject", "fatal", "reset"]
    )

    /// Bit by bit.
    package static let memoryFailureFlags = EventWords("virDomainMemoryFailureFlags", ["action required", "recursive"])
}
