extension LibvirtURI {
    /// Takes a URI apart; throws a ``Malformed`` that names the part at fault and the remedy.
    package init(_ text: String) throws(Malformed) {
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else {
            throw Malformed(
                message: "a URI has printable ASCII characters only",
                hint: "percent-encode anything else, a space as %20"
            )
        }
        guard text.utf8.count <= Self.lengthLimit else {
            throw Malformed(
                message: "a URI has \(Self.lengthLimit) bytes at most, this one \(text.utf8.count)",
                hint: "leave out what libvirt does not need"
            )
        }
        guard let separator = text.firstRange(of: "://") else {
            throw Malformed(
                message: "'\(text)' has no scheme",
                hint: "write the driver first, for example qemu+tls://host/system"
            )
        }
        let (driver, transport) = try Self.parseScheme(text[..<separator.lowerBound])
        var rest = text[separator.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        var query = rest[rest.endIndex...]
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = try Self.parseAuthority(rest[..<slash])
        self.init(
            text: text,
            driver: driver,
            transport: transport ?? (authority.host == nil || Self.speaksForItself.contains(driver) ? nil : .tls),
            user: authority.user,
            host: authority.host,
            port: authority.port,
            path: String(rest[slash...]),
            query: Self.parseQuery(query)
        )
    }

    /// It goes out with every event.
    private static let lengthLimit = 2_048

    /// Drivers that reach a host by themselves, over a protocol of its own, without a libvirt daemon.
    private static let speaksForItself: Set = ["esx", "vpx", "gsx", "hyperv", "phyp"]

    private static func parseScheme(_ scheme: Substring) throws(Malformed) -> (String, Transport?) {
        let parts = scheme.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let isWord = { (part: Substring) in
            part.first?.isLetter == true && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }
        }
        guard let driver = parts.first, isWord(driver) else {
            throw Malformed(
                message: "'\(scheme)' is no scheme",
                hint: "write driver or driver+transport, for example qemu+ssh"
            )
        }
        guard parts.count == 2 else { return (String(driver), nil) }
        guard let transport = Transport(rawValue: String(parts[1])) else {
            throw Malformed(
                message: "'\(parts[1])' is no transport",
                hint: "use one of \(Transport.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return (String(driver), transport)
    }

    private static func parseAuthority(
        _ authority: Substring
    ) throws(Malformed) -> (user: String?, host: String?, port: Int?) {
        var rest = authority
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
            if user?.contains(":") == true {
                throw Malformed(
                    message: "a password does not belong into a URI",
                    hint: "put it into libvirt's auth.conf"
                )
            }
        }
        var host = rest
        var port: Substring?
        if rest.first == "[" {
            guard let bracket = rest.firstIndex(of: "]") else {
                throw Malformed(message: "the IPv6 address is not closed", hint: "write [address]")
            }
            host = rest[rest.index(after: rest.startIndex)..<bracket]
            let tail = rest[rest.index(after: bracket)...]
            guard tail.isEmpty || tail.first == ":" else {
                throw Malformed(message: "'\(tail)' follows the IPv6 address", hint: "write [address]:port")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        }
        guard let port else { return (user, host.isEmpty ? nil : String(host), nil) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw Malformed(message: "'\(port)' is no port", hint: "write a number from 1 to 65535 after the host")
        }
        guard !host.isEmpty else { throw Malformed(message: "a port without a host", hint: "write host:port") }
        return (user, String(host), number)
    }

    private static func parseQuery(_ query: Substring) -> [Parameter] {
        query.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(
                name: percentDecoded(sides[0]),
                value: sides.count > 1 ? percentDecoded(sides[1]) : ""
            )
        }
    }

    static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexDigit),
                let low = rest.dropFirst().first.flatMap(hexDigit)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
