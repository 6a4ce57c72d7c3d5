import CLinux
import Glibc

@testable import SaltBus

/// A Salt master's two sockets and nothing else: what comes in on pull in its framing goes out to every pub connection.
///
/// Runs on a thread of its own, over unix sockets in a folder of its own or over loopback TCP on any free ports.
final class StubMaster: Sendable {
    struct Behaviour: Sendable {
        var pull = Framing.lengthPrefixed
        var pub = Framing.bare

        /// Takes events and publishes none of them.
        var isSilent = false

        /// Reads nothing from pull.
        var isFrozen = false

        /// Publishes in pieces of so many bytes.
        var piece = 1 << 20
    }

    let endpoint: BusEndpoint
    private let listeners: (pub: Int32, pull: Int32)
    private let behaviour: PosixLock<Behaviour>
    private let received = PosixLock<[[UInt8]]>([])
    private let published = PosixLock(0)
    private let isStopped = PosixLock(false)
    private let wake = WakeSignal()
    private let thread = PosixLock<pthread_t?>(nil)

    init(at endpoint: BusEndpoint, _ behaviour: Behaviour = Behaviour()) {
        self.behaviour = PosixLock(behaviour)
        let pub = Self.listen(at: endpoint.pub)
        let pull = Self.listen(at: endpoint.pull)
        listeners = (pub.descriptor, pull.descriptor)
        self.endpoint = BusEndpoint(pub: pub.address, pull: pull.address)
        var identifier = pthread_t()
        pthread_create(
            &identifier,
            nil,
            { pointer in
                if let pointer { Unmanaged<StubMaster>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        thread.withLock { [identifier] in $0 = identifier }
    }

    /// What reached pull in the right framing, in order.
    var events: [[UInt8]] { received.withLock { $0 } }

    /// How many of them, probes aside, every subscriber has been sent.
    var publishedCount: Int { published.withLock { $0 } }

    func change(_ body: (inout Behaviour) -> Void) {
        behaviour.withLock { body(&$0) }
        wake.signal()
    }

    /// Ends like a master that is killed: connections closed, sockets left behind.
    func stop() {
        isStopped.withLock { $0 = true }
        wake.signal()
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }

    private static func listen(at address: BusAddress) -> (descriptor: Int32, address: BusAddress) {
        if case .unix(let path) = address { unlink(path) }
        let bound = address.withSocketAddress { family, pointer, length in
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard bind(descriptor, pointer, length) == 0, Glibc.listen(descriptor, 16) == 0 else { return Int32(-1) }
            return descriptor
        }
        let descriptor = bound ?? -1
        guard case .tcp(let host, _) = address else { return (descriptor, address) }
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &name) { bytes in
            _ = bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &length) }
        }
        return (descriptor, .tcp(host: host, port: name.sin_port.bigEndian))
    }

    private func run() {
        var subscribers: [Int32] = []
        var senders: [Int32: PubStream] = [:]
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer {
            buffer.deallocate()
            for descriptor in subscribers + senders.keys + [listeners.pub, listeners.pull] { close(descriptor) }
        }
        while !isStopped.withLock({ $0 }) {
            let isFrozen = self.behaviour.withLock(\.isFrozen)
            let watched = [wake.descriptor, listeners.pub, listeners.pull] + (isFrozen ? [] : Array(senders.keys))
            var descriptors = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&descriptors, nfds_t(descriptors.count), -1)
            // As it is now: what a test has changed holds for whatever it does next.
            let behaviour = self.behaviour.withLock { $0 }
            for ready in descriptors where ready.revents != 0 {
                switch ready.fd {
                case wake.descriptor: wake.clear()
                case listeners.pub: subscribers.append(accept(listeners.pub, nil, nil))
                case listeners.pull: senders[accept(listeners.pull, nil, nil)] = PubStream()
                case _ where behaviour.isFrozen: break
                default: take(from: ready.fd, &senders, to: &subscribers, buffer, behaviour)
                }
            }
        }
    }

    static func isProbe(_ event: [UInt8]) -> Bool { event.starts(with: "virt-aggregator/".utf8) }

    /// Reads from one sender.
    ///
    /// One in the wrong framing is read for ever and never understood, as by real masters.
    private func take(
        from sender: Int32,
        _ senders: inout [Int32: PubStream],
        to subscribers: inout [Int32],
        _ buffer: UnsafeMutableRawBufferPointer,
        _ behaviour: Behaviour
    ) {
        let count = read(sender, buffer.baseAddress, buffer.count)
        guard count > 0, var stream = senders[sender] else {
            senders[sender] = nil
            close(sender)
            return
        }
        var events: [[UInt8]] = []
        try? stream.read(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &events) { $0.append([UInt8]($1)) }
        senders[sender] = stream
        guard stream.framing == behaviour.pull else { return }
        received.withLock { $0 += events }
        guard !behaviour.isSilent else { return }
        let frames = events.flatMap { behaviour.pub.published($0) }
        subscribers = subscribers.filter { subscriber in
            for start in stride(from: 0, to: frames.count, by: behaviour.piece) {
                let piece = frames[start..<min(start + behaviour.piece, frames.count)]
                guard piece.withUnsafeBytes({ send(subscriber, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) >= 0
                else {
                    close(subscriber)
                    return false
                }
            }
            return true
        }
        published.withLock { $0 += events.count { !Self.isProbe($0) } }
    }
}
