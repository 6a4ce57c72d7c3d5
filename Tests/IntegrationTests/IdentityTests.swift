import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Who real hypervisors are: several names of one, and one name of several.
    @Suite("identities", .needs(.systemLibvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Identity {
        private let bench: Bench

        /// Of the drivers, qemu's is one that says who the host is.
        private let daemon: PrivateLibvirtd
        private let relay: LibvirtRelay

        init() async throws {
            bench = try await Bench(#require(SaltInstallation.all.first))
            daemon = try await PrivateLibvirtd.started(mode: .system)
            relay = try LibvirtRelay(to: daemon.port)
        }

        private func service(_ hosts: [(String, String)], spool: String? = nil) async throws -> ServiceProcess {
            let service = try ServiceProcess(
                hosts: hosts,
                sockDir: bench.master.sockDir,
                spool: spool,
                arguments: ["--backoff-base", "100ms", "--backoff-cap", "1s"]
            )
            try await waitForSocket(of: service)
            return service
        }

        /// Waits until a host is up and has said who it is.
        private func waitUntilKnown(_ host: String, _ uuid: String, by service: ServiceProcess) async throws {
            try await eventually("\(host) is \(uuid)", detail: { service.log }) {
                let shown = try await self.shown(host, by: service)
                return shown["phase"] == "up" && shown["host_uuid"] == .string(uuid)
            }
        }

        private func shown(_ host: String, by service: ServiceProcess) async throws -> JSONValue {
            try await eventually("\(host) is shown", detail: { service.log }) {
                let show = try await hosts(["hosts", "show", host, "--json"], of: service)
                return show.status == .success ? try JSONValue(parsing: Data(show.output.utf8)) : nil
            }
        }

        /// Puts another daemon, with another UUID, where one is.
        private func replace(_ daemon: PrivateLibvirtd) async throws -> PrivateLibvirtd {
            try await daemon.stop()
            return try await PrivateLibvirtd.started(mode: .system, port: daemon.port)
        }

        private func lines(_ message: JSONValue, of service: ServiceProcess) -> [JSONValue] {
            service.logLines.filter { $0["message"] == message }
        }

        @Test("two names of one hypervisor are both watched; the log says once that they are one, the status always")
        func shared() async throws {
            let unix = daemon.uri(.unix, driver: .qemu)
            let service = try await service([("near", unix), ("far", relay.uri(.qemu))])
            for host in ["near", "far"] {
                try await bench.wait(of: "host/up", from: host)
                try await waitUntilKnown(host, daemon.uuid, by: service)
            }
            let uuid = JSONValue.string(daemon.uuid)
            let status = try await service.status()
            #expect(status["hypervisors"]?["shared"] == [["uuid": uuid, "hosts": ["far", "near"]]])
            #expect(status["hypervisors"]?["changed"] == [])
            for (host, other) in [("near", "far"), ("far", "near")] {
                let warning = try #require(try await shown(host, by: service)["warnings"]?.array?.last?.string)
                #expect(warning.contains("one hypervisor with \(other) by its UUID, \(daemon.uuid)"))
            }
            try await Virsh.script(["pool-define-as p dir --target /p"], on: daemon, driver: .qemu)
            for host in ["near", "far"] {
                let events = try await bench.wait(of: "pool/lifecycle", from: host)
                #expect(events.map { $0.data["relay"]?["host_uuid"] } == [uuid])
            }
            // One that was away is no news.
            relay.reset()
            try await bench.wait(2, of: "host/up", from: "far")
            try await waitUntilKnown("far", daemon.uuid, by: service)
            let told = lines("One hypervisor has several names: its events come under each", of: service)
            #expect(told.map { [$0["uuid"], $0["hosts"]] } == [[uuid, "far, near"]])
            try service.reload(ServiceProcess.inventory(of: [("near", unix)]))
            try await eventually("it has one name", detail: { service.log }) {
                try await service.status()["hypervisors"]?["shared"] == []
            }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test("another hypervisor under a name is told, whether it came while the service ran or while it did not")
        func changed() async throws {
            let fleet = [("kvm01", relay.uri(.qemu))]
            let first = try await service(fleet)
            try await waitUntilKnown("kvm01", daemon.uuid, by: first)
            #expect(try await first.status()["hypervisors"]?["changed"] == [])
            try await Virsh.script(["pool-define-as p dir --target /p"], on: daemon, driver: .qemu)
            try await bench.wait(of: "pool/lifecycle", from: "kvm01")
            let second = try await replace(daemon)
            try await waitUntilKnown("kvm01", second.uuid, by: first)
            try await expectChange(from: daemon, to: second, by: first)
            let gaps = try await bench.wait(2, of: "host/gap", from: "kvm01")
            #expect(gaps.filter { $0.data["cause"] == "changed" }.map { $0.data["classes"] } == [["pool"]])
            #expect(try await first.stop() == .exited(0))

            let third = try await replace(second)
            let spool = first.folder.file("spool")
            let next = try await service(fleet, spool: spool)
            try await waitUntilKnown("kvm01", third.uuid, by: next)
            try await expectChange(from: second, to: third, by: next)
            #expect(try await next.stop() == .exited(0))

            let last = try await service(fleet, spool: spool)
            try await waitUntilKnown("kvm01", third.uuid, by: last)
            #expect(try await last.status()["hypervisors"]?["changed"] == [], "it is who it was")
            let pools = try await bench.wait(of: "pool/lifecycle", from: "kvm01")
            #expect(pools.count == 1, "what another does not have is not gone")
            #expect(try await last.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        /// The log has said so once, and the status does.
        private func expectChange(
            from before: PrivateLibvirtd,
            to after: PrivateLibvirtd,
            by service: ServiceProcess
        ) async throws {
            let changed = try await service.status()["hypervisors"]?["changed"]?.array ?? []
            let words: [JSONValue?] = ["kvm01", .string(before.uuid), .string(after.uuid)]
            #expect(changed.map { [$0["host"], $0["before"], $0["after"]] } == [words])
            let warnings = try await shown("kvm01", by: service)["warnings"]?.array ?? []
            let warning = try #require(warnings.last?.string)
            #expect(warning.contains("another hypervisor than before by its UUID: \(after.uuid) since "))
            #expect(warning.hasSuffix("before that \(before.uuid)"))
            let told = lines("Another hypervisor answers under this name", of: service)
            #expect(told.map { [$0["host"], $0["before"], $0["uuid"]] } == [words])
        }
    }
}
