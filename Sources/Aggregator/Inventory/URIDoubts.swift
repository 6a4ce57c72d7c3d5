internal import Connections

extension LibvirtURI {
    /// What libvirt has drivers for; a name that is not among them may be a newer one's, or a slip.
    private static let drivers = Vocabulary(words: [
        "qemu", "lxc", "xen", "ch", "test", "vbox", "vz", "parallels", "openvz", "bhyve", "esx", "vpx", "gsx", "hyperv",
        "vmwareplayer", "vmwarews", "vmwarefusion", "network", "storage", "nodedev", "secret", "interface", "nwfilter",
    ])

    /// The parameters of <https://libvirt.org/uri.html#remote-uris>; libvirt takes others without a word.
    private static let known = Vocabulary(words: [
        "name", "authfile", "command", "socket", "netcat", "keyfile", "known_hosts", "known_hosts_verify", "no_verify",
        "no_tty", "no_sanity", "pkipath", "sshauth", "tls_priority", "mode", "proxy", "debug", "argv",
    ])

    /// What may be a slip of the pen in the URI: libvirt would take it, or fail with words that point elsewhere.
    var doubts: [URIHazard] {
        var doubts: [URIHazard] = []
        if !Self.drivers.words.contains(driver) {
            doubts.append(
                URIHazard(
                    code: .unlikelyValue,
                    message: "\(driver.quoted) is no driver that libvirt is known to have",
                    hint: Self.drivers.nearest(to: driver).map { "write \($0), if that is meant" } ?? "check the name"
                )
            )
        }
        // Drivers that go over a protocol of their own have parameters of their own.
        guard transport != nil else { return doubts }
        for parameter in query where !Self.known.words.contains(parameter.name.lowercased()) {
            doubts.append(
                URIHazard(
                    code: .unlikelyValue,
                    message: "libvirt takes no notice of \((parameter.name + "=").quoted)",
                    hint: Self.known.nearest(to: parameter.name).map { "write \($0)=" } ?? "remove it"
                )
            )
        }
        return doubts
    }
}
