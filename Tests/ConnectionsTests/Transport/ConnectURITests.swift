import Testing

@testable import Connections

@Suite("URI as libvirt is given it")
struct ConnectURITests {
    private static let all = Credentials(
        sshKey: "/k/id ed25519",
        sshKnownHosts: "/k/known",
        pki: "/k/pki",
        authFile: "/k/auth.conf"
    )

    @Test(
        "each transport gets what is its own",
        arguments: [
            (
                "qemu+ssh://u@h/system",
                "qemu+ssh://u@h/system?no_tty=1&authfile=/k/auth.conf&command=/run/p"
            ),
            (
                "qemu+libssh2://h/system?socket=/s",
                "qemu+libssh2://h/system?socket=/s&keyfile=/k/id%20ed25519&known_hosts=/k/known"
                    + "&known_hosts_verify=normal&sshauth=privkey&authfile=/k/auth.conf"
            ),
            ("qemu://h/system", "qemu://h/system?pkipath=/k/pki&authfile=/k/auth.conf"),
            ("qemu+tls://h/system?", "qemu+tls://h/system?pkipath=/k/pki&authfile=/k/auth.conf"),
            ("test:///default", "test:///default?authfile=/k/auth.conf"),
            ("test+tcp://h/default#x", "test+tcp://h/default?authfile=/k/auth.conf"),
            (
                "test+ext:///default?a=1&command=/bin/x&b=2",
                "test+ext:///default?a=1&b=2&authfile=/k/auth.conf&command=/run/p"
            ),
        ]
    )
    func credentials(text: String, wanted: String) throws {
        let uri = try LibvirtURI(text)
        let isStarted = [.ssh, .ext].contains(uri.transport)
        let made = ConnectURI(uri: uri, credentials: Self.all, program: isStarted ? "/run/p" : nil)
        #expect(made.text == wanted)
    }

    @Test("what the URI says by itself holds")
    func uriWins() throws {
        let text = "qemu+tls://h/system?pkipath=/other&authfile=/mine"
        #expect(ConnectURI(uri: try LibvirtURI(text), credentials: Self.all).text == text)
    }

    @Test("without credentials nothing is added, and without a URI the choice is libvirt's")
    func nothing() throws {
        let text = "qemu+tcp://h/system"
        #expect(ConnectURI(uri: try LibvirtURI(text), credentials: Credentials()).text == text)
        #expect(ConnectURI(uri: .unspecified, credentials: Self.all).text == nil)
    }
}

@Suite("ssh configuration")
struct SSHConfigurationTests {
    private func text(_ uri: String, _ credentials: Credentials = Credentials()) throws -> String {
        try SSHConfiguration(
            uri: try LibvirtURI(uri),
            credentials: credentials,
            connectTimeout: .milliseconds(1_500),
            keepalive: Keepalive(interval: .seconds(5), count: 3)
        ).text()
    }

    @Test("it asks nobody, waits for nobody and trusts no stranger")
    func verified() throws {
        let text = try text("qemu+ssh://h/system", Credentials(sshKey: "/a 100%/id", sshKnownHosts: "/b"))
        for line in [
            "BatchMode yes", "ConnectTimeout 2", "ServerAliveInterval 5", "ServerAliveCountMax 4",
            "StrictHostKeyChecking yes", "UserKnownHostsFile \"/b\"", "GlobalKnownHostsFile /dev/null",
            "IdentityFile \"/a 100%%/id\"", "IdentitiesOnly yes", "ControlMaster no", "ControlPath none",
            "ClearAllForwardings yes", "PermitLocalCommand no",
        ] {
            #expect(text.contains("    \(line)\n"))
        }
    }

    @Test("what the URI says of key and known hosts holds, although libvirt drops one of them")
    func uriWins() throws {
        let text = try text(
            "qemu+ssh://h/system?known_hosts=/u/known&keyfile=/u/id",
            Credentials(sshKey: "/a", sshKnownHosts: "/b")
        )
        #expect(text.contains("UserKnownHostsFile \"/u/known\""))
        #expect(text.contains("IdentityFile \"/u/id\""))
        #expect(!text.contains("\"/a\"") && !text.contains("\"/b\""))
    }

    @Test("no_verify writes no key of a stranger into the user's file")
    func unverified() throws {
        let text = try text("qemu+ssh://h/system?no_verify=1")
        #expect(text.contains("UserKnownHostsFile /dev/null"))
        #expect(!text.contains("StrictHostKeyChecking"))
        #expect(try self.text("qemu+ssh://h/system?No_Verify=01").contains("UserKnownHostsFile /dev/null"))
        // This one is libssh's; ssh takes no notice of it.
        for query in ["no_verify=0", "no_verify=00", "known_hosts_verify=ignore"] {
            #expect(try self.text("qemu+ssh://h/system?\(query)").contains("StrictHostKeyChecking yes"))
        }
    }

    @Test(
        "a path that would end its line or its quotes is refused",
        arguments: ["/a\nb", "/a\"b", "/a\\b", "/${HOME}"]
    )
    func injection(path: String) {
        #expect(throws: EstablishFailure.self) {
            try text("qemu+ssh://h/system", Credentials(sshKnownHosts: path))
        }
    }
}
