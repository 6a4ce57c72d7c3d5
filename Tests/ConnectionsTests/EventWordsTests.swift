import Testing

@testable import Connections

@Suite("Event words")
struct EventWordsTests {
    @Test(
        "a number has the engine's word, and one without a word keeps its number",
        arguments: [
            (EventKind.Object.domain, 2, 0, "started", "booted"), (.domain, 0, 3, "defined", "from snapshot"),
            (.domain, 3, 6, "suspended", "api error"), (.domain, 99, 0, "unknown-99", "unknown-0"),
            (.domain, 2, 77, "started", "unknown-77"), (.domain, -1, -1, "unknown--1", "unknown--1"),
            (.network, 0, 0, "defined", "unknown"), (.pool, 5, 0, "deleted", "unknown"),
            (.nodedev, 0, 0, "created", "unknown"), (.secret, 1, 0, "undefined", "unknown"),
            (.network, 9, 3, "unknown-9", "unknown-3"),
        ] as [(EventKind.Object, Int32, Int32, String, String)]
    )
    func lifecycle(object: EventKind.Object, event: Int32, detail: Int32, word: String, detailWord: String) {
        #expect(EventWords.lifecycle(object)[event] == word)
        #expect(EventWords.lifecycleDetail(object, event: event)[detail] == detailWord)
    }

    @Test(
        "a set of flags is read bit by bit, those without a word by their value",
        arguments: [
            (0, []), (1, ["action required"]), (3, ["action required", "recursive"]), (6, ["recursive", "unknown-4"]),
            (0x8000_0000, ["unknown-2147483648"]),
        ] as [(UInt32, [String])]
    )
    func flags(bits: UInt32, words: [String]) {
        #expect(EventWords.memoryFailureFlags.flags(bits) == words)
    }

    @Test("a UUID reads as libvirt writes it")
    func uuid() {
        let bytes: [UInt8] = [
            0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04, 0x79, 0xaa, 0x97, 0xf2, 0x50, 0x2e, 0x19, 0x3f,
        ]
        #expect(ObjectUUID(bytes: bytes).description == "6695eb01-f6a4-8304-79aa-97f2502e193f")
    }
}
