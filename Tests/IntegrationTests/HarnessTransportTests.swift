import Foundation
import TestSupport
import Testing

/// Each transport of libvirt reaches a private daemon, and each failure looks to libvirt's own client as it should.
@Suite("The harness, over every transport", .needs(.systemLibvirtd), .timeLimit(.minutes(10)))
struct HarnessTransportTests {
    private func virsh(
        _ uri: String,
        _ arguments: String...,
        at place: Place = .here,
        within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        let folder = try TemporaryFolder()
        return try await run(
            ["virsh", "-q", "-c", uri] + arguments,
            environment: Virsh.environment(in: folder),
            at: place,
            within: limit
        )
    }

    @Test(
        "ssh, libssh2, tls, tcp and unix lead to one daemon, and it is the host's own where that is asked",
        .needs(.sshd)
    )
    func transports() async throws {
        let pki = try await PKI.shared
        let daemon = try await PrivateLibvirtd.started(mode: .system, pki: pki.path(.good))
        let sshd = try await PrivateSSHD.started(at: daemon.asLocalHost)
        var uris = [
            daemon.uri(.tcp), daemon.uri(.unix, driver: .lxc),
            daemon.uri(.tls, driver: .qemu) + "?pkipath=\(pki.path(.good))",
            try sshd.virshURI(.qemu), try sshd.virshURI(.lxc), try sshd.virshURI(.test, transport: "libssh2"),
        ]
        for uri in uris {
            let found = try await virsh(uri, "capabilities").checked()
            #expect(found.output.contains(daemon.uuid) || uri.hasPrefix("test"), "\(uri)")
        }
        uris = ["lxc:///", "qemu:///system", "test+unix:///default"]
        for uri in uris {
            try await virsh(uri, "-r", "list", at: daemon.asLocalHost).checked()
            #expect(try await virsh(uri, "list").status != .success, "without it there is no such daemon")
        }
    }

    @Test("a guest under TCG and a container run, and their events are heard over ssh", .needs(.sshd))
    func guests() async throws {
        let daemon = try await PrivateLibvirtd.started(mode: .system)
        let sshd = try await PrivateSSHD.started(at: daemon.asLocalHost)
        // On a busy machine libvirt cannot always suspend a container in time.
        for (driver, guest, pauses) in [(PrivateLibvirtd.Driver.qemu, Guest.machine, 1), (.lxc, .container, 0)] {
            let file = try daemon.folder.write(guest.xml, to: "\(guest.name).xml")
            let events = try await VirshEvents(uri: sshd.virshURI(driver), provokedOn: daemon, driver: driver)
            try await Virsh.script(guest.life(definedIn: file, pauses: pauses), on: daemon, driver: driver)
            let lines = try await events.wait(for: "all of its life") { $0.last?.contains("Undefined") == true }
            #expect(lines.map { $0.firstMatch(of: #/: (\w+)/#).map { String($0.1) } } == guest.words(pauses: pauses))
        }
    }

    @Test("sshd refuses a stranger's key, and ssh an unknown or a changed host", .needs(.sshd))
    func refusals() async throws {
        let sshd = try await PrivateSSHD.started()
        #expect(try await sshd.ssh("echo hello").checked().output == "hello\n")
        for transport in ["ssh", "libssh2"] {
            let stranger = try await virsh(sshd.virshURI(.test, transport: transport, key: .stranger), "list")
            let unknown = try await virsh(sshd.virshURI(.test, transport: transport, knownHosts: .empty), "list")
            let changed = try await virsh(sshd.virshURI(.test, transport: transport, knownHosts: .changed), "list")
            let texts = [stranger, unknown, changed].map(\.errors)
            let wanted =
                transport == "ssh"
                ? ["Permission denied (publickey)", "Host key verification failed", "Host key verification failed"]
                : ["authentication failed", "was not accepted", "HOST KEY VERIFICATION FAILED"]
            for (text, wanted) in zip(texts, wanted) {
                #expect(text.localizedCaseInsensitiveContains(wanted), "\(transport)")
            }
        }
    }

    @Test("libvirtd refuses by TLS name, SASL and polkit, and lets a client too many wait", .needs(.polkit))
    func daemons() async throws {
        let pki = try await PKI.shared
        let allowed = ["tls_allowed_dn_list": #"["CN=aggregator*", "*CN=aggregator"]"#]
        let tls = try await PrivateLibvirtd.started(pki: pki.path(.good), settings: allowed)
        try await virsh(tls.uri(.tls) + "?pkipath=\(pki.path(.good))", "list").checked()
        let stranger = try await virsh(tls.uri(.tls) + "?pkipath=\(pki.path(.stranger))", "list")
        #expect(stranger.errors.contains("TLS confirmation"))

        let sasl = try await PrivateLibvirtd.started(settings: ["auth_tcp": #""sasl""#])
        #expect(try await virsh(sasl.uri(.tcp), "list").errors.contains("authentication failed"))

        let full = try await PrivateLibvirtd.started(settings: ["max_clients": "1", "max_anonymous_clients": "1"])
        await #expect(throws: TimedOut.self) { try await virsh(full.uri(.tcp), "list", within: .milliseconds(500)) }

        let refuse = "polkit.addRule(function() { return polkit.Result.NO; });"
        let polkit = try await PrivatePolkit.started(rules: ["10-no.rules": refuse])
        let asking = try await PrivateLibvirtd.started(
            mode: .systemInSight,
            settings: ["auth_unix_ro": #""polkit""#],
            environment: polkit.environment
        )
        let uri = "test+unix:///default?socket=\(asking.readOnlySocket)"
        let refused = try await run(["virsh", "-r", "-c", uri, "list"], as: .unprivileged)
        #expect(refused.errors.contains("access denied by policy"), "\(refused)\n\(polkit.log)\(asking.log)")
    }

    @Test("a network of its own swallows packets and knows no names", .needs(.network))
    func network() async throws {
        let network = try await NetworkNamespace()
        let connect = ["bash", "-c", "exec 3<>/dev/tcp/\(NetworkNamespace.blackHole)/16509"]
        await #expect(throws: TimedOut.self) { try await run(connect, at: network.place, within: .seconds(4)) }
        let name = ["getent", "hosts", "nowhere.invalid"]
        // A name server that is silent takes longer.
        #expect(try await run(name, at: network.place, within: .seconds(20)).status == .exited(2))
        await #expect(throws: TimedOut.self) {
            try await run(name, at: network.placeOfSilentNames, within: .milliseconds(500))
        }
        let daemon = try await PrivateLibvirtd.started(at: network.place)
        try await virsh(daemon.uri(.tcp), "list", at: network.place).checked()
        #expect(try await virsh(daemon.uri(.tcp), "list").errors.contains("refused"), "nobody hears it from here")
    }

    @Test("what a process holds is counted, and its children's children with it")
    func resources() async throws {
        let folder = try TemporaryFolder()
        let process = try RunningProcess(["sh", "-c", "sh -c 'sleep 100; :' & sleep 100; :"], name: "sh", in: folder)
        try await eventually("both sleep") {
            ProcessResources(of: process.pid)?.children == ["sh", "sleep", "sleep"]
        }
        let held = try #require(ProcessResources(of: process.pid))
        #expect(held.threads == ["sh"])
        #expect(held.descriptors.count >= 3)
        process.end()
        #expect(ProcessResources(of: process.pid) == nil)
    }
}
