import CLibvirt
import Foundation
import TestSupport
import Testing

@testable import Connections

extension ProcessWideTests {
    /// The one thread on which every host is heard, and what holds it up.
    @Suite("a loop that is held up", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct LoopWatches {
        private let runtime: LibvirtRuntime
        private let folder: TemporaryFolder

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
            folder = try TemporaryFolder()
        }

        @Test("what outlives a program of ext and keeps its standard error open is ended, and the others are heard")
        func survivor() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let pids = (program: folder.file("program"), survivor: folder.file("survivor"))
            // As ssh does that goes by way of another ssh: when it is killed, the other one is left.
            let script = """
                #!/bin/sh
                echo $$ > '\(pids.program)'
                sleep 1000 < /dev/null > /dev/null &
                echo $! > '\(pids.survivor)'
                exec nc -U '\(daemon.socket)'

                """
            let path = try folder.write(script, to: "connect.sh")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let heard = Locked(0)
            let uris = ["test+ext:///default?command=\(path)", daemon.uri(.tcp)]
            let driver = LibvirtDriver(
                runtime,
                programs: .init(runDir: folder.file("run"), launcher: ServiceProcess.binary)
            )
            let environment = WatcherEnvironment(driver: driver, pool: runtime.pool, logger: .silent)
            let watchers = try uris.enumerated().map { index, uri in
                Watcher(Host(name: "h\(index)", uri: try LibvirtURI(uri)), environment: environment) { reports in
                    let count = reports.count { if case .event = $0.body { true } else { false } }
                    if index == 1 { heard.withLock { $0 += count } }
                }
            }
            for watcher in watchers { await watcher.start() }
            try await eventually("both are up") { watchers.allSatisfy { $0.status.phase == .up } }
            // Or a call that is under way reads the end, not the loop.
            try await eventually("nobody is called") {
                runtime.pool.counters.running == 0 && runtime.pool.counters.waiting == 0
            }
            let (program, survivor) = (try #require(pid(in: pids.program)), try #require(pid(in: pids.survivor)))
            defer {
                // Whoever comes after the first has left one, too.
                for left in [survivor, pid(in: pids.survivor) ?? survivor] { kill(left, SIGKILL) }
            }
            kill(program, SIGKILL)
            try await Virsh.script(["suspend test"], on: daemon)
            // Far less than what was left sleeps.
            try await eventually("the other is heard", within: .seconds(60)) { heard.withLock { $0 } == 1 }
            // What is dead has no files, though nobody may have asked how it ended.
            #expect(throws: (any Error).self) {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(survivor)/fd/2")
            }
            try await eventually("it is back") {
                watchers[0].status.phase == .up && pid(in: pids.program).map { $0 != program } == true
            }
            for watcher in watchers { await watcher.stop() }
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        /// A timer of the loop's that does not return until it is let go.
        private final class Hold: Sendable {
            let begun = DispatchSemaphore(value: 0)
            let end = DispatchSemaphore(value: 0)

            static let run: virEventTimeoutCallback = { timer, opaque in
                guard let opaque else { return }
                let hold = Unmanaged<Hold>.fromOpaque(opaque).takeUnretainedValue()
                hold.begun.signal()
                hold.end.wait()
                _ = EventLoop.removeTimeout(timer)
            }
        }

        @Test(
            "a handler that does not return is told of with its host, and ended; no call is over until the loop turns"
        )
        func held() async throws {
            try await eventually("nobody else holds it up") { EventLoop.shared.counters.heldBy == nil }
            let scheduler = ManualScheduler()
            LoopWatch(.shared, pool: runtime.pool, logger: .silent, scheduler: scheduler).start()
            defer { scheduler.forget() }
            let host = Connections.Host(name: "h", uri: try LibvirtURI("test:///default"))
            let inlet = ConnectionInlet(generation: 1, inFlight: InFlight(), now: { .now }) { _ in }
            let attempt = LibvirtDriver(runtime).attempt(host, deadline: .seconds(30), inlet: inlet)
            let (hold, binding, isOver) = (Hold(), LoopBinding(host: "kvm01"), Locked(false))
            let call = BlockingCall<Void>(
                deadline: .seconds(60),
                body: {
                    guard case .success(let connection) = attempt.run() else { return }
                    _ = binding.whileBound {
                        EventLoop.addTimeout(0, Hold.run, Unmanaged.passUnretained(hold).toOpaque(), nil)
                    }
                    hold.begun.wait()
                    connection.probe()
                    isOver.withLock { $0 = true }
                    connection.close()
                },
                finished: {}
            )
            runtime.pool.submit(call, lane: .call)
            try await eventually("the host has answered") { EventLoop.shared.state.withLock { $0.waiting.count } == 1 }
            #expect(EventLoop.shared.handler?.binding === binding)
            for _ in 0..<2 {
                scheduler.advance(by: LoopWatch.interval)
                try await eventually("it was looked at") { scheduler.pending == [LoopWatch.interval] }
            }
            #expect(EventLoop.shared.counters.heldBy == "kvm01")
            try await eventually("it is ended") { binding.isAborted }
            #expect(!isOver.withLock { $0 })
            hold.end.signal()
            try await eventually("the call is over") { isOver.withLock { $0 } }
            scheduler.advance(by: LoopWatch.interval)
            try await eventually("nobody holds it up") { EventLoop.shared.counters.heldBy == nil }
            try await ProcessWideTests.everythingIsLetGo(runtime)
            withExtendedLifetime(hold) {}
        }

        /// `nil` while it is being written.
        private func pid(in file: String) -> pid_t? {
            let text = try? String(contentsOfFile: file, encoding: .utf8)
            return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }
}
