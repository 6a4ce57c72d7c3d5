import Foundation
import TestSupport

/// One virsh on a daemon's own socket that is told command after command.
actor Hand {
    private let uri: String
    private let folder: TemporaryFolder
    private var process: RunningProcess?
    private var opened = 0
    private var sent = 0

    init(_ daemon: PrivateLibvirtd, _ driver: PrivateLibvirtd.Driver) throws {
        uri = daemon.uri(.unix, driver: driver)
        folder = try TemporaryFolder()
    }

    /// Starts it anew: a daemon that was away takes its clients with it.
    func open() throws {
        process?.end()
        opened += 1
        sent = 0
        // Both outputs in one, so that an error stands after the command that it is about; without keepalive, so that it
        // outlives a freeze.
        process = try RunningProcess(
            ["sh", "-c", #"exec stdbuf -oL virsh -q -k 0 -c "$0" 2>&1"#, uri],
            name: "hand\(opened)",
            in: folder,
            environment: Virsh.environment(in: folder),
            input: .pipe
        )
    }

    /// Runs commands, one after the other, and says of each whether it came to something.
    ///
    /// One task at a time may.
    func run(_ commands: [String], within limit: Duration = .seconds(90)) async throws -> [Bool] {
        guard let process else { return commands.map { _ in false } }
        let before = sent
        sent += commands.count
        let wanted = sent
        process.send(commands.map { $0 + "\n" }.joined())
        let answers = try await eventually("virsh has run \(commands)", within: limit, detail: { process.log }) {
            let answers = Transcript(try String(contentsOfFile: process.output, encoding: .utf8)).answers
            return answers.count >= wanted || !process.isRunning ? answers : nil
        }
        return (before..<wanted).map { $0 < answers.count && !answers[$0].isError }
    }
}
