internal import ArgumentParser
internal import Connections
internal import Glibc
internal import Logging

/// `demo`: the whole path on hypervisors and a bus that live in this process.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show events of three test hypervisors, with no daemon and no Salt.",
        discussion: """
            Opens libvirt's in-process test driver three times, lets things happen there, and prints what a Salt master's \
            bus would get: a table on a terminal, else JSON lines and a last line that sums up. Everything between \
            libvirt and the bus is the real service.

              virt-aggregator demo --seconds 5
            """
    )

    @Option(help: "How long to run. (default: until Ctrl-C)")
    var seconds: Double?

    func validate() throws {
        if let seconds, !(seconds > 0 && seconds <= 86_400) {
            throw ValidationError("--seconds takes a number of seconds above 0, at most 86400")
        }
    }

    func run() async throws {
        let folder = try DemoFolder()
        defer { folder.remove() }
        let isTerminal = StandardOutput.isTerminal
        let write = { @Sendable (text: String) in
            guard !StandardOutput.write(text) else { return }
            // Like any filter, the demo ends when nobody reads it any more.
            folder.remove()
            _exit(CommandExit.ok.rawValue)
        }
        let printer = EventPrinter(style: isTerminal ? .table : .jsonLines, write: write)
        let logger = ServiceLog.start(Settings.Log(format: .auto, level: .warning))
        let runtime = try LibvirtRuntime.start(logger: logger)
        let driver = TestNodeDriver(runtime)
        let nodes = try ["demo1", "demo2", "demo3"].map { try folder.node($0) }
        let service = try AggregatorService(
            inventory: Inventory(demo: nodes),
            options: AggregatorService.Options(spoolFolder: folder.path + "/spool"),
            environment: WatcherEnvironment(driver: driver, pool: runtime.pool, logger: logger),
            instance: String(repeating: "d", count: 16),
            makeBus: { report in DemoBus(printer: printer, now: { .now }, report: report) }
        )
        printer.printHead()
        let provoker = Provoker(driver: driver, nodes: nodes, runtime: runtime)
        let limit = seconds
        try await service.run {
            await provoker.run(for: limit.map { .seconds($0) }) { await service.snapshot() }
        }
        let ledger = await service.ledger()
        let up = await provoker.mostUp
        let summary = DemoSummary(hosts: nodes.count, up: up, events: ledger.received, relayed: ledger.relayed)
        write(isTerminal ? summary.text : summary.json)
        if ledger.received != ledger.relayed || up < nodes.count { throw CommandExit.failed.exitCode }
    }
}

/// The demo's last line.
struct DemoSummary {
    let hosts: Int

    /// The highest number of hosts that were up at one time.
    let up: Int

    /// Records that were to reach the bus.
    let events: Int

    /// Records the sink had confirmed.
    let relayed: Int

    var json: String { #"{"hosts":\#(hosts),"up":\#(up),"events":\#(events),"relayed":\#(relayed)}"# + "\n" }
    var text: String { "\(up) of \(hosts) hosts were up; \(relayed) of \(events) events reached the bus\n" }
}
