import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// A service whose hosts are lost and come back again and again.
    @Suite("reconnects", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Reconnects {
        /// Few cuts of many hosts: one that comes and goes all the time would be slowed.
        private static let hosts = 250
        private static let cuts = 4

        /// What the service holds of the machine and of libvirt.
        private struct Held: Equatable, CustomStringConvertible {
            let resources: ProcessResources
            let loop: [String: JSONValue]

            init(_ service: ServiceProcess) async throws {
                resources = try #require(ProcessResources(of: service.pid))
                loop = try #require(try await service.status()["event_loop"]?.object).filter { $0.key != "wakeups" }
            }

            var description: String { "\(JSONValue.object(loop)), \(resources)" }
        }

        @Test("after 1,000 reconnects it holds no thread, descriptor, handle, timer or callback more than before")
        func thousand() async throws {
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let daemon = try await PrivateLibvirtd.started(settings: PrivateLibvirtd.roomy)
            let relay = try await CrowdRelay(to: daemon)
            let hosts = (0..<Self.hosts).map { ListedHost("h\($0)", relay.uri) }
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(hosts),
                sockDir: bench.master.sockDir,
                arguments: ["--backoff-base", "100ms", "--backoff-cap", "1s"]
            )
            try await areUp(service, relay)
            let before = try await settled("it has settled") { try await Held(service) }
            #expect(before.loop["handles"] == .integer(Int64(Self.hosts)))
            #expect(before.loop["unfreed"] == 0)
            let memory = try residentMemory(of: service.pid)
            for cut in 1...Self.cuts {
                let begin = Date()
                relay.cut(cut.isMultiple(of: 2) ? .reset : .close)
                try await eventually("all are cut off", detail: { "\(relay.ended)" }) {
                    relay.ended == cut * Self.hosts
                }
                try await areUp(service, relay)
                if cut == 1 { try await expectSpread(bench, hosts, try relay.opened(after: begin)) }
            }
            var after = before
            try await eventually("it holds what it held before", detail: { "before: \(before)\nnow: \(after)" }) {
                after = try await Held(service)
                return after == before
            }
            print(
                """
                \(Self.hosts * Self.cuts) reconnects: \(JSONValue.object(after.loop)), \(after.resources.threads.count) \
                threads, \(after.resources.descriptors.count) descriptors; \(memory) KiB before, \
                \(try residentMemory(of: service.pid)) KiB after
                """
            )
            try await Virsh.script(["suspend test"], on: daemon)
            for host in hosts { try await bench.wait(of: "domain/lifecycle", from: host.name) }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        /// Of the first retries 25 begin in a quarter of a second, so 125 at most in any second, and none before its time.
        private func expectSpread(_ bench: Bench, _ hosts: [ListedHost], _ opened: [Date]) async throws {
            var retries: [Date] = []
            for host in hosts {
                let down = try await bench.wait(of: "host/down", from: host.name).first
                retries.append(try #require(down?.data["next_attempt"]?.string.flatMap(Moment.parse)))
            }
            retries.sort()
            let shortest = zip(retries, retries.dropFirst(125)).map { $1.timeIntervalSince($0) }.min()
            // Less by what passes between two looks at a clock.
            #expect(try #require(shortest) > 0.9)
            // More than one a host are second tries, which may come before others' first ones.
            try #require(opened.count >= hosts.count)
            let tries = opened.dropFirst(opened.count - hosts.count)
            let earliest = try #require(zip(tries, retries).map { $0.timeIntervalSince($1) }.min())
            #expect(earliest > -0.05)
        }

        private func areUp(_ service: ServiceProcess, _ relay: CrowdRelay) async throws {
            try await eventually("all are up", detail: { "\(relay.live) connections\n\(service.log.suffix(2000))" }) {
                guard relay.live == Self.hosts else { return false }
                return try await service.status()["hosts"]?["up"] == .integer(Int64(Self.hosts))
            }
        }
    }
}

/// What a process has in memory, in KiB.
func residentMemory(of pid: pid_t, _ key: String = "VmRSS") throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
}
