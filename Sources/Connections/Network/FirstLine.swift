internal import Glibc

/// The first line of a small file, of the kind that `/proc` and our own run folder have.
enum FirstLine {
    /// The longest that is read, in bytes.
    private static let limit = 4_200

    /// Reads it, without its line break; `nil` when there is no such file or nothing in it.
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: limit)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
