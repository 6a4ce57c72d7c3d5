internal import CLibvirt

extension LibvirtError {
    /// The reason an operator is given.
    ///
    /// libvirt has few codes for many causes: +ssh has one for everything, with ssh's own words in the message. So the
    /// text decides where it must; it is English, because the service speaks to libvirt and ssh in the C locale.
    var reason: DownReason {
        if domain == Int32(VIR_FROM_POLKIT.rawValue) { return .authPolkit }
        if let reason = TLSDiagnosis.reason(ofMessage: message) { return reason }
        if let known = Self.reasonsByText.first(where: { message.contains($0.text) }) { return known.reason }
        if domain == Int32(VIR_FROM_SSH.rawValue) || domain == Int32(VIR_FROM_LIBSSH.rawValue) {
            return has(VIR_ERR_AUTH_FAILED) ? .authSSH : .unknown
        }
        if has(VIR_ERR_AUTH_FAILED) || has(VIR_ERR_AUTH_CANCELLED) || has(VIR_ERR_AUTH_UNAVAILABLE) { return .authSASL }
        let asksTooMuch = [VIR_ERR_NO_CONNECT, VIR_ERR_NO_SUPPORT, VIR_ERR_INVALID_ARG, VIR_ERR_CONFIG_UNSUPPORTED]
        return asksTooMuch.contains(where: has) ? .unsupported : .unknown
    }

    /// Looked through in order.
    ///
    /// What is part of a longer text comes after it: "Permission denied" is ssh's and the system's, and libvirt adds
    /// "Connection reset by peer" to whatever ssh said when it ended.
    private static let reasonsByText: [(text: String, reason: DownReason)] = [
        // Before what the system adds: a program of ours is missing, nothing of the host's.
        ("cannot start the transport", .client),
        ("Host key verification failed", .hostkey),
        ("SSH HOST KEY VERIFICATION FAILED", .hostkey),
        ("host key verification", .hostkey),
        ("no matching", .protocol),
        ("Permission denied (", .authSSH),
        ("Too many authentication failures", .authSSH),
        ("Load key", .authSSH),
        ("virt-aggregator-read-only: refused", .authSSH),
        // Which of its causes it is, a handshake of our own finds out.
        ("Failed to verify peer's certificate", .tlsUntrusted),
        ("TLS connection was non-properly terminated", .eof),
        ("must be provided for private key authentication", .authSSH),
        ("SASL", .authSASL),
        ("authentication credentials", .authSASL),
        ("auth credentials", .authSASL),
        ("Could not resolve hostname", .dns),
        ("Name or service not known", .dns),
        ("name resolution", .dns),
        ("No address associated", .dns),
        ("Permission denied", .permission),
        ("Connection refused", .refused),
        ("No such file or directory", .refused),
        ("timed out", .timeout),
        ("Timeout, server", .timeout),
        ("unreachable", .route),
        ("No route to host", .route),
        ("Too many open files", .client),
        ("Remote command terminated with non-zero code", .refused),
        ("keepalive timeout", .keepalive),
        ("kex_exchange_identification", .eof),
        ("Connection closed by", .eof),
        ("End of file", .eof),
        ("client socket is closed", .eof),
        ("Connection reset", .error),
        ("Broken pipe", .error),
    ]
}
