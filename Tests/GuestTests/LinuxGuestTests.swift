import Connections
import Foundation
import TestSupport
import Testing

/// Events that take a guest's own doing, under the libvirt of this machine.
@Suite("A Linux guest", .needs(.linuxGuest), .timeLimit(.minutes(10)))
struct LinuxGuestTests {
    /// What the report has a line for, whether it is seen or not.
    @Test("every kind of event has its line in the report")
    func table() {
        for kind in EventKind.table { SeenEvents.note(kind, on: "") }
        #expect(EventKind.table.count == 38)
    }

    @Test("a guest's clock, memory, devices, disks and agent give the events that they are to")
    func devices() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let heard = try await HeardEvents(daemon, .qemu, note: " (Linux guest)")
        let older = try await HeardEvents(
            daemon,
            .qemu,
            note: " (Linux guest, newer form treated as refused)",
            treatAsRefused: [.domainIOError]
        )
        let inside = ["nsenter", "-t", "\(daemon.pid ?? 0)", "-m", "sh", "-ec"]
        let small = try daemon.folder.makeFolder("small")
        let (full, filling) = ("\(small)/vda.raw", daemon.folder.file("vdb.raw"))
        let mount = "mount -t tmpfs -o size=1m none \(small); truncate -s 16M \(full) \(filling)"
        try await run(inside + [mount]).checked()
        let machine = try LinuxMachine(
            "linux",
            on: daemon,
            devices: [
                Machine.disk(full, "vda", options: "error_policy='stop'"), Machine.disk(filling, "vdb"),
                Machine.watchdog,
            ]
        )
        let console = try await machine.start()
        try await heard.wait(for: .domainAgentLifecycle, .agentLifecycle(state: 1, reason: 2))

        try await machine.virsh("setmem linux 200000 --live")
        try await heard.wait(for: .domainBalloonChange, .balloonChange(actual: 200_000))
        try await console.run("date -s 2065-01-01; hwclock -u -w")
        try await heard.wait(for: .domainRTCChange) {
            if case .rtcChange(let offset) = $0 { offset > 86_400 } else { false }
        }
        try await console.run("outb 443 e")
        try await heard.wait(for: .domainWatchdog, .watchdog(action: 0))

        let card = "<interface type='user'><mac address='52:54:00:aa:bb:02'/><model type='virtio'/></interface>"
        let file = try daemon.folder.write(card, to: "card.xml")
        try await machine.virsh("attach-device linux \(file) --live")
        try await heard.wait(for: .domainDeviceAdded, .device("net0"))
        try await console.run("until ip link show eth0; do sleep 0.1; done")
        try await machine.virsh("detach-device linux \(file) --live")
        try await heard.wait(for: .domainDeviceRemoved, .device("net0"))

        try await machine.virsh("update-memory-device linux --requested-size 64MiB --live")
        try await heard.wait(for: .domainMemoryDeviceSizeChange, .memoryDeviceSize(device: "virtiomem0", size: 65_536))

        try await machine.virsh("domblkthreshold linux vdb 100000")
        try await console.run("dd if=/dev/zero of=/dev/vdb bs=64k count=4 oflag=direct")
        // The write that crosses it ends at 131072.
        try await heard.wait(
            for: .domainBlockThreshold,
            .blockThreshold(device: "vdb", path: filling, threshold: 100_000, excess: 31_072)
        )
        try console.start("dd if=/dev/zero of=/dev/vda bs=64k count=100 oflag=direct; echo @@'GONE-ON'")
        let device = "virtio-disk0"
        let error = { HostEvent.Payload.ioError(path: full, device: device, action: 1, reason: $0) }
        try await heard.wait(for: .domainIOError, error("enospc"))
        try await older.wait(for: .domainIOErrorWithoutReason, error(nil))
        try await heard.wait(for: .domainLifecycle, .lifecycle(event: 3, detail: 2))
        try await run(inside + ["mount -o remount,size=40m \(small)"]).checked()
        try await machine.virsh("resume linux")
        try await console.wait(for: "@@GONE-ON")

        try await console.run("killall qemu-ga")
        try await heard.wait(for: .domainAgentLifecycle, .agentLifecycle(state: 2, reason: 2))
        // Reported to the guest, which has not asked for that: it is reset.
        try await machine.virsh("qemu-monitor-command linux --hmp 'mce 0 1 0xb200000000000000 0 0 0'")
        try await heard.wait(for: .domainMemoryFailure, .memoryFailure(recipient: 1, action: 3, flags: 0))
        try await heard.wait(for: .domainReboot, .plain)
        try await machine.virsh("destroy linux")
        await heard.stop()
        await older.stop()
    }

    @Test("a guest that uses its memory refuses to give it up")
    func refusal() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let heard = try await HeardEvents(daemon, .qemu, note: " (Linux guest)")
        let machine = try LinuxMachine("linux", on: daemon, devices: [])
        let console = try await machine.start()
        let module = "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>"
        let file = try daemon.folder.write(module, to: "module.xml")
        try await machine.virsh("attach-device linux \(file) --live")
        try await heard.wait(for: .domainDeviceAdded, .device("memdimm0"))
        let states = "/sys/devices/system/memory/memory*/state"
        try await console.run("until grep -q offline \(states); do sleep 0.1; done")
        try await console.run("for state in \(states); do echo online_kernel >$state; done")
        // What the kernel itself keeps in memory cannot be moved out of it.
        try await console.run(
            """
            mkdir /t; mount -t tmpfs -o size=150m t /t; dd if=/dev/zero of=/t/x bs=1M count=140; \
            for i in $(seq 2000); do mkdir /t/d$i; done
            """,
            within: .seconds(60)
        )
        // Fails where the guest says so at once.
        _ = try await Virsh.run(["detach-device linux \(file) --live"], on: daemon, driver: .qemu)
        // libvirt's own name for it, where the other event has QEMU's.
        try await heard.wait(for: .domainDeviceRemovalFailed, .device("dimm0"))
        try await machine.virsh("destroy linux")
        await heard.stop()
    }

    @Test("a guest sleeps in memory and on disk, is woken and powers off")
    func sleep() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let heard = try await HeardEvents(daemon, .qemu, note: " (Linux guest)")
        let machine = try LinuxMachine("linux", on: daemon, devices: [])
        // Its kernel is built without sleep: ACPI's register does it.
        let console = try await machine.start()
        try console.start("outb 604 2401 w")
        try await heard.wait(for: .domainPMSuspend, .powerManagement(reason: 0))
        try await heard.wait(for: .domainLifecycle, .lifecycle(event: 7, detail: 0))
        try await machine.virsh("dompmwakeup linux")
        try await heard.wait(for: .domainPMWakeup, .powerManagement(reason: 0))
        try await heard.wait(for: .domainLifecycle, .lifecycle(event: 2, detail: 4))
        try await machine.virsh("destroy linux")
        let another = try await machine.start()
        try another.start("outb 604 2801 w")
        try await heard.wait(for: .domainPMSuspendDisk, .powerManagement(reason: 0))
        for (event, detail) in [(Int32(7), Int32(1)), (6, 1), (5, 0)] {
            try await heard.wait(for: .domainLifecycle, .lifecycle(event: event, detail: detail))
        }
        await heard.stop()
    }
}
