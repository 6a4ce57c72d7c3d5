internal import CLinux
internal import Glibc

/// The right to use a spool folder, held by one process at a time.
///
/// An advisory lock on a file of its own: the kernel gives it back however the process ends.
final class SpoolLock: Sendable {
    private let folder: String
    private let fd: Int32

    /// What is written in the file since there is one, by which the folder is known on whatever disk.
    private let name: String

    private var path: String { "\(folder)/lock" }

    init(folder: String) throws(SpoolError) {
        let path = "\(folder)/lock"
        self.folder = folder
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fd >= 0 else {
            throw SpoolError(
                code: .unusable,
                message: "cannot open \(path): \(String(cString: strerror(errno)))",
                hint: "give the folder to the user the service runs as, or set spool.path"
            )
        }
        let written = Self.text(of: fd)
        name = written.isEmpty ? "\(UInt64.random(in: 0 ... .max))" : written
        try take()
    }

    /// The lock of the folder where it is by now, which may be another disk.
    private init(insteadOf lock: SpoolLock) throws(SpoolError) {
        (folder, name) = (lock.folder, lock.name)
        fd = open("\(folder)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard fd >= 0, ["", name].contains(Self.text(of: fd)) else {
            throw SpoolError(
                code: .unusable,
                message: "\(folder) is not the folder any more in which the spool was",
                hint: "mount its disk again; where another disk takes its place, make an empty file 'lock' there"
            )
        }
        try take()
    }

    /// This lock, if it is still where it was; or that of a copy of the folder, or of one that somebody wants to be used.
    ///
    /// What is below a disk that is not mounted any more has none, or that of somebody else.
    ///
    /// - Throws: ``SpoolError`` with code `unusable` or `locked`.
    func found() throws(SpoolError) -> SpoolLock {
        var (mine, there) = (stat(), stat())
        let isThere = fstat(fd, &mine) == 0 && stat(path, &there) == 0
        if isThere, (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino) { return self }
        return try SpoolLock(insteadOf: self)
    }

    private func take() throws(SpoolError) {
        // From here on `deinit` runs even when this throws, and closes: closing here, too, could hit whoever has got the
        // number meanwhile.
        guard clinux_lock(fd) == 0 else {
            guard errno == EWOULDBLOCK else {
                throw SpoolError(
                    code: .unusable,
                    message: "cannot lock \(path): \(String(cString: strerror(errno)))",
                    hint: "put the spool on a file system that has locks: set spool.path"
                )
            }
            throw SpoolError(
                code: .locked,
                message: "another service uses the spool \(folder)",
                hint: "stop it, or give this one a spool.path of its own"
            )
        }
        if Self.text(of: fd).isEmpty { pwrite(fd, name, name.utf8.count, 0) }
    }

    private static func text(of fd: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(fd, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    deinit {
        close(fd)
    }
}
