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

    private let access: Access

    /// - Parameter runtime: Proof that libvirt is ready.
    package init(_ runtime: LibvirtRuntime, access: Access = .readOnly) {
        self.access = access
    }

    package func attempt(_ host: Host, deadline: Duration, inlet: ConnectionInlet) -> any EstablishAttempt {
        LibvirtAttempt(host: host, access: access, deadline: deadline, inlet: inlet)
    }
}

/// One attempt: a look whether anybody is there, then the establishment.
final class LibvirtAttempt: EstablishAttempt {
    private let host: Host
    private let access: LibvirtDriver.Access
    private let deadline: Duration
    private let inlet: ConnectionInlet
    private let binding: LoopBinding

    init(host: Host, access: LibvirtDriver.Access, deadline: Duration, inlet: ConnectionInlet) {
        self.host = host
        self.access = access
        self.deadline = deadline
        self.inlet = inlet
        binding = LoopBinding(host: host.name, uri: host.uri)
    }

    func run() -> Result<any HypervisorConnection, EstablishFailure> {
        binding.whileBound {
            do throws(EstablishFailure) {
                try Preflight(host.uri, deadline: deadline, isAborted: { [binding] in binding.isAborted }).run()
                let establishment = Establishment(host: host, access: access, inlet: inlet, binding: binding)
                return .success(try establishment.run())
            } catch {
                return .failure(EstablishFailure(error.reason, host.uri.redacting(error.message)))
            }
        }
    }

    func abort() {
        EventLoop.shared.abort(binding)
    }
}
