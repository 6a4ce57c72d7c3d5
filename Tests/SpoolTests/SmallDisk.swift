import Foundation
import Glibc
import Testing

/// A file system of a few megabytes that only one thread sees, so that nothing of it is left whatever happens to the test.
struct SmallDisk: Sendable {
    let path: String

    static var isPossible: Bool { geteuid() == 0 }

    /// Runs `body` on a thread of its own, with a tmpfs of `size` bytes.
    static func with(size: Int, _ body: @escaping @Sendable (SmallDisk) throws -> Void) async throws {
        let folder = SpoolFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Void, any Error>, Never>) in
            Thread.detachNewThread {
                continuation.resume(
                    returning: Result {
                        let disk = SmallDisk(path: folder.path)
                        try disk.check(unshare(0x0002_0000), "unshare")
                        try disk.check(mount("none", "/", nil, 0x4000 | 0x0004_0000, nil), "private")
                        try disk.check(mount("tmpfs", folder.path, "tmpfs", 0, "size=\(size)"), "mount")
                        try body(disk)
                    }
                )
            }
        }
        try result.get()
    }

    func becomeReadOnly() throws {
        // MS_REMOUNT | MS_RDONLY
        try check(Self.mount("tmpfs", path, "tmpfs", 0x20 | 1, nil), "read-only")
    }

    /// Takes all that is free but for `left` bytes.
    func fill(leaving left: Int = 0) throws {
        let file = open("\(path)/filler", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        var room = statvfs()
        while statvfs(path, &room) == 0, Int(room.f_bavail) * Int(room.f_bsize) > left {
            let page = [UInt8](repeating: 1, count: 4_096)
            guard write(file, page, page.count) == page.count else { break }
        }
    }

    /// There is room again when this returns, also where a process that another test just starts has the file still.
    func clear() {
        truncate("\(path)/filler", 0)
        unlink("\(path)/filler")
    }

    private func check(_ result: Int32, _ what: String) throws {
        try #require(result == 0, "\(what): \(String(cString: strerror(errno)))")
    }

    // Not in Swift's Glibc.
    private static func unshare(_ flags: Int32) -> Int32 {
        typealias Function = @convention(c) (Int32) -> Int32
        guard let symbol = dlsym(nil, "unshare") else { return -1 }
        return unsafeBitCast(symbol, to: Function.self)(flags)
    }

    private static func mount(
        _ source: String,
        _ target: String,
        _ type: String?,
        _ flags: UInt,
        _ data: String?
    ) -> Int32 {
        typealias Function =
            @convention(c) (
                UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UInt, UnsafePointer<CChar>?
            ) -> Int32
        guard let symbol = dlsym(nil, "mount") else { return -1 }
        let function = unsafeBitCast(symbol, to: Function.self)
        return source.withCString { source in
            target.withCString { target in
                guard let type else { return function(source, target, nil, flags, nil) }
                return type.withCString { type in
                    guard let data else { return function(source, target, type, flags, nil) }
                    return data.withCString { function(source, target, type, flags, $0) }
                }
            }
        }
    }
}
