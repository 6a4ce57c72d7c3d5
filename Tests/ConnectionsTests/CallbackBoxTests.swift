import TestSupport
import Testing

@testable import Connections

@Suite struct CallbackBoxTests {
    private func box() -> CallbackBox {
        let inlet = ConnectionInlet(generation: 0, inFlight: InFlight(), now: { Timestamp(microseconds: 0) }) { _ in }
        return CallbackBox(kind: .domainLifecycle, inlet: inlet)
    }

    @Test("is kept for libvirt alone until it is given back, once or twice, and found no more then")
    func lent() {
        var box: CallbackBox? = box()
        let opaque = box?.lend()
        weak let found = box
        box = nil
        #expect(CallbackBox.from(opaque) === found)
        #expect(found != nil)
        CallbackBox.release(opaque)
        #expect(found == nil)
        CallbackBox.release(opaque)
        #expect(CallbackBox.from(opaque) == nil)
    }

    @Test("giving one back twice leaves the next one alone")
    func neighbours() {
        let first = box().lend()
        CallbackBox.release(first)
        let second = box()
        let opaque = second.lend()
        CallbackBox.release(first)
        #expect(CallbackBox.from(opaque) === second)
        second.giveBack()
    }

    @Test("nothing is behind no pointer")
    func null() {
        CallbackBox.release(nil)
        #expect(CallbackBox.from(nil) == nil)
    }
}
