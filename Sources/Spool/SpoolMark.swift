internal import Glibc

/// A file that is there for as long as the disk has all that the bus may have been told.
///
/// What is kept in memory while the disk takes nothing reaches the bus, and dies with the service if that ends before: the
/// states on the disk are then older than what was told. To remove a file takes no room, to make one does.
struct SpoolMark {
    let path: String

    var exists: Bool { access(path, F_OK) == 0 }

    func make() {
        let file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if file >= 0 { close(file) }
    }

    func remove() {
        unlink(path)
    }
}
