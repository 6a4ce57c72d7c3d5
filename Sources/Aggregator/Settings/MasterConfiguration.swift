internal import SaltBus

/// Where the Salt master's event bus is, from the settings or from the master's own configuration.
struct MasterConfiguration: Equatable, Sendable {
    /// Where events come out.
    let pubAddress: BusAddress

    /// Where events go in.
    let pullAddress: BusAddress

    /// Whether any user of this machine can write to the bus, as with `ipc_mode: tcp`.
    var isOpenToAll: Bool {
        if case .tcp = pullAddress { true } else { false }
    }

    /// Finds the bus.
    ///
    /// The master's configuration is read only for what the settings leave open, and nothing of it but the keys named
    /// here is kept or shown.
    static func load(_ bus: Settings.Bus, files: FileSource) throws(ConfigurationErrors) -> MasterConfiguration {
        if let pub = bus.pub, let pull = bus.pull { return MasterConfiguration(pubAddress: pub, pullAddress: pull) }
        // Nobody connects to pub then.
        if bus.confirm == .write, let pull = bus.pull {
            return MasterConfiguration(pubAddress: bus.pub ?? pull, pullAddress: pull)
        }
        let found =
            if let folder = bus.sockDir { sockets(in: folder) } else {
                try MasterFiles(files: files, path: bus.saltConfig).options().bus
            }
        return MasterConfiguration(
            pubAddress: bus.pub ?? found.pubAddress,
            pullAddress: bus.pull ?? found.pullAddress
        )
    }

    fileprivate static func sockets(in folder: String) -> MasterConfiguration {
        MasterConfiguration(
            pubAddress: .unix(folder + "/master_event_pub.ipc"),
            pullAddress: .unix(folder + "/master_event_pull.ipc")
        )
    }
}

/// The keys of the master's configuration that say where its bus is, with Salt's own defaults.
struct MasterOptions: Equatable, Sendable {
    var rootDir = "/"
    var sockDir = "/var/run/salt/master"
    var ipcMode = "ipc"
    var pubPort = 4512
    var pullPort = 4513

    /// The bus these options lead to.
    var bus: MasterConfiguration {
        ipcMode == "tcp"
            ? MasterConfiguration(
                pubAddress: .tcp(host: "127.0.0.1", port: UInt16(clamping: pubPort)),
                pullAddress: .tcp(host: "127.0.0.1", port: UInt16(clamping: pullPort))
            )
            : MasterConfiguration.sockets(in: sockPath)
    }

    /// The folder as Salt finds it: below `root_dir`, unless it is written so already.
    private var sockPath: String {
        var root = rootDir
        while root.hasSuffix("/") { root.removeLast() }
        if sockDir == root || sockDir.hasPrefix(root + "/") { return sockDir }
        return root + (sockDir.hasPrefix("/") ? "" : "/") + sockDir
    }
}
