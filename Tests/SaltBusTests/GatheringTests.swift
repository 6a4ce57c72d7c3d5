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
        "it waits for a quarter of what is awaited, at the pace of late, but neither short nor long",
        arguments: [(10, 200, 400, 5), (10, 40, 160, 10), (100, 100, 400, 16), (10, 0, 400, 16), (10, 10_000, 400, 4)]
    )
    func pace(elapsed: Int, seen: Int, awaited: Int, expected: Int) {
        var gathering = Gathering()
        gathering.read(at: at(0), seen: 1_000)
        gathering.read(at: at(elapsed), seen: 1_000 + seen)
        #expect(gathering.left(awaited: awaited, at: at(elapsed)) == .milliseconds(expected))
        #expect(gathering.left(awaited: awaited, at: at(elapsed + 3)) != nil)
        #expect(gathering.left(awaited: awaited, at: at(elapsed + 16)) == nil)
    }
}
