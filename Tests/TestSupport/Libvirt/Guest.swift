/// The smallest guests of the real drivers, for a private daemon in system mode.
package struct Guest: Sendable {
    package let name: String
    package let xml: String
    /// The events between its definition and its first pause: the word for each that virsh prints.
    private let beginning: [String]
    /// The same of its end, before it is undefined.
    private let end: [String]

    /// What virsh is told for one life, from its definition in a file to the end of it.
    package func life(definedIn file: String, pauses: Int = 1) -> [String] {
        ["define \(file)", "start \(name)"]
            + (0..<pauses).flatMap { _ in ["suspend \(name)", "resume \(name)"] }
            + ["destroy \(name)", "undefine \(name)"]
    }

    /// The events of that life.
    package func words(pauses: Int = 1) -> [String] {
        ["Defined"] + beginning + (0..<pauses).flatMap { _ in ["Suspended", "Resumed"] } + end + ["Undefined"]
    }

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
        beginning: ["Resumed", "Started"],
        end: ["Shutdown", "Stopped"]
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
        beginning: ["Started"],
        end: ["Stopped"]
    )
}
