internal import CLinux
internal import Glibc

/// What one attempt over +ssh or +ext needs on disk: `<runDir>/transport/<host>.<pid>.<number>/` with the link that libvirt
/// starts, what the link is to become, and the pid it leaves there.
///
/// libvirt starts the program of `command=` with almost no environment, so the program finds what it needs beside the
/// name it was started by. Nobody but this user may write there: whoever could, could run what they like in our name. The
/// folder goes with its object.
///
/// Any thread; all of it touches the disk, as a rule a file system in memory.
final class TransportFolder: Sendable {
    let path: String

    /// The program libvirt is given.
    let program: String

    /// ssh tidies up behind itself, another command may not even listen.
    private let signals: [Int32]

    /// Whether what the program has started may outlive it; ssh ends what it starts, or that ends by itself.
    private let leavesOthers: Bool
    private let ending = PosixLock(Ending())

    private struct Ending {
        /// How often the program was asked to end.
        var count = 0

        /// From now on libvirt may ask how the program ended, and its number be given to another one.
        var isOver = false
    }

    /// - Parameters:
    ///   - runDir: The service's folder for what lives as long as it does.
    ///   - host: The inventory name.
    ///   - number: Different for each attempt of the process: one that is given up must not meet the next one's pid.
    ///   - launcher: This service's own binary; see ``TransportLauncher``.
    ///   - role: What the program is to become.
    init(
        runDir: String,
        host: String,
        number: Int,
        launcher: String,
        role: TransportRole
    ) throws(EstablishFailure) {
        path = "\(Self.parent(in: runDir))/\(host).\(getpid()).\(number)"
        program = "\(path)/\(role.name)"
        if case .ssh = role { leavesOthers = false } else { leavesOthers = true }
        signals = leavesOthers ? [SIGKILL] : [SIGTERM, SIGKILL]
        // The first is for others to enter, too: the admin socket is there.
        try Self.makeFolder(runDir, mode: 0o755)
        try Self.makeFolder(Self.parent(in: runDir), mode: 0o700)
        // Another process may have had our pid.
        Self.remove(path)
        guard mkdir(path, 0o700) == 0 else { throw Self.failure("make the folder \(path)", errno) }
        try Self.write(role.text, to: "\(path)/\(role.file)")
        guard symlink(launcher, program) == 0 else { throw Self.failure("make \(program)", errno) }
    }

    deinit {
        Self.remove(path)
    }

    /// Ends the program that was started by this folder's link, and what that has started in its turn; asked again, with
    /// more force.
    ///
    /// One that has not left its pid yet finds the mark and ends by itself. Only a child of this process is signalled, so
    /// a pid that has become somebody else's is left alone.
    func endProgram() {
        signalGroup { ending in
            defer { ending.count = min(ending.count + 1, signals.count - 1) }
            return signals[ending.count]
        }
    }

    /// Ends the program with what it has started, for libvirt ends the program alone: a script that has not become the ssh
    /// that it calls would leave that one behind, at each loss.
    ///
    /// Blocks for some milliseconds.
    func endFamily() {
        guard leavesOthers, signalGroup({ _ in SIGTERM }) else { return }
        // As long as libvirt gives the program itself.
        usleep(10_000)
        signalGroup { _ in SIGKILL }
    }

    /// The same for the last time; nothing is signalled from then on.
    ///
    /// Call before libvirt asks how the program ended: until then it is our child, dead or alive, and its number nobody
    /// else's, nor that of its group.
    func finish() {
        endFamily()
        ending.withLock { $0.isOver = true }
    }

    /// - Returns: Whether there was anybody to signal.
    @discardableResult
    private func signalGroup(_ choose: (inout Ending) -> Int32) -> Bool {
        try? Self.write("", to: "\(path)/\(Self.abortMark)")
        guard let pid = readPID(), ChildProcess.isOurs(pid) else { return false }
        return ending.withLock { ending in
            guard !ending.isOver else { return false }
            kill(-pid, choose(&ending))
            // A stopped process takes a signal only when it goes on.
            kill(-pid, SIGCONT)
            return true
        }
    }

    /// Tells the program that nobody wants it any more.
    static let abortMark = "aborted"

    /// The folder's name, by which the launcher knows one of ours.
    static let parentName = "transport"

    private static func parent(in runDir: String) -> String { "\(runDir)/\(parentName)" }

    private func readPID() -> pid_t? {
        guard let line = FirstLine.read("\(path)/pid"), let pid = pid_t(line), pid > 1 else { return nil }
        return pid
    }

    private static func makeFolder(_ folder: String, mode: mode_t) throws(EstablishFailure) {
        guard mkdir(folder, mode) == 0 || errno == EEXIST else { throw failure("make the folder \(folder)", errno) }
        var look = clinux_file_look()
        guard clinux_look_at_file(folder, 0, &look) == 0 else { throw failure("look at \(folder)", errno) }
        guard look.is_folder != 0, look.user == geteuid() || look.user == 0, look.mode & 0o022 == 0 else {
            throw EstablishFailure(
                .client,
                "\(folder) is not a folder that only this user may write to; set run_dir to one that is"
            )
        }
    }

    private static func remove(_ path: String) {
        for name in ["pid", "pid.new", abortMark] + TransportRole.fileNames { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Removes the folders of services that have ended without doing so.
    ///
    /// Call before the first attempt of the process; blocks for as long as the disk takes.
    static func removeLeftovers(in runDir: String) {
        let parent = parent(in: runDir)
        guard let folder = opendir(parent) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let parts = name.split(separator: ".")
            // A host's name may have dots of its own; the last two parts are ours.
            guard parts.count >= 3, let pid = pid_t(parts[parts.count - 2]) else { continue }
            // In a container a service often has the pid of the one before.
            if pid == getpid() || kill(pid, 0) != 0 && errno == ESRCH { remove("\(parent)/\(name)") }
        }
    }

    private static func write(_ text: String, to path: String) throws(EstablishFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make \(path)", errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw failure("write \(path)", errno) }
    }

    /// The reason is ours, not the host's.
    private static func failure(_ operation: String, _ code: Int32) -> EstablishFailure {
        let why = String(cString: strerror(code))
        return EstablishFailure(.client, "cannot \(operation): \(why); set run_dir to a folder this user may write to")
    }
}
