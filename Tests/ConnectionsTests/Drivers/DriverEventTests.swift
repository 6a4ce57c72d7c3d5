import Connections
import TestSupport
import Testing

extension ProcessWideTests {
    /// Real drivers, made to send every kind of event that needs no operating system in a guest.
    @Suite(
        "Events of real drivers",
        .serialized,
        .needs(.machines, .network),
        .timeLimit(.minutes(10))
    )
    struct DriverEvents {
        /// All at once, since most of it is waiting for daemons and machines to start.
        @Test("every kind that needs no guest system comes from a real driver, with all that it carries")
        func everything() async throws {
            let drivers: [@Sendable () async throws -> Set<EventKind>] = [
                { try await MachineEvents().provoke() }, { try await ObjectEvents().provoke() }, containers, testDriver,
            ]
            let kinds = await withTaskGroup(of: Set<EventKind>.self) { group in
                for driver in drivers {
                    group.addTask {
                        // What one driver does not do is to be told beside what another one does not.
                        do { return try await driver() } catch { Issue.record(error) }
                        return []
                    }
                }
                return await group.reduce(into: Set()) { $0.formUnion($1) }
            }
            let names = Set(kinds.map(\.path)).sorted()
            print(
                "\(names.count) names of events, \(kinds.count) ids, from real drivers: \(names.joined(separator: " "))"
            )
            #expect(names.count >= 29)
            #expect(kinds.count >= 31)
            try await ProcessWideTests.everythingIsLetGo(LibvirtRuntime.start(logger: .silent))
        }

        @Sendable private func containers() async throws -> Set<EventKind> {
            let daemon = try await PrivateLibvirtd.started(mode: .system)
            let heard = try await HeardEvents(daemon, .lxc)
            // The first time it calls reboot, which in a container of its own ends that alone; the second time it ends.
            let mark = daemon.folder.file("rebooted")
            let reboot = "import ctypes; ctypes.CDLL(None).reboot(0x1234567)"
            let script = """
                test $$ = 1 || exit 1; test ! -e \(mark) || exit 0; \
                touch \(mark); exec /usr/bin/python3 -c "\(reboot)"
                """
            let file = try daemon.folder.write(
                """
                <domain type='lxc'>
                  <name>ct1</name>
                  <memory unit='MiB'>64</memory>
                  <os>
                    <type>exe</type><init>/bin/sh</init><initarg>-c</initarg><initarg>\(script)</initarg>
                  </os>
                  <on_reboot>restart</on_reboot>
                  <devices>
                    <emulator>/usr/lib/libvirt/libvirt_lxc</emulator>
                    <console type='pty'/>
                  </devices>
                </domain>
                """,
                to: "ct1.xml"
            )
            try await Virsh.script(
                ["define \(file)", "metadata ct1 http://lab/ --key lab --set '<a/>' --config", "start ct1"],
                on: daemon,
                driver: .lxc
            )
            try await heard.wait(for: .domainReboot, of: "ct1", .plain)
            // On a busy machine libvirt may fail to start it anew, and says so; it has stopped in either case.
            try await heard.wait(for: .domainLifecycle, of: "ct1") { payload in
                [0, 5].contains { payload == .lifecycle(event: 5, detail: $0) }
            }
            try await Virsh.script(["undefine ct1"], on: daemon, driver: .lxc)
            try await heard.wait(for: .domainLifecycle, of: "ct1", .lifecycle(event: 1, detail: 0))
            try await heard.wait(for: .domainMetadataChange, of: "ct1", .metadataChange(type: 2, nsuri: "http://lab/"))
            let life = heard.payloads(.domainLifecycle, of: "ct1")
            #expect(life.first == .lifecycle(event: 0, detail: 0))
            #expect(life.contains(.lifecycle(event: 2, detail: 0)))
            await heard.stop()
            return heard.kinds
        }

        @Sendable private func testDriver() async throws -> Set<EventKind> {
            let daemon = try await PrivateLibvirtd.started()
            let heard = try await HeardEvents(daemon, .test)
            #expect(heard.facts?.refused.contains { $0.kind == .secretLifecycle } == true)
            let file = try daemon.folder.write(
                """
                <device><name>scsi_host99</name><parent>scsi_host1</parent><capability type='scsi_host'>\
                <capability type='fc_host'><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability>\
                </capability></device>
                """,
                to: "device.xml"
            )
            try await Virsh.script(
                [
                    "suspend test", "resume test", "desc test --title hello", "net-destroy default",
                    "pool-refresh default-pool", "pool-destroy default-pool", "nodedev-create \(file)",
                    "nodedev-destroy scsi_host12",
                ],
                on: daemon
            )
            // The test driver gives a device the name it likes.
            try await heard.wait(for: .nodedevLifecycle, of: "scsi_host12", .lifecycle(event: 1, detail: 0))
            try await heard.wait(for: .domainLifecycle, of: "test", .lifecycle(event: 4, detail: 0))
            try await heard.wait(for: .domainMetadataChange, of: "test", .metadataChange(type: 1, nsuri: nil))
            try await heard.wait(for: .networkLifecycle, of: "default", .lifecycle(event: 3, detail: 0))
            try await heard.wait(for: .poolRefresh, of: "default-pool", .plain)
            try await heard.wait(for: .poolLifecycle, of: "default-pool", .lifecycle(event: 3, detail: 0))
            await heard.stop()
            return heard.kinds
        }
    }
}
