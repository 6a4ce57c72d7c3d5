internal import CLinux

/// How one file looks from outside.
struct FileLook: Equatable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64

    /// When it was last written, in seconds and nanoseconds; whoever owns it can set that.
    let modified: [Int64]

    /// When anything about it was last changed, which nobody can set.
    let changed: [Int64]
    let user: UInt32

    /// The permission bits.
    let mode: UInt32
    let isFolder: Bool
    let isRegular: Bool
    let isSocket: Bool

    /// Looks at a file; `nil` where there is none, or none to be seen, and then `errno` says why.
    ///
    /// Blocks for as long as the file system takes.
    ///
    /// - Parameter followingLinks: Whether a link stands for what it leads to. The default is true.
    init?(at path: String, followingLinks: Bool = true) {
        var look = clinux_file_look()
        guard clinux_look_at_file(path, followingLinks ? 1 : 0, &look) == 0 else { return nil }
        device = look.device
        inode = look.inode
        size = look.size
        modified = [look.modified_seconds, look.modified_nanoseconds]
        changed = [look.changed_seconds, look.changed_nanoseconds]
        user = look.user
        mode = look.mode
        isFolder = look.is_folder != 0
        isRegular = look.is_regular != 0
        isSocket = look.is_socket != 0
    }
}
