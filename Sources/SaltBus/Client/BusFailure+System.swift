internal import Glibc

/// The failures that the system reports.
extension BusFailure {
    /// What `errno` means for a connection to `address`.
    static func connecting(to address: BusAddress, as side: BusSession.Side, errno code: Int32) -> BusFailure {
        switch code {
        case ECONNREFUSED:
            BusFailure(
                .refused,
                message: "nobody listens on \(address)",
                hint: "start salt-master; restart it if it runs, since its event publisher may have died"
            )
        case ENOENT:
            BusFailure(
                .missing,
                message: "there is no socket \(address)",
                hint: "start salt-master, or correct the address of the bus"
            )
        case EACCES, EPERM:
            noPermission(for: address, as: side)
        case EAGAIN:
            BusFailure(
                .refused,
                message: "the queue of connections to \(address) is full",
                hint: "look whether salt-master hangs"
            )
        case ETIMEDOUT:
            BusFailure(.timeout, message: "\(address) does not answer", hint: "look whether salt-master hangs")
        default:
            BusFailure(.system, message: "\(address): \(text(of: code))")
        }
    }

    /// An open connection failed, or ended with `errno` 0.
    static func connected(to address: BusAddress, errno code: Int32) -> BusFailure {
        switch code {
        case 0, EPIPE, ECONNRESET:
            BusFailure(.closed, message: "the master closed \(address)", hint: "look whether salt-master restarts")
        default:
            BusFailure(.system, message: "\(address): \(text(of: code))")
        }
    }

    static func unusable(_ address: BusAddress) -> BusFailure {
        BusFailure(
            .address,
            message: "\(address) can be no address of a bus",
            hint: "write a path of at most 107 bytes, or a loopback address in digits"
        )
    }

    /// One sentence with all that the operator needs to end it.
    ///
    /// - Parameters:
    ///   - owner: Whose the socket is, or the folder before it.
    ///   - isPub: Whether it is the socket that events come out of, which the service can do without.
    static func noPermission(_ owner: SocketOwner, isPub: Bool) -> BusFailure {
        let mode = String(owner.mode, radix: 8)
        let padded = String(repeating: "0", count: max(0, 4 - mode.count)) + mode
        return BusFailure(
            .permission,
            message: "\(owner.path) belongs to \(owner.user) with mode \(padded), which keeps this user out",
            hint: "run the service as that user (User=\(owner.user) in its unit)"
                + (isPub ? ", let this one read and write the socket, or set bus.confirm: write" : "")
        )
    }

    private static func noPermission(for address: BusAddress, as side: BusSession.Side) -> BusFailure {
        guard case .unix(let path) = address, let owner = SocketOwner(of: path) else {
            return BusFailure(.permission, message: "this user may not connect to \(address)")
        }
        // Who is kept out of the folder is kept from pull as well.
        return noPermission(owner, isPub: side == .pub && owner.path == path)
    }

    private static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }
}
