import Foundation
import TestSupport

/// One host of a schedule: a daemon, the way on which the service comes to it, and who makes things happen on it.
final class ChaosHost: Sendable {
    let name: String
    let way: Way
    let daemon: PrivateLibvirtd
    let driver: PrivateLibvirtd.Driver
    let relay: LibvirtRelay?
    let listed: ListedHost
    let hand: Hand
    let ears: Ears
    /// The cable that leads to it.
    let cable: Int

    let sshd: PrivateSSHD?
    private let files: TemporaryFolder
    private let pools: String
    private let state: Locked<State>

    private struct State {
        var changes: Changes
        var isPaused = true
        var isTaken = false
        var count = 0
        /// How many lasting objects were made.
        var lasting = 0

        /// - Returns: Whether it was free.
        mutating func take() -> Bool {
            defer { isTaken = true }
            return !isTaken
        }
    }

    /// Prepares it; ``start()`` starts it.
    init(_ place: Int, _ way: Way, site: PrivateSite, seed: UInt64) async throws {
        let name = Schedule.name(place)
        self.name = name
        self.way = way
        cable = place
        files = try TemporaryFolder()
        driver = way == .durable ? .qemu : .test
        let pools = try files.makeFolder("pools")
        self.pools = pools
        for name in Changes.poolFolders { try files.makeFolder("pools/\(name)") }
        for (name, text) in Changes.definitions(for: driver, pools: pools) { try files.write(text, to: name) }
        let far = PrivateSite.address(place)
        daemon =
            switch way {
            case .network: try PrivateLibvirtd(settings: ["listen_addr": "\"\(far)\""], at: site.far)
            case .ssh, .durable: try PrivateLibvirtd(mode: .system, at: site.place)
            case .relay, .unix: try PrivateLibvirtd()
            }
        relay = way == .relay ? try LibvirtRelay(to: daemon.port) : nil
        sshd = way == .ssh || way == .durable ? try await PrivateSSHD.started(at: daemon.asLocalHost) : nil
        listed =
            switch way {
            case .relay: ListedHost(name, relay?.uri() ?? "")
            case .network: ListedHost(name, "test+tcp://\(far):\(daemon.port)/default")
            case .unix: ListedHost(name, daemon.uri(.unix))
            case .ssh, .durable: sshd?.host(name, driver) ?? ListedHost(name, "")
            }
        hand = try Hand(daemon, driver)
        ears = try Ears(daemon, driver)
        state = Locked(State(changes: Changes(folder: files.path, keeps: way == .durable, seed: seed &+ UInt64(place))))
    }

    /// Starts the daemon, and those who stand beside it; nothing is changed yet.
    func start() async throws {
        try await daemon.start()
        try await attend()
    }

    /// Has the listeners and the one who makes changes attend the daemon that is there now.
    func attend() async throws {
        try await ears.open()
        try await hand.open()
        if driver == .test { state.withLock { $0.changes.forget() } }
    }

    /// Does something to its daemon or to the way to it, when nobody else does.
    func exclusively<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await eventually("nobody else does anything to \(name)") { state.withLock { $0.take() } }
        defer { state.withLock { $0.isTaken = false } }
        return try await body()
    }

    /// Does something to all of some hosts, when nobody else does anything to any.
    static func exclusively(_ hosts: ArraySlice<ChaosHost>, _ body: () async throws -> Void) async throws {
        guard let first = hosts.first else { return try await body() }
        try await first.exclusively { try await exclusively(hosts.dropFirst(), body) }
    }

    /// How many changes have come to something.
    var count: Int { state.withLock(\.count) }

    func pause() { state.withLock { $0.isPaused = true } }

    func resume() { state.withLock { $0.isPaused = false } }

    /// Makes something that was not there before, and stays for as long as the daemon does.
    ///
    /// Not by the hand: it may have something else to do, or nothing any more.
    func makeLasting(_ object: ObjectClass) async throws {
        let number = state.withLock { state in
            state.lasting += 1
            return state.lasting
        }
        let file = "lasting-\(object)-\(number).xml"
        try files.write(Changes.lasting(object, number, for: driver, pools: pools), to: file)
        try await Virsh.script(["\(object.verb)define \(files.file(file))"], on: daemon, driver: driver)
        state.withLock { $0.count += 1 }
    }

    /// Makes some changes, if any may be made now.
    func change(_ number: Int) async throws {
        let changes = state.withLock { state -> [Changes.Change] in
            guard !state.isPaused else { return [] }
            // One after the other, since each follows from what the one before it has left.
            var model = state.changes
            let changes = (0..<number).map { _ in
                let change = model.next()
                model.settle(change)
                return change
            }
            state.changes.random = model.random
            return changes
        }
        guard !changes.isEmpty else { return }
        let outcomes = try await hand.run(changes.map(\.command))
        state.withLock { state in
            state.count += outcomes.count { $0 }
            for (change, hasWorked) in zip(changes, outcomes) where hasWorked {
                state.changes.settle(change)
            }
        }
    }
}
