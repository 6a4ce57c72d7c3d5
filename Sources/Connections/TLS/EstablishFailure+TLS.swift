internal import Glibc

/// What is wrong with certificates, in sentences that end with the remedy.
extension EstablishFailure {
    /// A fault of our own certificate.
    init(own fault: TrustCheck.Fault, files: PKIFiles) {
        let subject = "our certificate \(files.certificate) \(fault.certificate.name)"
        switch fault.kind {
        case .untrusted, .name:
            self.init(
                .tlsUntrusted,
                "\(subject) is not signed by an authority in \(files.authority), which libvirt asks for; "
                    + "have it signed by one, or add its issuer there"
            )
        case .expired: self.init(.tlsExpired, "\(subject) expired on \(fault.certificate.notAfter.day); renew it")
        case .early: self.init(.tlsExpired, "\(subject) \(Self.early(fault))")
        }
    }

    /// An authority in our own file that is out of date.
    init(authority fault: TrustCheck.Fault, files: PKIFiles) {
        let subject = "the authority \(fault.certificate.subject) in \(files.authority)"
        let rest =
            fault.kind == .early
            ? Self.early(fault)
            : "expired on \(fault.certificate.notAfter.day); renew it, or take it out if no host needs it any more"
        self.init(.tlsExpired, "\(subject) \(rest)")
    }

    /// A fault of what the server shows.
    init(server fault: TrustCheck.Fault, files: PKIFiles) {
        let certificate = fault.certificate
        let subject =
            "the \(fault.isLeaf ? "server's certificate" : "certificate of the server's authority") \(certificate.name)"
        switch fault.kind {
        case .untrusted:
            self.init(
                .tlsUntrusted,
                "\(subject) is not signed by an authority in \(files.authority); add its issuer there if it is the "
                    + "right host, or give the host a certificate by one of them"
            )
        case .expired: self.init(.tlsExpired, "\(subject) expired on \(certificate.notAfter.day); renew it on the host")
        case .early: self.init(.tlsExpired, "\(subject) \(Self.early(fault))")
        case .name(let wanted):
            let names = certificate.names.isEmpty ? certificate.subject : certificate.names
            self.init(
                .tlsName,
                "the server's certificate \(certificate.name) is for \(names), not for \(wanted); write one of its names "
                    + "into the URI, or issue it for this one, too"
            )
        }
    }

    /// A server's certificate that libvirt may not take for its usage.
    init(unfit certificate: TLSCertificate) {
        self.init(
            .tlsUntrusted,
            "the server's certificate \(certificate.name) does not permit digital signature and key encipherment, which this "
                + "libvirt asks for; issue it with both usages"
        )
    }

    /// The server would not have us.
    init(rejected own: TLSCertificate?, files: PKIFiles, words: String?) {
        let said = words.map { " (it says: \($0))" } ?? ""
        if let own {
            self.init(
                .tlsRejected,
                "the server refuses our certificate \(files.certificate) \(own.name)\(said): it trusts another authority or "
                    + "allows other names; see ca_file and tls_allowed_dn_list in its libvirtd.conf"
            )
        } else {
            let missing = [files.certificate, files.key].first(where: PKIFiles.isMissing) ?? files.certificate
            let obstacle = PKIFiles.obstacle(to: missing).map { String(cString: strerror($0)) } ?? "not read"
            self.init(
                .tlsRejected,
                "the server refuses us without a certificate\(said), and \(missing) is not to be had: \(obstacle); put it "
                    + "there with its key"
            )
        }
    }

    init(unreadable file: String, _ code: Int32) {
        self.init(
            code == EACCES ? .permission : .error,
            "\(file) cannot be read: \(String(cString: strerror(code))); let the service's user read it"
        )
    }

    init(unusable file: String, _ reason: DownReason, _ fault: String) {
        self.init(reason, "\(file) \(fault); put the right file there")
    }

    private static func early(_ fault: TrustCheck.Fault) -> String {
        "is valid from \(fault.certificate.notBefore.day) only; look at the clocks of both machines, or renew it"
    }
}
