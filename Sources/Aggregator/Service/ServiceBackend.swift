internal import Connections
internal import Spool

/// The running service as the admin interface sees it.
struct ServiceBackend: AdminBackend {
    /// What never changes while the service runs.
    struct Facts: Sendable {
        let instance: String
        let started: Timestamp

        /// The same by the clock that nobody sets.
        let origin: Duration

        /// What counts as an event's being on the bus.
        let confirm: Settings.Confirm

        /// What should be known for as long as it runs.
        let warnings: [String]
    }

    let facts: Facts
    let environment: WatcherEnvironment
    let supervisor: Supervisor
    let sink: Sink
    let reloader: Reloader
    let replays: ReplayJob
    let ledger: @Sendable () async -> Ledger
    let spoolSize: @Sendable () -> SpoolSize
    let disk: DiskWatch

    func status() async throws(AdminFailure) -> StatusView {
        guard await disk.answers() else { throw .diskSilent(for: disk.silence ?? .zero) }
        let identities = await supervisor.lookAtIdentities()
        let entries = await supervisor.entries()
        let last = await reloader.last
        let unverified = entries.count { !$0.host.warnings.isEmpty || !$0.doubts.isEmpty }
        return StatusView(
            version: Version.current,
            libvirt: LibvirtRuntime.libraryVersion,
            instance: facts.instance,
            started: facts.started.iso8601,
            uptime: (environment.scheduler.now - facts.origin).seconds,
            hosts: StatusView.Hosts(entries),
            hypervisors: StatusView.Hypervisors(identities.shared, identities.changes),
            bus: StatusView.Bus(
                await sink.busState,
                confirm: facts.confirm,
                pacing: await sink.snapshot().pacing
            ),
            ledger: StatusView.LedgerView(await ledger()),
            spool: StatusView.SpoolView(spoolSize()),
            pool: StatusView.Pool(environment.pool.counters),
            eventLoop: StatusView.EventLoopView(EventLoop.shared.counters, callbacks: liveCallbackBoxes),
            inventory: StatusView.Source(source: reloader.sourceName),
            reload: last.map(StatusView.Reload.init),
            warnings: facts.warnings + [DescriptorLimit.warning(for: entries.count)].compactMap(\.self)
                + (unverified == 0 ? [] : ["\(unverified) hosts have warnings of their own"])
        )
    }

    func hosts() async -> [HostView] {
        await supervisor.lookAtIdentities()
        let stuck = Dictionary(grouping: environment.pool.counters.stuck, by: \.host)
        return await supervisor.entries().map { entry in
            HostView(entry, at: environment.now(), stuck: stuck[entry.host.host.name] ?? [])
        }
    }

    func host(_ name: String) async -> HostView? {
        await supervisor.lookAtIdentities()
        let stuck = environment.pool.counters.stuck.filter { $0.host == name }
        return await supervisor.entry(of: name).map { HostView($0, at: environment.now(), stuck: stuck) }
    }

    func pause(_ name: String, for duration: Duration?, by who: String) async throws(AdminFailure) -> HostView? {
        let pause = Pause(by: who, until: duration.map { environment.now() + $0 })
        do throws(SpoolError) {
            guard try await supervisor.pause(name, pause) else { return nil }
            return await host(name)
        } catch {
            throw .notStored(error)
        }
    }

    func resume(_ name: String, by who: String) async throws(AdminFailure) -> HostView? {
        do throws(SpoolError) {
            guard try await supervisor.resume(name, by: who) else { return nil }
            return await host(name)
        } catch {
            throw .notStored(error)
        }
    }

    func reload() async -> Reloader.Outcome {
        await reloader.reload(.admin)
    }

    var now: Timestamp { environment.now() }

    func replay() async -> ReplayView { await replays.view }

    func replay(_ id: Int64) async -> ReplayView? { await replays.view(of: id) }

    func replay(_ request: ReplayRequest, by who: String) async throws(AdminFailure) -> ReplayView {
        do throws(ReplayJob.Refusal) {
            return try await request.isDryRun ? replays.count(request) : replays.start(request, by: who)
        } catch {
            throw .notReplayed(error)
        }
    }

    func stopReplay() async -> ReplayView { await replays.stop() }
}

extension AdminFailure {
    fileprivate static func notReplayed(_ refusal: ReplayJob.Refusal) -> AdminFailure {
        switch refusal {
        case .busy:
            AdminFailure(
                status: 409,
                code: .replayRunning,
                message: "a replay is under way already",
                hint: "wait for it, or end it with `replay stop`"
            )
        case .counting:
            AdminFailure(
                status: 409,
                code: .replayRunning,
                message: "what a replay would be is being counted already",
                hint: "wait for it, or end it with `replay stop`"
            )
        case .spool(let error):
            AdminFailure(status: 503, code: .notReadable, message: error.message, hint: error.hint)
        }
    }

    fileprivate static func diskSilent(for time: Duration) -> AdminFailure {
        AdminFailure(
            status: 503,
            code: .diskSilent,
            message: "the journal's disk has not answered for \(time.brief): nothing is sent, and what is heard waits",
            hint: "look after the disk of the spool; when it answers, all goes on by itself, and gaps are told"
        )
    }

    fileprivate static func notStored(_ error: SpoolError) -> AdminFailure {
        AdminFailure(
            status: 503,
            code: .notStored,
            message: "nothing has changed, because a restart would not know of it: \(error.message)",
            hint: error.hint
        )
    }
}
