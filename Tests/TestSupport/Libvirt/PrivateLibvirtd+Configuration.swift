import Foundation

extension PrivateLibvirtd {
    /// Settings with room for a crowd: by default a daemon takes few clients that have not said who they are.
    package static let roomy = ["max_clients": "2000", "max_anonymous_clients": "2000"]

    /// So many daemons, each with room for a crowd.
    package static func started(_ count: Int, at place: Place = .here) async throws -> [PrivateLibvirtd] {
        var daemons: [PrivateLibvirtd] = []
        for _ in 0..<count { daemons.append(try await .started(settings: roomy, at: place)) }
        return daemons
    }

    /// libvirtd.conf, in which a line of `settings` stands for ours with its key.
    func writeConfiguration(pki: String?, settings: [String: String]) throws {
        var lines = [
            "unix_sock_dir": quoted(folder.file("sock")),
            "auth_unix_ro": quoted("none"),
            "auth_unix_rw": quoted("none"),
            "unix_sock_ro_perms": quoted("0777"),
            "unix_sock_rw_perms": quoted("0777"),
            "listen_tls": "0",
            "listen_tcp": "1",
            "listen_addr": quoted("127.0.0.1"),
            "tcp_port": quoted("\(port)"),
            "auth_tcp": quoted("none"),
            "host_uuid": quoted(uuid),
            "log_outputs": quoted("3:file:\(folder.file("log/libvirtd.log"))"),
        ]
        if let pki, let tlsPort {
            lines["listen_tls"] = "1"
            lines["tls_port"] = quoted("\(tlsPort)")
            lines["auth_tls"] = quoted("none")
            // Or it would not start with a certificate that has ended, as one does while a daemon runs.
            lines["tls_no_sanity_certificate"] = "1"
            lines["ca_file"] = quoted("\(pki)/cacert.pem")
            lines["cert_file"] = quoted("\(pki)/servercert.pem")
            lines["key_file"] = quoted("\(pki)/serverkey.pem")
        }
        lines.merge(settings) { $1 }
        let text = lines.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
        try folder.write(text, to: "etc/libvirtd.conf")
        if mode != .session {
            // No other user, no cgroups, no log daemon: what a container has no use for. Ends with the daemon's namespace.
            try folder.write(
                """
                user = "root"
                group = "root"
                security_driver = "none"
                cgroup_controllers = []
                namespaces = []
                stdio_handler = "file"
                remember_owner = 0

                """,
                to: "etc/qemu.conf"
            )
            try folder.write("# The daemon refuses an empty file.\n", to: "etc/lxc.conf")
        }
    }

    /// The whole environment of the daemon in session mode, which keeps it out of everybody's home.
    var sessionEnvironment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": folder.file("home"),
            "XDG_RUNTIME_DIR": folder.file("run"),
            "XDG_CONFIG_HOME": folder.file("etc"),
            "XDG_CACHE_HOME": folder.file("cache"),
            "XDG_DATA_HOME": folder.file("lib"),
        ].merging(environment) { $1 }
    }
}

private func quoted(_ text: String) -> String { "\"\(text)\"" }
