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
                as: .unprivileged
            )
            pid = holder.pid
        case .system:
            holder = try former?.holder ?? Self.namespace(in: folder)
            holder.send("start\n")
            pid = try await Self.daemon(in: holder)
        }
    }

    var isRunning: Bool {
        switch mode {
        case .session: holder.isRunning
        case .system: ProcessTable.entry(pid).map { $0.name == "libvirtd" && !$0.isZombie } ?? false
        }
    }

    func signal(_ number: Int32) {
        switch mode {
        case .session: holder.signal(number)
        case .system: if isRunning { kill(pid, number) }
        }
    }

    func waitForExit() async throws {
        try await eventually("libvirtd \(pid) ends", within: .seconds(20), detail: { log }, isTrue: { !isRunning })
    }

    /// Ends the daemon and, in system mode, the namespace and everything in it.
    func end() {
        holder.end()
    }

    private static func namespace(in folder: TemporaryFolder) throws -> RunningProcess {
        try RunningProcess(
            [
                "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
                "bash", Scripts.path("system-libvirtd.sh"), folder.path,
            ],
            name: "libvirtd",
            in: folder,
            input: .pipe
        )
    }

    /// The daemon is the child of the namespace's first process, which is the child of `unshare`.
    private static func daemon(in holder: RunningProcess) async throws -> pid_t {
        try await eventually("libvirtd starts in its namespace", within: .seconds(20), detail: { holder.log }) {
            if !holder.isRunning { throw CommandFailed(result: CommandResult(of: holder)) }
            let entries = ProcessTable().entries
            guard let first = entries.first(where: { $0.parent == holder.pid }) else { return nil }
            return entries.first { $0.parent == first.pid && $0.name == "libvirtd" && !$0.isZombie }?.pid
        }
    }
}
