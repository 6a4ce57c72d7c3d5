import TestSupport
import Testing

extension ServiceTests {
    /// Two hypervisors, one of them the host's own: every transport and driver that the inventory of a fleet has.
    @Suite("transports", .needs(.sshd, .allSalt), .timeLimit(.minutes(10)))
    struct Transports {
        /// A daemon with its drivers, and libvirt's own listener on each.
        private struct Hypervisor {
            let daemon: PrivateLibvirtd
            let oracles: [PrivateLibvirtd.Driver: VirshEvents]

            init(_ daemon: PrivateLibvirtd) async throws {
                self.daemon = daemon
                var oracles: [PrivateLibvirtd.Driver: VirshEvents] = [:]
                for driver in [PrivateLibvirtd.Driver.qemu, .lxc, .test] {
                    let uri = daemon.uri(.unix, driver: driver)
                    oracles[driver] = try await VirshEvents(uri: uri, provokedOn: daemon, driver: driver)
                }
                self.oracles = oracles
            }

            /// The lives of a machine, a container and a simulated guest, at once.
            func provoke() async throws {
                async let machine: Void = live(.machine, driver: .qemu)
                async let container: Void = live(.container, driver: .lxc)
                let pauses = (0..<10).flatMap { _ in ["suspend test", "resume test"] }
                async let simulated = Virsh.script(pauses, on: daemon)
                _ = try await (machine, container, simulated)
            }

            private func live(_ guest: Guest, driver: PrivateLibvirtd.Driver) async throws {
                let file = try daemon.folder.write(guest.xml, to: "\(guest.name).xml")
                do {
                    try await Virsh.script(guest.life(definedIn: file, pauses: 12), on: daemon, driver: driver)
                } catch let error as CommandFailed where driver == .lxc && Self.isFreezerLate(error.result.errors) {
                    // The events that came are as good as those of a life without.
                }
            }

            /// libvirt gives the kernel's freezer a second, which a busy machine may not have for it: then a container is
            /// not suspended, and not to be resumed.
            private static func isFreezerLate(_ errors: String) -> Bool {
                let tolerated = [
                    "error: Failed to suspend", "error: operation failed: Suspend operation failed",
                    "error: Failed to resume", "error: Requested operation is not valid: domain is already running",
                ]
                return errors.split(separator: "\n").allSatisfy { line in
                    line.allSatisfy(\.isWhitespace) || tolerated.contains { line.hasPrefix($0) }
                }
            }

            /// The lifecycle events of a driver so far, each as "guest event", in order.
            func lifecycle(_ driver: PrivateLibvirtd.Driver) -> [String] {
                (oracles[driver]?.lines ?? []).compactMap { line in
                    line.firstMatch(of: #/^event 'lifecycle' for domain '([^']+)': (\w+)/#).map {
                        "\($0.1) \($0.2.lowercased())"
                    }
                }
            }
        }

        @Test("nine of them in one inventory, on every master: what virsh heard arrives, in order, exactly once")
        func all() async throws {
            let pki = try await PKI.shared.path(.good)
            let near = try await Hypervisor(PrivateLibvirtd.started(mode: .system, pki: pki))
            let far = try await Hypervisor(PrivateLibvirtd.started(mode: .system))
            let sshd = try await PrivateSSHD.started(at: far.daemon.asLocalHost)
            let hosts: [(host: ListedHost, hypervisor: Hypervisor, driver: PrivateLibvirtd.Driver)] = [
                (sshd.host("qemu-ssh", .qemu), far, .qemu),
                (near.daemon.tlsHost("qemu-tls", .qemu, pki: pki), near, .qemu),
                (sshd.host("lxc-ssh", .lxc), far, .lxc),
                (ListedHost("qemu-unix", near.daemon.uri(.unix, driver: .qemu)), near, .qemu),
                (ListedHost("lxc-local", "lxc:///"), near, .lxc),
                (ListedHost("test-tcp", far.daemon.uri(.tcp)), far, .test),
                (near.daemon.tlsHost("test-tls", pki: pki), near, .test),
                (sshd.host("test-ssh", .test), far, .test),
                (sshd.host("test-libssh2", .test, transport: "libssh2"), far, .test),
            ]
            for salt in SaltInstallation.all {
                let bench = try await Bench(salt)
                let service = try ServiceProcess(
                    inventory: ServiceProcess.inventory(hosts.map(\.host)),
                    sockDir: bench.master.sockDir,
                    at: near.daemon.asLocalHost
                )
                try await service.waitForLog("it starts") { $0["message"] == "Starting" }
                for host in hosts { try await bench.wait(of: "host/up", from: host.host.name, within: .seconds(60)) }
                let before = hosts.map { $0.hypervisor.lifecycle($0.driver).count }
                async let here: Void = near.provoke()
                async let there: Void = far.provoke()
                _ = try await (here, there)
                for (host, before) in zip(hosts, before) {
                    let name = host.host.name
                    // Each life ends with the last word; a simulated guest's is its last resumption.
                    try await eventually("virsh has heard all of \(host.driver)") {
                        let heard = host.hypervisor.lifecycle(host.driver).dropFirst(before)
                        return host.driver == .test ? heard.count == 20 : heard.last?.hasSuffix(" undefined") == true
                    }
                    let wanted = Array(host.hypervisor.lifecycle(host.driver).dropFirst(before))
                    #expect(wanted.count >= 20)
                    let got = try await bench.wait(wanted.count, of: "domain/lifecycle", from: name)
                    #expect(got.map(Self.text) == wanted, "\(name) on salt \(salt)")
                }
                #expect(try await service.stop() == .exited(0))
                try await bench.listener.wait { $0.contains { $0.tag == "\(Bench.prefix)/aggregator/stopped" } }
                bench.expectOrderAndIdentity()
                for (host, before) in zip(hosts, before) {
                    let wanted = host.hypervisor.lifecycle(host.driver).count - before
                    #expect(bench.events(of: host.host.name, "domain/lifecycle").count == wanted, "\(salt)")
                    #expect(bench.events(of: host.host.name, "host/down").isEmpty, "\(salt)")
                }
            }
            withExtendedLifetime(sshd) {}
        }

        private static func text(_ event: BusEvent) -> String {
            "\(event.data["domain"]?["name"]?.string ?? "?") \(event.data["event"]?.string ?? "?")"
        }
    }
}
