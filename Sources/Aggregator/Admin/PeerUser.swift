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

    /// The name of its user, or `uid 1000` where that has none; `nil` when the kernel does not say.
    ///
    /// A directory service may be asked for the name and be slow, so it is asked on a plain thread, and not for long.
    static func name(of channel: any Channel, pool: BlockingPool) async -> String? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        let found: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET),
            name: SocketOptionName(SO_PEERCRED)
        )
        guard let user = try? await found.get().user else { return nil }
        let name = await pool.run(within: .seconds(1)) { Self.name(of: user) }
        return (name ?? nil) ?? "uid \(user)"
    }

    private static func name(of user: uid_t) -> String? {
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
