/// Whether there is an admin socket, and where.
enum AdminSocketSetting: Equatable, Sendable {
    case off
    case path(String)

    /// How many bytes its path may have: the kernel's limit, less what the name takes on while the socket is made.
    static let pathLimit = 104
}

extension Settings {
    /// Where the admin socket is; `nil` when there is to be none.
    var adminSocketPath: String? {
        switch admin.socket {
        case .off: nil
        case .path(let path): path
        case nil: (runDir ?? Self.standardRunDir) + "/admin.sock"
        }
    }

    /// Whether the operator said where the admin socket is: then the service does not run without it.
    var isAdminSocketExplicit: Bool { admin.socket != nil || runDir != nil }
}

extension ValueParser where Value == AdminSocketSetting {
    static let adminSocket = ValueParser(kind: "a path or off", hint: "write a path, or off") {
        text throws(MalformedValue) in
        if text == "off" { return .off }
        let path = try ValueParser<String>.path.parse(text)
        guard path.utf8.count <= AdminSocketSetting.pathLimit else {
            throw MalformedValue(
                message: "the path of a socket has at most \(AdminSocketSetting.pathLimit) bytes",
                hint: "write a shorter one"
            )
        }
        guard !path.hasSuffix("/") else {
            throw MalformedValue(message: "\(path.quoted) is a folder", hint: "add a name, for example admin.sock")
        }
        return .path(path)
    }
}
