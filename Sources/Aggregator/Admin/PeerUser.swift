internal import Connections
internal import Glibc
internal import NIOCore

/// Whose process is at the other end of a unix socket.
enum PeerUser {
    /// `struct ucred`, which is no part of the Glibc module.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// The number of its user; `nil` when the kernel does not say.
    static func id(of channel: any Channel) async -> uid_t? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        let found: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET),
            name: SocketOptionName(SO_PEERCRED)
        )
        return try? await found.get().user
    }

    /// Asks the system for the name of a user; blocks for as long as a directory service takes.
    @Sendable static func name(of user: uid_t) -> String? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let bytes = buffer.baseAddress,
                getpwuid_r(user, &entry, bytes, buffer.count, &result) == 0, result != nil,
                let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
