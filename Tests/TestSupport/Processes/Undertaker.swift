import Foundation

/// One helper process that outlives the tests and ends what they leave.
///
/// Objects end their own processes when they go. This is for tests that are killed, or trap: the helper reads from a
/// pipe whose other end closes with this process. (`PR_SET_PDEATHSIG` would not do: it fires when the *thread* that
/// started the process ends, and threads of a pool do.)
enum Undertaker {
    enum Word: String {
        case started, ended, made, removed
    }

    static func tell(_ word: Word, _ value: some CustomStringConvertible) {
        let line = Array("\(word) \(value)\n".utf8)
        // Shorter than PIPE_BUF, so that lines of several threads do not mix.
        _ = line.withUnsafeBytes { write(pipe, $0.baseAddress, $0.count) }
    }

    /// The writing end, open for as long as this process lives; -1 where the helper could not be started.
    private static let pipe: Int32 = {
        guard let ends = try? Spawn.pipe() else { return -1 }
        defer { close(ends.reading) }
        let command = ["bash", Scripts.path("undertaker.sh")]
        _ = try? Spawn(command, input: ends.reading, output: STDERR_FILENO, errors: STDERR_FILENO).start()
        return ends.writing
    }()
}

/// The scripts beside this code.
enum Scripts {
    static func path(_ name: String, here: String = #filePath) -> String {
        URL(fileURLWithPath: here).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Scripts/\(name)").path
    }
}
