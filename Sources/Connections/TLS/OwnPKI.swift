internal import COpenSSL
internal import Glibc

/// Our side of a handshake, read from its files: the authorities that we trust, our certificate and its key.
///
/// Reading blocks as files do. No passphrase is ever asked for.
struct OwnPKI: ~Copyable {
    let files: PKIFiles

    /// What we show; `nil` when the file of the certificate or of the key is missing, which libvirt allows: a host may ask
    /// for none.
    let certificate: TLSCertificate?

    /// An `SSL_CTX` with our certificate and key, and without verification: that is for ``TrustCheck``, which finds all
    /// that is wrong.
    let context: OpenSSLObject

    /// An `X509_STORE` of the authorities.
    let authorities: OpenSSLObject

    /// The first authority that is out of date.
    private let staleAuthority: TrustCheck.Fault?
    private let now: Timestamp
    /// Our certificate as an `X509`.
    private let own: OpenSSLObject?

    /// - Parameter now: The time to judge dates by.
    init(_ files: PKIFiles, now: Timestamp) throws(EstablishFailure) {
        _ = Self.isReady
        let context = try Self.made(SSL_CTX_new(TLS_client_method()), release: SSL_CTX_free)
        let authorities = try Self.made(X509_STORE_new(), release: X509_STORE_free)
        cossl_prepare(context.pointer)
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_NONE, nil)
        let stale = try Self.loadAuthorities(files.authority, into: authorities.pointer, now: now)
        let own = try Self.loadCertificate(files, into: context.pointer)
        let certificate: TLSCertificate? =
            switch own {
            case .some(let own): TLSCertificate(own.pointer)
            case .none: nil
            }
        self.files = files
        self.now = now
        self.certificate = certificate
        self.context = context
        self.authorities = authorities
        self.own = own
        staleAuthority = stale
    }

    /// Without OpenSSL's clean-up at the end of the process, which would take from a thread in a handshake what it uses.
    private static let isReady = OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

    private static func made(
        _ pointer: OpaquePointer?,
        release: @escaping (OpaquePointer) -> Void
    ) throws(EstablishFailure) -> OpenSSLObject {
        guard let object = OpenSSLObject(pointer, release: release) else {
            throw EstablishFailure(.unknown, "OpenSSL has no memory for a handshake")
        }
        return object
    }

    /// Throws the gravest fault of our own files: what libvirt looks at before it connects.
    borrowing func check() throws(EstablishFailure) {
        switch own {
        case .some(let own):
            let faults = trust.faults(of: own.pointer, chain: nil, host: nil)
            if let fault = faults.first(where: \.isLeaf) { throw EstablishFailure(own: fault, files: files) }
        case .none: break
        }
        if let staleAuthority { throw EstablishFailure(authority: staleAuthority, files: files) }
    }

    /// The judge of a peer's certificate.
    ///
    /// To be used while this lives.
    var trust: TrustCheck {
        TrustCheck(authorities: authorities.pointer, now: now)
    }

    private static func loadAuthorities(
        _ file: String,
        into store: OpaquePointer,
        now: Timestamp
    ) throws(EstablishFailure) -> TrustCheck.Fault? {
        if [ENOENT, ENOTDIR].contains(PKIFiles.obstacle(to: file)) {
            throw EstablishFailure(
                .tlsUntrusted,
                "\(file) is missing, without which no host is trusted; put the certificates of the hosts' authorities there"
            )
        }
        let source = try open(file)
        var count = 0
        var stale: TrustCheck.Fault?
        while let authority = OpenSSLObject(cossl_read_certificate(source.pointer), release: X509_free) {
            count += 1
            X509_STORE_add_cert(store, authority.pointer)
            guard stale == nil else { continue }
            let certificate = TLSCertificate(authority.pointer)
            if certificate.notAfter < now {
                stale = TrustCheck.Fault(kind: .expired, certificate: certificate, isLeaf: false)
            } else if now < certificate.notBefore {
                stale = TrustCheck.Fault(kind: .early, certificate: certificate, isLeaf: false)
            }
        }
        ERR_clear_error()
        guard count > 0 else {
            throw EstablishFailure(unusable: file, .tlsUntrusted, "holds no certificate in PEM form")
        }
        return stale
    }

    private static func loadCertificate(
        _ files: PKIFiles,
        into context: OpaquePointer
    ) throws(EstablishFailure) -> OpenSSLObject? {
        guard ![files.certificate, files.key].contains(where: PKIFiles.isMissing) else { return nil }
        if let code = PKIFiles.obstacle(to: files.key) { throw EstablishFailure(unreadable: files.key, code) }
        let source = try open(files.certificate)
        guard let own = OpenSSLObject(cossl_read_certificate(source.pointer), release: X509_free) else {
            ERR_clear_error()
            throw EstablishFailure(unusable: files.certificate, .tlsRejected, "holds no certificate in PEM form")
        }
        let isLoaded =
            SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1
            && SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1
        guard isLoaded else {
            defer { ERR_clear_error() }
            let code = ERR_peek_last_error()
            // A key too short for OpenSSL's taste may do for libvirt.
            let isTaste = [SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK]
                .contains(ERR_GET_REASON(code))
            guard isTaste else {
                throw EstablishFailure(
                    unusable: files.key,
                    .tlsRejected,
                    "is not the key of \(files.certificate), without a passphrase and in PEM form"
                )
            }
            throw EstablishFailure(
                .unknown,
                "OpenSSL refuses our certificate \(files.certificate): \(reason(of: code))"
            )
        }
        return own
    }

    private static func open(_ file: String) throws(EstablishFailure) -> OpenSSLObject {
        if let code = PKIFiles.obstacle(to: file) { throw EstablishFailure(unreadable: file, code) }
        defer { ERR_clear_error() }
        return try made(BIO_new_file(file, "r"), release: { BIO_free($0) })
    }

    /// What OpenSSL says about an error of its own; a constant text of its own, never a peer's.
    static func reason(of code: UInt) -> String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
