internal import Connections

extension ValueParser where Value == LibvirtURI {
    /// A URI the service connects to: one with a scheme, whose transport runs no command of the operator's on ssh.
    static let hostURI = ValueParser(kind: "a URI", hint: uri.hint) { text throws(MalformedValue) in
        let uri = try uri.parse(text)
        // libvirt may take it for the end of a parameter and so for the begin of one that was not looked at here.
        guard uri.writtenQuery?.contains(";") != true else {
            throw MalformedValue(
                message: "';' in the query of the URI",
                hint: "write & between parameters, and %3B within one"
            )
        }
        if uri.transport == .unix, let host = uri.host {
            throw MalformedValue(
                message: "a unix socket is on this machine, not on \(host.quoted)",
                hint: "remove the host, or use ssh or tls"
            )
        }
        if uri.host?.hasPrefix("-") == true {
            throw MalformedValue(message: "a host that begins with '-'", hint: "write the host's name")
        }
        if uri.transport == .ssh, !uri.parameters("command").isEmpty {
            throw MalformedValue(
                message: "command= in an ssh URI",
                hint: "remove it; the service supplies its own"
            )
        }
        if uri.transport == .ext, uri.parameters("command").last?.hasPrefix("/") != true {
            throw MalformedValue(
                message: "an ext URI has no command= with a whole path",
                hint: "write the program that speaks for the host, as in qemu+ext:///system?command=/opt/bin/connect"
            )
        }
        return uri
    }
}
