/// The form of stamp in use, settled by what others write.
struct StampChoice: Sendable {
    private(set) var form: Stamp.Form
    private(set) var isSettled: Bool
    private let setting: StampSetting

    init(_ setting: StampSetting) {
        self.setting = setting
        form = setting == .offset ? .offset : .naive
        isSettled = setting != .auto
    }

    /// The master may be another version now: keeps the form and looks at what others write again.
    mutating func connectionLost() {
        isSettled = setting != .auto
    }

    /// Takes an event of someone else.
    ///
    /// One without a stamp settles nothing, nor does what comes late of a former session of ours, or is another relay's.
    mutating func observe(_ event: EventSlice) {
        guard !isSettled, !event.tag.starts(with: BusConfiguration.probes.utf8), event.text(of: "relay", "id") == nil,
            let stamp = event.text(of: "_stamp")
        else { return }
        form = stamp.suffix(6).elementsEqual("+00:00".utf8) ? .offset : .naive
        isSettled = true
    }
}
