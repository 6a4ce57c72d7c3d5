internal import Glibc

/// An event in someone else's buffer, split at its blank line and not decoded; must not outlive the buffer.
struct EventSlice {
    let tag: UnsafeRawBufferPointer

    /// The MessagePack map; not yet known to be one.
    let data: UnsafeRawBufferPointer

    /// Nil where there is no blank line.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let newline = UInt8(ascii: "\n")
        var start = 0
        while let base = bytes.baseAddress, let found = memchr(base + start, Int32(newline), bytes.count - start) {
            let position = UnsafeRawPointer(found) - base
            guard position + 1 < bytes.count else { return nil }
            if bytes[position + 1] == newline {
                tag = UnsafeRawBufferPointer(rebasing: bytes[..<position])
                data = UnsafeRawBufferPointer(rebasing: bytes[(position + 2)...])
                return
            }
            start = position + 1
        }
        return nil
    }

    /// The text at `key` of the event's map, or at `inner` of the map there; nil where there is none.
    func text(of key: StaticString, _ inner: StaticString? = nil) -> UnsafeRawBufferPointer? {
        var scanner = MessagePackScanner(data)
        do throws(MessagePackError) {
            guard try scanner.enter(key) else { return nil }
            if let inner, try !scanner.enter(inner) { return nil }
            return try scanner.string()
        } catch {
            return nil
        }
    }
}
