internal import Glibc

/// Whom a path belongs to, for saying why we may not use it.
struct SocketOwner: Hashable {
    /// The path asked for, or the folder on the way to it that lets us no further.
    let path: String

    /// The user's name, or the number of one without a name.
    let user: String

    /// Permission bits.
    let mode: UInt32

    init(path: String, user: String, mode: UInt32) {
        self.path = path
        self.user = user
        self.mode = mode
    }

    /// Asks the system; nil if not even `/` can be looked at.
    init?(of path: String) {
        var path = path
        var status = stat()
        while stat(path, &status) != 0 {
            guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        self.init(path: path, user: Self.name(of: status.st_uid), mode: status.st_mode & 0o7777)
    }

    private static func name(of user: uid_t) -> String {
        // As large as any entry of a user may be here; one that is larger goes by its number.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let base = buffer.baseAddress, getpwuid_r(user, &entry, base, buffer.count, &found) == 0,
                let name = found?.pointee.pw_name
            else { return "\(user)" }
            return String(cString: name)
        }
    }
}
