internal import CLinux
internal import Glibc

extension SpoolLock {
    /// Whether a service has the spool in a folder now, as far as can be told without taking the lock.
    ///
    /// The kernel lists the locks of processes that this one may see: not those in another container.
    static func isHeld(in folder: String) -> Bool {
        var look = clinux_file_look()
        guard clinux_look_at_file("\(folder)/lock", 0, &look) == 0 else { return false }
        // The list comes page by page, and what others lock and let go meanwhile may make the kernel leave one out.
        return (0..<looks).contains { _ in isListed(look.inode) }
    }

    private static let looks = 8

    private static func isListed(_ inode: UInt64) -> Bool {
        // `1: FLOCK  ADVISORY  WRITE 4711 fd:01:131100 0 EOF`. Not every file system has one number for its device.
        list().split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.contains("FLOCK") && words.contains { $0.hasSuffix(":\(inode)") }
        }
    }

    /// `/proc/locks` to its end: each read gives a page at most, and whoever takes a short one for the last sees only the
    /// first locks of a busy machine.
    private static func list() -> String {
        let file = open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(file, &page, page.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += page[..<count]
        }
    }
}
