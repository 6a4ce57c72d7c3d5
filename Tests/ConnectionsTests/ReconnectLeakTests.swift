import Connections
import TestSupport
import Testing

extension ProcessWideTests {
    /// Connections that are lost and made anew again and again; `make sanitize` runs it, too.
    @Suite("reconnects", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct Reconnects {
        /// Few cuts of many hosts: one that comes and goes all the time would be slowed.
        private static let hosts = 170
        private static let cuts = 6

        /// What libvirt holds of this process while all are connected.
        private struct Held {
            let handles, timers, boxes: Int

            init() {
                let loop = EventLoop.shared.counters
                (handles, timers, boxes) = (loop.handles, loop.timers, liveCallbackBoxes)
            }

            /// What another test of this process held before it may have let go of.
            func isNoMore(than former: Held) -> Bool {
                handles <= former.handles && timers <= former.timers && boxes <= former.boxes
            }
        }

        @Test("after a thousand reconnects libvirt holds what it held before, and after the end nothing")
        func thousand() async throws {
            let runtime = try LibvirtRuntime.start(logger: .silent)
            let daemon = try await PrivateLibvirtd.started(settings: PrivateLibvirtd.roomy)
            let relay = try await CrowdRelay(to: daemon)
            let environment = WatcherEnvironment(
                driver: LibvirtDriver(runtime),
                pool: runtime.pool,
                backoff: Backoff(base: .milliseconds(10), cap: .milliseconds(100)),
                logger: .silent
            )
            let ups = Locked(0)
            let watchers = try (0..<Self.hosts).map { index in
                Watcher(Host(name: "h\(index)", uri: try LibvirtURI(relay.uri)), environment: environment) { reports in
                    let count = reports.count { if case .up = $0.body { true } else { false } }
                    ups.withLock { $0 += count }
                }
            }
            for watcher in watchers { await watcher.start() }
            try await areUp(1, watchers, ups, runtime)
            let before = try await eventually("each has a handle, and nobody else") {
                let held = Held()
                return held.handles == Self.hosts ? held : nil
            }
            for cut in 1...Self.cuts {
                relay.cut(cut.isMultiple(of: 2) ? .reset : .close)
                try await areUp(cut + 1, watchers, ups, runtime)
            }
            try await eventually("no more is held than before", detail: { "before: \(before), now: \(Held())" }) {
                Held().isNoMore(than: before)
            }
            #expect(EventLoop.shared.counters.orphans == 0)
            for watcher in watchers { await watcher.stop() }
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        /// Waits until each was up so often, and has no call under way.
        private func areUp(_ times: Int, _ watchers: [Watcher], _ ups: Locked<Int>, _ runtime: LibvirtRuntime)
            async throws
        {
            let detail = { "\(ups.withLock { $0 }) ups, \(runtime.pool.counters)" }
            try await eventually("all are up for the time number \(times)", detail: detail) {
                ups.withLock { $0 } == times * Self.hosts && watchers.allSatisfy { $0.status.phase == .up }
                    && runtime.pool.counters.running == 0
            }
        }
    }
}
