internal import Glibc

/// Copies texts out of libvirt's objects, cut where they get too long.
///
/// Names and namespaces come from guests and their owners: without a cap one of them could fill the journal, and make an
/// event too large for the bus.
struct FieldCopy {
    /// The longest text of an event, in bytes.
    static let limit = 4_096

    /// JSON pointers to what was cut.
    private(set) var truncated: [String] = []

    /// Copies a text; bytes that are no UTF-8 become U+FFFD, a missing text an empty one.
    ///
    /// - Parameter place: Where it stands in the event's data, as a JSON pointer.
    mutating func text(_ pointer: UnsafePointer<CChar>?, at place: String) -> String {
        guard let pointer else { return "" }
        var length = strnlen(pointer, Self.limit + 1)
        if length > Self.limit {
            length = Self.limit
            // Not in the middle of a character, of which at most three bytes can be behind the cut.
            for _ in 0..<3 where UInt8(bitPattern: pointer[length]) & 0xC0 == 0x80 { length -= 1 }
            truncated.append(place)
        }
        let text = String(decoding: UnsafeRawBufferPointer(start: pointer, count: length), as: UTF8.self)
        // Each byte that is no UTF-8 has become three.
        guard text.utf8.count > Self.limit else { return text }
        if truncated.last != place { truncated.append(place) }
        let end = text.unicodeScalars.index(text.startIndex, offsetBy: Self.limit / 4)
        return String(text[..<end])
    }
}
