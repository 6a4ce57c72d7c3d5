import Connections
import Foundation
import TestSupport
import Testing

/// Machines of the qemu driver that have no operating system.
struct MachineEvents {
    let daemon: PrivateLibvirtd
    let heard: HeardEvents
    /// Hears what a host would tell that is too old for the newer forms of `io_error` and `block_job`.
    let older: HeardEvents

    init() async throws {
        daemon = try await PrivateLibvirtd.started(mode: .system)
        heard = try await HeardEvents(daemon, .qemu)
        let newer: Set<EventKind> = [.domainIOError, .domainBlockJob]
        older = try await HeardEvents(daemon, .qemu, note: " (newer form treated as refused)", treatAsRefused: newer)
        #expect(Set(older.facts?.olderForms.map(\.kind) ?? []) == newer)
    }

    /// - Returns: The kinds that came.
    func provoke() async throws -> Set<EventKind> {
        async let life: Void = life()
        async let clock: Void = clock()
        async let sleep: Void = sleep()
        async let disks: Void = disks()
        _ = try await (life, clock, sleep, disks)
        // A host has one form of an event or the other, never both.
        #expect(heard.kinds.isDisjoint(with: [.domainIOErrorWithoutReason, .domainBlockJobByPath]))
        #expect(older.kinds.isDisjoint(with: [.domainIOError, .domainBlockJob]))
        await heard.stop()
        await older.stop()
        return heard.kinds.union(older.kinds)
    }

    /// The kinds that the daemon tells of a machine and its devices by itself.
    private func life() async throws {
        let port = try FreePort.next()
        let disk = try image("vda.raw", megabytes: 1)
        let missing = daemon.folder.file("missing.iso")
        let disc = try image("disc.iso", megabytes: 1)
        var machine = Machine("q1")
        machine.devices = [
            Machine.disk(disk, "vda"),
            Machine.disk(missing, "hdc", bus: "ide", device: "cdrom", source: "startupPolicy='optional'"),
            Machine.disk(disc, "hdd", bus: "ide", device: "cdrom"),
            Machine.usb, Machine.agent,
            "<graphics type='vnc' port='\(port)' autoport='no' listen='127.0.0.1'/>",
        ]
        let file = try daemon.folder.write(machine.xml, to: "q1.xml")
        try await virsh("define \(file)", "start q1")
        try await lifecycle("q1", (0, 0), (4, 0), (2, 0))
        try await heard.wait(for: .domainAgentLifecycle, of: "q1", .agentLifecycle(state: 2, reason: 1))
        try await heard.wait(
            for: .domainDiskChange,
            of: "q1",
            .diskChange(oldPath: missing, newPath: nil, device: "ide0-1-0", reason: 0)
        )
        try await VNCClient.visit(port: port)
        for phase in Int32(0)...2 {
            let payload = try await heard.wait(for: .domainGraphics, of: "q1") {
                if case .graphics(let graphics) = $0 { graphics.phase == phase } else { false }
            }
            guard case .graphics(let graphics) = payload else { continue }
            #expect(graphics.local?.family == 0)
            #expect(graphics.local?.node == "127.0.0.1")
            #expect(graphics.local?.service == "\(port)")
            #expect(graphics.remote?.family == 0)
            #expect(graphics.remote?.node == "127.0.0.1")
            #expect(graphics.remote?.service.flatMap(Int.init) != nil)
            #expect(graphics.authScheme == "none")
            #expect(graphics.subject == [])
        }
        try await devices(of: "q1")
        try await tuning(of: "q1")
        try await jobs(of: "q1")
        try await virsh("reset q1")
        try await heard.wait(for: .domainReboot, of: "q1", .plain)
        try await breakOff("q1")
        try await heard.wait(for: .domainControlError, of: "q1", .plain)
        try await lifecycle("q1", (5, 5))
        try await virsh("undefine q1")
        try await lifecycle("q1", (1, 0))
    }

    /// Kills a machine in the middle of a call: a question that it has not read makes of the end an error.
    private func breakOff(_ name: String) async throws {
        let inside = ["nsenter", "-t", "\(daemon.pid ?? 0)", "-m", "-p", "sh", "-ec"]
        func signal(_ signal: String) async throws {
            try await run(inside + ["kill -\(signal) $(cat /run/libvirt/qemu/\(name).pid)"]).checked()
        }
        try await signal("STOP")
        async let call = Virsh.run(["qemu-monitor-command \(name) --hmp 'info status'"], on: daemon, driver: .qemu)
        try await eventually("the daemon waits for the machine", detail: { daemon.log }) {
            try await Virsh.run(["domcontrol \(name)"], on: daemon, driver: .qemu).output.contains("occupied")
        }
        try await signal("KILL")
        #expect(try await call.status != .success)
    }

