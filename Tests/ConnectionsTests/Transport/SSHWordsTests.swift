import Testing

@testable import Connections

@Suite("What ssh says")
struct SSHWordsTests {
    /// As OpenSSH 9.2 says it, behind libvirt's own words.
    private static let changed = """
        Cannot recv data: @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
        @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
        @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
        IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
        Someone could be eavesdropping on you right now (man-in-the-middle attack)!\r
        It is also possible that a host key has just been changed.\r
        The fingerprint for the ED25519 key sent by the remote host is\r
        SHA256:abc.\r
        Please contact your system administrator.\r
        Add correct host key in /k/known_hosts to get rid of this message.\r
        Offending ED25519 key in /k/known_hosts:1\r
        Host key for [127.0.0.1]:22 has changed and you have requested strict checking.\r
        Host key verification failed.: Connection reset by peer
        """

    @Test("a changed key is told in a line, and what to do about it is not what an unknown one asks for")
    func changedKey() {
        let text = SSHWords.condensed(Self.changed)
        #expect(
            text == """
                Cannot recv data:  The fingerprint for the ED25519 key sent by the remote host is SHA256:abc. \
                Add correct host key in /k/known_hosts to get rid of this message. \
                Offending ED25519 key in /k/known_hosts:1 \
                Host key for [127.0.0.1]:22 has changed and you have requested strict checking. \
                Host key verification failed.: Connection reset by peer
                """
        )
        let failure = EstablishFailure(LibvirtError(code: 38, domain: 7, message: Self.changed))
        #expect(failure.reason == .hostkey)
        #expect(EstablishFailure(.hostkey, text).withRemedy.message.contains("find out why"))
        #expect(EstablishFailure(.hostkey, "No key is known").withRemedy.message.contains("compare"))
    }

    @Test(
        "each text has its reason",
        arguments: [
            ("cannot start the transport: ssh: No such file or directory: Connection reset by peer", DownReason.client),
            ("no such identity: /k: No such file or directory me@h: Permission denied (publickey).", .authSSH),
            ("Unable to negotiate: no matching host key type found. Their offer: ssh-dss", .protocol),
            ("ssh: connect to host h port 22: Connection refused: Connection reset by peer", .refused),
            ("ssh: Could not resolve hostname h: Name or service not known", .dns),
            ("ssh: connect to host h port 22: Connection timed out", .timeout),
            ("Failed to connect socket to '/x': Permission denied", .permission),
            ("virt-aggregator-read-only: refused", .authSSH),
        ]
    )
    func reasons(text: String, reason: DownReason) {
        #expect(LibvirtError(code: 38, domain: 7, message: "Cannot recv data: " + text).reason == reason)
    }

    @Test("the user of a jump host is nobody's business either")
    func redaction() throws {
        let uri = try LibvirtURI("qemu+ssh://root@h/system")
        let host = Host(name: "h", uri: uri, credentials: Credentials(sshJump: "secret@gate:22"))
        #expect(host.redacting("secret@gate: Permission denied, root@h") == "…@gate: Permission denied, …@h")
        #expect(host.credentials.jumpHost == "gate:22")
    }
}
