internal import Connections

extension ValueParser where Value == LibvirtURI {
    /// A URI the service connects to: one with a scheme, whose transport runs no command of the operator's.
    static let hostURI = ValueParser(kind: "a URI", hint: uri.hint) { text throws(MalformedValue) in
        guard text.contains(where: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }) else {
            throw MalformedValue(
                message: "\(text.quoted) has no scheme and aliases of libvirt.conf are not looked up",
                hint: "write the URI it stands for, for example qemu+tls://host/system"
            )
        }
        let uri = try uri.parse(text)
        if uri.transport == .ssh, uri.parameter("command") != nil {
            throw MalformedValue(
                message: "command= in an ssh URI",
                hint: "remove it; the service supplies its own"
            )
        }
        if uri.transport == .ext {
            throw MalformedValue(
                code: .notSupported,
                message: "the ext transport is not supported yet",
                hint: "use ssh, tls, tcp or unix"
            )
        }
        return uri
    }
}
