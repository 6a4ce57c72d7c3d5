internal import COpenSSL

/// Looks at a certificate as GnuTLS does for libvirt: at its chain up to an authority of ours, at all their dates, and at
/// the name it should be for.
///
/// What a certificate is to be used for is left out: libvirt judges that by rules of its own.
struct TrustCheck {
    /// Something wrong with a certificate of the chain.
    struct Fault: Hashable {
        enum Kind: Hashable {
            /// Its issuer is none of our authorities, or did not sign it.
            case untrusted
            case expired
            /// It begins later.
            case early
            /// The peer's certificate is for another name than this.
            case name(String)
        }

        let kind: Kind
        let certificate: TLSCertificate
        /// It is the peer's own, not that of an authority above it.
        let isLeaf: Bool
    }

    /// An `X509_STORE` of the authorities.
    let authorities: OpaquePointer
    let now: Timestamp

    /// Every fault, the gravest first: untrusted, then dates, then the name.
    ///
    /// - Parameters:
    ///   - certificate: An `X509`.
    ///   - chain: A `STACK_OF(X509)` of what the peer sent along; `nil` for none.
    ///   - host: The name or address it should be for; `nil` for any.
    func faults(of certificate: OpaquePointer, chain: OpaquePointer?, host: String?) -> [Fault] {
        let findings = Findings()
        if !verify(certificate, chain: chain, findings) {
            findings.faults.append(Fault(kind: .untrusted, certificate: TLSCertificate(certificate), isLeaf: true))
        }
        if let host, !Self.isFor(host, certificate) {
            findings.faults.append(Fault(kind: .name(host), certificate: TLSCertificate(certificate), isLeaf: true))
        }
        return findings.faults.filter { $0.kind == .untrusted } + findings.faults.filter { $0.kind != .untrusted }
    }

    private final class Findings {
        var faults: [Fault] = []
    }

    /// Goes on after each fault, so that all of them are found.
    ///
    /// - Returns: `false` when there was no memory to look, which must not pass for a certificate in order.
    private func verify(_ certificate: OpaquePointer, chain: OpaquePointer?, _ findings: Findings) -> Bool {
        guard let context = OpenSSLObject(X509_STORE_CTX_new(), release: X509_STORE_CTX_free),
            X509_STORE_CTX_init(context.pointer, authorities, certificate, chain) == 1
        else { return false }
        // As in GnuTLS, every certificate in the authorities' file is trusted, whether it signs itself or not.
        X509_STORE_CTX_set_flags(context.pointer, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_STORE_CTX_set_time(context.pointer, 0, time_t(now.microseconds / 1_000_000))
        return withExtendedLifetime(findings) {
            X509_STORE_CTX_set_ex_data(context.pointer, 0, Unmanaged.passUnretained(findings).toOpaque())
            X509_STORE_CTX_set_verify_cb(context.pointer, Self.tell)
            return X509_verify_cert(context.pointer) == 1
        }
    }

    private static let tell: X509_STORE_CTX_verify_cb = { isFine, context in
        guard isFine == 0, let context, let findings = X509_STORE_CTX_get_ex_data(context, 0),
            let kind = kind(of: X509_STORE_CTX_get_error(context)),
            let certificate = X509_STORE_CTX_get_current_cert(context)
        else { return 1 }
        let fault = Fault(
            kind: kind,
            certificate: TLSCertificate(certificate),
            isLeaf: X509_STORE_CTX_get_error_depth(context) == 0
        )
        let list = Unmanaged<Findings>.fromOpaque(findings).takeUnretainedValue()
        if !list.faults.contains(fault) { list.faults.append(fault) }
        return 1
    }

    /// `nil` for what OpenSSL finds fault with and GnuTLS may not.
    private static func kind(of error: Int32) -> Fault.Kind? {
        switch error {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_CHAIN_TOO_LONG:
            .untrusted
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .early
        default: nil
        }
    }

    /// Whether a certificate lays down what it may be used for, and leaves out what libvirt up to 9 demands of every one.
    static func lacksUsage(_ certificate: OpaquePointer) -> Bool {
        let wanted = UInt32(KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT)
        return cossl_has_critical(certificate, NID_key_usage) == 1
            && X509_get_key_usage(certificate) & wanted != wanted
    }

    /// Alternative names first; the subject's common name only where there is none of them, and never for an address.
    private static func isFor(_ host: String, _ certificate: OpaquePointer) -> Bool {
        let answer = X509_check_ip_asc(certificate, host, 0)
        // -2: it is no address.
        guard answer == -2 else { return answer == 1 }
        return X509_check_host(
            certificate,
            host,
            host.utf8.count,
            UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS),
            nil
        ) == 1
    }
}
