import Spool
import TestSupport
import Testing

@testable import Aggregator

@Suite("Send window")
struct SendWindowTests {
    private var window = SendWindow(limit: 4)

    /// Puts records out.
    private mutating func send(_ positions: some Sequence<Int64>, size: Int = 1) {
        var backlog = Backlog()
        for position in positions { _ = backlog.add(.sample(position, size: size)) }
        while let pick = backlog.pick() { window.send(pick, at: .seconds(pick.position)) }
    }

    private mutating func settle(_ position: Int64) -> Duration? { window.settle(position)?.at }
    private mutating func lose() -> [Int64] { window.lose().map(\.position) }
    private mutating func takeBack(_ count: Int) -> [Int64] { window.takeBack(count).map(\.position) }

    @Test("has room for its size, and knows when what is settled was sent, whatever the order")
    mutating func settles() {
        send(11...14)
        #expect(window.room == 0)
        #expect(settle(12) == .seconds(12))
        #expect(settle(11) == .seconds(11))
        #expect(window.room == 2)
        #expect(window.count == 2)
    }

    @Test("confirmations that nobody waits for count for nothing")
    mutating func strangers() {
        send(11...12)
        #expect(settle(9) == nil)
        #expect(settle(12) != nil)
        #expect(settle(12) == nil)
        #expect(window.count == 1)
    }

    @Test("a loss gives back what is out, in order, and leaves half the window, which grows back slowly")
    mutating func loss() {
        send(11...14)
        _ = window.settle(11)
        #expect(lose() == [12, 13, 14])
        #expect(window.isEmpty)
        #expect(window.size == 2)
        for position in Int64(12)...17 {
            send([position])
            _ = window.settle(position)
        }
        #expect(window.size == 4)
        for _ in 0..<9 { _ = window.lose() }
        #expect(window.size == 1)
        #expect(window.room == 1)
    }

    @Test("what could not be sent after all is taken back")
    mutating func takesBack() {
        send(11...14)
        #expect(takeBack(2) == [13, 14])
        #expect(window.room == 2)
        #expect(lose() == [11, 12])
    }

    @Test("the largest events do not fill the memory: bytes have a bound, too")
    mutating func bytes() {
        window = SendWindow(limit: 4_096)
        send(1...2, size: SendWindow.byteLimit / 2)
        #expect(window.room == 0)
        _ = window.settle(1)
        #expect(window.room == 4_095)
    }
}
