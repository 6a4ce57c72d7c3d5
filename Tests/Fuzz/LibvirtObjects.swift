internal import CLibvirt
internal import Connections
internal import Glibc

/// Objects as a daemon describes them, with names of the fuzzer's choice.
///
/// libvirt's client makes them of what comes over the wire with functions that are its own (`virGetDomain` and its kin);
/// where a library does not let go of those, the objects are the test driver's. They live as long as this does.
final class LibvirtObjects {
    let domain, network, pool, nodedev, secret: OpaquePointer?

    /// One of a class, the rest missing; now and then that one is, too.
    init(_ input: FuzzInput, of object: EventKind.Object) {
        let own = Own.shared
        let name = input.cText() ?? own.noText
        var uuid = [UInt8](input.take(Int(VIR_UUID_BUFLEN)))
        uuid += [UInt8](repeating: 0, count: Int(VIR_UUID_BUFLEN) - uuid.count)
        let id = input.number(Int32.self)
        let object = input.byte() == 0xFF ? nil : object
        guard let make = own.make else {
            (domain, network, pool, nodedev) = (own.domain, own.network, own.pool, own.nodedev)
            secret = nil
            return
        }
        domain = object == .domain ? make.domain(own.connection, name, uuid, id) : nil
        network = object == .network ? make.network(own.connection, name, uuid) : nil
        pool = object == .pool ? make.pool(own.connection, name, uuid, nil, nil) : nil
        nodedev = object == .nodedev ? make.nodedev(own.connection, name) : nil
        secret = object == .secret ? make.secret(own.connection, uuid, 0, name) : nil
    }

    deinit {
        guard Own.shared.make != nil else { return }
        if let domain { virDomainFree(domain) }
        if let network { virNetworkFree(network) }
        if let pool { virStoragePoolFree(pool) }
        if let nodedev { virNodeDeviceFree(nodedev) }
        if let secret { virSecretFree(secret) }
    }

    /// The test driver's, once for the process, which has one thread.
    private struct Own {
        nonisolated(unsafe) static let shared = Own()

        let connection = virConnectOpen("test:///default")
        let domain, network, pool, nodedev: OpaquePointer?
        let make = Makers()
        let noText: UnsafePointer<CChar> = UnsafePointer(strdup(""))

        init() {
            expect(connection != nil, "libvirt's test driver opens")
            // It would say on stderr that a missing object has no name.
            virSetErrorFunc(nil) { _, _ in }
            domain = virDomainLookupByName(connection, "test")
            network = virNetworkLookupByName(connection, "default")
            pool = virStoragePoolLookupByName(connection, "default-pool")
            nodedev = virNodeDeviceLookupByName(connection, "computer")
        }
    }

    private struct Makers {
        typealias Text = UnsafePointer<CChar>
        typealias Bytes = UnsafePointer<UInt8>
        typealias Domain = @convention(c) (OpaquePointer?, Text, Bytes, Int32) -> OpaquePointer?
        typealias Network = @convention(c) (OpaquePointer?, Text, Bytes) -> OpaquePointer?
        typealias Pool =
            @convention(c) (OpaquePointer?, Text, Bytes, OpaquePointer?, OpaquePointer?) -> OpaquePointer?
        typealias NodeDevice = @convention(c) (OpaquePointer?, Text) -> OpaquePointer?
        typealias Secret = @convention(c) (OpaquePointer?, Bytes, Int32, Text) -> OpaquePointer?

        let domain: Domain
        let network: Network
        let pool: Pool
        let nodedev: NodeDevice
        let secret: Secret

        init?() {
            guard let domain = dlsym(nil, "virGetDomain"), let network = dlsym(nil, "virGetNetwork"),
                let pool = dlsym(nil, "virGetStoragePool"), let nodedev = dlsym(nil, "virGetNodeDevice"),
                let secret = dlsym(nil, "virGetSecret")
            else { return nil }
            self.domain = unsafeBitCast(domain, to: Domain.self)
            self.network = unsafeBitCast(network, to: Network.self)
            self.pool = unsafeBitCast(pool, to: Pool.self)
            self.nodedev = unsafeBitCast(nodedev, to: NodeDevice.self)
            self.secret = unsafeBitCast(secret, to: Secret.self)
        }
    }
}
