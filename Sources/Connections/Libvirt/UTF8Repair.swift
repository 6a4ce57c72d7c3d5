/// Makes text of bytes that are no UTF-8: each byte that belongs to no character becomes U+FFFD.
///
/// One pass that stops when it has enough: such bytes come from whoever likes, on the one thread that serves every host,
/// and what is beyond the cap need not be looked at.
enum UTF8Repair {
    /// - Parameter limit: The most bytes the text may have.
    /// - Returns: The text, and whether bytes were left over.
    static func text(of bytes: UnsafeRawBufferPointer, limit: Int) -> (text: String, isCut: Bool) {
        var isCut = false
        let text = String(unsafeUninitializedCapacity: limit) { buffer in
            var (from, to) = (0, 0)
            while from < bytes.count {
                let length = characterLength(bytes[from...])
                guard to + (length ?? 3) <= limit else {
                    isCut = true
                    break
                }
                if let length {
                    for index in 0..<length { buffer[to + index] = bytes[from + index] }
                    (from, to) = (from + length, to + length)
                } else {
                    (buffer[to], buffer[to + 1], buffer[to + 2]) = (0xEF, 0xBF, 0xBD)
                    (from, to) = (from + 1, to + 3)
                }
            }
            return to
        }
        return (text, isCut)
    }

    /// How many bytes the character has that begins here; `nil` when none does (Unicode, table 3-7).
    private static func characterLength(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        func follows(_ offset: Int, in range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            offset < bytes.count && range.contains(bytes[bytes.startIndex + offset])
        }
        switch bytes[bytes.startIndex] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: return follows(1) ? 2 : nil
        case 0xE0: return follows(1, in: 0xA0...0xBF) && follows(2) ? 3 : nil
        case 0xED: return follows(1, in: 0x80...0x9F) && follows(2) ? 3 : nil
        case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : nil
        case 0xF0: return follows(1, in: 0x90...0xBF) && follows(2) && follows(3) ? 4 : nil
        case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : nil
        case 0xF4: return follows(1, in: 0x80...0x8F) && follows(2) && follows(3) ? 4 : nil
        default: return nil
        }
    }
}
