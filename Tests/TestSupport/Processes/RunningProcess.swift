package import Foundation

/// A process that a test started: a session of its own, its output in files, ended with all its children when this
/// object goes.
package final class RunningProcess: Sendable {
    package enum Input: Sendable {
        /// Nothing to read.
        case empty
        /// What ``send(_:)`` writes.
        case pipe
    }

    package let name: String
    package let pid: pid_t
    /// The file that holds what it writes to stdout.
    package let output: String
    /// The file that holds what it writes to stderr.
    package let errors: String

    private struct State {
        var input: Int32?
        var status: ExitStatus?
        var isEnded = false
    }
    private let state: Locked<State>
    /// Held, so that they are there until the process has ended.
    private let folder: TemporaryFolder
    private let place: Place

    /// Starts it, with our own environment, in the folder and here unless told otherwise.
    package init(
        _ command: [String],
        name: String,
        in folder: TemporaryFolder,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        workingFolder: String? = nil,
        as account: Account = .current,
        at place: Place = .here,
        input: Input = .empty
    ) throws {
        self.name = name
        self.folder = folder
        self.place = place
        output = folder.file("\(name).out")
        errors = folder.file("\(name).err")
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let files = [open(output, flags, 0o644), open(errors, flags, 0o644)]
        defer { files.forEach { close($0) } }
        let (reading, writing) =
            switch input {
            case .empty: (open("/dev/null", O_RDONLY | O_CLOEXEC), Int32?.none)
            case .pipe: try Self.pipe()
            }
        defer { close(reading) }
        var spawn = Spawn(place.prefix + account.prefix + command, input: reading, output: files[0], errors: files[1])
        spawn.environment = environment
        spawn.folder = workingFolder ?? folder.path
        do {
            pid = try spawn.start()
        } catch {
            if let writing { close(writing) }
            throw error
        }
        state = Locked(State(input: writing))
        Undertaker.tell(.started, pid)
    }

    deinit {
        end()
    }

    private static func pipe() throws -> (Int32, Int32?) {
        let ends = try Spawn.pipe()
        return (ends.reading, ends.writing)
    }

    /// How it ended; nil while it runs.
    package var status: ExitStatus? {
        state.withLock { state in
            if state.status == nil { state.status = ExitStatus(ofEnded: pid) }
            return state.status
        }
    }

    package var isRunning: Bool { status == nil }

    /// What it has written so far, both files, for the message of a failure.
    package var log: String {
        let texts = [output, errors].map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }
        return "--- \(name) (\(status.map { "\($0)" } ?? "running")):\n" + texts.map { $0.suffix(4000) }.joined()
    }

    /// Sends a signal to the process alone; nothing happens to one that has ended.
    package func signal(_ number: Int32) {
        state.withLock { state in
            if !state.isEnded { _ = kill(pid, number) }
        }
    }

    /// Writes text to its input, which must be a pipe.
    package func send(_ text: String) {
        state.withLock { state in
            guard let input = state.input else { return }
            _ = text.withCString { write(input, $0, strlen($0)) }
        }
    }

    package func closeInput() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    @discardableResult
    package func waitForExit(within limit: Duration = .seconds(30)) async throws -> ExitStatus {
        try await eventually("\(name) ends", within: limit, detail: { log }, look: { status })
    }

    /// Asks it to end with SIGTERM, and kills what is left of its session after the limit.
    @discardableResult
    package func terminate(within limit: Duration = .seconds(15)) async -> ExitStatus? {
        signal(SIGTERM)
        _ = try? await waitForExit(within: limit)
        end()
        return status
    }

    /// Kills what is left of its session, at once, and collects it.
    package func end() {
        defer { closeInput() }
        state.withLock { state in
            if state.isEnded { return }
            ProcessTable.killSession(pid)
            kill(pid, SIGKILL)
            // Only now may the pid become another process's: it is the name of the session until then.
            var information = siginfo_t()
            waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
            state.status = state.status ?? ExitStatus(ofEnded: pid)
            waitpid(pid, nil, 0)
            state.isEnded = true
        }
        Undertaker.tell(.ended, pid)
    }
}
