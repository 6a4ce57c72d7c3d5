import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Whoever holds the sockets of the bus may do anything, and the service stays what it is.
    @Suite("meets hostile peers", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(5)))
    struct HostilePeers {
        /// The most that the service may hold beyond what it held before: a window, a read, an event and their copies.
        private static let memoryLimit = 64 << 20

        /// Resident memory in bytes.
        private func memory(of service: ServiceProcess) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(service.pid)/status", encoding: .utf8)
            let match = try #require(status.firstMatch(of: #/VmRSS:\s+(\d+) kB/#))
            return try #require(Int(match.output.1)) << 10
        }

        private func relayed(by service: ServiceProcess) async throws -> Int64 {
            try #require(try await service.status()["ledger"]?["relayed"]?.integer)
        }

        private func busLines(of service: ServiceProcess) -> [JSONValue] {
            service.logLines.filter { $0["message"]?.string?.hasPrefix("Bus ") == true }
        }

        /// What it meets, what it says then, and whether connections that are open stay so.
        static let meetings: [(mode: StubMasterProcess.Mode, anew: Bool, said: String)] = [
            (.mute, false, "did not appear on the bus in time"), (.forge, true, "did not appear on the bus in time"),
            (.stuck, false, "did not appear on the bus in time"), (.half, true, "did not appear on the bus in time"),
            (.garbage, true, "on pub"), (.giant, true, "a frame on pub is larger than it may be"),
            (.endless, true, "a frame on pub is no map"),
        ]

        @Test(
            "noise, silence, forgeries, half and endless frames, a flood: nothing is taken for proof and nothing grows"
        )
        func meets() async throws {
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
            let before = try memory(of: service)
            var peak = 0

            for (mode, anew, said) in Self.meetings {
                // First in silence, so that what is confirmed from here on would be confirmed by what this mode does.
                stub.behave(.mute, anew: false)
                try await eventually("it is without the bus", detail: { service.log }) {
                    try await service.status()["bus"]?["state"] == "away"
                }
                let confirmed = try await relayed(by: service)
                let lines = busLines(of: service).count
                stub.behave(mode, anew: anew)
                try await eventually("it says what is wrong with \(mode)", detail: { service.log + stub.log }) {
                    peak = max(peak, try memory(of: service))
                    let error = try await service.status()["bus"]?["error"]?.string
                    return error?.contains(said) == true
                }
                #expect(try await relayed(by: service) == confirmed, "\(mode) confirms nothing")
                #expect(busLines(of: service).count - lines < 20, "\(mode): \(service.log)")
                stub.behave(.honest)
                try await eventually("it is well again after \(mode)", detail: { service.log + stub.log }) {
                    try await relayed(by: service) > confirmed
                }
            }

            // Under a flood, some of it under its own tags, events are confirmed as ever.
            stub.behave(.flood)
            let confirmed = try await relayed(by: service)
            try await eventually("200 are confirmed in a flood", detail: { service.log + stub.log }) {
                peak = max(peak, try memory(of: service))
                return try await relayed(by: service) > confirmed + 200
            }
            stub.behave(.honest)
            let caused = try await traffic.stop()
            try await eventually("all are confirmed in the end", detail: { service.log + stub.log }) {
                let ledger = try await service.status()["ledger"]
                return ledger?["waiting"] == 0 && (ledger?["relayed"]?.integer ?? 0) >= caused
            }
            #expect(peak - before < Self.memoryLimit, "\(before >> 20) MiB before, \(peak >> 20) at most")
            #expect(try await service.stop() == .exited(0))
            print("hostile peers: \(caused) events, \(before >> 20) MiB before and \(peak >> 20) MiB at most")
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
