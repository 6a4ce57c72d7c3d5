/// The smallest guests of the real drivers, for a private daemon in system mode.
package struct Guest: Sendable {
    package let name: String
    package let xml: String
    /// What virsh can do with it once it is defined, from its start to its end.
    package let cycle: [String]
    /// The events of one life, from its definition on: the word for each that virsh prints.
    package let life: [String]

    /// A machine of 32 MiB under TCG, without a disk: its firmware looks for one for as long as it runs.
    package static let machine = Guest(
        name: "tcg1",
        xml: """
            <domain type='qemu'>
              <name>tcg1</name>
              <memory unit='MiB'>32</memory>
              <os><type arch='x86_64' machine='pc'>hvm</type></os>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
              </devices>
            </domain>
            """,
        cycle: ["start tcg1", "suspend tcg1", "resume tcg1", "destroy tcg1"],
        life: ["Defined", "Resumed", "Started", "Suspended", "Resumed", "Shutdown", "Stopped", "Undefined"]
    )

    /// A shell in a container that shares the root of the machine.
    package static let container = Guest(
        name: "ct1",
        xml: """
            <domain type='lxc'>
              <name>ct1</name>
              <memory unit='MiB'>64</memory>
              <os>
                <type>exe</type><init>/bin/sh</init><initarg>-c</initarg>
                <initarg>while :; do sleep 1; done</initarg>
              </os>
              <devices>
                <emulator>/usr/lib/libvirt/libvirt_lxc</emulator>
                <console type='pty'/>
              </devices>
            </domain>
            """,
        cycle: ["start ct1", "suspend ct1", "resume ct1", "destroy ct1"],
        life: ["Defined", "Started", "Suspended", "Resumed", "Stopped", "Undefined"]
    )
}
