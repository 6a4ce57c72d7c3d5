/// The address of an event on the bus: segments of printable text, joined by `/`.
///
/// A blank line ends the tag on the wire, so a tag that holds line breaks would end up as data, or as another tag.
package struct Tag: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no tag.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// The longest tag in bytes of UTF-8: eight segments of 127 and their slashes.
    package static let limit = 1024

    package let text: String
    package var description: String { text }

    /// Takes text as it is; never repairs it.
    package init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= Self.limit else {
            throw Malformed(message: "a tag has at most \(Self.limit) bytes, this one has \(text.utf8.count)")
        }
        guard text.unicodeScalars.allSatisfy(Self.isPrintable) else {
            throw Malformed(message: "a tag has printable characters only: \(text.debugDescription)")
        }
        guard
            text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { throw Malformed(message: "a tag has no empty segments: '\(text)'") }
        self.text = text
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7e).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
