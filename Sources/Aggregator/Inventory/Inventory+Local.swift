internal import Connections

extension Inventory {
    /// What the engine watches when it is told nothing: libvirt's own choice, as the host of this machine's name.
    ///
    /// libvirt is given no URI, so `uri_default` and the aliases of its configuration, and `LIBVIRT_DEFAULT_URI`, hold.
    static func local(_ machine: LocalMachine) -> Inventory {
        let host = InventoryHost(
            host: Host(name: machine.inventoryName, uri: .unspecified),
            labels: Labels(),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
        return Inventory(hosts: [host], tagPrefix: TagPrefix.standard)
    }
}
