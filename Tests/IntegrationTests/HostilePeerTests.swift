import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Whoever holds the sockets of the bus may do anything, and the service stays what it is.
    @Suite("meets hostile peers", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct HostilePeers {
        /// The most that the service may hold beyond what it held before: a window, a read, an event and their copies; in KiB.
        private static let memoryLimit = 64 << 10

        private func relayed(by service: ServiceProcess) async throws -> Int64 {
            try #require(try await service.status()["ledger"]?["relayed"]?.integer)
        }

        private func busLines(of service: ServiceProcess) -> [JSONValue] {
            service.logLines.filter { $0["message"]?.string?.hasPrefix("Bus ") == true }
        }

        /// A stub of a master, a service that is well on it, and traffic.
        private func started() async throws -> (StubMasterProcess, ServiceProcess, Traffic) {
            let stub = try await StubMasterProcess()
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(
                hosts: [("kvm01", daemon.uri(.tcp))],
                sockDir: stub.sockDir,
                arguments: ["--bus-echo-deadline", "300ms"]
            )
            try await service.waitForLog("the host is up") { $0["message"] == "Host up" }
            let traffic = Traffic(on: daemon)
            try await eventually("events come", detail: { service.log + stub.log }) { stub.ids.count > 100 }
            return (stub, service, traffic)
        }

        /// Makes the stub honest and waits until everything that was caused is confirmed.
        private func settle(_ stub: StubMasterProcess, _ service: ServiceProcess, _ traffic: Traffic) async throws {
            stub.behave(.honest)
            let caused = try await traffic.stop()
            try await eventually("all are confirmed in the end", detail: { service.log + stub.log }) {
                let ledger = try await service.status()["ledger"]
                return ledger?["waiting"] == 0 && (ledger?["relayed"]?.integer ?? 0) >= caused
            }
            #expect(try await service.stop() == .exited(0))
        }

        @Test(
            "silence, forgeries, noise, half and endless frames: nothing is taken for proof, nothing grows, nothing is lost",
            arguments: [
                (.mute, "did not appear on the bus in time"), (.stuck, "did not appear on the bus in time"),
                (.forge, "did not appear on the bus in time"), (.half, "did not appear on the bus in time"),
                (.garbage, "on pub"), (.giant, "a frame on pub is larger than it may be"),
                (.endless, "a frame on pub is no map"),
            ] as [(StubMasterProcess.Mode, String)]
        )
        func meets(mode: StubMasterProcess.Mode, said: String) async throws {
            let (stub, service, traffic) = try await started()
            let before = try residentMemory(of: service.pid)
            if mode != .mute, mode != .stuck {
                // First in silence: what is confirmed from here on would be confirmed by what this mode does.
                stub.behave(.mute, anew: false)
                try await service.waitForLog("it is without the bus") { $0["message"] == "Bus lost" }
            }
            let confirmed = try await relayed(by: service)
            let (lines, ids) = (busLines(of: service).count, stub.ids.count)
            stub.behave(mode, anew: mode != .mute && mode != .stuck)
            var peak = 0
            try await eventually("it says what is wrong", detail: { service.log + stub.log }) {
                // Asked all the time, it answers all the time.
                _ = try await service.status()
                peak = max(peak, try residentMemory(of: service.pid))
                return busLines(of: service).dropFirst(lines).contains { $0["error"]?.string?.contains(said) == true }
            }
            if mode == .forge || mode == .half { #expect(stub.ids.count > ids) }
            if mode != .mute, mode != .stuck { #expect(try await relayed(by: service) == confirmed) }
            #expect(busLines(of: service).count - lines < 20, "\(service.log)")
            #expect(peak - before < Self.memoryLimit, "\(before >> 10) MiB before, \(peak >> 10) at most")
            try await settle(stub, service, traffic)
        }

        @Test(
            "an event that the master never passes on, while it passes on later ones, is a dead letter, and only that one"
        )
        func deadLetter() async throws {
            let (stub, service, traffic) = try await started()
            stub.behave(.swallow, anew: false)
            let line = try await service.waitForLog("it gives one up", within: .seconds(120)) {
                $0["message"] == "Event cannot be sent"
            }
            #expect(line["error"]?.string?.contains("never this one, 5 times") == true, "\(line)")
            try await eventually("what is behind it is confirmed", detail: { service.log }) {
                try await service.status()["ledger"]?["dead"] == 1
            }
            let spool = service.folder.file("spool")
            let command = [ServiceProcess.binary, "events", "--dead", "--json", "--spool-path", spool]
            let letters = try await run(command).checked().output.split(separator: "\n")
            #expect(letters.count == 1)
            try await settle(stub, service, traffic)
        }

        @Test("in a flood of foreign events, some of them under its own tags, events are confirmed as ever")
        func flooded() async throws {
            let (stub, service, traffic) = try await started()
            let before = try residentMemory(of: service.pid)
            stub.behave(.flood)
            let confirmed = try await relayed(by: service)
            var peak = 0
            try await eventually("500 are confirmed", detail: { service.log + stub.log }) {
                peak = max(peak, try residentMemory(of: service.pid))
                return try await relayed(by: service) > confirmed + 500
            }
            #expect(peak - before < Self.memoryLimit, "\(before >> 10) MiB before, \(peak >> 10) at most")
            try await settle(stub, service, traffic)
        }

        @Test("two services on one bus, with hosts of one name: each confirms its own events alone, and all arrive")
        func another() async throws {
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let daemons = [try await PrivateLibvirtd.started(), try await PrivateLibvirtd.started()]
            let services = try daemons.map { daemon in
                try ServiceProcess(
                    hosts: [("kvm01", daemon.uri(.tcp))],
                    sockDir: bench.master.sockDir,
                    arguments: ["--bus-window", "8"]
                )
            }
            for service in services { try await service.waitForLog("it is up") { $0["message"] == "Host up" } }
            let traffics = daemons.map { Traffic(on: $0) }
            try await bench.wait(400, of: "domain/lifecycle", from: "kvm01")
            var caused = 0
            for traffic in traffics { caused += try await traffic.stop() }
            try await bench.wait(caused, of: "domain/lifecycle", from: "kvm01")
            for service in services {
                try await eventually("it waits for none", detail: { service.log }) {
                    try await service.status()["ledger"]?["waiting"] == 0
                }
                #expect(!service.logLines.contains { $0["message"] == "Bus lost" })
                #expect(try await service.stop() == .exited(0))
            }
            bench.expectOrderAndIdentity()
        }
    }
}
