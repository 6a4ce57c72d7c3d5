/// What stands before the host's name in every tag.
enum TagPrefix {
    /// That of Salt's engine, so that its reactors match.
    static let standard = "salt/engines/libvirt_events"

    /// How many bytes a prefix may have.
    static let limit = 256
}

extension ValueParser where Value == String {
    /// Segments of printable ASCII with slashes between; a line break would end the tag on the bus.
    static let tagPrefix = ValueParser(
        kind: "a tag prefix",
        hint: "write segments with slashes between, for example \(TagPrefix.standard)"
    ) { text throws(MalformedValue) in
        guard text.utf8.count <= TagPrefix.limit else {
            throw MalformedValue(
                message: "the tag prefix has more than \(TagPrefix.limit) bytes",
                hint: "write a shorter one"
            )
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw MalformedValue(
                message: "\(text.quoted) is no tag prefix",
                hint: "use printable ASCII characters without spaces"
            )
        }
        guard text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
            throw MalformedValue(
                message: "\(text.quoted) has an empty segment",
                hint: "write no slash at either end, and no two in a row"
            )
        }
        return text
    }
}
