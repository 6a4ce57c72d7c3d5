internal import Foundation

/// A mark that is there for as long as the disk has all that the bus may have been told.
///
/// What is kept in memory while the disk takes nothing reaches the bus, and dies with the service if that ends before; what
/// the kernel has not written yet dies with the machine. The states on the disk are then older than what was told. So the
/// mark is removed when records go to memory, and holds in the boot that it names, or in any after an orderly end.
///
/// It is a link that leads nowhere: other than a file's content its word takes no room, and is there as a whole or not at
/// all.
struct SpoolMark {
    private static let clean = "clean"

    let folder: String

    /// A folder that does not outlive the boot, made when missing; `nil` = there is none.
    let runDir: String?
    let boot: String

    private var path: String { "\(folder)/whole" }

    /// The opposite mark, where a disk that breaks, and keeps what it had, does not matter.
    private var doubt: String? {
        // Other spools may have the same folder.
        let spool = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path.replacing("/", with: "-")
        return runDir.map { "\($0)/spool-in-memory\(spool.suffix(200))" }
    }

    /// Whether it is there, and was left in a way in which it holds.
    var holds: Bool {
        if let doubt, Self.word(of: doubt) != nil { return false }
        // Former versions made an empty file.
        guard let word = Self.word(of: path) else { return access(path, F_OK) == 0 }
        return word == boot || word == Self.clean
    }

    /// - Parameter isOver: Whether the service has ended, and all is on the disk that was written. The default is `false`.
    func make(isOver: Bool = false) {
        let new = path + ".new"
        unlink(new)
        guard symlink(isOver ? Self.clean : boot, new) == 0, rename(new, path) == 0, isFolderWritten else {
            return remove()
        }
        if let doubt { unlink(doubt) }
    }

    func remove() {
        if let runDir, let doubt {
            mkdir(runDir, 0o755)
            symlink(folder, doubt)
        }
        unlink(path)
    }

    /// Writes the folder's names: after a loss of power the word from before must not be there again.
    private var isFolderWritten: Bool {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return fsync(file) == 0
    }

    private static func word(of link: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    }
}
