internal import CLinux
internal import Glibc

/// The right to use a spool folder, held by one process at a time.
///
/// An advisory lock on a file of its own: the kernel gives it back however the process ends.
final class SpoolLock: Sendable {
    private let fd: Int32

    init(folder: String) throws(SpoolError) {
        let path = "\(folder)/lock"
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fd >= 0 else {
            throw SpoolError(
                code: .unusable,
                message: "cannot open \(path): \(String(cString: strerror(errno)))",
                hint: "give the folder to the user the service runs as, or set spool.path"
            )
        }
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
    }

    deinit {
        close(fd)
    }
}
