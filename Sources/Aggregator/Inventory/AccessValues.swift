internal import Connections

extension ValueParser where Value == String {
    /// The path of a file that ssh, libvirt or OpenSSL opens, each with a syntax of its own around it.
    static let accessPath = ValueParser(kind: "a path", hint: "write a whole path, beginning with /") {
        text throws(MalformedValue) in
        guard !text.hasPrefix("~") else {
            throw MalformedValue(
                message: "\(text.quoted) begins with ~, which nobody expands",
                hint: "write the whole path of that folder"
            )
        }
        guard text.hasPrefix("/") else {
            throw MalformedValue(
                message: "\(text.quoted) is no whole path",
                hint: "begin with /; a service has no folder that a path could start at"
            )
        }
        guard text.utf8.count < 4096 else {
            throw MalformedValue(message: "the path has more than 4095 bytes", hint: "write a shorter one")
        }
        // Quotes, backslashes and spaces end words in ssh's configuration; % and $ stand for other things there.
        let bad = text.unicodeScalars.first {
            $0.isControl || $0.properties.isWhitespace || "\"'\\%$".unicodeScalars.contains($0)
        }
        guard let bad else { return text }
        throw MalformedValue(
            message: "the path holds \(String(bad).quoted), which ssh's configuration cannot take",
            hint: "give the file another name"
        )
    }

    /// A user name on a host.
    static let userName = ValueParser(kind: "a user name", hint: "write a user name") { text throws(MalformedValue) in
        guard text.utf8.count <= 64, let first = text.utf8.first, first.isLetterOrDigit || first == UInt8(ascii: "_"),
            text.utf8.allSatisfy({ $0.isLetterOrDigit || "._-@+\\".utf8.contains($0) })
        else {
            throw MalformedValue(
                message: "this is no user name",
                hint: "start with a letter, digit or _, then use these and . - @ + \\, 64 at most"
            )
        }
        return text
    }

    /// What ssh goes through on its way: `[user@]host[:port]`, one and no more.
    static let jumpHost = ValueParser(kind: "a host", hint: "write [user@]host[:port]") { text throws(MalformedValue) in
        // The same form as in a URI, and so the same judge; its words could quote a user name.
        guard text.utf8.count <= 320, let uri = try? LibvirtURI("jump+ssh://\(text)"), uri.path.isEmpty,
            uri.query.isEmpty, !text.contains("#"),
            isPlain(uri.host), uri.user == nil || isPlain(uri.user)
        else { throw MalformedValue(message: "this is no host to go through", hint: "write [user@]host[:port]") }
        return text
    }
}

extension ValueParser where Value == Bool {
    static let bool = ValueParser(kind: "true or false", hint: "write true or false") { text throws(MalformedValue) in
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: throw MalformedValue(message: "\(text.quoted) is not true or false", hint: "write true or false")
        }
    }
}

/// Whether ssh takes the name of a host or user for that and nothing else.
private func isPlain(_ name: String?) -> Bool {
    guard let name, let first = name.utf8.first, first != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { $0.isLetterOrDigit || "._-:".utf8.contains($0) }
}
