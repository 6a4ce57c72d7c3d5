internal import Foundation

/// A folder of a bench's own, for its journal.
struct BenchFolder: Sendable {
    let path: String

    /// Makes it.
    ///
    /// - Parameter parent: On the disk to measure; `nil` = the system's folder for what is temporary.
    /// - Throws: ``BenchFailure`` when it cannot be made.
    init(in parent: String?) throws(BenchFailure) {
        path = (parent ?? NSTemporaryDirectory()) + "/virt-aggregator-bench-\(UUID().uuidString)"
        guard mkdir(path, 0o700) == 0 else {
            throw BenchFailure(
                message: "cannot make \(path): \(String(cString: strerror(errno))); set --folder",
                exit: .configuration
            )
        }
    }

    /// The size of the journal in bytes, once its last user has closed it: then nothing of it is in SQLite's log any more.
    func sizeOnceClosed() async -> Int {
        for _ in 0..<500 where size(of: "spool.sqlite-wal") > 0 { try? await Task.sleep(for: .milliseconds(10)) }
        return size(of: "spool.sqlite") + size(of: "spool.sqlite-wal")
    }

    private func size(of name: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return (attributes?[.size] as? Int) ?? 0
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
