import Connections
import Dispatch
import SaltBus
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Reloader", .timeLimit(.minutes(10)))
struct ReloaderTests {
    /// A file that a test writes, and what the service was told.
    private final class World: Sendable {
        let text = Mutex("hosts: {a: 'test:///a', b: 'test:///b'}")
        let plans = Mutex<[Reconciliation.Plan]>([])
        let announced = Mutex<[(ReloadDifference, ReloadTrigger)]>([])
        let reads = Atomic<Int>(0)
        let isReadable = Atomic<Bool>(true)
        let refuses = Atomic<Bool>(false)

        /// Called while the inventory is read.
        let during = Mutex<(@Sendable () -> Void)?>(nil)

        func write(_ new: String) { text.withLock { $0 = new } }
        var triggers: [ReloadTrigger] { announced.withLock { $0.map(\.1) } }
    }

    private let world = World()
    private let scheduler = ManualScheduler()
    private let log = RecordingLog()
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
            let isReadable = world.isReadable.load(ordering: .relaxed)
            let files = FileSource.memory(["inventory": text], refused: isReadable ? [] : ["inventory"])
            return try InventoryLoader(files: files).load(path: "inventory")
        }
        reloader = Reloader(
            inventory: try origin.load().inventory,
            origin: origin,
            environment: WatcherEnvironment(
                driver: FakeDriver(),
                pool: BlockingPool(scheduler: scheduler),
                scheduler: scheduler,
                logger: log.logger
            ),
            effects: Reloader.Effects(
                apply: { plan, _ throws(SaltBus.Tag.Malformed) in
                    if world.refuses.load(ordering: .relaxed) { _ = try SaltBus.Tag("") }
                    world.plans.withLock { $0.append(plan) }
                },
                announce: { difference, trigger in world.announced.withLock { $0.append((difference, trigger)) } }
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
        let leave = DispatchSemaphore(value: 0)
        world.during.withLock { $0 = { leave.wait() } }
        world.write("hosts: {a: 'test:///a', b: 'test:///b', c: 'test:///c'}")
        let before = world.reads.load(ordering: .relaxed)
        async let first = reloader.reload(.signal)
        try await eventually("it reads") { world.reads.load(ordering: .relaxed) == before + 1 }
        async let second = reloader.reload(.admin)
        async let third = reloader.reload(.admin)
        // Were they not in turn, these would be refused or read beside the first.
        for _ in 0..<100 { await Task.yield() }
        #expect(world.reads.load(ordering: .relaxed) == before + 1)
        world.during.withLock { $0 = nil }
        leave.signal()
        let differences = try await [first.result.get(), second.result.get(), third.result.get()]
        #expect(differences[0] == ReloadDifference(added: ["c"], unchanged: 2))
        #expect(differences.dropFirst().allSatisfy { $0 == ReloadDifference(unchanged: 3) })
        #expect(world.plans.withLock { $0.count } == 3)
    }

    @Test("a reload that is under way when the service stops changes nothing")
    func stopped() async throws {
        let leave = DispatchSemaphore(value: 0)
        world.during.withLock { $0 = { leave.wait() } }
        world.write("hosts: {c: 'test:///c'}")
        let before = world.reads.load(ordering: .relaxed)
        async let reload = reloader.reload(.signal)
        try await eventually("it reads") { world.reads.load(ordering: .relaxed) == before + 1 }
        await reloader.stop()
        leave.signal()
        let outcome = await reload
        let errors = #expect(throws: ConfigurationErrors.self) { try outcome.result.get() }
        #expect(errors?.report.lines.first?.contains("stopping") == true)
        #expect(world.plans.withLock { $0.isEmpty })
        #expect(world.announced.withLock { $0.isEmpty })
        #expect(await reloader.inventory.hosts.map(\.host.name) == ["a", "b"])
    }

    @Test("what the service refuses to carry out leaves the inventory that is in force")
    func refused() async throws {
        world.refuses.store(true, ordering: .relaxed)
        world.write("hosts: {c: 'test:///c'}")
        let outcome = await reloader.reload(.admin)
        #expect(throws: ConfigurationErrors.self) { try outcome.result.get() }
        #expect(await reloader.inventory.hosts.map(\.host.name) == ["a", "b"])
        #expect(world.announced.withLock { $0.isEmpty })
    }

    @Test("a file that cannot be read is tried again by itself, ever less often, and is complained of once")
    func unreadable() async throws {
        await reloader.startWatching()
        let before = world.reads.load(ordering: .relaxed)
        world.isReadable.store(false, ordering: .relaxed)
        world.write("hosts: {c: 'test:///c'}")
        try folder.write("2", to: "watched")
        for _ in 0..<9 { try await look() }
        // At the second look, and then one, two and four looks later.
        #expect(world.reads.load(ordering: .relaxed) == before + 4)
        #expect(log.count(of: "Nothing reloaded: the inventory has mistakes") == 1)
        world.isReadable.store(true, ordering: .relaxed)
        for _ in 0..<8 { try await look() }
        #expect(await reloader.inventory.hosts.map(\.host.name) == ["c"])
        #expect(world.reads.load(ordering: .relaxed) == before + 5)
        await reloader.stop()
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
