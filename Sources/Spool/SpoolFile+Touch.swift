internal import Glibc

/// Whose the file is, and what is said when it cannot be used.
extension SpoolFile {
    /// Makes the file ours alone, whoever made the folder; SQLite gives its other files the same mode.
    ///
    /// A file that exists is not opened for it: closing it again would take away the locks that SQLite has on it.
    func touch() throws(SpoolError) {
        let new = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if new >= 0 {
            close(new)
            return
        }
        var entry = stat()
        guard errno == EEXIST else { throw cannotOpen(errno) }
        guard lstat(path, &entry) == 0 else { throw cannotOpen(errno) }
        guard entry.st_mode & S_IFMT == S_IFREG else {
            throw cannotOpen(entry.st_mode & S_IFMT == S_IFDIR ? EISDIR : ELOOP)
        }
        guard access(path, R_OK | W_OK) == 0 else { throw cannotOpen(errno) }
        chmod(path, 0o600)
    }

    var madeLater: SpoolError {
        SpoolError(
            code: .unusable,
            message: "\(path) was made by a later version",
            hint: "install that version again, or set spool.path"
        )
    }

    private func cannotOpen(_ error: Int32) -> SpoolError {
        SpoolError(
            code: .unusable,
            message: "cannot open \(path): \(String(cString: strerror(error)))",
            hint: "give the folder and what is in it to the user the service runs as, or set spool.path"
        )
    }
}
