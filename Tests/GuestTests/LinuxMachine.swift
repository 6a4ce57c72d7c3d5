import Connections
import Foundation
import TestSupport

/// The machine that the small Linux system runs on, and its shell.
struct LinuxMachine {
    let daemon: PrivateLibvirtd
    let name: String
    /// Where virsh is from: the daemon's own release knows the daemon's own events and commands.
    let place: Place

    private var serial: String { daemon.folder.file("\(name).serial") }

    /// `devices` are those it has beside a serial port and a channel for the agent.
    init(_ name: String, on daemon: PrivateLibvirtd, at place: Place = .here, devices: [String]) throws {
        self.name = name
        self.daemon = daemon
        self.place = place
        var machine = Machine(name)
        machine.system = try LinuxGuest.system(in: daemon.folder)
        machine.memory = """
            <memory unit='MiB'>384</memory><currentMemory unit='MiB'>256</currentMemory>\
            <maxMemory slots='4' unit='MiB'>1024</maxMemory>
            """
        machine.processors = """
            <vcpu>1</vcpu>\
            <cpu><numa><cell id='0' cpus='0' memory='256' unit='MiB'/></numa></cpu>
            """
        machine.devices = [LinuxGuest.serial(serial), Machine.agent, Self.memory, Self.balloon] + devices
        try daemon.folder.write(machine.xml, to: "\(name).xml")
    }

    /// Of 128 MiB, and none of it there at first.
    private static let memory = """
        <memory model='virtio-mem'><target><size unit='MiB'>128</size><node>0</node><block unit='KiB'>2048</block>\
        <requested unit='KiB'>0</requested></target></memory>
        """
    private static let balloon = "<memballoon model='virtio'/>"

    /// Creates it and waits for its shell.
    func start() async throws -> GuestConsole {
        try await virsh("create \(daemon.folder.file("\(name).xml"))")
        return try await GuestConsole(serial)
    }

    func virsh(_ commands: String...) async throws {
        for command in commands {
            try await Virsh.run([command], on: daemon, driver: .qemu, at: place).checked()
        }
    }
}
