/// The name of a host in the inventory: a segment of every tag about it.
enum HostName {
    /// Stands in tags where a host's name would, for the service's own events.
    static let reserved = "aggregator"

    private static let hint = "start with a letter or digit, then use letters, digits, dots, _ and -, 63 at most"

    /// Throws unless the name may stand in a tag.
    static func check(_ name: String) throws(MalformedValue) {
        guard name != reserved else {
            throw MalformedValue(
                code: .invalidName,
                message: "\(name.quoted) names the service itself",
                hint: "choose another name"
            )
        }
        try checkForm(name, of: "host")
    }

    /// Throws unless the name of a `thing` is of the form that hosts have.
    static func checkForm(_ name: String, of thing: String) throws(MalformedValue) {
        guard (1...63).contains(name.utf8.count), let first = name.utf8.first, first.isLetterOrDigit,
            name.utf8.allSatisfy({ $0.isLetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw MalformedValue(code: .invalidName, message: "\(name.quoted) is no \(thing) name", hint: hint)
        }
    }
}

extension UInt8 {
    /// Whether the byte is an ASCII letter or digit.
    var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
