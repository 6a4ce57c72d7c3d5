import Testing

@testable import SaltBus

@Suite("Gathering")
struct GatheringTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("pub is read as soon as something comes while few echoes are awaited, and before it was read at all")
    func few() {
        var gathering = Gathering()
        #expect(gathering.left(awaited: 256, at: at(0)) == nil)
        gathering.read(at: at(0), seen: 0)
        #expect(gathering.left(awaited: 31, at: at(0)) == nil)
        #expect(gathering.left(awaited: 32, at: at(0)) == .milliseconds(4))
    }

    @Test(
        "it waits for half of what is awaited, at the pace of late, but neither short nor long, and for no more than pub has room for",
        arguments: [
            (10, 200, 180, 4.5), (10, 40, 80, 10), (30, 30, 180, 16), (10, 0, 180, 16), (10, 10_000, 180, 4),
            (10, 100, 192, 9.6), (10, 100, 4_096, 9.6), (100, 1, 180, 4),
        ]
    )
    func pace(elapsed: Int, seen: Int, awaited: Int, expected: Double) {
        var gathering = Gathering()
        gathering.read(at: at(0), seen: 1_000)
        gathering.read(at: at(elapsed), seen: 1_000 + seen)
        #expect(gathering.left(awaited: awaited, at: at(elapsed)) == .milliseconds(expected))
        #expect(gathering.left(awaited: awaited, at: at(elapsed + 3)) != nil)
        #expect(gathering.left(awaited: awaited, at: at(elapsed + 16)) == nil)
    }
}
