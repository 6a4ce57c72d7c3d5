@testable import Aggregator

extension FileSource {
    /// Files that exist nowhere, by path.
    ///
    /// A path in `refused` is there and cannot be read.
    static func memory(_ files: [String: String], refused: Set<String> = []) -> FileSource {
        FileSource(
            contents: { path throws(Unreadable) in
                guard !refused.contains(path) else { throw .refused("Permission denied") }
                guard let text = files[path] else { throw .missing }
                return Array(text.utf8)
            },
            names: { folder in
                files.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }.sorted()
            },
            isFolder: { path in files[path] == nil && files.keys.contains { $0.hasPrefix(path + "/") } }
        )
    }
}

extension DiagnosticReport {
    /// The lines an operator reads.
    var lines: [String] { diagnostics.map(\.description) }

    /// `LINE:COL code` of each diagnostic.
    var places: [String] {
        diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" }
    }
}
