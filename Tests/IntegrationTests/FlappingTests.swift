import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// A host that is lost again and again, on a real daemon and a real master's bus.
    @Suite("flapping", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Flapping {
        private static let host = "kvm01"

        /// The first two retries take the base and its double at most, a slow one half of the cap at least.
        private static let ordinary: TimeInterval = 0.5
        private static let slow: TimeInterval = 2
        private static let arguments = [
            "--flap-limit", "2 per 10m", "--backoff-base", "100ms", "--backoff-cap", "4s",
        ]

        /// How long after a loss it is tried again, as an event or a status says it.
        private func wait(in down: JSONValue) throws -> TimeInterval? {
            guard down["next_attempt"] != nil else { return nil }
            return try date("next_attempt", of: down).timeIntervalSince(date("since", of: down))
        }

        private func date(_ key: String, of data: JSONValue) throws -> Date {
            try #require(data[key]?.string.flatMap(Moment.parse))
        }

        private func shown(by service: ServiceProcess, phase: String = "flapping") async throws -> JSONValue? {
            let list = try await hosts(["hosts", "list", "--phase", phase, "--json"], of: service)
            guard list.status == .success else { return nil }
            return try JSONValue(parsing: Data(list.output.utf8))["hosts"]?.array?.first
        }

        @Test("a third loss is told as flapping, the status says what is, retries are slow, and in the end it is up")
        func flaps() async throws {
            let bench = try await Bench(#require(SaltInstallation.all.first))
            let daemon = try await PrivateLibvirtd.started()
            let relay = try LibvirtRelay(to: daemon.port)
            let service = try ServiceProcess(
                hosts: [(Self.host, relay.uri())],
                sockDir: bench.master.sockDir,
                arguments: Self.arguments
            )
            try await bench.wait(of: "host/up", from: Self.host)
            for round in 1...2 {
                relay.reset()
                try await bench.wait(round, of: "host/gap", from: Self.host)
            }
            let downs = bench.events(of: Self.host, "host/down")
            for down in downs { #expect(try #require(try wait(in: down.data)) <= Self.ordinary) }

            // Nobody gets through until it has been looked at.
            relay.refuse(true)
            let lost = ContinuousClock.now
            relay.reset()
            let flapping = try #require(try await bench.wait(of: "host/flapping", from: Self.host).first)
            #expect(flapping.data["count"] == 3)
            #expect(try date("since", of: flapping.data) < date("since", of: #require(downs.last).data))
            let down = try await eventually("its next attempt is shown", detail: { service.log }) {
                try await shown(by: service).flatMap { try wait(in: $0) == nil ? nil : $0 }
            }
            #expect(down["phase"] == "down")
            #expect(down["flapping"] == ["count": 3, "since": flapping.data["since"] ?? .null])
            #expect(try #require(try wait(in: down)) >= Self.slow)
            try await eventually("it is tried again", detail: { service.log }) { relay.counts.refusals > 0 }
            #expect(ContinuousClock.now - lost >= .seconds(Self.slow))

            relay.refuse(false)
            try await eventually("it is up, and flaps", detail: { service.log }) {
                try await shown(by: service)?["phase"] == "up"
            }
            #expect(try await shown(by: service, phase: "up")?["flapping"]?["count"] == 3)
            #expect(try await service.status()["hosts"]?["flapping"] == 1)
            // Its objects are told as ever.
            try await Virsh.script(["suspend test"], on: daemon)
            try await bench.wait(of: "domain/lifecycle", from: Self.host)
            try await bench.wait(3, of: "host/gap", from: Self.host)
            let told = bench.events(of: Self.host, "host/").map(\.tag).filter { $0 != "host/gap" }
            #expect(told == ["host/up", "host/down", "host/up", "host/down", "host/up", "host/flapping"])
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }
    }
}
