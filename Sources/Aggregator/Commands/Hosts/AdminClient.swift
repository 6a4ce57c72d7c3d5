internal import Glibc

/// Asks the running service over its admin socket: one request, one reply, one connection.
///
/// For commands, which have nothing else to do meanwhile: it blocks, but never beyond its deadline.
struct AdminClient {
    /// 10,000 hosts are some 7 MB.
    static let replyLimit = 64 << 20

    /// Longer than the service takes for a reload of files that hang.
    static let patience = Duration.seconds(45)

    let path: String

    /// How long to wait for the whole of it.
    var limit = Self.patience

    /// What the service said.
    struct Reply {
        let status: Int
        let body: [UInt8]
    }

    /// Sends a request, with `body` as JSON.
    ///
    /// - Parameter target: The path and the query, in visible ASCII; anything else could end the request's line, and is
    ///   not sent.
    /// - Throws: ``AdminUnreachable``.
    func send(_ method: String, _ target: String, body: [UInt8] = []) throws(AdminUnreachable) -> Reply {
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AdminUnreachable(.target, path: path)
        }
        let deadline = ContinuousClock.now + limit
        let descriptor = try connected(until: deadline)
        defer { close(descriptor) }
        let head = """
            \(method) \(target) HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            \r

            """
        try write(Array(head.utf8) + body, to: descriptor, until: deadline)
        let bytes = try readAll(from: descriptor, until: deadline)
        guard let reply = Self.parse(bytes) else { throw AdminUnreachable(.strange, path: path) }
        return reply
    }

    private func connected(until deadline: ContinuousClock.Instant) throws(AdminUnreachable) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { throw AdminUnreachable(.system(errno), path: path) }
        while !UnixAddress.connect(descriptor, to: path) {
            let code = errno
            // The queue of those who want to ask is full; nothing tells when there is room.
            let isBusy = code == EAGAIN || code == EINTR
            if isBusy, ContinuousClock.now < deadline {
                usleep(20_000)
                continue
            }
            close(descriptor)
            throw AdminUnreachable(isBusy ? .silent : .system(code), path: path)
        }
        return descriptor
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, until deadline: ContinuousClock.Instant)
        throws(AdminUnreachable)
    {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: POLLOUT, on: descriptor, until: deadline)
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE || errno == ECONNRESET {
                // It may have answered before it had read everything.
                return
            } else if errno != EINTR, errno != EAGAIN {
                throw AdminUnreachable(.system(errno), path: path)
            }
        }
    }

    private func readAll(from descriptor: Int32, until deadline: ContinuousClock.Instant)
        throws(AdminUnreachable) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= Self.replyLimit {
            try wait(for: POLLIN, on: descriptor, until: deadline)
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += chunk.prefix(count)
            } else if errno != EINTR, errno != EAGAIN {
                throw AdminUnreachable(.system(errno), path: path)
            }
        }
        throw AdminUnreachable(.strange, path: path)
    }

    private func wait(for events: Int32, on descriptor: Int32, until deadline: ContinuousClock.Instant)
        throws(AdminUnreachable)
    {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw AdminUnreachable(.silent, path: path) }
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        if poll(&entry, 1, Int32(left / .milliseconds(1)) + 1) == 0 { throw AdminUnreachable(.silent, path: path) }
    }

    /// The status and the body of a reply with a length; `nil` for anything else.
    static func parse(_ bytes: [UInt8]) -> Reply? {
        let mark = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: mark) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        let length = lines.dropFirst().compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
            return Int(parts[1].drop { $0 == " " })
        }
        let body = bytes[end.upperBound...]
        guard length.first == body.count else { return nil }
        return Reply(status: status, body: Array(body))
    }
}

/// Why the service cannot be asked, and what to do about it.
struct AdminUnreachable: Error, Equatable, CustomStringConvertible {
    enum Cause: Equatable {
        /// The system's error number.
        case system(Int32)

        /// Nothing came in time.
        case silent

        /// Something answers that is not the service.
        case strange

        /// What is asked for cannot be written into a request.
        case target
    }

    let cause: Cause
    let path: String

    init(_ cause: Cause, path: String) {
        self.cause = cause
        self.path = path
    }

    var description: String {
        switch cause {
        case .system(ENOENT), .system(ECONNREFUSED):
            "the service is not running: nobody listens on \(path); "
                + "start it, or give --admin-socket PATH if its socket is elsewhere"
        case .system(EACCES), .system(EPERM):
            "this user may not use \(path); run the command as the service's user, or join its group"
        case .system(let code):
            "cannot talk to the service on \(path): \(String(cString: strerror(code))); look at its log"
        case .silent: "the service does not answer on \(path); look at its log"
        case .strange: "what answers on \(path) is not this service; give --admin-socket PATH"
        case .target: "what is asked for cannot be sent; write it in ASCII, without spaces"
        }
    }
}
