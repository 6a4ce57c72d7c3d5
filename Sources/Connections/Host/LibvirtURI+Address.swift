extension LibvirtURI {
    /// The URI with a user name and a port put in where it has none.
    ///
    /// `nil` leaves the URI's own, and the same one again changes nothing.
    /// - Throws: ``Malformed`` for a URI that has another one already, which would be two truths, and for one without a
    ///   host to put them beside.
    package func addressing(user newUser: String? = nil, port newPort: Int? = nil) throws(Malformed) -> LibvirtURI {
        let ownUser = user.flatMap { $0.isEmpty ? nil : Self.percentDecoded($0[...]) }
        guard newUser == nil || ownUser == nil || newUser == ownUser else {
            throw Malformed(message: "the URI has another user", hint: "write the user in one place")
        }
        guard newPort == nil || port == nil || newPort == port else {
            throw Malformed(message: "the URI has another port", hint: "write the port in one place")
        }
        let addedUser = ownUser == nil ? newUser : nil
        let addedPort = port == nil ? newPort : nil
        guard addedUser != nil || addedPort != nil else { return self }
        guard host != nil, let start = text.firstRange(of: "://")?.upperBound else {
            throw Malformed(message: "the URI has no host", hint: "write the host into the URI")
        }
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        let name = text[start..<end]
        let bare = name.lastIndex(of: "@").map { name[name.index(after: $0)...] } ?? name
        let written = addedUser.map { Self.percentEncoded($0) } ?? user
        let before = written.map { $0.isEmpty ? "" : "\($0)@" } ?? ""
        let after = addedPort.map { ":\($0)" } ?? ""
        return try LibvirtURI("\(text[..<start])\(before)\(bare)\(after)\(text[end...])")
    }

    /// A text as a URI can hold it: all but letters, digits, `-._~` and what is allowed beside them are escaped.
    static func percentEncoded(_ text: String, allowing others: StaticString = "") -> String {
        text.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where others.description.utf8.contains(byte):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
