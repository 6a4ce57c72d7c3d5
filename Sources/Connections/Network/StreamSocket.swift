internal import Glibc

/// A socket that nobody else has, closed when it goes out of use.
struct StreamSocket: ~Copyable {
    let descriptor: Int32

    deinit {
        close(descriptor)
    }
}

extension StreamSocket {
    /// Who it is connected to; `nil` unless that is over TCP.
    var peer: PeerAddress? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                getpeername(descriptor, pointer, &length) == 0 ? PeerAddress(pointer, length: length) : nil
            }
        }
    }
}
