import Foundation

/// A relay in front of a libvirtd's TCP port that reads libvirt's messages, and passes on what a test lets it.
///
/// Give a service ``uri(_:)`` in the place of the daemon's own; then, from any thread and at any time:
///
/// - ``treatCalls(_:)``: keepalive goes on being answered, and calls are held back until they may pass, or swallowed for
///   ever, as a daemon does whose workers hang;
/// - ``makeDeaf(to:)``: the events of some classes are dropped and everything else goes on, as with a modular daemon one
///   of whose parts was started anew;
/// - ``freeze()`` and ``thaw()``: nothing passes in either direction and the connections stay, as when packets are dropped;
/// - ``cutNextListing()``: the connection ends in the middle of the next answer to a listing;
/// - ``cut()`` and ``reset()``: every connection ends, in order or by a TCP reset; new ones are taken at once;
/// - ``refuse(_:)``: new connections are ended at once;
/// - ``boot()``: from now on the host's processors have done little, and every connection ends.
///
/// What is set holds for connections there are and for those to come. The daemon may go and come back; until it is back
/// connections end at once. For daemons without TLS and SASL. It ends with this object.
package final class LibvirtRelay: Sendable {
    /// What becomes of a client's calls; keepalive always passes.
    package enum Calls: Sendable {
        case pass
        /// Kept, and passed on in order once calls may pass.
        case hold
        case swallow
    }

    /// What has gone through, and what has not.
    package struct Counts: Sendable {
        package var connections = 0
        /// Clients that were turned away.
        package var refusals = 0
        /// Calls that were held or swallowed.
        package var calls = 0
        /// Answers to keepalive.
        package var answers = 0
        /// Events that were dropped.
        package var events = 0
        /// Connections that ended within a listing.
        package var cuts = 0
    }

    /// The port on 127.0.0.1 that it listens on, for as long as it lives.
    package let port: UInt16
    private let desk: RelayDesk
    private let listener: Int32

    /// - Parameter daemon: The TCP port on 127.0.0.1 of the daemon behind it.
    package init(to daemon: UInt16) throws {
        port = try FreePort.next()
        guard let listener = Loopback.bound(to: port) else { throw SystemError("bind port \(port)") }
        guard listen(listener, 4096) == 0 else {
            close(listener)
            throw SystemError("listen")
        }
        self.listener = listener
        let desk = RelayDesk(daemon: daemon)
        self.desk = desk
        Thread.detachNewThread { desk.serve(listener) }
    }

    deinit {
        // The thread that accepts wakes up, and closes the listener.
        shutdown(listener, Int32(SHUT_RDWR))
        desk.end { $0.end() }
    }

    /// The daemon, through this relay.
    package func uri(_ driver: PrivateLibvirtd.Driver = .test) -> String {
        "\(driver)+tcp://127.0.0.1:\(port)\(driver.path)"
    }

    package func treatCalls(_ calls: Calls) {
        desk.change { $0.calls = calls }
        if calls == .pass { desk.letGo() }
    }

    /// Drops the events of these classes from now on, and of no other; the empty set hears everything.
    package func makeDeaf(to classes: Set<RelayedMessage.EventClass>) { desk.change { $0.deafTo = classes } }

    package func freeze() { desk.change { $0.isFrozen = true } }

    package func thaw() { desk.change { $0.isFrozen = false } }

    /// Ends a connection when the next listing's answer has half gone through; once.
    package func cutNextListing() { desk.change { $0.cutsNextListing = true } }

    package func refuse(_ refuses: Bool) { desk.change { $0.refuses = refuses } }

    package func boot() {
        desk.change { $0.hasBooted = true }
        cut()
    }

    package func cut() { desk.end { $0.end() } }

    /// - Returns: How many connections that ended.
    @discardableResult
    package func reset() -> Int { desk.end { $0.reset() } }

    package var counts: Counts { desk.counts }

    /// How many connections there are.
    package var connected: Int { desk.connected }
}
