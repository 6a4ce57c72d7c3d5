internal import CLibvirt

/// A hypervisor of libvirt's in-process test driver that belongs to this process alone.
///
/// A connection to `test:///FILE` has a state of its own that nobody else sees, so whoever wants events on it must
/// provoke them on the very connection that is watched, which ``TestNodeDriver`` keeps at hand.
package struct TestNode: Sendable {
    package let name: String
    package let file: String

    /// - Parameter folder: Where the node's file goes; see ``description``.
    package init(name: String, folder: String) {
        self.name = name
        file = "\(folder)/\(name).xml"
    }

    /// The node in the test driver's own XML: two domains, a network and a pool, all running.
    package var description: String {
        """
        <node>
          <domain type='test'><name>\(name)-web</name><memory>8192</memory><os><type>hvm</type></os></domain>
          <domain type='test'><name>\(name)-db</name><memory>8192</memory><os><type>hvm</type></os></domain>
          <network><name>front</name><bridge name='front0'/></network>
          <pool type='dir'><name>images</name><target><path>/images</path></target></pool>
        </node>

        """
    }

    /// Things an operator might do, in an order in which each of them works.
    package enum Step: CaseIterable, Sendable {
        case suspend, resume, describe, stop, start, stopNetwork, startNetwork, refreshPool
    }

    /// Does one step on a connection of this node.
    ///
    /// In-process, so it does not block.
    func perform(_ step: Step, on connection: virConnectPtr) {
        switch step {
        case .suspend: withDomain("web", on: connection) { virDomainSuspend($0) }
        case .resume: withDomain("web", on: connection) { virDomainResume($0) }
        case .describe:
            withDomain("web", on: connection) {
                virDomainSetMetadata($0, Int32(VIR_DOMAIN_METADATA_TITLE.rawValue), "front end", nil, nil, 0)
            }
        case .stop: withDomain("db", on: connection) { virDomainDestroy($0) }
        case .start: withDomain("db", on: connection) { virDomainCreate($0) }
        case .stopNetwork: withNetwork(on: connection) { virNetworkDestroy($0) }
        case .startNetwork: withNetwork(on: connection) { virNetworkCreate($0) }
        case .refreshPool:
            guard let pool = virStoragePoolLookupByName(connection, "images") else { return }
            virStoragePoolRefresh(pool, 0)
            virStoragePoolFree(pool)
        }
    }

    private func withDomain(_ suffix: String, on connection: virConnectPtr, _ body: (virDomainPtr) -> Int32) {
        guard let domain = virDomainLookupByName(connection, "\(name)-\(suffix)") else { return }
        _ = body(domain)
        virDomainFree(domain)
    }

    private func withNetwork(on connection: virConnectPtr, _ body: (virNetworkPtr) -> Int32) {
        guard let network = virNetworkLookupByName(connection, "front") else { return }
        _ = body(network)
        virNetworkFree(network)
    }
}

/// Connects to ``TestNode``s, read-write, and lets things happen on them.
package final class TestNodeDriver: HypervisorDriver {
    private let driver: LibvirtDriver
    private let live = PosixLock<[String: Live]>([:])

    private struct Live {
        weak var connection: LibvirtConnection?
    }

    package init(_ runtime: LibvirtRuntime) {
        driver = LibvirtDriver(runtime, access: .readWrite)
    }

    package func certificates(of host: Host, deadline: Duration) -> TLSVerdict? { nil }

    package func attempt(_ host: Host, deadline: Duration, inlet: ConnectionInlet) -> any EstablishAttempt {
        Attempt(attempt: driver.attempt(host, deadline: deadline, inlet: inlet), host: host.name, driver: self)
    }

    /// Does one step on a node's live connection; nothing when there is none.
    package func perform(_ step: TestNode.Step, on node: TestNode) {
        guard let connection = live.withLock({ $0[node.name]?.connection }) else { return }
        connection.whileOpen { node.perform(step, on: $0) }
    }

    private struct Attempt: EstablishAttempt {
        let attempt: any EstablishAttempt
        let host: String
        let driver: TestNodeDriver

        func run() -> Result<any HypervisorConnection, EstablishFailure> {
            let result = attempt.run()
            if case .success(let connection as LibvirtConnection) = result {
                driver.live.withLock { $0[host] = Live(connection: connection) }
            }
            return result
        }

        func abort() { attempt.abort() }
        var hasReached: Bool? { attempt.hasReached }
    }
}
