internal import Connections
internal import Logging
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// The parts' lives.
extension AggregatorService {
    private var budget: StopBudget { StopBudget(options.stopTimeout) }

    /// A part of the service as the lifecycle sees it.
    struct Part: ServiceLifecycle.Service {
        let life: @Sendable () async throws -> Void

        func run() async throws { try await life() }
    }

    var sinkPart: Part {
        Part {
            disk.start()
            await sink.start(hosts: { await reloader.inventory.hosts.map(\.host.name) }, makeBus)
            try? await gracefulShutdown()
            await sink.drain(within: budget.drain, outlastsLoss: journal.isInMemory)
            await sink.stop()
            await journal.bringToDisk()
        }
    }

    var relayPart: Part {
        Part {
            try? await gracefulShutdown()
            _ = await replays.stop()
            relay.announceStopped(hosts: await reloader.inventory.hosts.count, ledger: await ledger(), at: now())
            await journal.flush()
        }
    }

    var upkeepPart: Part {
        Part {
            await Upkeep(
                spool: spool,
                journal: journal,
                scheduler: scheduler,
                now: now,
                logger: logger,
                memories: {
                    await supervisor.lookAtIdentities()
                    return await supervisor.memories()
                },
                stored: memories,
                ledger: { await ledger() },
                losses: { await losses() },
                dead: { await sink.snapshot().dead },
                announce: { relay.announceDropped($0, at: $1) },
                resync: { await supervisor.resync($0) },
                untold: { await supervisor.untold() }
            ).run()
        }
    }

    func supervisorPart(_ hangups: UnixSignalsSequence?) -> Part {
        Part {
            await reloader.startWatching()
            let reloads = Task {
                guard let hangups else { return }
                for await _ in hangups { _ = await reloader.reload(.signal) }
            }
            try? await gracefulShutdown()
            reloads.cancel()
            await reloader.stop()
            if await !supervisor.stop(within: budget.watchers) {
                logger.warning("Some connections did not close in time")
            }
        }
    }

    var adminPart: Part {
        // Before the part's life begins, as near to the start as can be.
        let facts = ServiceBackend.Facts(
            instance: relay.instance,
            started: now(),
            origin: scheduler.now,
            confirm: options.confirm,
            warnings: options.warnings
        )
        return Part {
            guard let adminPlace else {
                try? await gracefulShutdown()
                return
            }
            let backend = ServiceBackend(
                facts: facts,
                environment: environment,
                supervisor: supervisor,
                sink: sink,
                reloader: reloader,
                replays: replays,
                ledger: { await ledger() },
                spoolSize: { spool.lastSize },
                disk: disk
            )
            await AdminServer(
                api: AdminAPI(backend: backend),
                place: adminPlace,
                scheduler: scheduler,
                stopPatience: budget.admin,
                logger: logger
            ).run()
        }
    }
}
