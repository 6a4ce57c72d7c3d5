import Foundation
import TestSupport
import Testing

@Suite("The harness, with libvirtd", .needs(.libvirtd), .timeLimit(.minutes(10)))
struct HarnessLibvirtTests {
    @Test("a libvirtd keeps its state, and loses it and nothing else when it is killed")
    func life() async throws {
        let daemon = try await PrivateLibvirtd.started()
        let first = daemon.pid
        try await Virsh.run("net-destroy", "default", on: daemon).checked()
        #expect(try await !Virsh.run("net-list", on: daemon).output.contains("default"))

        try await daemon.kill()
        #expect(try await Virsh.run("list", on: daemon).status != .success)
        try await daemon.start()
        #expect(daemon.pid != first)
        let list = try await run(["virsh", "-c", daemon.uri(.tcp), "net-list"]).checked()
        #expect(list.output.contains("default"))

        let second = try #require(daemon.pid)
        try await daemon.stop()
        #expect(daemon.pid == nil)
        try await eventually("it has ended") { ProcessTable.entry(second) == nil }
    }

    @Test("a frozen libvirtd answers nothing until it is thawed")
    func freeze() async throws {
        let daemon = try await PrivateLibvirtd.started()
        daemon.freeze()
        await #expect(throws: TimedOut.self) {
            try await run(["virsh", "-c", daemon.uri(.tcp), "list"], within: .milliseconds(500))
        }
        daemon.thaw()
        try await eventually("it answers", detail: { daemon.log }) {
            try await daemon.startIfEnded()
            return try await run(["virsh", "-c", daemon.uri(.tcp), "list"]).status == .success
        }
        daemon.freeze()
        try await daemon.restart()
        try await Virsh.run("list", on: daemon).checked()
    }

    @Test("virsh events shows what virsh did", arguments: VirshEvents.Class.allCases)
    func events(class: VirshEvents.Class) async throws {
        let daemon = try await PrivateLibvirtd.started()
        let events = try await VirshEvents(`class`, on: daemon)
        try await Virsh.script(
            ["suspend test", "net-destroy default", "pool-refresh default-pool", "pool-destroy default-pool"],
            on: daemon
        )
        let wanted =
            switch `class` {
            case .domain: "event 'lifecycle' for domain 'test': Suspended Paused"
            case .network: "event 'lifecycle' for network default: Stopped"
            case .poolLifecycle: "event 'lifecycle' for storage pool default-pool: Stopped"
            case .poolRefresh: "event 'refresh' for storage pool default-pool"
            }
        #expect(try await events.wait(for: wanted) { !$0.isEmpty } == [wanted])
    }

    @Test("a failing command of a script is a failure")
    func script() async throws {
        let daemon = try await PrivateLibvirtd.started()
        await #expect(throws: CommandFailed.self) { try await Virsh.script(["start nobody", "list"], on: daemon) }
    }

    @Test("a dump that is done before virsh waits for it ends all the same", arguments: ["/dev/null", "/nowhere/core"])
    func dump(file: String) async throws {
        let daemon = try await PrivateLibvirtd.started()
        var environment = try await Virsh.patientEnvironment(in: daemon.folder)
        environment["VIRT_AGGREGATOR_LATE_LOOP"] = "1"
        let command = ["virsh", "-c", daemon.uri(.unix), "dump", "test", file, "--crash"]
        let result = try await run(command, environment: environment)
        #expect((result.status == .success) == (file == "/dev/null"))
    }

    @Test("a system libvirtd has secrets and real drivers, and ends with all it holds", .needs(.systemLibvirtd))
    func system() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let description = try daemon.folder.write(
            "<secret ephemeral='yes'><description>d</description></secret>",
            to: "s.xml"
        )
        let container =
            "<domain type='lxc'><name>c</name><memory>65536</memory><os><type>exe</type><init>/bin/sh</init></os></domain>"
        let file = try daemon.folder.write(container, to: "c.xml")
        try await Virsh.run("secret-define", description, on: daemon, driver: .qemu).checked()
        try await Virsh.run("define", file, on: daemon, driver: .lxc).checked()

        let first = try #require(daemon.pid)
        try await daemon.kill()
        try await daemon.start()
        #expect(daemon.pid != first)
        #expect(try await Virsh.run("list", "--all", "--name", on: daemon, driver: .lxc).checked().output.contains("c"))

        let second = try #require(daemon.pid)
        try await daemon.stop()
        try await eventually("it has ended") { ProcessTable.entry(second) == nil }
    }
}
