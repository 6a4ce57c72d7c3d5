import Foundation

/// One connection through a ``LibvirtRelay``: two sockets, and a thread for each direction.
final class RelayedConnection: Sendable {
    private let client: Int32
    private let server: Int32
    private let desk: RelayDesk

    private struct State {
        /// Calls that wait until calls may pass.
        var held: [[UInt8]] = []

        /// Threads that use the sockets.
        var pumps = 2
    }

    /// Held while the daemon is written to, which two threads may do.
    private let state = Locked(State())

    init(client: Int32, server: Int32, desk: RelayDesk) {
        self.client = client
        self.server = server
        self.desk = desk
    }

    func start() {
        Thread.detachNewThread { self.pump(from: self.client, to: self.server) }
        Thread.detachNewThread { self.pump(from: self.server, to: self.client) }
    }

    /// Ends it for both sides.
    func end() {
        state.withLock { state in
            guard state.pumps > 0 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    /// Ends it by a reset for the client: connecting to no address does that, whoever waits on the socket.
    func reset() {
        state.withLock { state in
            guard state.pumps > 0 else { return }
            var nobody = sockaddr()
            nobody.sa_family = sa_family_t(AF_UNSPEC)
            connect(client, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    func letGo() {
        state.withLock { state in
            let held = state.held
            state.held = []
            guard state.pumps > 0 else { return }
            for message in held { _ = Self.write(message[...], to: server) }
        }
    }

    /// Moves messages one way until either side has gone.
    private func pump(from source: Int32, to target: Int32) {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        reading: while true {
            let count = recv(source, &room, room.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            desk.waitWhileFrozen()
            bytes += room.prefix(count)
            while let length = RelayedMessage.length(bytes), bytes.count >= length {
                guard pass(Array(bytes.prefix(length)), to: target) else { break reading }
                bytes.removeFirst(length)
            }
            // None of libvirt's.
            if bytes.count >= 4, RelayedMessage.length(bytes) == nil { break }
        }
        end()
        let isLast = state.withLock { state in
            state.pumps -= 1
            return state.pumps == 0
        }
        guard isLast else { return }
        close(client)
        close(server)
        desk.forget(self)
    }

    /// - Returns: `false` when that was the end.
    private func pass(_ message: [UInt8], to target: Int32) -> Bool {
        // Judged and written in one, so that no call overtakes those that were held before it.
        guard target == server else { return carryOut(desk.judge(RelayedMessage(message)), on: message, to: target) }
        return state.withLock { state in
            let verdict = desk.judge(RelayedMessage(message))
            if verdict == .hold { state.held.append(message) }
            return carryOut(verdict, on: message, to: target)
        }
    }

    private func carryOut(_ verdict: RelayDesk.Verdict, on message: [UInt8], to target: Int32) -> Bool {
        switch verdict {
        case .pass: return Self.write(message[...], to: target)
        case .freshen: return Self.write(RelayedMessage.freshlyBooted(message)[...], to: target)
        case .hold, .drop: return true
        case .cut:
            _ = Self.write(message.prefix(message.count / 2), to: target)
            return false
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(
                    socket,
                    bytes.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
