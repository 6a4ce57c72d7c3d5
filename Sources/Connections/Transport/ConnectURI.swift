/// The URI as libvirt is given it: the host's own, with what its credentials add.
///
/// What the URI says by itself holds.
/// See <https://libvirt.org/uri.html#remote-uris> for the parameters.
struct ConnectURI {
    let uri: LibvirtURI
    let credentials: Credentials

    /// The program for `command=`, on +ssh and +ext.
    var program: String?

    /// What libvirt opens; `nil` leaves the choice to it.
    var text: String? {
        guard uri != .unspecified else { return nil }
        var extra: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, uri.parameter(name) == nil { extra.append((name, value)) }
        }
        switch uri.transport {
        case .ssh:
            add("no_tty", "1")
        case .libssh, .libssh2:
            add("keyfile", credentials.sshKey)
            add("known_hosts", credentials.sshKnownHosts)
            add("known_hosts_verify", uri.isUnverified ? nil : "normal")
            // Never a password: there is nobody to ask.
            add("sshauth", credentials.sshKey ?? uri.parameter("keyfile") == nil ? "agent" : "privkey")
        case .tls:
            add("pkipath", credentials.pki)
        case .tcp, .unix, .ext, nil:
            break
        }
        add("authfile", credentials.authFile)
        let kept = program.map { program in
            extra.append(("command", program))
            return uri.text(without: "command")
        }
        let query = extra.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
        let base = String((kept ?? uri.text).prefix { $0 != "#" })
        guard !query.isEmpty else { return base }
        return base + (base.contains("?") ? (base.hasSuffix("?") ? "" : "&") : "?") + query
    }

    /// Percent-encodes all but what RFC 3986 calls unreserved, and the slash, which may stand in a query.
    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension LibvirtURI {
    /// The URI as it is written, but for one parameter.
    func text(without name: String) -> String {
        guard let mark = text.firstIndex(of: "?") else { return text }
        let pairs = text[text.index(after: mark)...].split(separator: "&").filter { pair in
            Self.percentDecoded(pair.prefix { $0 != "=" }).lowercased() != name
        }
        return text[..<mark] + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}
