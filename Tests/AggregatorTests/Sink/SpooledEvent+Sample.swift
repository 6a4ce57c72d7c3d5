import Spool

extension SpooledEvent {
    /// An event of a host, which need not say anything.
    static func sample(
        _ position: Int64,
        of host: String = "kvm01",
        _ kind: String = "reboot",
        object: String = "domain",
        level: String? = nil,
        replayOf: Int64? = nil,
        size: Int = 1,
        time: Int64 = 0
    ) -> SpooledEvent {
        let record = SpoolRecord(
            time: time,
            host: host,
            object: object,
            kind: kind,
            subject: "",
            level: level,
            replayOf: replayOf,
            bytes: [UInt8](repeating: 0, count: size)
        )
        return SpooledEvent(record, at: position)
    }
}
