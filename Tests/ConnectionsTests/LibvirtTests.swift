import Connections
import Foundation
import Logging
import TestSupport
import Testing

/// Tests that share the one event loop of the process and assert that it is balanced: one after the other.
@Suite("libvirt", .serialized)
struct ProcessWideTests {
    static func everythingIsLetGo(_ runtime: LibvirtRuntime) async throws {
        try await eventually(
            "libvirt has let go",
            detail: { "\(EventLoop.shared.counters) \(liveCallbackBoxes) boxes, \(runtime.pool.counters)" }
        ) {
            let pool = runtime.pool.counters
            return EventLoop.shared.counters.isBalanced && liveCallbackBoxes == 0
                && pool.waiting == 0 && pool.running == 0 && pool.slow == 0 && pool.writtenOff == 0
        }
        #expect(EventLoop.shared.counters.orphans == 0)
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension ProcessWideTests {
    /// libvirt for real, in this process: its test driver on node files of our own.
    @Suite("in process", .serialized, .timeLimit(.minutes(10)))
    struct InProcess {
        private let runtime: LibvirtRuntime
        private let folder: TemporaryFolder

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
            folder = try TemporaryFolder()
        }

        private func watch(
            _ nodes: [TestNode],
            driver: some HypervisorDriver,
            receive: @escaping @Sendable ([HostReport]) -> Void
        ) throws -> [Watcher] {
            let environment = WatcherEnvironment(
                driver: driver,
                pool: runtime.pool,
                logger: .silent
            )
            return try nodes.map { node in
                try node.description.write(toFile: node.file, atomically: true, encoding: .utf8)
                let host = Host(name: node.name, uri: try LibvirtURI("test://\(node.file)"))
                return Watcher(host, environment: environment, receive: receive)
            }
        }

        private func everythingIsLetGo() async throws {
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test("a node comes up with its kinds, one refused, and gives every event of every step")
        func watchesNode() async throws {
            let reports = Locked<[HostReport]>([])
            let driver = TestNodeDriver(runtime)
            let node = TestNode(name: "node0", folder: folder.path)
            let watcher = try watch([node], driver: driver) { new in reports.withLock { $0 += new.filter(\.isWord) } }[
                0
            ]
            await watcher.start()
            try await eventually("it is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            for step in TestNode.Step.allCases { driver.perform(step, on: node) }
            try await eventually("all events came", detail: { "\(reports.withLock { $0 })" }) {
                reports.withLock { $0.count } == 1 + TestNode.Step.allCases.count
            }
            await watcher.stop()

            let all = reports.withLock { $0 }
            guard case .up(let up) = all[0].body else {
                Issue.record("the first report is no up")
                return
            }
            #expect(!up.facts.keepsAlive)
            let known = EventKind.all.filter { $0.since <= LibvirtVersion.installed ?? $0.since }
            #expect(up.facts.registered == known.filter { $0.object != .secret })
            #expect(
                up.facts.refused.map(\.kind) == EventKind.all.filter { !known.contains($0) || $0.object == .secret }
            )
            #expect(up.facts.olderForms == [])
            let said = all.dropFirst().map { report -> String in
                guard case .event(let event) = report.body else { return "?" }
                switch event.payload {
                case .plain: return event.kind.path
                case .lifecycle(let number, let detail):
                    let object = event.kind.object
                    let words = EventWords.lifecycleDetail(object, event: number)
                    return "\(object) \(EventWords.lifecycle(object)[number]) \(words[detail])"
                case .metadataChange(let type, let nsuri):
                    return "metadata \(EventWords.metadataType[type]) \(nsuri ?? "-")"
                default: return "?"
                }
            }
            #expect(
                said == [
                    "domain suspended paused", "domain resumed unpaused", "metadata title -",
                    "domain stopped destroyed",
                    "domain started booted", "network stopped unknown", "network started unknown", "pool/refresh",
                ]
            )
            try await everythingIsLetGo()
        }

        @Test("a host that refuses a kind is asked for its older form, and both follow what is wanted")
        func olderForms() async throws {
            let node = TestNode(name: "old", folder: folder.path)
            let newer: Set<EventKind> = [.domainIOError, .domainBlockJob]
            let older: [EventKind] = [.domainIOErrorWithoutReason, .domainBlockJobByPath]
            let driver = LibvirtDriver(runtime, treatAsRefused: newer)
            let watcher = try watch([node], driver: driver) { _ in }[0]
            func host(_ kinds: [EventKind]) async throws -> Connections.Host {
                let host = await watcher.host
                return Connections.Host(name: host.name, uri: host.uri, kinds: kinds)
            }
            await watcher.start()
            try await eventually("it is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            let facts = try #require(watcher.status.facts)
            #expect(facts.registered.filter { $0.path == "domain/io_error" || $0.path == "domain/block_job" } == older)
            #expect(Set(facts.olderForms.map(\.kind)) == newer)
            #expect(facts.refused.allSatisfy { !newer.contains($0.kind) })

            await watcher.update(try await host([.domainLifecycle]))
            try await eventually("they are taken back") { watcher.status.facts?.registered == [.domainLifecycle] }
            #expect(watcher.status.facts?.olderForms == [])
            await watcher.update(try await host([.domainLifecycle, .domainBlockJob]))
            try await eventually("one is back") {
                watcher.status.facts?.registered == [.domainLifecycle, .domainBlockJobByPath]
            }
            #expect(watcher.status.facts?.olderForms.map(\.kind) == [.domainBlockJob])
            await watcher.stop()
            try await everythingIsLetGo()
        }

        @Test("a hundred watchers come up and leave nothing behind, twice")
        func leavesNothing() async throws {
            for round in 0..<2 {
                let nodes = (0..<100).map { TestNode(name: "r\(round)n\($0)", folder: folder.path) }
                let watchers = try watch(nodes, driver: LibvirtDriver(runtime)) { _ in }
                for watcher in watchers { await watcher.start() }
                try await eventually("all are up") { watchers.allSatisfy { $0.status.phase == .up } }
                for watcher in watchers { await watcher.stop() }
                try await everythingIsLetGo()
            }
        }

        @Test(
            "what cannot be opened says why",
            arguments: [
                ("test:///does/not/exist.xml", DownReason.unknown),
                ("test+unix:///default?socket=/nonexistent/sock", .refused),
                ("test+tcp://127.0.0.1:1/default", .refused), ("test+tcp://no.such.host.invalid/default", .dns),
            ]
        )
        func reasons(uri: String, reason: DownReason) async throws {
            let downs = Locked<[HostDown]>([])
            let environment = WatcherEnvironment(
                driver: LibvirtDriver(runtime),
                pool: runtime.pool,
                logger: .silent
            )
            let watcher = Watcher(Host(name: "bad", uri: try LibvirtURI(uri)), environment: environment) { reports in
                for case .down(let down) in reports.map(\.body) { downs.withLock { $0.append(down) } }
            }
            await watcher.start()
            try await eventually("it is down") { downs.withLock { !$0.isEmpty } }
            await watcher.stop()
            let down = try #require(downs.withLock { $0.first })
            // A resolver that cannot be reached answers in its own time, or not at all.
            #expect(down.reason == reason || (reason == .dns && down.reason == .timeout), "\(down.message)")
            try await everythingIsLetGo()
        }
    }
}
