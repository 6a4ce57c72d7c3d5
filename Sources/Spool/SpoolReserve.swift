internal import Glibc

/// A file that holds room for the moment when there is none: on a full disk SQLite can neither remove anything nor put its
/// log away, unless this is given up first.
struct SpoolReserve {
    let path: String

    /// Bytes; at least twice what the log may take.
    let size: Int

    /// Makes the file, of its whole size or, on a small disk, of a quarter of what is free.
    ///
    /// - Returns: Whether there is one.
    @discardableResult
    func make() -> Bool {
        let wanted = min(size, SpoolReserve.free(at: path) / 4)
        let file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard wanted > 0, posix_fallocate(file, 0, off_t(wanted)) == 0 else {
            unlink(path)
            return false
        }
        return true
    }

    /// Gives the room up.
    ///
    /// - Returns: Whether there was any.
    func release() -> Bool {
        unlink(path) == 0
    }

    /// Whether the disk has room again for the file, and as much beside it.
    var canBeMade: Bool {
        SpoolReserve.free(at: path) >= 2 * size
    }

    /// Whether the disk has that much room, and some more.
    func hasRoom() -> Bool {
        SpoolReserve.free(at: path) > size
    }

    var exists: Bool { access(path, F_OK) == 0 }

    /// The bytes that are free where the file is.
    static func free(at path: String) -> Int {
        fileSystem(of: path).map { Int(clamping: UInt64($0.f_bavail) &* UInt64($0.f_frsize)) } ?? 0
    }

    /// The bytes that the file system of a file has in all.
    static func total(at path: String) -> Int {
        fileSystem(of: path).map { Int(clamping: UInt64($0.f_blocks) &* UInt64($0.f_frsize)) } ?? .max
    }

    private static func fileSystem(of path: String) -> statvfs? {
        var room = statvfs()
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return statvfs(folder, &room) == 0 ? room : nil
    }
}
