/// The words for one of libvirt's enums, as the Salt engine writes them.
///
/// A number without a word is `unknown-<n>`: newer libvirt releases send new ones.
package struct EventWords: Hashable, Sendable {
    /// libvirt's name for the enum; `nil` for a number that belongs to none.
    let enumeration: String?

    /// The word of each number, from 0; `nil` where libvirt has none.
    package let words: [String?]

    init(_ enumeration: String?, _ words: [String?]) {
        self.enumeration = enumeration
        self.words = words
    }

    /// In an event that was made up, the number of what nobody knows; libvirt's own begin at 0.
    package static let unknownNumber = Int32.min

    package subscript(number: Int32) -> String {
        if number == Self.unknownNumber { return "unknown" }
        let index = Int(number)
        return (words.indices.contains(index) ? words[index] : nil) ?? "unknown-\(number)"
    }

    /// The words of a set of flags, bit by bit; `self` has the word of each bit, from the lowest.
    package func flags(_ bits: UInt32) -> [String] {
        (0..<Int32(UInt32.bitWidth)).filter { bits >> $0 & 1 == 1 }.map { bit in
            let index = Int(bit)
            return (words.indices.contains(index) ? words[index] : nil) ?? "unknown-\(UInt32(1) << bit)"
        }
    }
}
