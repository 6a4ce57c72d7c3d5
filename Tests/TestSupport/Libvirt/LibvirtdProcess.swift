import Foundation

/// The process of a private daemon: a child of ours in session mode, one in a namespace of its own in system mode.
final class LibvirtdProcess: Sendable {
    /// In session mode the daemon; in system mode what holds its namespace, which lives on when the daemon is killed.
    private let holder: RunningProcess
    private let mode: PrivateLibvirtd.Mode
    private let folder: TemporaryFolder
    /// The daemon's pid as we see it.
    let pid: pid_t

    var log: String { holder.log }

    init(of daemon: PrivateLibvirtd, after former: LibvirtdProcess?) async throws {
        mode = daemon.mode
        folder = daemon.folder
        switch daemon.mode {
        case .session:
            holder = try RunningProcess(
                ["libvirtd", "--listen", "-f", folder.file("etc/libvirtd.conf"), "-p", folder.file("libvirtd.pid")],
                name: "libvirtd",
                in: folder,
                environment: daemon.sessionEnvironment,
                as: .unprivileged,
                at: daemon.place
            )
            pid = holder.pid
        case .system, .systemInSight:
            holder = try former?.holder ?? Self.namespace(of: daemon)
            holder.send("start\n")
            pid = try await Self.daemon(in: holder)
        }
    }

    var isRunning: Bool {
        switch mode {
        case .session: holder.isRunning
        case .system, .systemInSight: ProcessTable.entry(pid).map { $0.name == "libvirtd" && !$0.isZombie } ?? false
        }
    }

    func signal(_ number: Int32) {
        switch mode {
        case .session: holder.signal(number)
        case .system, .systemInSight: if isRunning { kill(pid, number) }
        }
    }

    func waitForExit() async throws {
        try await eventually("libvirtd \(pid) ends", within: .seconds(60), detail: { log }, isTrue: { !isRunning })
    }

    /// Ends the daemon and, in system mode, the namespace and everything in it.
    func end() {
        holder.end()
    }

    private static func namespace(of daemon: PrivateLibvirtd) throws -> RunningProcess {
        let processes = daemon.mode == .system ? ["--pid", "--fork", "--kill-child", "--mount-proc"] : []
        // Where the files are another system's, this checkout is not among them.
        let text = try String(contentsOfFile: Scripts.path("system-libvirtd.sh"), encoding: .utf8)
        let script = try daemon.folder.write(text, to: "system-libvirtd.sh")
        return try RunningProcess(
            ["unshare", "--mount", "--propagation", "private"] + processes + [
                "bash", script, daemon.folder.path,
            ] + daemon.environment.map { "\($0.key)=\($0.value)" },
            name: "libvirtd",
            in: daemon.folder,
            at: daemon.place,
            input: .pipe
        )
    }

    /// The daemon is the child of the script, which is the child of `unshare`, or `unshare` itself.
    private static func daemon(in holder: RunningProcess) async throws -> pid_t {
        try await eventually("libvirtd starts in its namespace", within: .seconds(60), detail: { holder.log }) {
            if !holder.isRunning { throw CommandFailed(result: CommandResult(of: holder)) }
            let entries = ProcessTable().entries
            let parents = entries.filter { $0.parent == holder.pid }.map(\.pid) + [holder.pid]
            return entries.first { parents.contains($0.parent) && $0.name == "libvirtd" && !$0.isZombie }?.pid
        }
    }
}
