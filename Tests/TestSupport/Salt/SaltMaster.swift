package import Foundation

/// A real Salt master with folders and ports of its own, on loopback.
///
/// Call from one test at a time. It ends with this object.
package final class SaltMaster: Sendable {
    package enum IPCMode: String, Sendable {
        case ipc, tcp
    }

    package let salt: SaltInstallation
    package let ipcMode: IPCMode
    package let account: Account
    package let folder: TemporaryFolder
    package let ports: Ports

    private let process = Locked<RunningProcess?>(nil)

    /// Prepares the folders; ``start()`` starts it.
    ///
    /// It runs as `account`, by default who runs the tests. `configuration` is YAML to add to its own, say a reactor, and
    /// `files` are further files by their names in ``folder``. One that is to take the place of another master has its sockets
    /// where the other one's are.
    package init(
        _ salt: SaltInstallation,
        ipcMode: IPCMode = .ipc,
        as account: Account = .current,
        inPlaceOf other: SaltMaster? = nil,
        configuration: String = "",
        files: [String: String] = [:]
    ) throws {
        self.salt = salt
        self.ipcMode = ipcMode
        self.account = account
        folder = try TemporaryFolder()
        ports = try Ports()
        for name in ["etc", "root/var/log/salt", "root/var/run", "root/var/cache/salt", "srv", "home"] {
            try folder.makeFolder(name)
        }
        if let other {
            // Salt takes no path outside its root_dir.
            try folder.makeFolder("root/var/run/salt")
            try FileManager.default.createSymbolicLink(atPath: sockDir, withDestinationPath: other.sockDir)
        }
        try folder.write(text(adding: configuration), to: "etc/master")
        for (name, text) in files {
            try folder.makeFolder((name as NSString).deletingLastPathComponent)
            try folder.write(text, to: name)
        }
        try folder.give(to: account)
    }

    /// Prepares and starts one.
    package static func started(
        _ salt: SaltInstallation,
        ipcMode: IPCMode = .ipc,
        as account: Account = .current,
        inPlaceOf other: SaltMaster? = nil,
        configuration: String = "",
        files: [String: String] = [:]
    ) async throws -> SaltMaster {
        let master = try SaltMaster(
            salt,
            ipcMode: ipcMode,
            as: account,
            inPlaceOf: other,
            configuration: configuration,
            files: files
        )
        try await master.start()
        return master
    }

    /// The folder of the two sockets of the event bus.
    package var sockDir: String { folder.file("root/var/run/salt/master") }
    package var pullSocket: String { "\(sockDir)/master_event_pull.ipc" }
    package var pubSocket: String { "\(sockDir)/master_event_pub.ipc" }
    package var configFile: String { folder.file("etc/master") }

    /// The first process of the master, while it runs.
    package var pid: pid_t? { process.withLock { $0?.pid } }

    /// What it said, for the message of a failure.
    package var log: String {
        let file = (try? String(contentsOfFile: folder.file("root/var/log/salt/master"), encoding: .utf8)) ?? ""
        return (process.withLock { $0?.log } ?? "") + file.suffix(4000)
    }

    /// Starts it and returns when it takes events and minions.
    package func start() async throws {
        let python = try await salt.usable(by: account, in: folder) + "/bin"
        let process = try RunningProcess(
            ["\(python)/python", "\(python)/salt-master", "-c", folder.file("etc")],
            name: "salt-master",
            in: folder,
            environment: environment,
            as: account
        )
        self.process.withLock { $0 = process }
        try await eventually("salt-master \(salt) is ready", within: .seconds(120), detail: { log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            let takesEvents = ipcMode == .tcp ? Loopback.accepts(ports.pull) : Loopback.accepts(pullSocket)
            return takesEvents && Loopback.accepts(ports.requests)
        }
    }

    /// Ends it, and every process that it started.
    package func stop() async {
        await process.withLock { $0.take() }?.terminate()
    }

    package func restart() async throws {
        await stop()
        try await start()
    }

    /// Fires events through Salt's own API.
    package func fire(_ events: [BusEvent]) async throws {
        let lines = events.map { "\(JSONValue.object(["tag": .string($0.tag), "data": $0.data]))\n" }.joined()
        try await run(
            ["\(salt.folder)/bin/python", Scripts.path("fire.py"), configFile, sockDir],
            environment: environment,
            input: lines
        ).checked()
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder.file("home"), "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
    }
}
