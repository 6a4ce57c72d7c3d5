import Foundation

/// Compares what a service has committed with what was on the bus, through every life of it, without any code of ours.
///
/// The journal is read by Python's own SQLite, the bus as bytes from its socket; call from one test at a time.
package final class DeliveryAudit: Sendable {
    private let folder: TemporaryFolder
    private let recorder: RunningProcess
    private let python: String

    /// How many records a journal had that were new, and how many of all waited for their echo.
    package struct Count: Sendable {
        package let committed: Int
        package let waiting: Int
    }

    /// What the comparison comes to.
    package struct Outcome: Sendable, Decodable, CustomStringConvertible {
        package let committed: Int
        package let found: Int
        /// The first of those that never were on the bus.
        package let missing: [String]
        /// Those on the bus that no journal had.
        package let strangers: Int
        package let repeats: Int
        /// Those whose bytes were not the committed ones, but for the stamp.
        package let altered: Int
        /// Those that came before an older one of their host, repeats aside.
        package let disordered: Int
        /// The ledgers that were told on the bus.
        package let ledgers: [JSONValue]

        package var description: String {
            "\(committed) ids committed, \(found) found, \(repeats) repeats; missing: \(missing), strangers: \(strangers), "
                + "altered: \(altered), disordered: \(disordered)"
        }
    }

    /// Begins to listen; from there on no event is missed.
    package init(_ master: SaltMaster) async throws {
        folder = try TemporaryFolder()
        python = "\(master.salt.folder)/bin/python"
        let recorder = try RunningProcess(
            [python, Scripts.path("record.py"), master.pubSocket, folder.file("seen")],
            name: "recorder",
            in: folder,
            environment: Self.environment
        )
        self.recorder = recorder
        try await eventually("the recorder listens", detail: { recorder.log }) {
            if !recorder.isRunning { throw CommandFailed(result: CommandResult(of: recorder)) }
            return try String(contentsOfFile: recorder.output, encoding: .utf8).contains("ready")
        }
    }

    /// Looks at the journal of a service that does not run.
    package func look(at spool: String) async throws -> Count {
        let answer = try await ask("committed.py", spool, folder.file("committed"))
        return Count(
            committed: Int(answer["committed"]?.integer ?? -1),
            waiting: Int(answer["waiting"]?.integer ?? -1)
        )
    }

    /// What has become of everything that was committed when the journal was looked at.
    package func outcome() async throws -> Outcome {
        if !recorder.isRunning { throw CommandFailed(result: CommandResult(of: recorder)) }
        let result = try await output("audit.py", folder.file("committed"), folder.file("seen"))
        return try JSONDecoder().decode(Outcome.self, from: result)
    }

    private func ask(_ script: String, _ arguments: String...) async throws -> JSONValue {
        try JSONValue(parsing: try await output(script, arguments))
    }

    private func output(_ script: String, _ arguments: String...) async throws -> Data {
        try await output(script, arguments)
    }

    private func output(_ script: String, _ arguments: [String]) async throws -> Data {
        let result = try await run(
            [python, Scripts.path(script)] + arguments,
            environment: Self.environment
        ).checked()
        return Data(result.output.utf8)
    }

    /// The reader of bus streams stands with the benchmarks.
    private static let environment = [
        "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": Repository.path("Tests/Benchmarks"),
    ]
}
