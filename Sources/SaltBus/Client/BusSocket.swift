internal import Glibc

/// One non-blocking connection of the bus, closed when nobody holds it any more.
///
/// Used by the bus thread alone.
final class BusSocket {
    /// What became of a call that does not wait.
    enum Outcome {
        case done(Int)

        /// Nothing now; `poll` tells when.
        case later
        case failed(BusFailure)
    }

    let descriptor: Int32

    /// True until the connection stands.
    private(set) var isConnecting: Bool
    private let address: BusAddress
    private let side: BusSession.Side

    /// Begins to connect.
    init(connectingTo address: BusAddress, as side: BusSession.Side) throws(BusFailure) {
        let started = address.withSocketAddress { family, pointer, length -> (descriptor: Int32, errno: Int32) in
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(family, type, 0)
            guard descriptor >= 0 else { return (-1, errno) }
            if family != AF_UNIX {
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            guard connect(descriptor, pointer, length) != 0 else { return (descriptor, 0) }
            let error = errno
            guard error != EINPROGRESS, error != EINTR else { return (descriptor, EINPROGRESS) }
            close(descriptor)
            return (-1, error)
        }
        guard let started else { throw .unusable(address) }
        guard started.descriptor >= 0 else { throw .connecting(to: address, as: side, errno: started.errno) }
        descriptor = started.descriptor
        isConnecting = started.errno == EINPROGRESS
        self.address = address
        self.side = side
    }

    deinit {
        close(descriptor)
    }

    /// `poll` said that connecting has ended, well or not.
    func connectingEnded() throws(BusFailure) {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        guard error == 0 else { throw .connecting(to: address, as: side, errno: error) }
        isConnecting = false
    }

    /// Reads what is there, at most as much as `buffer` holds.
    ///
    /// The end of the stream is a failure.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        return count == 0 ? .failed(.connected(to: address, errno: 0)) : outcome(count)
    }

    /// Writes as much of `bytes`, which are not empty, as the system takes.
    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        outcome(send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    private func outcome(_ count: Int) -> Outcome {
        guard count < 0 else { return .done(count) }
        let error = errno
        return switch error {
        case EAGAIN, EINTR: .later
        default: .failed(.connected(to: address, errno: error))
        }
    }
}
