import Foundation

/// Reads the whole lines that a growing file has gained since it was last asked.
struct LineTail {
    private let path: String
    private var offset: UInt64 = 0
    private var rest = Data()

    init(_ path: String) {
        self.path = path
    }

    mutating func next() -> [Data] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        guard (try? file.seek(toOffset: offset)) != nil, let data = try? file.readToEnd() else { return [] }
        offset += UInt64(data.count)
        rest += data
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = rest[..<end].split(separator: UInt8(ascii: "\n")).map { Data($0) }
        rest = Data(rest[(end + 1)...])
        return lines
    }
}
