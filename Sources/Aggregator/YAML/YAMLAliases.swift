internal import Glibc

/// Refuses documents whose anchors and aliases would keep Yams busy for ever or exhaust its stack.
///
/// Yams compares the keys of a mapping with all that aliases in them unfold to, and frees nested nodes recursively; both
/// happen before we see a node. This looks at the bytes alone: it does not know quotes and comments, so it may count too
/// much there, never too little.
enum YAMLAliases {
    /// An alias may stand within the next anchor's value: 32 anchors of at most 1,000 levels each are half of what
    /// a stack of 8 MiB frees (measured: 32,000 levels do, 63,000 do not).
    static let anchorLimit = 32

    /// Whether the text is safe to compose; the report says why when it is not.
    static func screen(_ text: String, file: String, report: inout DiagnosticReport) -> Bool {
        var text = text
        let scan = text.withUTF8 { Scan(of: $0) }
        if scan.anchors > anchorLimit {
            report.error(
                .yamlAliases,
                at: Position(file: file, line: scan.anchorLine),
                "more than \(anchorLimit) anchors",
                hint: "write what all hosts share under defaults"
            )
        } else if scan.anchors > 0, let line = scan.keyLine {
            report.error(
                .yamlAliases,
                at: Position(file: file, line: line),
                "an alias or a collection as a key",
                hint: "write the key out"
            )
        } else {
            return true
        }
        return false
    }

    private struct Scan {
        private(set) var anchors = 0

        /// The line of the anchor that is one too many.
        private(set) var anchorLine = 1

        /// The first line with `*alias:`, with `[*alias]:` or with the `?` of an explicit key.
        private(set) var keyLine: Int?

        init(of bytes: UnsafeBufferPointer<UInt8>) {
            // Without an & there is no anchor, and nearly no file has one.
            guard let start = bytes.baseAddress, memchr(start, Int32(UInt8(ascii: "&")), bytes.count) != nil
            else { return }
            var line = 1
            var atTokenStart = true
            var aliasOnLine = false
            // An alias, or a collection that may hold one, ended just before; blanks aside.
            var mayBeKey = false
            for (index, byte) in bytes.enumerated() {
                let opensWord = atTokenStart && index + 1 < bytes.count && Self.isWord(bytes[index + 1])
                switch byte {
                case UInt8(ascii: "\n"):
                    line += 1
                    aliasOnLine = false
                    mayBeKey = false
                case UInt8(ascii: "&") where opensWord:
                    anchors += 1
                    if anchors == anchorLimit + 1 { anchorLine = line }
                case UInt8(ascii: "*") where opensWord:
                    aliasOnLine = true
                    mayBeKey = true
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    mayBeKey = aliasOnLine
                case UInt8(ascii: "?") where atTokenStart && !opensWord, UInt8(ascii: ":") where mayBeKey:
                    keyLine = keyLine ?? line
                case UInt8(ascii: " "), UInt8(ascii: "\t"): break
                default:
                    if !Self.isWord(byte) { mayBeKey = false }
                }
                // A byte beyond ASCII may be of one of Unicode's line breaks.
                atTokenStart = byte >= 0x80 || " \t\r\n-?:,[{".utf8.contains(byte)
            }
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
