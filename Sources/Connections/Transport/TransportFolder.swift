internal import Glibc

/// What one attempt over +ssh or +ext needs on disk: `<runDir>/transport/<host>.<pid>.<number>/` with the link that libvirt
/// starts, what the link is to become, and the pid it leaves there.
///
/// libvirt starts the program of `command=` with almost no environment, so the program finds what it needs beside the
/// name it was started by. The folder goes with its object.
///
/// Any thread, but its methods touch the disk: call them on a ``BlockingPool``.
final class TransportFolder: Sendable {
    let path: String

    /// The program libvirt is given.
    let program: String

    /// ssh tidies up behind itself, another command may not even listen.
    private let endsBy: Int32

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
        let parent = "\(runDir)/transport"
        path = "\(parent)/\(host).\(getpid()).\(number)"
        program = "\(path)/\(role.name)"
        if case .ssh = role { endsBy = SIGTERM } else { endsBy = SIGKILL }
        // The first is for others to enter, too: the admin socket is there.
        for (folder, mode) in [(runDir, mode_t(0o755)), (parent, 0o700), (path, 0o700)]
        where mkdir(folder, mode) != 0 && errno != EEXIST {
            throw Self.failure("make the folder \(folder)")
        }
        // Another process may have had our pid.
        Self.removeFiles(of: path)
        try Self.write(role.text, to: "\(path)/\(role.file)")
        guard symlink(launcher, program) == 0 else { throw Self.failure("make \(program)") }
    }

    deinit {
        Self.removeFiles(of: path)
        rmdir(path)
    }

    private static func removeFiles(of path: String) {
        for name in ["pid", "pid.new", abortMark] + TransportRole.fileNames { unlink("\(path)/\(name)") }
    }

    /// Ends the program that was started by this folder's link, and what that has started in its turn.
    ///
    /// One that has not left its pid yet finds the mark and ends by itself.
    ///
    /// Only a child of this process is signalled, so a pid that has become somebody else's is left alone.
    func endProgram() {
        try? Self.write("", to: "\(path)/\(Self.abortMark)")
        guard let pid = readPID(), ChildProcess.isOurs(pid) else { return }
        kill(-pid, endsBy)
        // A stopped process takes a signal only when it goes on.
        kill(-pid, SIGCONT)
    }

    /// Tells the program that nobody wants it any more.
    static let abortMark = "aborted"

    private func readPID() -> pid_t? {
        guard let file = fopen("\(path)/pid", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let pid = strtol(line, nil, 10)
        return pid > 1 ? pid_t(truncatingIfNeeded: pid) : nil
    }

    /// Removes the folders of services that have ended without doing so.
    ///
    /// Blocks for as long as the disk takes.
    static func removeLeftovers(in runDir: String) {
        let parent = "\(runDir)/transport"
        guard let folder = opendir(parent) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let parts = name.split(separator: ".")
            // A host's name may have dots of its own; the last two parts are ours.
            guard parts.count >= 3, let pid = pid_t(parts[parts.count - 2]), kill(pid, 0) != 0, errno == ESRCH else {
                continue
            }
            removeFiles(of: "\(parent)/\(name)")
            rmdir("\(parent)/\(name)")
        }
    }

    private static func write(_ text: String, to path: String) throws(EstablishFailure) {
        guard let file = fopen(path, "we") else { throw failure("write \(path)") }
        let isWritten = fputs(text, file) >= 0
        guard fclose(file) == 0, isWritten else { throw failure("write \(path)") }
    }

    /// The reason is ours, not the host's.
    private static func failure(_ operation: String) -> EstablishFailure {
        let why = String(cString: strerror(errno))
        return EstablishFailure(.client, "cannot \(operation): \(why); set run_dir to a folder this user may write to")
    }
}
