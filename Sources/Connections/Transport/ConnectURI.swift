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
        let query = extra.map { "\($0.name)=\(LibvirtURI.percentEncoded($0.value, allowing: "/"))" }.joined(
            separator: "&"
        )
        let base = String((kept ?? uri.text).prefix { $0 != "#" })
        guard !query.isEmpty else { return base }
        return base + (base.contains("?") ? (base.hasSuffix("?") ? "" : "&") : "?") + query
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
