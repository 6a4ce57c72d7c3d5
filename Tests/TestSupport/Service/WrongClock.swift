import Foundation

/// A wall clock that a test sets, for one process and its children; what measures durations goes right.
package final class WrongClock: Sendable {
    /// For the process whose clock it is to be.
    package let environment: [String: String]
    private let file: FileHandle
    private let folder: TemporaryFolder
    private let library: Preload

    package init() async throws {
        folder = try TemporaryFolder()
        library = try await Preload("clock.c")
        let path = try folder.write(String(repeating: "\0", count: 8), to: "offset")
        file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        environment = ["LD_PRELOAD": library.path, "VIRT_AGGREGATOR_CLOCK": path]
    }

    /// Makes it be off by so many seconds, from now on.
    package func set(offBy seconds: Int64) throws {
        try file.seek(toOffset: 0)
        try file.write(contentsOf: withUnsafeBytes(of: seconds) { Data($0) })
    }
}
