/// The failures that the session itself finds.
extension BusFailure {
    static func connectTimedOut(_ address: BusAddress) -> BusFailure {
        BusFailure(
            .timeout,
            message: "\(address) takes no connection in time",
            hint: "look whether salt-master hangs"
        )
    }

    static let writeStalled = BusFailure(
        .timeout,
        message: "the master has stopped reading from its pull socket",
        hint: "look whether its event publisher hangs"
    )

    static let echoSilent = BusFailure(
        .echoSilent,
        message: "an event was written and did not appear on the bus in time",
        hint: "look whether the master is overloaded"
    )

    static let probesSilent = BusFailure(
        .echoSilent,
        message: "the master takes events and publishes none, in either framing",
        hint: "look whether pub and pull belong to one master, then restart salt-master"
    )

    static let overrun = BusFailure(
        .overrun,
        message: "more than \(EchoWatch.limit) events or \(OutgoingQueue.limit >> 20) MiB await the bus",
        hint: "give it smaller windows"
    )

    static func protocolError(_ malformed: PubStream.Malformed) -> BusFailure {
        BusFailure(
            .protocolError,
            message: malformed.message,
            hint: "look whether the pub address is that of a Salt master"
        )
    }
}
