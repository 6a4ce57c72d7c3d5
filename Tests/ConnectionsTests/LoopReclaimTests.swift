import CLibvirt
import Dispatch
import TestSupport
import Testing

@testable import Connections

extension ProcessWideTests {
    @Suite("what the loop lets go of", .serialized, .timeLimit(.minutes(10)))
    struct LoopReclaims {
        /// Two timers of two connections, of which the first, when it is let go of, does not return until it may.
        private final class Pair: Sendable {
            let timers = Locked<[Int32]>([])
            let mayReturn = DispatchSemaphore(value: 0)
            let isFreed = Locked(false)

            static let stuck: virFreeCallback = { opaque in Pair.from(opaque)?.mayReturn.wait() }
            static let free: virFreeCallback = { opaque in Pair.from(opaque)?.isFreed.withLock { $0 = true } }
            static let never: virEventTimeoutCallback = { _, _ in }

            /// Takes both away within one turn of the loop.
            static let remove: virEventTimeoutCallback = { timer, opaque in
                for timer in (Pair.from(opaque)?.timers.withLock(\.self) ?? []) + [timer] {
                    _ = EventLoop.removeTimeout(timer)
                }
            }

            static func from(_ opaque: UnsafeMutableRawPointer?) -> Pair? {
                opaque.map { Unmanaged<Pair>.fromOpaque($0).takeUnretainedValue() }
            }
        }

        @Test("what one connection leaves and does not return keeps nothing that others leave in the same turn")
        func beside() async throws {
            let runtime = try LibvirtRuntime.start(logger: .silent)
            let pair = Pair()
            let opaque = Unmanaged.passUnretained(pair).toOpaque()
            let bindings = (LoopBinding(host: "stuck"), LoopBinding(host: "other"))
            let timers = [
                bindings.0.whileBound { EventLoop.addTimeout(-1, Pair.never, opaque, Pair.stuck) },
                bindings.1.whileBound { EventLoop.addTimeout(-1, Pair.never, opaque, Pair.free) },
            ]
            pair.timers.withLock { $0 = timers }
            bindings.1.whileBound { _ = EventLoop.addTimeout(0, Pair.remove, opaque, nil) }
            do {
                defer { pair.mayReturn.signal() }
                try await eventually("the other one is let go of") { pair.isFreed.withLock { $0 } }
            }
            try await ProcessWideTests.everythingIsLetGo(runtime)
            withExtendedLifetime(pair) {}
        }
    }
}
