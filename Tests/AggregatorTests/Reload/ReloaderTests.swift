import Connections
import Dispatch
import Logging
import SaltBus
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Reloader", .timeLimit(.minutes(1)))
struct ReloaderTests {
    /// A file that a test writes, and what the service was told.
    private final class World: Sendable {
        let text = Mutex("hosts: {a: 'test:///a', b: 'test:///b'}")
        let plans = Mutex<[Reconciliation.Plan]>([])
        let announced = Mutex<[(ReloadDifference, ReloadTrigger)]>([])
        let reads = Atomic<Int>(0)

        /// Called while the inventory is read.
        let during = Mutex<(@Sendable () -> Void)?>(nil)

        func write(_ new: String) { text.withLock { $0 = new } }
        var triggers: [ReloadTrigger] { announced.withLock { $0.map(\.1) } }
    }

    private let world = World()
    private let scheduler = ManualScheduler()
    private let folder: TemporaryFolder
    private let reloader: Reloader

    init() throws {
        let world = world
        folder = try TemporaryFolder()
        let watched = try folder.write("1", to: "watched")
        let origin = InventoryOrigin(name: "inventory", path: watched) { () throws(ConfigurationErrors) in
            world.reads.add(1, ordering: .relaxed)
            world.during.withLock { $0 }?()
            let text = world.text.withLock { $0 }
            return try InventoryLoader(files: .memory(["inventory": text])).load(path: "inventory")
        }
        reloader = Reloader(
            inventory: try origin.load().inventory,
            origin: origin,
            environment: WatcherEnvironment(
                driver: FakeDriver(),
                pool: BlockingPool(scheduler: scheduler),
                scheduler: scheduler,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ),
            effects: Reloader.Effects(
                apply: { plan in world.plans.withLock { $0.append(plan) } },
                announce: { difference, trigger, _ in world.announced.withLock { $0.append((difference, trigger)) } }
            )
        )
    }

    @Test("what is different is carried out and told")
    func difference() async throws {
        world.write("hosts: {b: {uri: 'test:///b', labels: {r: x}}, c: 'test:///c'}")
        let outcome = await reloader.reload(.signal)
        let wanted = ReloadDifference(added: ["c"], removed: ["a"], changed: ["b"])
        #expect(try outcome.result.get() == wanted)
        #expect(world.plans.withLock { $0.count } == 1)
        #expect(world.announced.withLock { $0.map(\.0) } == [wanted])
        #expect(await reloader.inventory.hosts.map(\.host.name) == ["b", "c"])
    }

    @Test("an inventory with mistakes changes nothing, and all of them are known; a good one after it counts")
    func mistakes() async throws {
        world.write("hosts: {a: 'nonsense:///', b: {urii: x}, c: 'test:///c'}")
        let outcome = await reloader.reload(.admin)
        let errors = #expect(throws: ConfigurationErrors.self) { try outcome.result.get() }
        #expect((errors?.report.diagnostics.count ?? 0) >= 2)
        #expect(world.plans.withLock { $0.isEmpty })
        #expect(world.announced.withLock { $0.isEmpty })
        #expect(await reloader.inventory.hosts.map(\.host.name) == ["a", "b"])
        world.write("hosts: {a: 'test:///a'}")
        #expect(try await reloader.reload(.admin).result.get() == ReloadDifference(removed: ["b"], unchanged: 1))
    }

    @Test("reloads that overlap follow one another, and each sees what the one before has done")
    func serialised() async throws {
        let entered = DispatchSemaphore(value: 0), leave = DispatchSemaphore(value: 0)
        world.during.withLock {
            $0 = {
                entered.signal()
                leave.wait()
            }
        }
        world.write("hosts: {a: 'test:///a', b: 'test:///b', c: 'test:///c'}")
        async let first = reloader.reload(.signal)
        await Task.detached { entered.wait() }.value
        async let second = reloader.reload(.admin)
        world.during.withLock { $0 = nil }
        leave.signal()
        let differences = try await [first.result.get(), second.result.get()]
        #expect(differences == [ReloadDifference(added: ["c"], unchanged: 2), ReloadDifference(unchanged: 3)])
    }

    @Test("a changed file is read once it has come to rest, and only then; the same again is no news")
    func file() async throws {
        let before = world.reads.load(ordering: .relaxed)
        await reloader.startWatching()
        world.write("hosts: {a: 'test:///a'}")
        try await look()
        #expect(world.reads.load(ordering: .relaxed) == before, "nothing changed on the disk")
        try folder.write("2", to: "watched")
        try await look()
        try folder.write("3", to: "watched")
        try await look()
        #expect(world.reads.load(ordering: .relaxed) == before, "it was still being written")
        try await look()
        #expect(world.reads.load(ordering: .relaxed) == before + 1)
        #expect(world.triggers == [.file])
        try folder.write("4", to: "watched")
        try await look()
        try await look()
        #expect(world.reads.load(ordering: .relaxed) == before + 2)
        #expect(world.triggers == [.file], "nothing was different")
        await reloader.stopWatching()
        #expect(scheduler.pending.isEmpty)
    }

    /// Lets one look happen.
    private func look() async throws {
        try await eventually("a look is planned") { scheduler.pending == [Reloader.interval] }
        scheduler.advance(by: Reloader.interval)
        try await eventually("it has happened") { scheduler.pending == [Reloader.interval] }
    }

    @Test("the event names at most a hundred hosts of a sort, and counts them all")
    func bounded() throws {
        let names = (0..<250).map { "h\($0)" }
        let event = OwnEvent.reloaded(ReloadDifference(added: names, unchanged: 7), trigger: .file)
        let fields = Dictionary(uniqueKeysWithValues: event.fields.map { ("\($0.key)", $0.value) })
        #expect(fields["added"] == .array(names.prefix(100).map { .string($0) }))
        #expect(fields["removed"] == .array([]))
        #expect(fields["unchanged"] == .int(7))
        #expect(fields["trigger"] == .string("file"))
        #expect(fields["counts"]?["added"] == .int(250))
    }
}
