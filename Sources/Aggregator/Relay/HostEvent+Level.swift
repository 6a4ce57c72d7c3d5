internal import Connections

extension HostEvent {
    /// What the event tells the level of, in kinds that say how something is rather than what happened; else `nil`.
    ///
    /// Of two such events of one host and kind with equal levels the later one says all that is worth knowing. A tunable
    /// says nothing of parameters that it does not name, nor of another disk than the one that is the value of one, so those
    /// are part of it. What was cut may be about something else.
    var level: String? {
        guard case .domain(_, _, let uuid) = subject, marks.truncated.isEmpty else { return nil }
        switch payload {
        case .balloonChange, .rtcChange: return uuid.description
        case .blockThreshold(let device, _, _, _): return "\(uuid)/\(device ?? "")"
        case .parameters(let parameters) where kind == .domainTunable:
            // Names are of letters, digits, points, lines and hyphens; see ``TypedParameterName``.
            let names = parameters.map(\.name).sorted().joined(separator: ",")
            guard let disk = parameters.first(where: { $0.name == Self.tunedDisk }) else { return "\(uuid)/\(names)" }
            guard case .text(let disk) = disk.value else { return nil }
            return "\(uuid)/\(names)/\(disk)"
        default: return nil
        }
    }

    /// `VIR_DOMAIN_TUNABLE_BLKDEV_DISK`: the disk that limits are of.
    private static let tunedDisk = "blkdeviotune.disk"
}
