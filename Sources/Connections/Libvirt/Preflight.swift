internal import Glibc

/// Asks whether anybody accepts connections at a URI's address, within a deadline.
///
/// `virConnectOpen` waits 135 s for a host that drops packets, and for ever at a unix socket whose backlog is full; it
/// cannot be aborted there, because libvirt shows a socket only once it is connected (measured). So we connect first,
/// without blocking, and hang up.
///
/// TCP, TLS, libssh and unix sockets; the other transports have nothing that could be asked this way.
struct Preflight {
    private let uri: LibvirtURI
    private let end: ContinuousClock.Instant
    private let isAborted: () -> Bool

    /// How soon an abort is noticed.
    private static let slice: Int32 = 50

    /// - Parameters:
    ///   - uri: Where to look.
    ///   - deadline: How long all of it may take, name look-up apart.
    ///   - isAborted: Asked now and then whether anybody still waits.
    init(_ uri: LibvirtURI, deadline: Duration, isAborted: @escaping () -> Bool) {
        self.uri = uri
        self.isAborted = isAborted
        end = .now + deadline
    }

    /// Blocks up to the deadline, and in a name look-up for as long as the system's resolver takes.
    ///
    /// - Returns: Where libvirt may connect to, as far as that is TCP.
    @discardableResult
    func run() throws(EstablishFailure) -> Set<PeerAddress> {
        guard !isAborted() else { throw EstablishFailure(.shutdown, "the attempt was given up") }
        switch (uri.transport, uri.host) {
        case (.tcp, let host?): return try tcp(host, port: uri.port ?? 16_509)
        case (.tls, let host?): return try tcp(host, port: uri.port ?? 16_514)
        case (.libssh, let host?), (.libssh2, let host?): return try tcp(host, port: uri.port ?? 22)
        case (.unix, _), (nil, nil): try unix()
        default: break
        }
        return []
    }

    private func tcp(_ host: String, port: Int) throws(EstablishFailure) -> Set<PeerAddress> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw EstablishFailure(.dns, "cannot resolve \(host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var failure = EstablishFailure(.dns, "\(host) has no address")
        let addresses = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { $0?.pointee }
        for (index, address) in addresses.enumerated() {
            // A fair share of the time for each: the first one may drop packets.
            let share = ContinuousClock.now.duration(to: end) / (addresses.count - index)
            do throws(Unreachable) {
                try connect(address.ai_family, address.ai_addr, address.ai_addrlen, until: .now + share)
                return Set(addresses.compactMap { PeerAddress($0.ai_addr, length: $0.ai_addrlen) })
            } catch {
                failure = error.failure("\(host) port \(port)")
            }
        }
        throw failure
    }

    private func unix() throws(EstablishFailure) {
        if let path = uri.parameter("socket") {
            do throws(Unreachable) {
                try connect(path: path)
            } catch {
                throw error.failure("the unix socket")
            }
        } else {
            // Which daemon libvirt will choose is its affair; only silence is ours to find out, since it would block.
            for path in defaultSockets {
                do throws(Unreachable) {
                    try connect(path: path)
                } catch  where error.code == ETIMEDOUT {
                    throw error.failure("socket \(path)")
                } catch {
                    continue
                }
            }
        }
    }

    private var defaultSockets: [String] {
        guard uri.driver != "test" || uri.transport == .unix, uri.path != "/session" else { return [] }
        return ["libvirt-sock-ro", "virt\(uri.driver)d-sock-ro"].map { "/run/libvirt/\($0)" }
            .filter { access($0, F_OK) == 0 }
    }

    private func connect(path: String) throws(Unreachable) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= capacity else { throw Unreachable(code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: address) { pointer throws(Unreachable) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(Unreachable) in
                try connect(AF_UNIX, pointer, socklen_t(MemoryLayout<sockaddr_un>.size), until: end)
            }
        }
    }

    /// Connects and hangs up.
    private func connect(
        _ family: Int32,
        _ address: UnsafePointer<sockaddr>?,
        _ length: socklen_t,
        until end: ContinuousClock.Instant
    ) throws(Unreachable) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let fd = socket(family, type, 0)
        guard fd >= 0 else { throw Unreachable(code: errno) }
        defer { close(fd) }
        if Glibc.connect(fd, address, length) == 0 { return }
        switch errno {
        case EINPROGRESS: break
        // A unix socket's backlog is full: its daemon has stopped accepting.
        case EAGAIN: throw Unreachable(code: ETIMEDOUT)
        case let code: throw Unreachable(code: code)
        }
        var waiting = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        while poll(&waiting, 1, Self.slice) <= 0 {
            guard end > .now, !isAborted() else { throw Unreachable(code: ETIMEDOUT) }
        }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw Unreachable(code: code) }
    }

    /// An `errno` of a connection that did not come about.
    private struct Unreachable: Error {
        let code: Int32

        func failure(_ peer: String) -> EstablishFailure {
            EstablishFailure(reason, "cannot connect to \(peer): \(String(cString: strerror(code)))")
        }

        private var reason: DownReason {
            switch code {
            case ECONNREFUSED, ENOENT: .refused
            case ETIMEDOUT: .timeout
            case EACCES, EPERM: .permission
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN: .route
            case ECONNRESET: .error
            default: .unknown
            }
        }
    }
}
