internal import Foundation
internal import GRDB
internal import Synchronization

/// How the service ends, and which boot of the machine it is.
extension Spool {
    /// The machine's present boot, as its kernel names it; else a name that never comes again.
    package static let thisBoot =
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines) ?? UUID().uuidString

    /// Notes that the service has ended in order; to be called when nothing is written any more.
    ///
    /// A machine that ends without that takes with it what was not on its disk.
    package func end() {
        let (disk, isInMemory) = state.withLock { ($0.disk.database, $0.memory != nil) }
        guard !isInMemory, mark.holds else { return }
        // With this all of it is written. Where somebody reads just now, what was said of this boot has to do.
        guard (try? disk.writeWithoutTransaction({ try $0.checkpoint(.truncate) })) != nil else { return }
        mark.make(isOver: true)
    }
}
