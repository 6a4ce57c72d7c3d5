import Connections
import TestSupport
import Testing

/// What a machine does by itself, in the few instructions of its disk's first sector.
extension MachineEvents {
    /// The clock, the watchdog, and a processor that fails.
    func clock() async throws {
        var sector = BootSector()
        // The year 2089 into the real-time clock, and the watchdog's shortest time.
        sector.out(0x70, 9)
        sector.out(0x71, 0x89)
        sector.out(0x443, 0xE)
        var machine = try Machine("clock", boot: sector, in: daemon.folder)
        machine.devices.append(Machine.watchdog)
        try await create(machine)
        try await heard.wait(for: .domainRTCChange, of: "clock") {
            if case .rtcChange(let offset) = $0 { offset > 86_400 } else { false }
        }
        try await heard.wait(for: .domainWatchdog, of: "clock", .watchdog(action: 0))
        // An uncorrected error; what has not said how to take it is reset.
        try await virsh("qemu-monitor-command clock --hmp 'mce 0 1 0xb200000000000000 0 0 0'")
        try await heard.wait(
            for: .domainMemoryFailure,
            of: "clock",
            .memoryFailure(recipient: 1, action: 3, flags: 0)
        )
        try await virsh("destroy clock")
    }

    /// To memory and to disk: ACPI's register for that.
    func sleep() async throws {
        var (memory, disk) = (BootSector(), BootSector())
        memory.out(0x604, word: 0x2401)
        disk.out(0x604, word: 0x2801)
        try await create(Machine("sleeper", boot: memory, in: daemon.folder))
        try await create(Machine("hibernator", boot: disk, in: daemon.folder))
        try await heard.wait(for: .domainPMSuspend, of: "sleeper", .powerManagement(reason: 0))
        try await lifecycle("sleeper", (7, 0))
        try await virsh("dompmwakeup sleeper")
        try await heard.wait(for: .domainPMWakeup, of: "sleeper", .powerManagement(reason: 0))
        try await lifecycle("sleeper", (2, 4))
        try await heard.wait(for: .domainPMSuspendDisk, of: "hibernator", .powerManagement(reason: 0))
        try await lifecycle("hibernator", (7, 1), (6, 1), (5, 0))
        try await virsh("destroy sleeper")
    }

    /// A disk that fills, and one on which there is no room.
    func disks() async throws {
        var sector = BootSector()
        sector.fill(drive: 0x81)
        sector.fill(drive: 0x82)
        let filling = try image("hdb.raw", megabytes: 16)
        let small = try daemon.folder.makeFolder("small")
        let full = "\(small)/hdc.raw"
        // In the daemon's own mount namespace, and gone with it.
        let inside = ["nsenter", "-t", "\(daemon.pid ?? 0)", "-m", "sh", "-ec"]
        let mount = "mount -t tmpfs -o size=4k none \(small); truncate -s 16M \(full)"
        try await run(inside + [mount]).checked()
        var machine = try Machine("full", boot: sector, in: daemon.folder)
        machine.devices += [Machine.disk(filling, "hdb", bus: "ide"), Machine.disk(full, "hdc", bus: "ide")]
        let file = try daemon.folder.write(machine.xml, to: "full.xml")
        try await virsh("create \(file) --paused", "domblkthreshold full hdb 512", "resume full")
        // The second cylinder begins after 1008 sectors, and its first one ends 512 bytes further.
        try await heard.wait(
            for: .domainBlockThreshold,
            of: "full",
            .blockThreshold(device: "hdb", path: filling, threshold: 512, excess: 516_096)
        )
        let device = "ide0-1-0"
        try await heard.wait(
            for: .domainIOError,
            of: "full",
            .ioError(path: full, device: device, action: 1, reason: "enospc")
        )
        try await older.wait(
            for: .domainIOErrorWithoutReason,
            of: "full",
            .ioError(path: full, device: device, action: 1, reason: nil)
        )
        try await lifecycle("full", (3, 2))
        try await virsh("destroy full")
    }

    private func create(_ machine: Machine) async throws {
        let file = try daemon.folder.write(machine.xml, to: "\(machine.name).xml")
        try await virsh("create \(file)")
    }
}
