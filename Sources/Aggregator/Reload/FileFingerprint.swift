/// How a file, or every file of a folder, looks from outside: two that are equal hold the same.
///
/// Not only by the time of the last change, which an editor or a copy may set to an older one: the inode tells a file that
/// was moved into the place of another.
struct FileFingerprint: Equatable, Sendable {
    /// By path; `nil` where there is no file.
    private let looks: [String: FileLook?]

    /// Looks at a file, or at a folder and what is in it, by links, too.
    ///
    /// Blocks for as long as the file system takes.
    ///
    /// - Parameters:
    ///   - path: The file or folder.
    ///   - files: What a folder has.
    init(of path: String, files: FileSource) {
        let names = files.isFolder(path) ? ((try? files.names(path)) ?? []).map { "\(path)/\($0)" } : []
        looks = Dictionary(([path] + names).map { ($0, FileLook(at: $0)) }) { $1 }
    }
}
