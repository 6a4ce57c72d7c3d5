import TestSupport
import Testing

/// A host with very many objects.
extension ServiceTests.Isolation {
    @Test("a host with 10,000 domains is listed in bounded memory, and the others notice nothing")
    func crowded() async throws {
        let bench = try await Bench(try #require(SaltInstallation.newest.last))
        let daemons = try await PrivateLibvirtd.started(2)
        let big = try await PrivateLibvirtd.started()
        try await define(10_000, on: big)
        let relay = try await CrowdRelay(to: big)
        let good = ListedHost.byTurns(20, on: daemons)
        let service = try ServiceProcess(
            inventory: ServiceProcess.inventory(good),
            sockDir: bench.master.sockDir,
            arguments: Self.quick + ["--log-level", "debug"]
        )
        try await up(20, service)
        let prober = try await prober(on: bench.master, of: good, daemons)
        let downs = downs(of: good, service)
        let without = try await measure("without", 0, prober)
        let memory = try residentMemory(of: service.pid, "VmHWM")
        prober.begin("with", for: Self.length)
        let begin = ContinuousClock.now
        try service.reload(ServiceProcess.inventory(good + [ListedHost("big", relay.uri)]))
        try await listed(1, service)
        let took = ContinuousClock.now - begin
        // Once more, now that they are known.
        relay.cut(.reset)
        try await listed(2, service)
        let with = try await prober.end(2)
        let growth = try residentMemory(of: service.pid, "VmHWM") - memory
        try report("one host with 10,000 domains, listed in \(took) and \(growth) KiB", of: 20, without, with)
        if Self.isAlone { expectUnharmed(without, with) }
        // Each of them is a UUID, a name and some words, once as listed and once as kept.
        #expect(growth < 128 << 10)
        #expect(bench.events(of: "big", "domain").isEmpty, "nothing has changed there")
        #expect(self.downs(of: good, service) == downs)
        #expect(try await service.stop() == .exited(0))
    }

    /// Waits until the listing of so many domains has been so often.
    private func listed(_ times: Int, _ service: ServiceProcess) async throws {
        let limit = Duration.seconds(60)
        try await eventually("the domains are listed", within: limit, detail: { "\(service.log.suffix(2_000))" }) {
            let listings = service.logLines.count { line in
                line["message"] == "Listed" && line["host"] == "big" && line["object"] == "domain"
                    && line["objects"] == "10001"
            }
            return listings >= times
        }
    }

    /// Defines so many domains beside the one that is there.
    private func define(_ count: Int, on daemon: PrivateLibvirtd) async throws {
        let folder = try TemporaryFolder()
        var commands: [String] = []
        for number in 0..<count {
            let file = try folder.write(
                """
                <domain type='test'><name>vm\(number)</name><memory>1024</memory><vcpu>1</vcpu>\
                <os><type>hvm</type></os></domain>
                """,
                to: "\(number).xml"
            )
            commands.append("define \(file)")
        }
        try await Virsh.script(commands, on: daemon)
    }
}
