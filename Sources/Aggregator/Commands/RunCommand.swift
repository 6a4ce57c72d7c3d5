internal import ArgumentParser
internal import Connections
internal import Foundation
internal import Logging
internal import SaltBus
internal import Spool
internal import UnixSignals

/// `run`: the service.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the hosts of an inventory and relay their events.",
        discussion: """
            Runs in the foreground until SIGTERM or SIGINT; a second signal ends it at once. Runs as the user of the Salt \
            master, whose sockets nobody else may write to:

              virt-aggregator run --inventory /etc/virt-aggregator/inventory.yaml

            A host that is away is `down` with a reason and tried again without end, and so is the master: what was heard \
            meanwhile waits in the spool. Log lines go to standard error.

            SIGHUP, and a change of the inventory's files, has the inventory read again and the difference carried out; \
            one with a mistake changes nothing. Settings are read at the start alone.

            Ends with 0 after a signal, with 64 when a flag is wrong, with 69 when another service uses the spool or the \
            admin socket, with 78 when a file is wrong or the spool cannot be used.
            """
    )

    @OptionGroup(title: "Settings, over those of the file")
    var flags: SettingsFlags

    func run() async throws {
        // First of all: what asks for a reload from here on may mean files that have been read already.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let (settings, inventory, origin, master, warnings) = try configuration()
        let logger = ServiceLog.start(settings.log)
        for warning in warnings { logger.warning("Configuration is odd", metadata: ["diagnostic": "\(warning)"]) }
        if settings.bus.confirm == .write {
            logger.warning("Nothing proves what reaches the bus", metadata: ["confirm": "write"])
        }
        SpareMemory.keep()
        DescriptorLimit.raise()
        DescriptorLimit.warn(for: inventory.hosts.count, logger: logger)
        let instance = Self.randomInstance()
        do {
            let programs = LibvirtDriver.Programs.ofThisProcess(runDir: settings.runDir ?? Settings.standardRunDir)
            programs.removeLeftovers()
            defer { programs.removeLeftovers() }
            let runtime = try LibvirtRuntime.start(logger: logger, pool: BlockingPool(settings.connect.parallel))
            let service = try AggregatorService(
                inventory: inventory,
                origin: origin,
                options: AggregatorService.Options(settings, bus: master),
                environment: WatcherEnvironment(settings, runtime: runtime, programs: programs, logger: logger),
                instance: instance,
                makeBus: Self.bus(settings, master: master, instance: instance)
            )
            try await service.run(reloadingOn: hangups)
        } catch let error as SpoolError {
            logger.error("Cannot start", metadata: [LogKeys.error: "\(error)"])
            throw (error.code == .locked ? CommandExit.unavailable : .configuration).exitCode
        } catch let error as AdminSocketError {
            logger.error("Cannot start", metadata: [LogKeys.error: "\(error)"])
            throw (error.code == .taken ? CommandExit.unavailable : .configuration).exitCode
        } catch {
            logger.error("Failed", metadata: [LogKeys.error: "\(error)"])
            throw CommandExit.failed.exitCode
        }
    }

    /// Reads everything there is to read; all mistakes are printed together, and then nothing is started.
    ///
    /// - Returns: What was read, and the warnings, which belong into the log.
    private func configuration() throws -> (
        Settings, Inventory, InventoryOrigin?, MasterConfiguration, warnings: [Diagnostic]
    ) {
        let check = ConfigurationCheck(
            config: flags.config,
            flags: flags.texts,
            engine: flags.engine,
            files: .disk,
            needsMaster: true
        )
        guard let inventory = check.inventory, let bus = check.bus, !check.report.hasErrors else {
            StandardError.write(check.report.text(colored: StandardError.isTerminal))
            throw check.report.exitStatus.exitCode
        }
        return (check.settings, inventory, check.origin, bus, check.report.diagnostics)
    }

    /// Sixteen hexadecimal digits.
    static func randomInstance() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16).leftPadded(to: 16)
    }

    static func bus(
        _ settings: Settings,
        master: MasterConfiguration,
        instance: String
    ) throws -> @Sendable (@escaping @Sendable (BusReport) -> Void) -> any EventBus {
        let endpoint = BusEndpoint(pub: master.pubAddress, pull: master.pullAddress)
        var configuration = try BusConfiguration(endpoint: endpoint, instance: instance)
        configuration.echoDeadline = settings.bus.echoDeadline
        if settings.bus.confirm == .write, let framing = settings.bus.framing {
            configuration.confirm = .write(framing == .bare ? .bare : .lengthPrefixed)
        }
        configuration.stamp =
            switch settings.bus.stamp {
            case .auto: .auto
            case .naive: .naive
            case .offset: .offset
            }
        return { [configuration] report in BusClient(configuration: configuration, report: report) }
    }
}

extension AggregatorService.Options {
    fileprivate init(_ settings: Settings, bus: MasterConfiguration) {
        self.init(
            spoolFolder: settings.spool.path,
            durability: settings.spool.durability == .power ? .power : .process,
            limits: SpoolLimits(settings.spool),
            runDir: settings.runDir ?? Settings.standardRunDir,
            window: settings.bus.window,
            budget: settings.bus.budget,
            stopTimeout: settings.stopTimeout,
            adminSocket: settings.adminSocketPath,
            needsAdminSocket: settings.isAdminSocketExplicit,
            confirm: settings.bus.confirm,
            warnings: (bus.isOpenToAll ? ["bus: on a TCP port, where any user of this machine can write"] : [])
                + (settings.bus.confirm == .write
                    ? ["bus: events count as sent once the master's socket has them; nothing proves that they arrive"]
                    : [])
        )
    }
}

extension SpoolLimits {
    fileprivate init(_ spool: Settings.Spool) {
        self.init(
            bytes: spool.maxBytes,
            age: spool.maxAge,
            whenFull: spool.whenFull == .dropOldest ? .dropOldest : .dropNewest
        )
    }
}

extension BlockingPool {
    fileprivate convenience init(_ parallel: Settings.Parallel) {
        self.init(caps: [.openFast: parallel.fast, .openSlow: parallel.slow], groupCap: parallel.jump)
    }
}

extension WatcherEnvironment {
    fileprivate init(
        _ settings: Settings,
        runtime: LibvirtRuntime,
        programs: LibvirtDriver.Programs,
        logger: Logger
    ) {
        self.init(
            driver: LibvirtDriver(
                runtime,
                programs: .ofThisProcess(runDir: settings.runDir ?? Settings.standardRunDir)
            ),
            pool: runtime.pool,
            deadlines: Deadlines(fast: settings.connect.fast, slow: settings.connect.slow),
            backoff: Backoff(base: settings.backoff.base, cap: settings.backoff.cap),
            probe: settings.probe,
            probeDeadline: settings.probeDeadline,
            audit: settings.audit,
            flapLimit: settings.flapLimit,
            logger: logger
        )
    }
}

extension LibvirtDriver.Programs {
    /// The binary is named by its file, not by what it was started as, so that a link to it does as well.
    fileprivate static func ofThisProcess(runDir: String) -> Self {
        let file = "/proc/self/exe"
        let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: file)
        return Self(runDir: runDir, launcher: binary ?? file)
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}
