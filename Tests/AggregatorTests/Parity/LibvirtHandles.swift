import CLibvirt
import Logging
import TestSupport

@testable import Connections

/// One object of each class, from real connections: libvirt's test driver in this process, and for the secret, which that
/// driver has not, a daemon.
final class LibvirtHandles {
    let domain, network, pool, nodedev, secret: OpaquePointer
    private let connections: [OpaquePointer]
    private let binding = LoopBinding(host: "parity", uri: nil)

    /// - Parameter daemon: One in system mode.
    init(secretsOf daemon: PrivateLibvirtd) throws {
        _ = try LibvirtRuntime.start(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let local = try Self.need(virConnectOpen("test:///default"))
        // Bound, as every connection that uses the loop is: other tests look for some that are not.
        let uri = daemon.uri(.unix, driver: .qemu)
        let remote = try Self.need(binding.whileBound { virConnectOpen(uri) })
        connections = [local, remote]
        domain = try Self.need(virDomainLookupByName(local, "test"))
        network = try Self.need(virNetworkLookupByName(local, "default"))
        pool = try Self.need(virStoragePoolLookupByName(local, "default-pool"))
        nodedev = try Self.need(virNodeDeviceLookupByName(local, "computer"))
        let xml = "<secret><usage type='volume'><volume>/parity</volume></usage></secret>"
        secret = try Self.need(virSecretDefineXML(remote, xml, 0))
    }

    deinit {
        virDomainFree(domain)
        virNetworkFree(network)
        virStoragePoolFree(pool)
        virNodeDeviceFree(nodedev)
        _ = virSecretUndefine(secret)
        virSecretFree(secret)
        binding.whileBound {
            for connection in connections { virConnectClose(connection) }
        }
    }

    struct Missing: Error {
        let message: String
    }

    private static func need(_ pointer: OpaquePointer?) throws -> OpaquePointer {
        guard let pointer else { throw Missing(message: LibvirtError.last().message) }
        return pointer
    }
}
