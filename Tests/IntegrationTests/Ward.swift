import TestSupport

/// A host that fails, and how that is told.
struct Case {
    let host: ListedHost
    let reason: String
    /// What the message must hold.
    let text: String?

    init(_ host: ListedHost, _ reason: String, saying text: String? = nil) {
        self.host = host
        self.reason = reason
        self.text = text
    }
}

/// Daemons that turn a client away, each in its own way, and hosts on one that does not.
///
/// For a service of ``Account/unprivileged``: polkit and the modes of files let root pass.
struct Ward {
    /// Hosts that nothing is wrong with, on ``daemon``.
    let good: [ListedHost]
    let bad: [Case]
    /// Asks polkit, which says no, of those who use its read-only socket.
    let daemon: PrivateLibvirtd
    /// Held, because they end with their last reference.
    private let held: [any Sendable]

    init() async throws {
        let pki = try await PKI.shared
        let polkit = try await PrivatePolkit.started(rules: [
            "10-no.rules": "polkit.addRule(function() { return polkit.Result.NO; });"
        ])
        daemon = try await PrivateLibvirtd.started(
            mode: .systemInSight,
            settings: ["auth_unix_ro": #""polkit""#, "unix_sock_rw_perms": #""0700""#],
            environment: polkit.environment
        )
        let sshd = try await PrivateSSHD.started(at: daemon.asLocalHost)
        good = [ListedHost("good-tcp", daemon.uri(.tcp)), sshd.host("good-ssh", .test)]

        let dns = #"["CN=aggregator", "*CN=aggregator*"]"#
        let strict = try await PrivateLibvirtd.started(pki: pki.path(.good), settings: ["tls_allowed_dn_list": dns])
        let foreign = try await PrivateLibvirtd.started(pki: pki.path(.other))
        let expired = try await PrivateLibvirtd.started(pki: pki.path(.expiredServer))
        let misnamed = try await PrivateLibvirtd.started(pki: pki.path(.misnamedServer))
        let tls = [
            Case(foreign.tlsHost("wrong-ca", pki: pki.path(.good)), "tls-untrusted"),
            Case(expired.tlsHost("server-expired", pki: pki.path(.good)), "tls-expired"),
            Case(misnamed.tlsHost("wrong-name", pki: pki.path(.good)), "tls-name"),
            Case(strict.tlsHost("client-expired", pki: pki.path(.expiredClient)), "tls-expired"),
            Case(strict.tlsHost("dn-refused", pki: pki.path(.stranger)), "tls-rejected"),
        ]

        let ssh = ["ssh", "libssh2"].flatMap { transport in
            [
                Case(sshd.host("unknown-key-\(transport)", .test, transport: transport, knownHosts: .empty), "hostkey"),
                Case(
                    sshd.host("changed-key-\(transport)", .test, transport: transport, knownHosts: .changed),
                    "hostkey"
                ),
                Case(sshd.host("stranger-\(transport)", .test, transport: transport, key: .stranger), "auth-ssh"),
            ]
        }

        let sasl = try await PrivateLibvirtd.started(settings: ["auth_tcp": #""sasl""#])
        let readOnly = "test+unix:///default?socket=\(daemon.readOnlySocket)"
        let rights = [
            Case(ListedHost("polkit", readOnly), "auth-polkit", saying: "ops/polkit"),
            Case(ListedHost("forbidden", daemon.uri(.unix)), "permission"),
            Case(ListedHost("sasl", sasl.uri(.tcp)), "auth-sasl"),
        ]

        let refusing = try RefusingPort()
        let silent = try SilentListener()
        let full = try await PrivateLibvirtd.started(settings: ["max_clients": "1", "max_anonymous_clients": "1"])
        let frozen = try await PrivateLibvirtd.started(mode: .system, pki: pki.path(.good))
        let frozenSSH = try await PrivateSSHD.started(at: frozen.asLocalHost)
        frozen.freeze()
        var away = [
            Case(ListedHost("full", full.uri(.tcp)), "timeout"),
            Case(ListedHost("frozen-tcp", frozen.uri(.tcp)), "timeout"),
            Case(ListedHost("frozen-unix", frozen.uri(.unix)), "timeout"),
            Case(frozen.tlsHost("frozen-tls", pki: pki.path(.good)), "timeout"),
            Case(frozenSSH.host("frozen-ssh", .test), "timeout"),
            Case(frozenSSH.host("frozen-libssh2", .test, transport: "libssh2"), "timeout"),
        ]
        for transport in ["tcp", "tls", "ssh", "libssh2"] {
            for (name, port, reason) in [("refusing", refusing.port, "refused"), ("silent", silent.port, "timeout")] {
                let uri = "test+\(transport)://nobody@127.0.0.1:\(port)/default"
                let keys = transport == "tls" ? ["tls": ["pki": .string(pki.path(.good))]] : sshd.keys()
                away.append(Case(ListedHost("\(name)-\(transport)", uri, transport == "tcp" ? [:] : keys), reason))
            }
        }
        bad = tls + ssh + rights + away
        held = [polkit, sshd, strict, foreign, expired, misnamed, sasl, refusing, silent, full, frozen, frozenSSH]
    }
}
