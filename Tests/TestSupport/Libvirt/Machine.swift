/// A machine of the qemu driver, for a daemon in system mode.
package struct Machine: Sendable {
    package let name: String
    /// `qemu` emulates the processor and runs anywhere; `kvm` needs the host's leave.
    package var type = "qemu"
    package var memory = "<memory unit='MiB'>32</memory>"
    package var processors = "<vcpu>1</vcpu>"
    /// What it starts: by default its first disk.
    package var system = "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
    package var devices: [String] = []

    package init(_ name: String) {
        self.name = name
    }

    /// One that starts a disk's first sector; the disk is made in the folder.
    package init(_ name: String, boot sector: BootSector, in folder: TemporaryFolder) throws {
        self.name = name
        let path = folder.file("\(name).raw")
        try sector.write(to: path)
        devices = [Self.disk(path, "hda", bus: "ide")]
    }

    package static func disk(
        _ path: String,
        _ target: String,
        bus: String = "virtio",
        device: String = "disk",
        options: String = "",
        source: String = ""
    ) -> String {
        """
        <disk type='file' device='\(device)'><driver name='qemu' type='raw' \(options)/>\
        <source file='\(path)' \(source)/><target dev='\(target)' bus='\(bus)'/>\
        \(device == "cdrom" ? "<readonly/>" : "")</disk>
        """
    }

    /// A channel between the guest and the host.
    package static func channel(_ name: String) -> String {
        "<channel type='unix'><target type='virtio' name='\(name)'/></channel>"
    }

    package static let agent = channel("org.qemu.guest_agent.0")
    package static let watchdog = "<watchdog model='ib700' action='none'/>"
    package static let usb = "<controller type='usb' model='piix3-uhci'/>"

    package var xml: String {
        """
        <domain type='\(type)'>
          <name>\(name)</name>
          \(memory)
          \(processors)
          \(system)
          <features><acpi/></features>
          <pm><suspend-to-mem enabled='yes'/><suspend-to-disk enabled='yes'/></pm>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            \(devices.contains(Self.usb) ? "" : "<controller type='usb' model='none'/>")
            \(devices.joined(separator: "\n    "))
            \(devices.contains { $0.contains("<memballoon") } ? "" : "<memballoon model='none'/>")
          </devices>
        </domain>

        """
    }
}
