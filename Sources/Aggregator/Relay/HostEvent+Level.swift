internal import Connections

extension HostEvent {
    /// What the event tells the level of, in kinds that say how something is rather than what happened; else `nil`.
    ///
    /// Of two such events of one host and kind with equal levels the later one says all that is worth knowing. A tunable
    /// says nothing of parameters that it does not name, so their names are part of it.
    var level: String? {
        guard case .domain(_, _, let uuid) = subject else { return nil }
        switch payload {
        case .balloonChange, .rtcChange: return uuid.description
        case .blockThreshold(let device, _, _, _): return "\(uuid)/\(device ?? "")"
        case .parameters(let parameters) where kind == .domainTunable:
            // Names are of letters, digits, points, lines and hyphens; see ``TypedParameterName``.
            return "\(uuid)/\(parameters.map(\.name).sorted().joined(separator: ","))"
        default: return nil
        }
    }
}
