import Foundation

extension PrivateSSHD {
    /// The keys of the host, of a client and of a stranger, what a client knows, and the settings of both sides.
    func makeKeys(options: String) async throws {
        for name in ["hostkey", Key.known.rawValue, Key.stranger.rawValue] {
            try await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder.file(name)])
                .checked()
        }
        let host = "[127.0.0.1]:\(port) "
        try folder.write(host + publicKey("hostkey"), to: KnownHosts.right.rawValue)
        try folder.write(host + publicKey(Key.stranger.rawValue), to: KnownHosts.changed.rawValue)
        try folder.write("", to: KnownHosts.empty.rawValue)
        let prefix = options.isEmpty ? "" : "\(options) "
        try folder.write(prefix + publicKey(Key.known.rawValue), to: "authorized_keys")
        try folder.write(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder.file("hostkey"))
            PidFile none
            AuthorizedKeysFile \(folder.file("authorized_keys"))
            AllowUsers \(user)
            PermitRootLogin prohibit-password
            StrictModes no
            # Bash reads no file of the user's then: what is in it may hang, or be killed in the middle.
            SetEnv SHLVL=1
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 200:30:400
            MaxSessions 100
            LogLevel VERBOSE

            """,
            to: "sshd_config"
        )
    }

    /// The arguments that make ssh a client of this sshd and of nothing else: no agent, no file of anybody's home.
    package func clientOptions(key: Key = .known, knownHosts: KnownHosts = .right) -> [String] {
        [
            "-F", "none", "-i", path(key), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o",
            "BatchMode=yes",
            "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(path(knownHosts))",
            "-o", "GlobalKnownHostsFile=none",
        ]
    }

    /// Runs ssh with a command for the host, whatever its outcome.
    package func ssh(_ command: String, options: [String] = []) async throws -> CommandResult {
        try await run(["ssh"] + clientOptions() + options + ["-p", "\(port)", "\(user)@127.0.0.1", command])
    }

    /// A program that is ssh with the right options, for virsh's `command=`: libvirt itself passes none on.
    package func wrapper(key: Key = .known, knownHosts: KnownHosts = .right) throws -> String {
        let options = clientOptions(key: key, knownHosts: knownHosts).joined(separator: " ")
        let name = "ssh.\(key.rawValue).\(knownHosts.rawValue)"
        let path = try folder.write("#!/bin/sh\nexec ssh \(options) \"$@\"\n", to: name)
        guard chmod(path, 0o755) == 0 else { throw SystemError("chmod \(path)") }
        return path
    }

    /// The URI of the host that this sshd leads to, as an inventory has it: whose key it is and which key opens it is said
    /// beside it.
    package func uri(_ driver: PrivateLibvirtd.Driver, transport: String = "ssh") -> String {
        "\(driver)+\(transport)://\(user)@127.0.0.1:\(port)\(driver.path)"
    }

    /// A URI of the host with the keys in it, for virsh: `transport` is `ssh` or `libssh2` or `libssh`.
    package func virshURI(
        _ driver: PrivateLibvirtd.Driver,
        transport: String = "ssh",
        key: Key = .known,
        knownHosts: KnownHosts = .right
    ) throws -> String {
        let query =
            transport == "ssh"
            ? "command=\(try wrapper(key: key, knownHosts: knownHosts))"
            : "keyfile=\(path(key))&known_hosts=\(path(knownHosts))&known_hosts_verify=normal&sshauth=privkey"
        return "\(uri(driver, transport: transport))?\(query)&no_tty=1"
    }

    private func publicKey(_ name: String) throws -> String {
        let words = try String(contentsOfFile: folder.file("\(name).pub"), encoding: .utf8).split(separator: " ")
        return words.prefix(2).joined(separator: " ") + "\n"
    }
}
