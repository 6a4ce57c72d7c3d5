import Connections
import Logging
import TestSupport
import Testing

/// Connections to real daemons, and what is left of them: the loop's handles, timers and boxes, the pool's threads.
extension ProcessWideTests {
    @Suite("libvirtd", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct Libvirtd {
        private let runtime: LibvirtRuntime

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
        }

        /// Watchers of one daemon, and what they reported, by host.
        private final class Fleet: Sendable {
            let reports = Locked<[HostReport]>([])
            let watchers: [Watcher]

            init(
                _ daemon: PrivateLibvirtd,
                count: Int,
                runtime: LibvirtRuntime,
                keepalive: Keepalive = Keepalive(),
                deadlines: WatcherEnvironment.Deadlines = .init()
            ) throws {
                let environment = WatcherEnvironment(
                    driver: LibvirtDriver(runtime),
                    pool: runtime.pool,
                    deadlines: deadlines,
                    backoff: Backoff(base: .milliseconds(20), cap: .milliseconds(200)),
                    logger: .silent
                )
                let sink = Sink()
                watchers = try (0..<count).map { index in
                    let uri = try LibvirtURI(daemon.uri(index.isMultiple(of: 2) ? .tcp : .unix))
                    let inFlight = InFlight(limit: 100_000)
                    return Watcher(
                        Host(name: "h\(index)", uri: uri, keepalive: keepalive),
                        environment: environment,
                        inFlight: inFlight
                    ) { reports in sink.fleet?.reports.withLock { $0 += reports.filter(\.isWord) } }
                }
                sink.fleet = self
            }

            /// The watchers report to what holds them.
            private final class Sink: Sendable {
                private struct Slot {
                    weak var fleet: Fleet?
                }

                private let slot = Locked(Slot())
                var fleet: Fleet? {
                    get { slot.withLock { $0.fleet } }
                    set { slot.withLock { $0.fleet = newValue } }
                }
            }

            func start() async {
                for watcher in watchers { await watcher.start() }
            }

            func stop() async {
                await withTaskGroup(of: Void.self) { group in
                    for watcher in watchers { group.addTask { await watcher.stop() } }
                }
            }

            func count(_ isWanted: (HostReport.Body) -> Bool) -> Int {
                reports.withLock { $0.count { isWanted($0.body) } }
            }

            var reasons: [DownReason] {
                reports.withLock { reports in
                    reports.compactMap { if case .down(let down) = $0.body { down.reason } else { nil } }
                }
            }

            func areUp(sourceLocation: SourceLocation = #_sourceLocation) async throws {
                try await eventually("all are up", detail: { "\(self.watchers.map(\.status.phase))" }) {
                    self.watchers.allSatisfy { $0.status.phase == .up }
                }
            }
        }

        private func everythingIsLetGo() async throws {
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test("forty connections hear every event in order and leave nothing behind")
        func hears() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let fleet = try Fleet(daemon, count: 40, runtime: runtime)
            await fleet.start()
            try await fleet.areUp()
            // Others of this process may have some, too.
            #expect(EventLoop.shared.counters.handles >= 40)
            let commands = (0..<50).flatMap { _ in ["suspend test", "resume test"] }
            try await Virsh.script(commands, on: daemon)
            try await eventually("all heard all") {
                fleet.count { if case .event = $0 { true } else { false } } == 4_000
            }
            let numbers = fleet.reports.withLock { reports in
                Dictionary(grouping: reports, by: \.host).values.map { $0.map(\.sequence) }
            }
            #expect(numbers.allSatisfy { $0 == Array(1...101) })
            await fleet.stop()
            try await everythingIsLetGo()
        }

        @Test(
            "a daemon that is killed is lost at once, comes back with everything registered, and leaves nothing behind"
        )
        func killed() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let fleet = try Fleet(daemon, count: 20, runtime: runtime)
            await fleet.start()
            for round in 1...3 {
                try await fleet.areUp()
                try await daemon.kill()
                try await eventually("all are lost") { fleet.watchers.allSatisfy { $0.status.phase == .down } }
                try await daemon.start()
                try await fleet.areUp()
                #expect(fleet.count { if case .up = $0 { true } else { false } } == 20 * (round + 1))
            }
            try await Virsh.script(["suspend test"], on: daemon)
            try await eventually("all hear again") { fleet.count { if case .event = $0 { true } else { false } } == 20 }
            await fleet.stop()
            try await everythingIsLetGo()
        }

