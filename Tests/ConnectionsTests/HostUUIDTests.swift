import Testing

@testable import Connections

@Suite("Host UUID")
struct HostUUIDTests {
    @Test(
        "is the one in the capabilities, and nothing else is",
        arguments: [
            (
                "<capabilities>\n <host>\n <uuid>6695EB01-f6a4-8304-79aa-97f2502e193f</uuid>",
                "6695eb01-f6a4-8304-79aa-97f2502e193f"
            ),
            ("<capabilities><host></host></capabilities>", nil), ("<uuid>6695eb01</uuid>", nil),
            ("<uuid>6695eb01-f6a4-8304-79aa-97f2502e193x</uuid>", nil), ("<uuid>", nil), ("", nil),
        ] as [(String, String?)]
    )
    func finds(capabilities: String, uuid: String?) {
        #expect(HostUUID.find(in: capabilities) == uuid)
    }
}
