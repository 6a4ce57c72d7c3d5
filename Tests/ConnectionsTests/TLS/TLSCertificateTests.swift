import Connections
import Testing

@Suite("what a certificate says")
struct TLSCertificateTests {
    private func subject(_ text: String) -> String {
        TLSCertificate(
            subject: text,
            issuer: "",
            notBefore: Timestamp(microseconds: 0),
            notAfter: Timestamp(microseconds: 0),
            names: "",
            fingerprint: ""
        ).subject
    }

    @Test(
        "what could forge a line of a log or turn its order around is replaced",
        arguments: [
            ("CN=a\nerror: all is well", "CN=a\u{FFFD}error: all is well"),
            ("CN=\u{1B}[2J", "CN=\u{FFFD}[2J"),
            ("CN=a\u{202E}b", "CN=a\u{FFFD}b"),
            ("CN=a\u{2028}b", "CN=a\u{FFFD}b"),
            ("CN=a\0b\u{7F}\u{9B}", "CN=a\u{FFFD}b\u{FFFD}\u{FFFD}"),
            ("CN=Zoë", "CN=Zoë"),
        ]
    )
    func hostile(text: String, shown: String) {
        #expect(subject(text) == shown)
    }

    @Test("a long text is cut after 256 bytes, between characters")
    func cut() {
        #expect(subject(String(repeating: "ä", count: 1_000)) == String(repeating: "ä", count: 128))
        #expect(subject("x" + String(repeating: "ä", count: 1_000)) == "x" + String(repeating: "ä", count: 127))
    }
}
