extension SaltMaster {
    /// The ports of one master, all different.
    package struct Ports: Sendable {
        package let publish, requests, pub, pull: UInt16
        let publishPull, workers: UInt16

        init() throws {
            publish = try FreePort.next()
            requests = try FreePort.next()
            pub = try FreePort.next()
            pull = try FreePort.next()
            publishPull = try FreePort.next()
            workers = try FreePort.next()
        }
    }

    /// The smallest master there is, with its whole world in ``folder``.
    func text(adding configuration: String) -> String {
        """
        interface: 127.0.0.1
        publish_port: \(ports.publish)
        ret_port: \(ports.requests)
        ipc_mode: \(ipcMode)
        tcp_master_pub_port: \(ports.pub)
        tcp_master_pull_port: \(ports.pull)
        tcp_master_publish_pull: \(ports.publishPull)
        tcp_master_workers: \(ports.workers)
        user: \(account.name)
        root_dir: \(folder.file("root"))
        conf_file: \(configFile)
        pki_dir: etc/salt/pki/master
        cachedir: var/cache/salt/master
        sock_dir: var/run/salt/master
        log_file: var/log/salt/master
        pidfile: var/run/salt-master.pid
        file_roots: {base: [\(folder.file("srv"))]}
        worker_threads: 2
        log_level: warning
        log_level_logfile: info
        \(configuration)

        """
    }
}