    private func devices(of name: String) async throws {
        let mouse = try daemon.folder.write("<input type='mouse' bus='usb'/>", to: "mouse.xml")
        try await virsh("attach-device \(name) \(mouse) --live")
        let payload = try await heard.wait(for: .domainDeviceAdded, of: name)
        guard case .device(let alias?) = payload else { throw SystemError("a device without an alias", 0) }
        #expect(alias.hasPrefix("input"))
        // USB lets a device go without being asked.
        try await virsh("detach-device \(name) \(mouse) --live")
        try await heard.wait(for: .domainDeviceRemoved, of: name, .device(alias))
        try await virsh("change-media \(name) hdd --eject --live")
        for reason in Int32(0)...1 {
            try await heard.wait(for: .domainTrayChange, of: name, .trayChange(device: "ide0-1-1", reason: reason))
        }
    }

    private func tuning(of name: String) async throws {
        try await virsh(
            "vcpupin \(name) 0 0 --live",
            "blkdeviotune \(name) vda --total-iops-sec 100 --live",
            "desc \(name) --title 'a title' --live",
            "metadata \(name) http://lab/ --key lab --set '<a/>' --live"
        )
        let pins = try await parameters(of: .domainTunable, name) { $0["cputune.vcpupin0"] != nil }
        #expect(pins == ["cputune.vcpupin0": .text("0")])
        let limits = try await parameters(of: .domainTunable, name) { $0["blkdeviotune.disk"] == .text("vda") }
        #expect(limits["blkdeviotune.total_iops_sec"] == .uint(100))
        try await heard.wait(for: .domainMetadataChange, of: name, .metadataChange(type: 1, nsuri: nil))
        try await heard.wait(for: .domainMetadataChange, of: name, .metadataChange(type: 2, nsuri: "http://lab/"))
    }

    private func jobs(of name: String) async throws {
        let copy = daemon.folder.file("copy.raw")
        let disk = daemon.folder.file("vda.raw")
        try await virsh("blockcopy \(name) vda \(copy) --format raw --transient-job --wait --pivot")
        for status in [Int32(3), 0] {
            try await heard.wait(for: .domainBlockJob, of: name, .blockJob(disk: "vda", type: 2, status: status))
        }
        // By path it is the disk's source at that time.
        try await older.wait(for: .domainBlockJobByPath, of: name, .blockJob(disk: disk, type: 2, status: 3))
        try await older.wait(for: .domainBlockJobByPath, of: name, .blockJob(disk: copy, type: 2, status: 0))
        let saved = daemon.folder.file("\(name).saved")
        try await virsh("save \(name) \(saved)")
        try await heard.wait(for: .domainMigrationIteration, of: name, .migrationIteration(1))
        let job = try await parameters(of: .domainJobCompleted, name) { $0["operation"] == .int(2) }
        for key in ["time_elapsed", "data_total", "memory_total", "memory_processed"] {
            guard case .uint = job[key] else {
                Issue.record("\(key) is \(String(describing: job[key])) in \(job)")
                continue
            }
        }
        try await lifecycle(name, (5, 4))
        try await virsh("restore \(saved)")
        try await lifecycle(name, (2, 2))
    }

    func image(_ name: String, megabytes: Int) throws -> String {
        let path = daemon.folder.file(name)
        guard FileManager.default.createFile(atPath: path, contents: nil), truncate(path, megabytes << 20) == 0 else {
            throw SystemError(path)
        }
        return path
    }

    func virsh(_ commands: String...) async throws {
        // One argument is a command line in virsh's own notation.
        for command in commands { try await Virsh.run([command], on: daemon, driver: .qemu).checked() }
    }

    func lifecycle(_ name: String, _ wanted: (event: Int32, detail: Int32)...) async throws {
        for (event, detail) in wanted {
            try await heard.wait(for: .domainLifecycle, of: name, .lifecycle(event: event, detail: detail))
        }
    }

    private func parameters(
        of kind: EventKind,
        _ name: String,
        where isWanted: ([String: HostEvent.Parameter.Value]) -> Bool
    ) async throws -> [String: HostEvent.Parameter.Value] {
        func map(_ payload: HostEvent.Payload) -> [String: HostEvent.Parameter.Value]? {
            guard case .parameters(let parameters) = payload else { return nil }
            return Dictionary(parameters.map { ($0.name, $0.value) }) { $1 }
        }
        let payload = try await heard.wait(for: kind, of: name) { map($0).map(isWanted) ?? false }
        return map(payload) ?? [:]
    }
}
