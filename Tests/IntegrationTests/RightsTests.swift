import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// What ops/polkit and ops/ssh give is enough, and nothing more.
    @Suite("rights", .needs(.polkit, .sshd), .timeLimit(.minutes(10)))
    struct Rights {
        private static let refusal = "polkit.addRule(function(action) { return polkit.Result.NO; });"

        /// The shipped rule, for the user that the tests have.
        private func rule() throws -> String {
            let text = try String(
                contentsOfFile: Repository.path("ops/polkit/50-virt-aggregator.rules"),
                encoding: .utf8
            )
            #expect(text.contains(#"== "virt-aggregator""#))
            return text.replacing(#"== "virt-aggregator""#, with: #"== "\#(Account.unprivileged.name)""#)
        }

        /// A hypervisor that asks polkit who may read and who may write.
        private func hypervisor(_ polkit: PrivatePolkit) async throws -> PrivateLibvirtd {
            try await PrivateLibvirtd.started(
                mode: .systemInSight,
                settings: ["auth_unix_ro": #""polkit""#],
                environment: polkit.environment
            )
        }

        private func start(_ host: ListedHost, as account: Account) throws -> ServiceProcess {
            // No master: the log says what the bus would.
            let nowhere = try TemporaryFolder()
            return try ServiceProcess(
                inventory: ServiceProcess.inventory([host]),
                sockDir: nowhere.path,
                as: account,
                arguments: ["--backoff-base", "100ms", "--backoff-cap", "500ms"]
            )
        }

        @Test("where a site lets nobody read, the host is down with the remedy, and with our rule it is up")
        func rulePolkit() async throws {
            let polkit = try await PrivatePolkit.started(rules: ["60-site.rules": Self.refusal])
            let daemon = try await hypervisor(polkit)
            let host = ListedHost("kvm01", "test+unix:///default?socket=\(daemon.readOnlySocket)")
            let service = try start(host, as: .unprivileged)
            let down = try await service.waitForLog("it is down") { $0["message"] == "Host down" }
            #expect(down["reason"] == "auth-polkit")
            #expect(down["error"]?.string?.contains("ops/polkit") == true, "\(down)")
            try polkit.folder.write(rule(), to: "rules.d/50-virt-aggregator.rules")
            try await service.waitForLog("it is up") { $0["message"] == "Host up" }
            #expect(try await service.stop() == .exited(0))
            withExtendedLifetime((polkit, daemon)) {}
        }

        @Test("the rule gives one user one action")
        func ruleIsNarrow() async throws {
            let polkit = try await PrivatePolkit.started(rules: [
                "50-virt-aggregator.rules": rule(), "60-site.rules": Self.refusal,
            ])
            let folder = try TemporaryFolder()
            let sleeper = try RunningProcess(["sleep", "1000"], name: "sleep", in: folder, as: .unprivileged)
            let ours = try await polkit.verdict(on: "org.libvirt.unix.monitor", for: sleeper.pid)
            let manage = try await polkit.verdict(on: "org.libvirt.unix.manage", for: sleeper.pid)
            #expect(ours)
            #expect(!manage)
            let other = try RunningProcess(
                ["setpriv", "--reuid", "2", "--regid", "2", "--clear-groups", "sleep", "1000"],
                name: "other",
                in: folder
            )
            try await eventually("it is another user's") {
                try String(contentsOfFile: "/proc/\(other.pid)/status", encoding: .utf8).contains("Uid:\t2\t")
            }
            #expect(try await !polkit.verdict(on: "org.libvirt.unix.monitor", for: other.pid))
        }

        @Test("as shipped, polkit needs no rule")
        func shipped() async throws {
            let polkit = try await PrivatePolkit.started()
            let daemon = try await hypervisor(polkit)
            let host = ListedHost("kvm01", "test+unix:///default?socket=\(daemon.readOnlySocket)")
            let service = try start(host, as: .unprivileged)
            try await service.waitForLog("it is up or down") {
                ["Host up", "Host down"].contains($0["message"]?.string)
            }
            #expect(
                service.logLines.contains { $0["message"] == "Host up" },
                "\(service.log)\(polkit.log)\(daemon.log)"
            )
            #expect(try await service.stop() == .exited(0))
            withExtendedLifetime((polkit, daemon)) {}
        }

        @Test("the forced command lets a key read from libvirt over each ssh transport, and do nothing else")
        func forcedCommand() async throws {
            let script = Repository.path("ops/ssh/virt-aggregator-read-only")
            let daemon = try await PrivateLibvirtd.started(mode: .system)
            let options = "restrict,command=\"\(script)\""
            let sshd = try await PrivateSSHD.started(at: daemon.asLocalHost, options: options)
            let environment = Virsh.environment(in: daemon.folder)
            // The first is what libvirt sends by itself: one line that serves a host with the helper and one without.
            for (driver, variant) in [
                (PrivateLibvirtd.Driver.qemu, ""), (.lxc, "&proxy=native"), (.test, "&proxy=native"),
                (.qemu, "&proxy=netcat"),
            ] {
                let uri = try sshd.virshURI(driver) + variant
                try await run(["virsh", "-r", "-c", uri, "list"], environment: environment).checked()
                let writing = try await run(["virsh", "-c", uri, "list"], environment: environment)
                #expect(writing.errors.contains("virt-aggregator-read-only: refused"), "\(uri)\n\(writing)")
            }
            let libssh2 = try sshd.virshURI(.test, transport: "libssh2")
            try await run(["virsh", "-r", "-c", libssh2, "list"], environment: environment).checked()
            let uri = try sshd.virshURI(.test)
            let destroy = try await run(["virsh", "-r", "-c", uri, "destroy", "test"], environment: environment)
            #expect(destroy.errors.contains("read only access prevents"), "\(destroy)")

            for command in [
                "id", "sh", "", "virt-ssh-helper -r 'qemu:///session'", "virt-ssh-helper -r qemu:///system?socket=/x",
                "virt-ssh-helper -r '-V:///system'", "virt-ssh-helper -r '$(id):///'", "nc -U /etc/libvirt/x-sock-ro",
                "nc -U /run/libvirt/../libvirt/libvirt-sock-ro", "nc -U /run/libvirt/libvirt-sock",
                "scp -f /etc/passwd",
            ] {
                let result = try await sshd.ssh(command)
                #expect(result.status == .exited(1), "\(result)")
                #expect(result.output == "", "\(result)")
                #expect(result.errors.contains("refused"), "\(result)")
            }
            // What a shell would run is cut off and never seen by one.
            let injected = try await sshd.ssh("virt-ssh-helper -r 'test:///default'; id")
            #expect(!injected.output.contains("uid="))
            let forward = try await sshd.ssh("", options: ["-W", "127.0.0.1:\(sshd.port)"])
            #expect(forward.status != .success && !forward.output.contains("SSH-2"), "\(forward)")

            let service = try start(sshd.host("kvm01", .qemu), as: .current)
            try await service.waitForLog("it is up") { $0["message"] == "Host up" }
            #expect(try await service.stop() == .exited(0))
            withExtendedLifetime((daemon, sshd)) {}
        }
    }
}
