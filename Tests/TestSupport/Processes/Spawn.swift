import Foundation

/// One call of `posix_spawnp`: a session of its own, ordinary signals, and no file of ours but the three given.
struct Spawn {
    let command: [String]
    var environment: [String: String]
    var folder: String
    let input, output, errors: Int32

    init(
        _ command: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: String = "/",
        input: Int32,
        output: Int32,
        errors: Int32
    ) {
        self.command = command
        self.environment = environment
        self.folder = folder
        self.input = input
        self.output = output
        self.errors = errors
    }

    func start() throws -> pid_t {
        _ = Self.brokenPipesAreErrors
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Self.newSession)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

        var pid = pid_t()
        let code = Self.turn.withLock {
            for file in Self.openFiles where file > STDERR_FILENO { posix_spawn_file_actions_addclose(&actions, file) }
            return Self.withArray(["env", "-C", folder, "--"] + command) { arguments in
                Self.withArray(environment.map { "\($0)=\($1)" }) { environment in
                    posix_spawnp(&pid, "env", &actions, &attributes, arguments, environment)
                }
            }
        }
        guard code == 0 else { throw SystemError("cannot start \(command.joined(separator: " "))", code) }
        return pid
    }

    /// A pipe for a child to read from, of which no child inherits what we keep.
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        try turn.withLock {
            var ends: [Int32] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else { throw SystemError("pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
    }

    // glibc has closefrom, chdir and pipe2 in one step, but shows them to GNU programs only. Hence `env -C`, the list of
    // open files, and one turn at a time for whoever makes a file or a child.
    private static let turn = NSLock()

    private static var openFiles: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// Writing to a process that has ended must not end this one.
    private static let brokenPipesAreErrors: Void = { signal(SIGPIPE, SIG_IGN) }()

    /// `POSIX_SPAWN_SETSID`, which glibc has for GNU programs only.
    private static let newSession: Int16 = 0x80

    /// A C array of C strings, ended by nil, for the time of the call.
    private static func withArray<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
