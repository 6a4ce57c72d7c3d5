import Foundation

/// What a command that ran to its end left behind.
package struct CommandResult: Sendable, CustomStringConvertible {
    package let command: [String]
    package let status: ExitStatus
    package let output: String
    package let errors: String

    package var description: String {
        "\(command.joined(separator: " ")): \(status)\n\(output)\(errors)"
    }

    /// This result, if the command succeeded; an error with all it said otherwise.
    @discardableResult
    package func checked() throws -> CommandResult {
        guard status == .success else { throw CommandFailed(result: self) }
        return self
    }
}

package struct CommandFailed: Error, CustomStringConvertible {
    package let result: CommandResult
    package var description: String { result.description }
}

/// Runs a command to its end, or to its limit: then it is killed and ``TimedOut`` thrown.
package func run(
    _ command: [String],
    environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String? = nil,
    as account: Account = .current,
    at place: Place = .here,
    input: String = "",
    within limit: Duration = .seconds(60)
) async throws -> CommandResult {
    let folder = try TemporaryFolder()
    let process = try RunningProcess(
        command,
        name: command[0].split(separator: "/").last.map(String.init) ?? "command",
        in: folder,
        environment: environment,
        workingFolder: workingFolder,
        as: account,
        at: place,
        input: .pipe
    )
    process.send(input)
    process.closeInput()
    let line = command.joined(separator: " ")
    let status = try await eventually("\(line) ends", within: limit, detail: { process.log }, look: { process.status })
    return CommandResult(
        command: command,
        status: status,
        output: try String(contentsOfFile: process.output, encoding: .utf8),
        errors: try String(contentsOfFile: process.errors, encoding: .utf8)
    )
}

extension CommandResult {
    /// What a process has left behind that should still run.
    init(of process: RunningProcess) {
        self.init(
            command: [process.name],
            status: process.status ?? .success,
            output: "ended too early\n",
            errors: process.log
        )
    }
}
