/// How libvirt is to notice that a peer has fallen silent on a connection that is already open.
///
/// A frozen peer is told after `interval * (count + 1)`; without keepalive it is never told (measured).
/// See <https://libvirt.org/html/libvirt-libvirt-host.html#virConnectSetKeepAlive>.
package struct Keepalive: Hashable, Sendable {
    /// Whole seconds between two probes.
    ///
    /// The default is 5 s.
    package var interval: Duration

    /// Probes that may stay unanswered.
    ///
    /// The default is 3.
    package var count: Int

    package init(interval: Duration = .seconds(5), count: Int = 3) {
        self.interval = interval
        self.count = count
    }

    /// The longest silence before the connection is given up.
    package var patience: Duration { interval * (count + 1) }
}
