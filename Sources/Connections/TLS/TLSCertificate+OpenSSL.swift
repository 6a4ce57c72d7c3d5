internal import COpenSSL

extension TLSCertificate {
    /// Reads an `X509`, which stays its owner's.
    init(_ certificate: OpaquePointer) {
        self.init(
            subject: Self.text { cossl_print_name($0, X509_get_subject_name(certificate)) },
            issuer: Self.text { cossl_print_name($0, X509_get_issuer_name(certificate)) },
            notBefore: Self.time(X509_get0_notBefore(certificate), otherwise: .min),
            notAfter: Self.time(X509_get0_notAfter(certificate), otherwise: .max),
            names: Self.names(of: certificate),
            fingerprint: Self.fingerprint(of: certificate)
        )
    }

    private static func names(of certificate: OpaquePointer) -> String {
        let place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)
        guard place >= 0, let names = X509_get_ext(certificate, place) else { return "" }
        return text { X509V3_EXT_print($0, names, 0, 0) }
    }

    /// What a function of OpenSSL's prints.
    private static func text(_ print: (OpaquePointer) -> Int32) -> String {
        guard let memory = OpenSSLObject(BIO_new(BIO_s_mem()), release: { BIO_free($0) }) else { return "" }
        _ = print(memory.pointer)
        var bytes: UnsafePointer<CChar>?
        let count = cossl_memory(memory.pointer, &bytes)
        guard let bytes, count > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// A time that cannot be read makes no claim: it is as far away as can be.
    private static func time(_ time: UnsafePointer<ASN1_TIME>?, otherwise: Int64) -> Timestamp {
        let seconds = time.map { cossl_unix_time($0) } ?? .min
        guard seconds != .min else { return Timestamp(microseconds: otherwise) }
        let (microseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return Timestamp(microseconds: overflow ? otherwise : microseconds)
    }

    private static func fingerprint(of certificate: OpaquePointer) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return "" }
        return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
