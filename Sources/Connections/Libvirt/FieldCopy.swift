internal import Glibc

/// Copies texts out of libvirt's objects, cut where they get too long, and marks what is to be said of them.
///
/// The caps are ``EventLimits``.
struct FieldCopy {
    private(set) var marks = TextMarks()
    private var left = EventLimits.texts

    /// Copies a text; bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Parameter place: Where it stands in the event's data, as a JSON pointer.
    mutating func text(_ pointer: UnsafePointer<CChar>?, at place: @autoclosure () -> String) -> String? {
        guard let pointer else { return nil }
        let limit = min(EventLimits.text, left)
        var length = strnlen(pointer, limit + 1)
        var isCut = length > limit
        if isCut {
            length = limit
            // Not in the middle of a character, of which at most three bytes can be behind the cut.
            for _ in 0..<3 where length > 0 && UInt8(bitPattern: pointer[length]) & 0xC0 == 0x80 { length -= 1 }
        }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
        let valid = String(validating: bytes, as: UTF8.self)
        var text = valid ?? String(decoding: bytes, as: UTF8.self)
        // Each byte that is no UTF-8 has become three.
        if text.utf8.count > limit {
            text = text.prefix(bytes: limit)
            isCut = true
        }
        left -= text.utf8.count
        if isCut { marks.truncated.append(place()) }
        if valid == nil || text.isUnsafe { marks.unsafe.append(place()) }
        return text
    }

    /// Copies a text that libvirt always gives; empty should it be missing after all.
    mutating func name(_ pointer: UnsafePointer<CChar>?, at place: @autoclosure () -> String) -> String {
        text(pointer, at: place()) ?? ""
    }

    /// Copies the first items of a C array; what is beyond `limit` is left out, and said.
    mutating func list<Item, Copy>(
        _ items: UnsafePointer<Item>?,
        count: Int32,
        limit: Int,
        at place: String,
        _ copy: (inout FieldCopy, UnsafePointer<Item>, Int) -> Copy
    ) -> [Copy] {
        guard let items, count > 0 else { return [] }
        if count > limit { marks.truncated.append(place) }
        return (0..<min(Int(count), limit)).map { copy(&self, items + $0, $0) }
    }

    /// Marks a place by hand.
    mutating func mark(unsafe place: String) {
        if !marks.unsafe.contains(place) { marks.unsafe.append(place) }
    }
}
