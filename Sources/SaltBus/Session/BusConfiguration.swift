/// Which bus, and how patiently.
package struct BusConfiguration: Sendable {
    /// What is taken for an event's being on the bus.
    package enum Confirmation: Hashable, Sendable {
        /// It came back on pub, which is the only proof there is.
        case echo

        /// The socket of pull took all of its bytes, which proves nothing, for where pub cannot be read.
        ///
        /// Without pub nothing shows which framing the master understands, so it is given.
        case write(Framing)
    }

    package let endpoint: BusEndpoint

    /// The default is echo.
    package var confirm = Confirmation.echo

    /// Where probes go: outside every prefix that reactors watch.
    let probeTag: Tag

    /// How `_stamp` is written.
    ///
    /// The default is auto.
    package var stamp = StampSetting.auto

    /// How long each of the two connections may take to be made.
    ///
    /// The default is 5 s.
    package var connectDeadline = Duration.seconds(5)

    /// How long writing may make no progress: a frozen publisher takes about 70 small events and then nothing.
    ///
    /// The default is 10 s.
    package var writeDeadline = Duration.seconds(10)

    /// How long the echo of the oldest written event may take.
    ///
    /// Doubles with each loss in a row to ``echoDeadlineCap``, since a busy master that is left and asked again only
    /// gets busier. The default is 5 s.
    package var echoDeadline = Duration.seconds(5)

    /// The default is 60 s.
    package var echoDeadlineCap = Duration.seconds(60)

    /// How long a probe may take before the next step.
    ///
    /// Doubles with each silent round to ``probeWaitCap``. The default is 1 s.
    package var probeWait = Duration.seconds(1)

    /// The default is 8 s.
    package var probeWaitCap = Duration.seconds(8)

    /// The bound of the first pause between attempts.
    ///
    /// The default is 100 ms.
    package var backoffBase = Duration.milliseconds(100)

    /// The bound of all pauses.
    ///
    /// The default is 5 s.
    package var backoffCap = Duration.seconds(5)

    /// The bound of the pauses after what no master sends: it is not a restart that is waited for.
    ///
    /// The default is 60 s.
    package var distrustCap = Duration.seconds(60)

    /// - Parameters:
    ///   - endpoint: The master's two sockets.
    ///   - instance: Names this run of the service; a segment of the probes' tag.
    /// - Throws: ``Tag/Malformed``, if it cannot be one.
    package init(endpoint: BusEndpoint, instance: String) throws(Tag.Malformed) {
        self.endpoint = endpoint
        probeTag = try Tag(Self.probes + instance)
    }

    /// What every probe's tag begins with, of whatever run.
    static let probes = "virt-aggregator/probe/"
}