        @Test("a frozen daemon is told by keepalive; opens that hang are aborted; stopping does not wait for it")
        func frozen() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let deadlines = WatcherEnvironment.Deadlines(fast: .milliseconds(200), slow: .milliseconds(400))
            let keepalive = Keepalive(interval: .seconds(1), count: 1)
            let fleet = try Fleet(daemon, count: 10, runtime: runtime, keepalive: keepalive, deadlines: deadlines)
            await fleet.start()
            try await fleet.areUp()
            daemon.freeze()
            try await eventually("all are told by keepalive") {
                fleet.reasons.count { $0 == .keepalive } >= 10
            }
            // More attempts than a listening socket has room for: they must neither hang nor stay.
            try await eventually("reopening times out") {
                fleet.watchers.allSatisfy { $0.status.down?.reason == .timeout }
            }
            try await eventually("no thread is stuck") { runtime.pool.counters.writtenOff == 0 }
            daemon.thaw()
            try await eventually("all are up again") {
                try await daemon.startIfEnded()
                return fleet.watchers.allSatisfy { $0.status.phase == .up }
            }
            daemon.freeze()
            await fleet.stop()
            try await everythingIsLetGo()
            daemon.thaw()
        }

        @Test(
            "every kind registers on a real system daemon, and secrets are told",
            .needs(.systemLibvirtd)
        )
        func secrets() async throws {
            let daemon = try await PrivateLibvirtd.started(mode: .system)
            let events = Locked<[HostEvent]>([])
            let uuids = Locked<Set<String?>>([])
            let environment = WatcherEnvironment(
                driver: LibvirtDriver(runtime),
                pool: runtime.pool,
                logger: .silent
            )
            let uri = try LibvirtURI(daemon.uri(.unix, driver: .qemu))
            let watcher = Watcher(Host(name: "qemu", uri: uri), environment: environment) { reports in
                uuids.withLock { $0.formUnion(reports.map(\.hostUUID)) }
                for case .event(let event) in reports.map(\.body) { events.withLock { $0.append(event) } }
            }
            await watcher.start()
            try await eventually("it is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            let newer = EventKind.all.filter { $0.since > LibvirtVersion.installed ?? $0.since }
            #expect(watcher.status.facts?.refused.map(\.kind) == newer)
            #expect(watcher.status.facts?.keepsAlive == true)
            #expect(watcher.status.facts?.daemonVersion == LibvirtRuntime.libraryVersion)
            let uuid = "41111111-2222-3333-4444-555555555555"
            try daemon.folder.write(
                """
                <secret ephemeral='no' private='no'><uuid>\(uuid)</uuid>\
                <usage type='volume'><volume>/lab/volume</volume></usage></secret>
                """,
                to: "secret.xml"
            )
            let commands = ["secret-define \(daemon.folder.file("secret.xml"))", "secret-undefine \(uuid)"]
            try await Virsh.script(commands, on: daemon, driver: .qemu)
            try await eventually("both came") { events.withLock { $0.count } == 2 }
            let bytes = [0x41, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44] + Array(repeating: 0x55, count: 6)
            let subject = HostEvent.Subject.secret(uuid: ObjectUUID(bytes: bytes.map { UInt8($0) }))
            #expect(events.withLock { $0.map(\.kind) } == [.secretLifecycle, .secretLifecycle])
            #expect(events.withLock { $0.map(\.subject) } == [subject, subject])
            #expect(
                events.withLock { $0.map(\.payload) } == [
                    .lifecycle(event: 0, detail: 0), .lifecycle(event: 1, detail: 0),
                ]
            )
            // It says who it is when it has looked at its emulators; events do not wait for that.
            try await eventually("it has said who it is") {
                try await Virsh.script(commands, on: daemon, driver: .qemu)
                return uuids.withLock { $0.contains(daemon.uuid) }
            }
            await watcher.stop()
            try await everythingIsLetGo()
        }

        @Test("a node device that is made and removed is told")
        func nodeDevice() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let fleet = try Fleet(daemon, count: 1, runtime: runtime)
            await fleet.start()
            try await fleet.areUp()
            let file = try daemon.folder.write(
                """
                <device><name>scsi_host99</name><parent>scsi_host1</parent><capability type='scsi_host'>\
                <capability type='fc_host'><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability>\
                </capability></device>
                """,
                to: "device.xml"
            )
            // The test driver gives it the name it likes.
            try await Virsh.script(["nodedev-create \(file)", "nodedev-destroy scsi_host12"], on: daemon)
            try await eventually("both came") { fleet.count { if case .event = $0 { true } else { false } } == 2 }
            let events = fleet.reports.withLock { reports in
                reports.compactMap { if case .event(let event) = $0.body { event } else { nil } }
            }
            #expect(events.map(\.kind) == [.nodedevLifecycle, .nodedevLifecycle])
            #expect(events.map(\.subject) == Array(repeating: .nodedev(name: "scsi_host12"), count: 2))
            #expect(events.map(\.payload) == [.lifecycle(event: 0, detail: 0), .lifecycle(event: 1, detail: 0)])
            await fleet.stop()
            try await everythingIsLetGo()
        }

        @Test("a text beyond 4 KiB is cut, between characters, and said to be")
        func cut() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let fleet = try Fleet(daemon, count: 1, runtime: runtime)
            await fleet.start()
            try await fleet.areUp()
            let uri = "http://lab/" + String(repeating: "ä", count: 5_000)
            try await Virsh.script(["metadata test \(uri) --key k --set '<a/>'"], on: daemon)
            let event = try await eventually("it came") {
                fleet.reports.withLock { reports in
                    reports.lazy.compactMap { if case .event(let event) = $0.body { event } else { nil } }.first
                }
            }
            #expect(event.marks == TextMarks(truncated: ["/nsuri"]))
            #expect(
                event.payload == .metadataChange(type: 2, nsuri: "http://lab/" + String(repeating: "ä", count: 2_042))
            )
            await fleet.stop()
            try await everythingIsLetGo()
        }
    }
}
