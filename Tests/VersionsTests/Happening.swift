import TestSupport

/// Something that virsh makes happen on a daemon, and the event that tells of it.
struct Happening {
    let command: String
    let kind: String
    /// What its data on the bus hold, among other things.
    let data: [String: JSONValue]

    init(_ command: String, _ kind: String, _ data: [String: JSONValue] = [:]) {
        self.command = command
        self.kind = kind
        self.data = data
    }

    /// What every libvirt can do; afterwards all is as it was, but for names and descriptions.
    static let everywhere = [
        Happening("suspend test", "domain/lifecycle", ["event": "suspended", "detail": "paused"]),
        Happening("resume test", "domain/lifecycle", ["event": "resumed", "detail": "unpaused"]),
        Happening("desc test a-text", "domain/metadata_change", ["type": "description", "nsuri": nil]),
        Happening("desc test --title a-title", "domain/metadata_change", ["type": "title", "nsuri": nil]),
        Happening(
            "metadata test urn:lab --key k --set '<a/>'",
            "domain/metadata_change",
            ["type": "element", "nsuri": "urn:lab"]
        ),
        Happening("net-destroy default", "network/lifecycle", ["event": "stopped"]),
        Happening("net-start default", "network/lifecycle", ["event": "started"]),
        Happening("pool-refresh default-pool", "pool/refresh"),
        Happening("pool-destroy default-pool", "pool/lifecycle", ["event": "stopped"]),
        Happening("pool-start default-pool", "pool/lifecycle", ["event": "started"]),
        // The test driver gives it the name it likes.
        Happening("nodedev-create device.xml", "nodedev/lifecycle", ["event": "created"]),
        Happening("nodedev-destroy scsi_host12", "nodedev/lifecycle", ["event": "deleted"]),
    ]

    /// What libvirt can do to a network since 9.7 and tells of since 9.8.
    static let ofNetworks = [
        Happening("net-desc default a-text", "network/metadata_change", ["type": "description", "nsuri": nil]),
        Happening("net-desc default --title a-title", "network/metadata_change", ["type": "title", "nsuri": nil]),
        Happening(
            "net-metadata default urn:lab --key k --set '<a/>'",
            "network/metadata_change",
            ["type": "element", "nsuri": "urn:lab"]
        ),
    ]

    /// The device that one of them makes.
    static let device = """
        <device><name>scsi_host99</name><parent>scsi_host1</parent><capability type='scsi_host'>\
        <capability type='fc_host'><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability>\
        </capability></device>
        """
}
