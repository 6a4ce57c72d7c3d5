internal import Foundation
internal import Glibc

extension FileSource {
    /// The file system of this machine.
    static let disk = FileSource(
        contents: { path throws(Unreadable) in try read(path) },
        names: { folder throws(Unreadable) in try names(in: folder) },
        isFolder: { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        },
        state: { path in
            guard let look = FileLook(at: path) else {
                return errno == ENOENT || errno == ENOTDIR ? .missing : .unknown
            }
            return look.isFolder ? .folder : .file(isForOwnerOnly: look.mode & 0o077 == 0)
        }
    )

    /// What cannot be looked at stays in the list: whoever reads it is told why, and takes nothing for gone.
    private static func names(in folder: String) throws(Unreadable) -> [String] {
        guard let stream = opendir(folder) else { throw lastError() }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != "..", !isOther("\(folder)/\(name)") { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw lastError() }
        return names.sorted()
    }

    /// Whether it is known to be no file: a folder, or what may block when it is opened, as a pipe does.
    private static func isOther(_ path: String) -> Bool {
        FileLook(at: path).map { !$0.isRegular } ?? false
    }

    private static func read(_ path: String) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastError() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= YAMLDocument.sizeLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count > 0 {
                bytes += chunk.prefix(count)
            } else if errno != EINTR {
                throw lastError()
            }
        }
        return bytes
    }

    private static func lastError() -> Unreadable {
        errno == ENOENT ? .missing : .refused(String(cString: strerror(errno)))
    }
}
