internal import Synchronization

/// One attempt: a look whether anybody is there, then the establishment, and when that fails, the reason.
final class LibvirtAttempt: EstablishAttempt {
    private let host: Host
    private let access: LibvirtDriver.Access
    private let programs: LibvirtDriver.Programs?
    private let names: NameLookups
    private let deadline: Duration
    private let registrar: KindRegistrar
    private let ending: ConnectionAbort
    private let isTaken = Atomic<Bool>(false)

    /// Attempts of this process that had a transport of their own; each has another folder.
    private static let transports = Atomic<Int>(0)

    init(
        host: Host,
        access: LibvirtDriver.Access,
        programs: LibvirtDriver.Programs?,
        names: NameLookups,
        deadline: Duration,
        registrar: KindRegistrar
    ) {
        self.host = host
        self.access = access
        self.programs = programs
        self.names = names
        self.deadline = deadline
        self.registrar = registrar
        ending = ConnectionAbort(binding: LoopBinding(host: host.name, uri: host.uri))
    }

    func run() -> Result<any HypervisorConnection, EstablishFailure> {
        let end = ContinuousClock.now + deadline
        return ending.whileOpening {
            do throws(EstablishFailure) {
                return .success(try establish())
            } catch {
                let error = explained(error, until: end)
                let message = host.redacting(SSHWords.condensed(error.message))
                return .failure(EstablishFailure(error.reason, message).withRemedy)
            }
        }
    }

    func abort() {
        ending.perform()
    }

    /// Behind ssh it is another program that takes the connection.
    var hasReached: Bool? {
        switch host.uri.transport {
        case .tcp, .tls, .unix: isTaken.load(ordering: .relaxed)
        default: nil
        }
    }

    private func establish() throws(EstablishFailure) -> LibvirtConnection {
        try DescriptorReserve.check()
        let preflight = Preflight(
            host.uri,
            names: names,
            deadline: deadline,
            isAborted: { [ending] in ending.binding.isAborted }
        )
        try preflight.run()
        isTaken.store(true, ordering: .relaxed)
        let transport = try makeTransport()
        let uri = ConnectURI(uri: host.uri, credentials: host.credentials, program: transport?.program)
        return try Establishment(host: host, access: access, registrar: registrar, ending: ending, uri: uri.text).run()
    }

    /// libvirt has one text for three causes of a failed TLS handshake; ours tells them apart.
    private func explained(_ failure: EstablishFailure, until end: ContinuousClock.Instant) -> EstablishFailure {
        guard host.uri.transport == .tls else { return failure }
        let handshake = TLSHandshake(
            host.uri,
            files: PKIFiles(host.uri, host.credentials),
            names: names,
            now: .now,
            deadline: ContinuousClock.now.duration(to: end),
            isAborted: { [ending] in ending.binding.isAborted }
        )
        return TLSDiagnosis(handshake)?.explained(failure) ?? failure
    }

    /// Prepares the program that libvirt is to start; `nil` where it starts none.
    private func makeTransport() throws(EstablishFailure) -> TransportFolder? {
        let role: TransportRole
        switch host.uri.transport {
        case .ssh:
            let configuration = SSHConfiguration(
                uri: host.uri,
                credentials: host.credentials,
                connectTimeout: deadline,
                keepalive: host.keepalive
            )
            role = .ssh(configuration: try configuration.text(), jump: host.credentials.sshJump)
        case .ext:
            guard let command = host.uri.parameter("command") else {
                throw EstablishFailure(.unsupported, "the URI names no command; add command=/path/to/program")
            }
            role = .ext(command: command)
        case .libssh, .libssh2, .tls, .tcp, .unix, nil:
            return nil
        }
        guard let programs else {
            throw EstablishFailure(.client, "there is no folder to start a transport from; set run_dir")
        }
        let transport = try TransportFolder(
            runDir: programs.runDir,
            host: host.name,
            number: Self.transports.add(1, ordering: .relaxed).newValue,
            launcher: programs.launcher,
            role: role
        )
        ending.binding.transport = transport
        return transport
    }
}
