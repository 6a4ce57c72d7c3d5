package import Connections
import Foundation

/// Writes down which kind of event came from which real driver, where `VIRT_AGGREGATOR_SEEN` names a file for that.
///
/// `make test-guest` makes `ops/events-seen.md` of it.
package enum SeenEvents {
    /// `source` is a driver with its version and, where it matters, what was done: `qemu 9.0.0`.
    package static func note(_ kind: EventKind, on source: String) {
        guard let path = ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_SEEN"] else { return }
        let line = Array("\(kind.object.rawValue)\t\(kind.id)\t\(kind.name)\t\(source)\n".utf8)
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(file) }
        // One write each, so that lines of several threads do not mix.
        _ = write(file, line, line.count)
    }
}
