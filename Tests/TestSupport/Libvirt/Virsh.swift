import Foundation

/// libvirt's own client, to make things happen on a private daemon and to look at it.
package enum Virsh {
    /// Runs one command, whatever its outcome.
    package static func run(
        _ arguments: String...,
        on daemon: PrivateLibvirtd,
        driver: PrivateLibvirtd.Driver = .test,
        workingFolder: String? = nil
    ) async throws -> CommandResult {
        try await run(arguments, on: daemon, driver: driver, workingFolder: workingFolder)
    }

    package static func run(
        _ arguments: [String],
        on daemon: PrivateLibvirtd,
        driver: PrivateLibvirtd.Driver = .test,
        workingFolder: String? = nil,
        at place: Place = .here
    ) async throws -> CommandResult {
        try await TestSupport.run(
            ["virsh", "-q", "-c", daemon.uri(.unix, driver: driver)] + arguments,
            environment: try await patientEnvironment(in: daemon.folder),
            workingFolder: workingFolder,
            at: place
        )
    }

    /// Runs several commands, in virsh's own notation, through one process, and fails if one of them does.
    ///
    /// `place` is where virsh is from, by default here.
    @discardableResult
    package static func script(
        _ commands: [String],
        on daemon: PrivateLibvirtd,
        driver: PrivateLibvirtd.Driver = .test,
        workingFolder: String? = nil,
        at place: Place = .here
    ) async throws -> CommandResult {
        let result = try await TestSupport.run(
            ["virsh", "-q", "-c", daemon.uri(.unix, driver: driver)],
            environment: try await patientEnvironment(in: daemon.folder),
            workingFolder: workingFolder,
            at: place,
            input: commands.map { $0 + "\n" }.joined(),
            // On a busy machine a command takes some milliseconds.
            within: .seconds(60) + .milliseconds(30) * commands.count
        )
        // Fed through a pipe, virsh goes on after a failure and ends with 0.
        guard result.errors.isEmpty else { throw CommandFailed(result: result) }
        return try result.checked()
    }

    /// Runs commands over and over, some thousand a second at most, until the process is ended.
    ///
    /// Without a bound it would be the daemon and virsh that have the machine, and nobody else.
    package static func flood(
        _ commands: [String],
        on daemon: PrivateLibvirtd,
        driver: PrivateLibvirtd.Driver = .test
    ) throws -> RunningProcess {
        let loop = #"uri=$1; shift; while sleep 0.02; do printf '%s\n' "$@"; done | virsh -q -c "$uri" >/dev/null"#
        let many = Array(repeating: commands, count: 10).flatMap(\.self)
        return try RunningProcess(
            ["sh", "-c", loop, "flood", daemon.uri(.unix, driver: driver)] + many,
            name: "flood",
            in: daemon.folder,
            environment: environment(in: daemon.folder)
        )
    }

    private static let loop = Task { try await Preload("loop.c") }

    /// The environment below, with what makes `save` and `dump` end every time.
    package static func patientEnvironment(in folder: TemporaryFolder) async throws -> [String: String] {
        var environment = environment(in: folder)
        environment["LD_PRELOAD"] = try await loop.value.path
        return environment
    }

    /// An environment in which virsh leaves the home of who runs the tests alone.
    package static func environment(in folder: TemporaryFolder) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = folder.file("virsh")
        environment["XDG_CACHE_HOME"] = folder.file("virsh/cache")
        environment["XDG_CONFIG_HOME"] = folder.file("virsh/config")
        environment["XDG_RUNTIME_DIR"] = folder.file("virsh/run")
        environment["LC_ALL"] = "C.UTF-8"
        for name in ["LIBVIRT_DEFAULT_URI", "VIRSH_DEFAULT_CONNECT_URI", "LIBVIRT_AUTH_FILE"] {
            environment[name] = nil
        }
        return environment
    }
}
