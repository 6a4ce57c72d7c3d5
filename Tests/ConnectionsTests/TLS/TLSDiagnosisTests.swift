import Connections
import Testing

@Suite("libvirt's words about TLS")
struct TLSDiagnosisTests {
    @Test(
        "those that have one cause have one reason",
        arguments: [
            ("The client certificate /p/clientcert.pem has expired", DownReason.tlsExpired),
            ("The CA certificate /p/cacert.pem has expired", .tlsExpired),
            ("The client certificate /p/clientcert.pem is not yet active", .tlsExpired),
            (
                "Our own certificate /p/clientcert.pem failed validation against /p/cacert.pem: The certificate hasn't got "
                    + "a known issuer.", .tlsUntrusted
            ),
            ("Cannot read CA certificate '/p/cacert.pem': No such file or directory", .tlsUntrusted),
            ("CA certificate '/p/cacert.pem' does not exist: No such file or directory", .tlsUntrusted),
            (
                "Unable to set x509 key and certificate: /p/k, /p/c: The requested data were not available.",
                .tlsRejected
            ),
            ("Certificate /p/clientcert.pem usage does not permit key encipherment", .tlsUntrusted),
            ("Unable to read TLS confirmation: Input/output error", .tlsRejected),
        ]
    )
    func clear(message: String, reason: DownReason) {
        #expect(TLSDiagnosis.reason(ofMessage: message) == reason)
    }

    @Test(
        "those that have several have none",
        arguments: [
            "authentication failed: Failed to verify peer's certificate",
            "Unable to connect to server at 'kvm01:16514': Connection refused",
            "authentication failed: TLS handshake failed A TLS fatal alert has been received.",
            "Cannot recv data: Input/output error", "",
        ]
    )
    func unclear(message: String) {
        #expect(TLSDiagnosis.reason(ofMessage: message) == nil)
    }
}
