internal import Glibc

/// Connects sockets, and waits for them, within a deadline and for as long as anybody wants it.
///
/// Nothing here blocks longer than a moment without looking at both.
struct Dialer {
    private let end: ContinuousClock.Instant
    private let names: NameLookups
    private let isAborted: () -> Bool

    /// How soon an abort is noticed, in milliseconds.
    private static let slice: Int32 = 50

    /// - Parameters:
    ///   - end: When all of it must be over.
    ///   - names: Who knows where they lead to.
    ///   - isAborted: Asked now and then whether anybody still waits.
    init(until end: ContinuousClock.Instant, names: NameLookups, isAborted: @escaping () -> Bool) {
        self.end = end
        self.names = names
        self.isAborted = isAborted
    }

    /// Connects to the first of a host's addresses that accepts.
    func tcp(_ host: String, port: Int) throws(EstablishFailure) -> StreamSocket {
        guard let answer = names.answer(host, port: port, until: end, isAborted: isAborted) else {
            throw EstablishFailure(.timeout, "no answer in time to the question for the address of \(host)")
        }
        guard answer.code == 0 else {
            throw EstablishFailure(.dns, "cannot resolve \(host): \(String(cString: gai_strerror(answer.code)))")
        }
        defer { withExtendedLifetime(answer) {} }
        var failure = EstablishFailure(.dns, "\(host) has no address")
        let addresses = answer.addresses
        for (index, address) in addresses.enumerated() {
            // A fair share of the time for each: the first one may drop packets.
            let share = ContinuousClock.now.duration(to: end) / (addresses.count - index)
            do throws(Unreachable) {
                return try connect(address.ai_family, address.ai_addr, address.ai_addrlen, until: .now + share)
            } catch {
                failure = error.failure("\(host) port \(port)")
            }
        }
        throw failure
    }

    func unix(_ path: String) throws(Unreachable) -> StreamSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= capacity else { throw Unreachable(code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return try withUnsafePointer(to: address) { pointer throws(Unreachable) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(Unreachable) in
                try connect(AF_UNIX, pointer, socklen_t(MemoryLayout<sockaddr_un>.size), until: end)
            }
        }
    }

    /// What a socket is waited for.
    enum Readiness {
        case reading, writing

        fileprivate var events: Int16 { Int16(self == .reading ? POLLIN : POLLOUT) }
    }

    /// Waits until a socket is ready, has failed or was closed by its peer.
    ///
    /// - Returns: `false` when the time is over or nobody waits any more.
    func wait(for socket: borrowing StreamSocket, _ readiness: Readiness) -> Bool {
        // A peer that never stops sending is always ready.
        end > .now && wait(for: socket, readiness, until: end)
    }

    private func wait(
        for socket: borrowing StreamSocket,
        _ readiness: Readiness,
        until end: ContinuousClock.Instant
    ) -> Bool {
        var waiting = pollfd(fd: socket.descriptor, events: readiness.events, revents: 0)
        repeat {
            guard !isAborted() else { return false }
            if poll(&waiting, 1, Self.slice) > 0 { return true }
        } while end > .now
        return false
    }

    private func connect(
        _ family: Int32,
        _ address: UnsafePointer<sockaddr>?,
        _ length: socklen_t,
        until end: ContinuousClock.Instant
    ) throws(Unreachable) -> StreamSocket {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(family, type, 0)
        guard descriptor >= 0 else { throw Unreachable(code: errno) }
        let socket = StreamSocket(descriptor: descriptor)
        if Glibc.connect(descriptor, address, length) == 0 { return socket }
        switch errno {
        case EINPROGRESS: break
        // A unix socket's backlog is full: its daemon has stopped accepting.
        case EAGAIN: throw Unreachable(code: ETIMEDOUT)
        case let code: throw Unreachable(code: code)
        }
        guard wait(for: socket, .writing, until: end) else { throw Unreachable(code: ETIMEDOUT) }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw Unreachable(code: code) }
        return socket
    }
}
