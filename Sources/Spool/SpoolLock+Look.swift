internal import CLinux
internal import Foundation

extension SpoolLock {
    /// Whether a service has the spool in a folder now, as far as can be told without taking the lock.
    ///
    /// The kernel lists the locks of processes that this one may see: not those in another container.
    static func isHeld(in folder: String) -> Bool {
        var look = clinux_file_look()
        guard clinux_look_at_file("\(folder)/lock", 0, &look) == 0 else { return false }
        // The kernel shows its list page by page, and what others lock and let go meanwhile may make it leave one out.
        return (0..<looks).contains { _ in isListed(look.inode) }
    }

    private static let looks = 8

    private static func isListed(_ inode: UInt64) -> Bool {
        guard let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return false }
        // `1: FLOCK  ADVISORY  WRITE 4711 fd:01:131100 0 EOF`. Not every file system has one number for its device.
        return locks.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.contains("FLOCK") && words.contains { $0.hasSuffix(":\(inode)") }
        }
    }
}
