internal import COpenSSL

/// One TLS connection as a client, step by step, each within the dialer's deadline.
struct TLSSession: ~Copyable {
    /// Why a step failed.
    enum Trouble: Error {
        /// The time is over, or nobody waits any more.
        case overdue
        /// The peer ended the connection.
        case closed
        /// The peer said why it ended it, in the number of a TLS alert.
        case alert(Int32)
        /// What the peer sends is no TLS.
        case noise
        /// OpenSSL found fault with it.
        case other(String)
    }

    /// An `SSL`.
    private let connection: OpenSSLObject
    private let socket: StreamSocket
    private let dialer: Dialer

    /// - Parameter context: An `SSL_CTX`.
    init?(_ context: OpaquePointer, _ socket: consuming StreamSocket, dialer: Dialer) {
        guard let connection = OpenSSLObject(SSL_new(context), release: SSL_free),
            SSL_set_fd(connection.pointer, socket.descriptor) == 1
        else { return nil }
        self.connection = connection
        self.socket = socket
        self.dialer = dialer
    }

    borrowing func shakeHands() throws(Trouble) {
        try perform { SSL_connect($0) }
    }

    /// The next byte that the peer sends.
    borrowing func readByte() throws(Trouble) -> UInt8 {
        var byte: UInt8 = 0
        try perform { SSL_read($0, &byte, 1) }
        return byte
    }

    /// The peer's certificate, an `X509`; `nil` when it has not come.
    var peer: OpenSSLObject? {
        OpenSSLObject(SSL_get1_peer_certificate(connection.pointer), release: X509_free)
    }

    /// What the peer sent along with it, a `STACK_OF(X509)` that lives as long as this.
    var chain: OpaquePointer? {
        SSL_get_peer_cert_chain(connection.pointer)
    }

    /// Says good-bye, without waiting for an answer.
    borrowing func end() {
        SSL_shutdown(connection.pointer)
        ERR_clear_error()
    }

    private borrowing func perform(_ step: (OpaquePointer) -> Int32) throws(Trouble) {
        while true {
            // The queue of errors is this thread's, and SSL_get_error looks into it.
            ERR_clear_error()
            let result = step(connection.pointer)
            if result > 0 { return }
            switch SSL_get_error(connection.pointer, result) {
            case SSL_ERROR_WANT_READ: guard dialer.wait(for: socket, .reading) else { throw .overdue }
            case SSL_ERROR_WANT_WRITE: guard dialer.wait(for: socket, .writing) else { throw .overdue }
            case SSL_ERROR_SSL: throw Self.trouble(ERR_peek_error())
            // ZERO_RETURN: the peer said good-bye. SYSCALL: it did not, or the connection was reset.
            default: throw .closed
            }
        }
    }

    private static func trouble(_ code: UInt) -> Trouble {
        defer { ERR_clear_error() }
        let reason = ERR_GET_REASON(code)
        switch reason {
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: return .closed
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
            SSL_R_BAD_LENGTH, SSL_R_RECORD_LENGTH_MISMATCH:
            return .noise
        case SSL_AD_REASON_OFFSET..<(SSL_AD_REASON_OFFSET + 256): return .alert(reason - SSL_AD_REASON_OFFSET)
        default: return .other(OwnPKI.reason(of: code))
        }
    }

    /// An alert in words.
    static func words(ofAlert number: Int32) -> String {
        SSL_alert_desc_string_long(number).map { String(cString: $0) } ?? "alert \(number)"
    }

    /// Whether an alert is about the certificate of its receiver.
    static func isAboutCertificate(_ alert: Int32) -> Bool {
        [
            SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA, SSL_AD_ACCESS_DENIED,
            SSL_AD_CERTIFICATE_REQUIRED, SSL_AD_NO_CERTIFICATE,
        ].contains(alert)
    }
}
