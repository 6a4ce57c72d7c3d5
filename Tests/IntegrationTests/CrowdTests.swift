import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// Many hosts at once, more of them bad than good.
    @Suite("crowds", .timeLimit(.minutes(10)))
    struct Crowds {
        @Test(
            "300 silent and dropped hosts before 100 good ones: all good ones come up, and wait for none of the bad",
            .needs(.libvirtd, .network, .allSalt)
        )
        func badOnesFirst() async throws {
            let network = try await NetworkNamespace()
            let daemons = try await PrivateLibvirtd.started(4, at: network.place)
            let silent = try await PrivateLibvirtd.started(settings: PrivateLibvirtd.roomy, at: network.place)
            silent.freeze()
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let dropped = "test+tcp://\(NetworkNamespace.blackHole)/default"
            let bad = (0..<150).flatMap { number in
                [ListedHost("silent\(number)", silent.uri(.tcp)), ListedHost("dropped\(number)", dropped)]
            }
            let good = ListedHost.byTurns(100, on: daemons)
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(bad + good),
                sockDir: bench.master.sockDir,
                at: network.place
            )
            let names = Set(good.map(\.name))
            try await bench.listener.wait(for: "all good ones are up", within: .seconds(120)) { events in
                Self.up(in: events).isSuperset(of: names)
            }
            for daemon in daemons { try await Virsh.script(["suspend test"], on: daemon) }
            for host in good { try await bench.wait(of: "domain/lifecycle", from: host.name, within: .seconds(60)) }
            // An address that is corrected does not wait behind the silent ones, whose turns take minutes.
            let corrected = bad.enumerated().map { index, host in
                index % 30 == 29 ? ListedHost(host.name, daemons[0].uri(.tcp)) : host
            }
            try service.reload(ServiceProcess.inventory(corrected + good))
            for index in stride(from: 29, to: bad.count, by: 30) {
                try await bench.wait(of: "host/up", from: bad[index].name, within: .seconds(60))
            }
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
            withExtendedLifetime((network, silent)) {}
        }

        @Test(
            "300 hosts whose names nobody tells: one that is lost and has been refused is back as soon as it answers",
            .needs(.libvirtd, .network, .allSalt)
        )
        func silentNames() async throws {
            let network = try await NetworkNamespace()
            let daemon = try await PrivateLibvirtd.started(at: network.place)
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let unnamed = (0..<300).map { ListedHost("unnamed\($0)", "test+tcp://kvm\($0).invalid/default") }
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(unnamed + [ListedHost("good", daemon.uri(.tcp))]),
                sockDir: bench.master.sockDir,
                at: network.placeOfSilentNames
            )
            try await bench.wait(of: "host/up", from: "good", within: .seconds(60))
            for host in unnamed { try await bench.wait(of: "host/down", from: host.name, within: .seconds(120)) }
            try await daemon.kill()
            // Hosts that nothing bad is known of go first; from the second attempt on it is one among many.
            try await eventually("it was refused", detail: { service.log }) {
                try await service.host("good")["attempt"]?.integer ?? 0 >= 2
            }
            try await daemon.start()
            try await bench.wait(2, of: "host/up", from: "good", within: .seconds(60))
            #expect(try await service.status()["pool"]?["written_off"] == 0)
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        @Test(
            "with 256 open files it warns, serves the hosts that it can, and lives on without the rest",
            .needs(.libvirtd, .allSalt),
            arguments: [70, 300]
        )
        func fewFiles(count: Int) async throws {
            let bench = try await Bench(try #require(SaltInstallation.all.first))
            let daemons = try await PrivateLibvirtd.started(2)
            let folder = try TemporaryFolder()
            let script = "#!/bin/sh\nulimit -n 256 && exec '\(ServiceProcess.binary)' \"$@\"\n"
            let limited = try folder.write(script, to: "limited")
            guard chmod(limited, 0o755) == 0 else { throw SystemError("chmod \(limited)") }
            let service = try ServiceProcess(
                inventory: ServiceProcess.inventory(ListedHost.byTurns(count, on: daemons)),
                sockDir: bench.master.sockDir,
                binary: limited
            )
            // 70 hosts fit, though not four files for each; of 300 not even half do.
            let fitting = min(count, 80)
            try await bench.listener.wait(for: "\(fitting) hosts are up") { Self.up(in: $0).count >= fitting }
            try await service.waitForLog("it warns of the limit") { line in
                line["level"] == "warning" && line["host"] == nil
                    && "\(line)".contains(#/(?i)LimitNOFILE|descriptor|open files/#)
            }
            let up = Self.up(in: bench.listener.events)
            for daemon in daemons { try await Virsh.script(["suspend test"], on: daemon) }
            for host in up { try await bench.wait(of: "domain/lifecycle", from: host, within: .seconds(60)) }
            #expect(service.isRunning)
            #expect(try await service.stop() == .exited(0))
            bench.expectOrderAndIdentity()
        }

        /// The hosts that were up at least once.
        private static func up(in events: [BusEvent]) -> Set<String> {
            let head = "\(Bench.prefix)/"
            return Set(
                events.lazy.filter { $0.tag.hasPrefix(head) && $0.tag.hasSuffix("/host/up") }.map {
                    String($0.tag.dropFirst(head.count).dropLast("/host/up".count))
                }
            )
        }
    }
}
