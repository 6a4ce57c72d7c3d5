import CLibvirt
import Logging
import TestSupport

@testable import Connections

/// One object of each class, from real connections: libvirt's test driver in this process, and for the secret, which that
/// driver has not, a daemon.
final class LibvirtHandles {
    let domain, network, pool, nodedev: OpaquePointer

    /// `nil` without a daemon.
    let secret: OpaquePointer?
    private let connections: [OpaquePointer]
    private let binding = LoopBinding(host: "parity", uri: nil)

    /// - Parameter daemon: One in system mode, where a secret is needed.
    init(secretsOf daemon: PrivateLibvirtd? = nil) throws {
        _ = try LibvirtRuntime.start(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let local = try Self.need(virConnectOpen("test:///default"))
        domain = try Self.need(virDomainLookupByName(local, "test"))
        network = try Self.need(virNetworkLookupByName(local, "default"))
        pool = try Self.need(virStoragePoolLookupByName(local, "default-pool"))
        nodedev = try Self.need(virNodeDeviceLookupByName(local, "computer"))
        guard let daemon else {
            connections = [local]
            secret = nil
            return
        }
        // Bound, as every connection that uses the loop is: other tests look for some that are not.
        let uri = daemon.uri(.unix, driver: .qemu)
        let remote = try Self.need(binding.whileBound { virConnectOpen(uri) })
        connections = [local, remote]
        let xml = "<secret><usage type='volume'><volume>/parity</volume></usage></secret>"
        secret = try Self.need(virSecretDefineXML(remote, xml, 0))
    }

    /// What the data of an event about the object of a class says of it, as libvirt's own calls have it.
    func data(of object: EventKind.Object) -> JSONValue {
        switch object {
        case .domain:
            [
                "name": text(virDomainGetName(domain)), "uuid": uuid { virDomainGetUUIDString(domain, $0) },
                "id": .integer(Int64(virDomainGetID(domain))),
            ]
        case .network:
            ["name": text(virNetworkGetName(network)), "uuid": uuid { virNetworkGetUUIDString(network, $0) }]
        case .pool:
            ["name": text(virStoragePoolGetName(pool)), "uuid": uuid { virStoragePoolGetUUIDString(pool, $0) }]
        case .nodedev: ["name": text(virNodeDeviceGetName(nodedev))]
        case .secret: ["uuid": uuid { virSecretGetUUIDString(secret, $0) }]
        }
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> JSONValue {
        pointer.map { .string(String(cString: $0)) } ?? .null
    }

    private func uuid(_ fill: (UnsafeMutablePointer<CChar>?) -> Int32) -> JSONValue {
        var buffer = [CChar](repeating: 0, count: Int(VIR_UUID_STRING_BUFLEN))
        guard fill(&buffer) == 0 else { return .null }
        return .string(String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit {
        virDomainFree(domain)
        virNetworkFree(network)
        virStoragePoolFree(pool)
        virNodeDeviceFree(nodedev)
        if let secret {
            _ = virSecretUndefine(secret)
            virSecretFree(secret)
        }
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
