internal import Connections
internal import Spool

/// States on their way into the history, and back at the next start.
extension SpoolChange {
    init(_ change: StateChange, host: String) {
        self.init(
            time: change.at.microseconds,
            host: host,
            object: change.object.rawValue,
            key: change.key,
            name: change.state?.name ?? "",
            exists: change.state != nil,
            persistent: change.state?.persistent ?? false,
            active: change.state?.active ?? false,
            state: change.state?.state ?? change.wordWithoutState
        )
    }
}

extension StateChange {
    /// - Returns: `nil` for a row that this build does not understand.
    init?(_ row: SpoolChange) {
        guard let object = StateObject(rawValue: row.object) else { return nil }
        let state = ObjectState(name: row.name, persistent: row.persistent, active: row.active, state: row.state)
        self.init(
            object: object,
            key: row.key,
            state: row.exists ? state : nil,
            at: Timestamp(microseconds: row.time),
            silence: row.key.isEmpty && !row.exists ? Silence(rawValue: row.state) : nil
        )
    }

    /// What the history says where there is no state.
    fileprivate var wordWithoutState: String {
        if object == .host { return "down" }
        return key.isEmpty ? silence?.rawValue ?? "unknown" : "gone"
    }
}

extension HostState {
    /// What a former run knew of each host.
    ///
    /// - Parameter rows: The latest of every object.
    static func byHost(_ rows: [SpoolChange]) -> [String: HostState] {
        Dictionary(grouping: rows, by: \.host).mapValues { HostState($0.compactMap(StateChange.init)) }
    }
}
