/// The ssh configuration of one host: what keeps ssh from asking, from waiting and from trusting strangers.
///
/// The user's and the system's own files are read after it, so that aliases, jump hosts and ciphers of theirs hold; for
/// a keyword given twice ssh takes the first. The options are those of <https://man.openbsd.org/ssh_config>.
struct SSHConfiguration {
    let uri: LibvirtURI
    let credentials: Credentials

    /// How long connecting may take, rounded up to whole seconds.
    let connectTimeout: Duration
    let keepalive: Keepalive

    /// - Throws: For a path that the file cannot hold; the inventory lets none through.
    func text() throws(EstablishFailure) -> String {
        var lines = [
            "Host *",
            "    BatchMode yes",
            "    ConnectTimeout \(max(1, Self.wholeSeconds(connectTimeout)))",
            "    ServerAliveInterval \(max(1, Self.wholeSeconds(keepalive.interval)))",
            // One more than libvirt waits for, so that it is libvirt which says that the host is silent.
            "    ServerAliveCountMax \(keepalive.count + 1)",
            "    UpdateHostKeys no",
            // A connection shared with another host's, or with a user's, would be believed without a look at its key.
            "    ControlMaster no",
            "    ControlPath none",
            "    ForwardAgent no",
            "    ForwardX11 no",
            "    ClearAllForwardings yes",
            "    PermitLocalCommand no",
        ]
        if uri.isUnverified {
            // Any key will do then, and none must be written to the user's file.
            lines.append("    UserKnownHostsFile /dev/null")
        } else {
            lines.append("    StrictHostKeyChecking yes")
            // libvirt takes the parameter and does nothing with it.
            if let file = uri.parameter("known_hosts") ?? credentials.sshKnownHosts {
                lines += ["    UserKnownHostsFile \(try Self.quoted(file))", "    GlobalKnownHostsFile /dev/null"]
            }
        }
        if let key = uri.parameter("keyfile") ?? credentials.sshKey {
            lines += ["    IdentityFile \(try Self.quoted(key))", "    IdentitiesOnly yes"]
        }
        lines += ["Include ~/.ssh/config", "Include /etc/ssh/ssh_config"]
        return lines.map { $0 + "\n" }.joined()
    }

    /// A path as the configuration takes it: quoted, with the percent signs doubled that would begin a token.
    private static func quoted(_ path: String) throws(EstablishFailure) -> String {
        guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0 != "$" }) else {
            throw EstablishFailure(.client, "a path for ssh holds a quote, a backslash, a $ or a line break")
        }
        return "\"\(path.replacing("%", with: "%%"))\""
    }

    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
    }
}
