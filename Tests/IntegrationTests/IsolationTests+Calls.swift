import TestSupport
import Testing

/// Calls and closes that do not return.
extension ServiceTests.Isolation {
    @Test("calls and closes that do not return hold up nobody else's, are shown, and are given back in the end")
    func endless() async throws {
        let bench = try await Bench(try #require(SaltInstallation.newest.last))
        let good = try await PrivateLibvirtd.started(1)
        let frozen = try await PrivateLibvirtd.started(settings: PrivateLibvirtd.roomy)
        // Nobody ends what hangs, for as long as this test takes.
        let defaults = "defaults: {keepalive: {interval: 60s, count: 20}}\n"
        let few: [String: JSONValue] = ["filters": ["all", "!nodedev"]]
        func inventory(_ count: Int, _ keys: [String: JSONValue] = [:]) -> String {
            let bad = (0..<count).map { ListedHost("frozen\($0)", frozen.uri(.tcp), keys) }
            return ServiceProcess.inventory(bad + ListedHost.byTurns(5, on: good, keys), defaults: defaults)
        }
        let service = try ServiceProcess(
            inventory: inventory(0),
            sockDir: bench.master.sockDir,
            arguments: Self.quick
        )
        try await up(5, service)
        let before = try await settled("it has settled") { ProcessResources(of: service.pid) }
        try service.reload(inventory(40))
        try await up(45, service)
        try await eventually("no call is under way") {
            let pool = try await service.status()["pool"]
            return pool?["running"] == 0 && pool?["waiting"] == 0
        }
        frozen.freeze()
        // Every connection is asked for other kinds, more at once than there are threads for.
        let begin = ContinuousClock.now
        try service.reload(inventory(40, few))
        for host in ListedHost.byTurns(5, on: good) {
            try await eventually("\(host.name) gives other kinds", within: .seconds(60)) {
                let kinds = try await service.host(host.name)["registered"]?.array ?? []
                return !kinds.isEmpty && !kinds.contains("nodedev/lifecycle")
            }
        }
        print("isolation: the good ones had their calls within \(ContinuousClock.now - begin)")
        try await eventually("all that hang are shown", within: .seconds(60)) {
            let pool = try await service.status()["pool"]
            let stuck = pool?["stuck"]?.array ?? []
            return pool?["slow"] == 40 && stuck.count == 40 && stuck.allSatisfy { $0["lane"] == "call" }
        }
        #expect(try await service.host("frozen7")["stuck"]?.array?.count == 1)
        #expect(try await service.host("0-3")["stuck"] == [])
        try await Virsh.script(["suspend test"], on: good[0])
        for host in ListedHost.byTurns(5, on: good) {
            try await bench.wait(of: "domain/lifecycle", from: host.name, within: .seconds(60))
        }
        // Now forty closes that cannot return by themselves, either.
        try service.reload(inventory(0, few))
        try await Virsh.script(["resume test"], on: good[0])
        for host in ListedHost.byTurns(5, on: good) {
            try await bench.wait(2, of: "domain/lifecycle", from: host.name, within: .seconds(60))
        }
        try await eventually("everything is given back", within: .seconds(120), detail: { service.log }) {
            let pool = try await service.status()["pool"]
            return ["running", "slow", "written_off", "waiting"].allSatisfy { pool?[$0] == 0 }
                && pool?["stuck"] == [] && ProcessResources(of: service.pid) == before
        }
        frozen.thaw()
        #expect(try await service.stop() == .exited(0))
        bench.expectOrderAndIdentity()
    }
}
