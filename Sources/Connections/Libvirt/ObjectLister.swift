internal import CLibvirt
internal import Glibc

/// Lists the objects of one class, with calls that each give all there are: ten thousand domains must not mean ten
/// thousand calls.
///
/// What a call does not say of each object, such as whether it is persistent, is asked by filtering for it.
///
/// See https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomains and its kin.
struct ObjectLister {
    let connection: virConnectPtr

    /// - Throws: The error of the first call that failed.
    func list(_ object: EventKind.Object) throws(LibvirtError) -> Listing {
        switch object {
        case .domain: try domains()
        case .network: try services(network, flags: Self.networkFlags)
        case .pool: try services(pool, flags: Self.poolFlags)
        case .nodedev: try devices()
        case .secret: try secrets()
        }
    }

    // MARK: - Networks and pools

    private struct ServiceFlags {
        let active, inactive, persistent, transient: UInt32
    }

    private static let networkFlags = ServiceFlags(
        active: VIR_CONNECT_LIST_NETWORKS_ACTIVE.rawValue,
        inactive: VIR_CONNECT_LIST_NETWORKS_INACTIVE.rawValue,
        persistent: VIR_CONNECT_LIST_NETWORKS_PERSISTENT.rawValue,
        transient: VIR_CONNECT_LIST_NETWORKS_TRANSIENT.rawValue
    )

    private static let poolFlags = ServiceFlags(
        active: VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE.rawValue,
        inactive: VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE.rawValue,
        persistent: VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT.rawValue,
        transient: VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT.rawValue
    )

    /// Four calls: those there can be of two times two, a transient one being active, and all at the end.
    private func services(
        _ list: (UInt32) throws(LibvirtError) -> [Named],
        flags: ServiceFlags
    ) throws(LibvirtError) -> Listing {
        let parts = [
            (flags.active | flags.persistent, true, true), (flags.active | flags.transient, true, false),
            (flags.inactive | flags.persistent, false, true),
        ]
        var found: [[ListedObject]] = []
        for (filter, isActive, isPersistent) in parts {
            let word = isActive ? ObjectState.Word.active : ObjectState.Word.inactive
            found.append(try list(filter).map { $0.listed(persistent: isPersistent, active: isActive, word) })
        }
        return Listing(parts: found, keys: try list(0).map(\.key))
    }

    private func network(_ flags: UInt32) throws(LibvirtError) -> [Named] {
        try all({ virConnectListAllNetworks(connection, $0, flags) }, free: virNetworkFree) { network in
            Named(virNetworkGetName(network)) { virNetworkGetUUID(network, $0) }
        }
    }

    private func pool(_ flags: UInt32) throws(LibvirtError) -> [Named] {
        try all({ virConnectListAllStoragePools(connection, $0, flags) }, free: virStoragePoolFree) { pool in
            Named(virStoragePoolGetName(pool)) { virStoragePoolGetUUID(pool, $0) }
        }
    }

    // MARK: - Devices and secrets

    /// Those that are present: without a flag libvirt leaves out what is merely defined, and older releases know no flag
    /// for it.
    private func devices() throws(LibvirtError) -> Listing {
        let names = try all({ virConnectListAllNodeDevices(connection, $0, 0) }, free: virNodeDeviceFree) { device in
            Named.copy(virNodeDeviceGetName(device))
        }
        return Listing(names.map { ListedObject(key: .name($0), state: .present($0)) })
    }

    private func secrets() throws(LibvirtError) -> Listing {
        let keys = try all({ virConnectListAllSecrets(connection, $0, 0) }, free: virSecretFree) { secret in
            Named(nil) { virSecretGetUUID(secret, $0) }.key
        }
        return Listing(keys.map { ListedObject(key: $0, state: .present($0.description)) })
    }

    // MARK: - What all have in common

    /// Makes a call that gives an array of handles, reads each, and lets go of all of them.
    func all<Item>(
        _ list: (UnsafeMutablePointer<UnsafeMutablePointer<OpaquePointer?>?>) -> Int32,
        free release: (OpaquePointer?) -> Int32,
        read: (OpaquePointer) -> Item
    ) throws(LibvirtError) -> [Item] {
        var handles: UnsafeMutablePointer<OpaquePointer?>?
        let count = list(&handles)
        guard count >= 0 else { throw LibvirtError.last() }
        defer { free(handles) }
        return UnsafeMutableBufferPointer(start: handles, count: handles == nil ? 0 : Int(count)).compactMap { handle in
            guard let handle else { return nil }
            defer { _ = release(handle) }
            return read(handle)
        }
    }

    /// An object's key and name, copied.
    struct Named {
        let key: ObjectKey
        let name: String

        init(_ name: UnsafePointer<CChar>?, uuid read: (UnsafeMutablePointer<UInt8>) -> Int32) {
            self.name = Self.copy(name)
            let bytes = [UInt8](unsafeUninitializedCapacity: Int(VIR_UUID_BUFLEN)) { buffer, count in
                // It fails for what is no handle of libvirt's alone.
                if let start = buffer.baseAddress, read(start) == 0 { count = buffer.count }
            }
            key = .uuid(ObjectUUID(bytes: bytes))
        }

        /// Cut like an event's texts, so that both have one name for one object.
        static func copy(_ name: UnsafePointer<CChar>?) -> String {
            var copy = FieldCopy()
            return copy.name(name, at: "")
        }

        /// - Parameter id: A domain's, while it is active. The default is -1, of what has none.
        func listed(persistent: Bool, active: Bool, _ word: String, id: Int32 = -1) -> ListedObject {
            ListedObject(
                key: key,
                state: ObjectState(name: name, persistent: persistent, active: active, state: word),
                id: id
            )
        }
    }
}
