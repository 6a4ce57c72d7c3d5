@testable import Aggregator

extension FileSource {
    /// Files that exist nowhere, by path.
    ///
    /// A path in `refused` is there and cannot be read, one in `open` may be read by others.
    static func memory(
        _ files: [String: String],
        refused: Set<String> = [],
        open: Set<String> = []
    ) -> FileSource {
        FileSource(
            contents: { path throws(Unreadable) in
                guard !refused.contains(path) else { throw .refused("Permission denied") }
                guard let text = files[path] else { throw .missing }
                return Array(text.utf8)
            },
            names: { folder in
                files.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }.sorted()
            },
            isFolder: { path in files[path] == nil && files.keys.contains { $0.hasPrefix(path + "/") } },
            state: { path in
                if refused.contains(path) { return .unknown }
                if files[path] != nil { return .file(isForOwnerOnly: !open.contains(path)) }
                return files.keys.contains { $0.hasPrefix(path + "/") } ? .folder : .missing
            }
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
