internal import CLinux
internal import Glibc

/// The place of the admin socket in the file system, held by one service at a time.
///
/// The socket is made in a folder that only this user may enter, and moved to its place once it has its mode, so there is
/// no moment at which somebody else could open it. What a killed service has left is replaced; a socket that somebody
/// listens on is not.
final class AdminSocketPlace: Sendable {
    /// Its user and its group may use the socket.
    static let mode: mode_t = 0o660

    /// Where clients find the socket.
    let path: String

    /// Where it is to be made.
    let bindPath: String
    private let folder: String
    private let lock: Int32

    /// Takes the place.
    ///
    /// The lock beside the socket stays when it is given up: two services that remove it could both hold it.
    ///
    /// - Throws: ``AdminSocketError``; nothing is taken then.
    init(path: String) throws(AdminSocketError) {
        guard path.utf8.count <= AdminSocketSetting.pathLimit else {
            throw .unusable("\(path) has more than \(AdminSocketSetting.pathLimit) bytes")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent =
            parts.count == 1
            ? "." : parts.count == 2 && parts[0].isEmpty ? "/" : parts.dropLast().joined(separator: "/")
        self.path = path
        folder = "\(parent)/.\(parts.last ?? "")"
        bindPath = "\(folder)/s"
        try Self.makeParent(parent)
        lock = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .unusable("cannot open \(path).lock: \(Self.systemError)") }
        // From here on `deinit` runs even when this throws.
        guard clinux_lock(lock) == 0 else {
            throw errno == EWOULDBLOCK ? .taken(path) : .unusable("cannot lock \(path).lock: \(Self.systemError)")
        }
        try checkPlace()
        try makeFolder()
    }

    deinit {
        close(lock)
    }

    /// Gives the socket, which has been made, its mode and its place.
    func publish() throws(AdminSocketError) {
        guard chmod(bindPath, Self.mode) == 0, rename(bindPath, path) == 0 else {
            throw .unusable("cannot move the socket to \(path): \(Self.systemError)")
        }
        rmdir(folder)
    }

    /// Removes the socket; the place is given up with this object.
    func remove() {
        unlink(path)
        unlink(bindPath)
        rmdir(folder)
    }

    private static var systemError: String { String(cString: strerror(errno)) }

    private static func makeParent(_ parent: String) throws(AdminSocketError) {
        guard mkdir(parent, 0o755) == 0 || errno == EEXIST else {
            throw .unusable("cannot make \(parent): \(systemError)")
        }
        guard let look = FileLook(at: parent) else { throw .unusable("cannot look at \(parent): \(systemError)") }
        if let problem = problem(owner: look.user, mode: look.mode, user: geteuid()) {
            throw .unusable("\(parent) \(problem): whoever that is could put a socket of their own in its place")
        }
    }

    /// Why nothing in a folder is safe from others; `nil` when it is.
    ///
    /// In a sticky one, as `/tmp` is, others cannot touch what is ours.
    static func problem(owner: uid_t, mode: mode_t, user: uid_t) -> String? {
        if owner != user, owner != 0 { return "belongs to another user, uid \(owner)" }
        if mode & (S_IWGRP | S_IWOTH) != 0, mode & S_ISVTX == 0 { return "may be written by others" }
        return nil
    }

    /// Throws unless there is nothing at the path, or a socket that nobody listens on.
    private func checkPlace() throws(AdminSocketError) {
        guard let look = FileLook(at: path, followingLinks: false) else { return }
        guard look.isSocket else { throw .unusable("\(path) is there and is no socket") }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw .unusable("cannot make a socket: \(Self.systemError)") }
        defer { close(descriptor) }
        // A listener whose queue is full says EAGAIN; a socket that is left over, ECONNREFUSED.
        if UnixAddress.connect(descriptor, to: path) || errno == EAGAIN { throw .taken(path) }
    }

    private func makeFolder() throws(AdminSocketError) {
        if mkdir(folder, 0o700) == 0 { return }
        // Left over from a service that was killed just then; the lock says that no other one is at it.
        if errno == EEXIST {
            unlink(bindPath)
            if rmdir(folder) == 0, mkdir(folder, 0o700) == 0 { return }
        }
        throw .unusable("cannot make \(folder): \(Self.systemError)")
    }
}
