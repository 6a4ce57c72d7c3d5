internal import Glibc

/// Copies texts out of libvirt's objects, cut where they get too long, and marks what is to be said of them.
///
/// The caps are ``EventLimits``.
struct FieldCopy {
    private(set) var marks = TextMarks()
    private var left = EventLimits.texts

    /// Bytes of the marks, which are part of the event as well.
    private var markBytes = 0

    /// How many places of ``InFlight`` the event takes.
    var places: Int { 1 + (EventLimits.texts - left + markBytes) / EventLimits.text }

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
        let text = valid ?? repaired(bytes, limit, &isCut)
        left -= text.utf8.count
        if isCut { mark(truncated: place()) }
        if valid == nil || text.isUnsafe { mark(unsafe: place()) }
        return text
    }

    /// Copies a text that libvirt always gives; empty should it be missing after all.
    mutating func name(_ pointer: UnsafePointer<CChar>?, at place: @autoclosure () -> String) -> String {
        text(pointer, at: place()) ?? ""
    }

    private func repaired(_ bytes: UnsafeRawBufferPointer, _ limit: Int, _ isCut: inout Bool) -> String {
        let repaired = UTF8Repair.text(of: bytes, limit: limit)
        // Each byte that is no UTF-8 has become three.
        if repaired.isCut { isCut = true }
        return repaired.text
    }

    /// Counts a text that was copied by hand.
    mutating func count(_ text: String) {
        left = max(0, left - text.utf8.count)
    }

    mutating func mark(truncated place: String) {
        marks.truncated.append(place)
        markBytes += place.utf8.count
    }

    mutating func mark(unsafe place: String) {
        marks.unsafe.append(place)
        markBytes += place.utf8.count
    }
}
