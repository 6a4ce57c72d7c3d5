internal import Synchronization

/// Connections made by libvirt.
package struct LibvirtDriver: HypervisorDriver {
    /// What a connection may do.
    ///
    /// The service is ``readOnly`` everywhere: every event class works so (measured).
    package enum Access: Sendable {
        case readOnly
        /// For nodes that belong to the process alone: the demo provokes events on its own.
        case readWrite
    }

    /// What is needed to have libvirt start ssh and other programs by way of this service's binary.
    package struct Programs: Hashable, Sendable {
        /// A folder of this user's for what lives as long as the service; made when it is first needed.
        package var runDir: String

        /// A binary that calls ``TransportLauncher`` before anything else: this service's own.
        package var launcher: String

        package init(runDir: String, launcher: String) {
            self.runDir = runDir
            self.launcher = launcher
        }

        /// Removes what transports of this process have left in the folder, and those of processes that are gone.
        ///
        /// Call when nothing is connected: before the first attempt, or after the last one.
        package func removeLeftovers() {
            TransportFolder.removeLeftovers(in: runDir)
        }
    }

    private let access: Access
    private let programs: Programs?
    private let names: NameLookups
    private let treatAsRefused: Set<EventKind>

    /// - Parameters:
    ///   - runtime: Proof that libvirt is ready; its pool asks for names.
    ///   - access: The default is ``Access/readOnly``.
    ///   - programs: Without them +ssh and +ext cannot be opened, which is the default.
    ///   - treatAsRefused: Kinds to take for refused without asking, as a host too old for them would; for tests, since no
    ///     libvirt that is still to be had lacks a kind with an older form. The default is none.
    package init(
        _ runtime: LibvirtRuntime,
        access: Access = .readOnly,
        programs: Programs? = nil,
        treatAsRefused: Set<EventKind> = []
    ) {
        self.access = access
        self.programs = programs
        names = NameLookups(pool: runtime.pool)
        self.treatAsRefused = treatAsRefused
    }

    package func attempt(_ host: Host, deadline: Duration, inlet: ConnectionInlet) -> any EstablishAttempt {
        LibvirtAttempt(
            host: host,
            access: access,
            programs: programs,
            names: names,
            deadline: deadline,
            registrar: KindRegistrar(inlet: inlet, uri: host.uri, treatAsRefused: treatAsRefused)
        )
    }

    package func certificates(of host: Host, deadline: Duration) -> TLSVerdict? {
        let files = PKIFiles(host.uri, host.credentials)
        let handshake = TLSHandshake(
            host.uri,
            files: files,
            names: names,
            now: .now,
            deadline: deadline,
            isAborted: { false }
        )
        return LoopBinding(host: host.name).whileBound { handshake?.run() }
    }
}
