import Connections
import Testing

@Suite("ObjectKey")
struct ObjectKeyTests {
    @Test("a UUID is read as it is written, in either case")
    func uuid() {
        let text = "6695eb01-f6a4-8304-79aa-97f2502e193f"
        #expect(ObjectUUID(text)?.description == text)
        #expect(ObjectUUID(text.uppercased())?.description == text)
        #expect(ObjectKey(text, of: .domain)?.description == text)
    }

    @Test(
        "what is no UUID is none",
        arguments: [
            "", "6695eb01", "6695eb01-f6a4-8304-79aa-97f2502e193", "6695eb01-f6a4-8304-79aa-97f2502e193f0",
            "6695eb01xf6a4-8304-79aa-97f2502e193f", "6695eb01-f6a4-8304-79aa-97f2502e193g",
            "6695eb0--f6a4-8304-79aa-97f2502e193f", "é695eb01-f6a4-8304-79aa-97f2502e193",
        ]
    )
    func malformed(text: String) {
        #expect(ObjectUUID(text) == nil)
        #expect(ObjectKey(text, of: .secret) == nil)
    }

    @Test("a device is known by its name, which is not empty")
    func device() {
        #expect(ObjectKey("pci_0000_00_00_0", of: .nodedev) == .name("pci_0000_00_00_0"))
        #expect(ObjectKey("", of: .nodedev) == nil)
    }
}
