import Foundation

extension PrivateLibvirtd {
    func writeConfiguration() throws {
        try folder.write(
            """
            unix_sock_dir = "\(folder.file("sock"))"
            auth_unix_ro = "none"
            auth_unix_rw = "none"
            unix_sock_ro_perms = "0777"
            unix_sock_rw_perms = "0777"
            listen_tls = 0
            listen_tcp = 1
            listen_addr = "127.0.0.1"
            tcp_port = "\(port)"
            auth_tcp = "none"
            host_uuid = "\(uuid)"
            log_outputs = "3:file:\(folder.file("log/libvirtd.log"))"

            """,
            to: "etc/libvirtd.conf"
        )
        if mode == .system {
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
        ]
    }
}
