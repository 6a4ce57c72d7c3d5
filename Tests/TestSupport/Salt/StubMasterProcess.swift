import Foundation

/// The two sockets of a master, and on them whatever a hostile one may do, in a process of its own.
package final class StubMasterProcess: Sendable {
    /// `stub-master.py` says what each of them does.
    package enum Mode: String, Sendable, CaseIterable {
        case honest, mute, stuck, swallow, forge, flood, garbage, half, giant, endless
    }

    package let sockDir: String
    private let folder: TemporaryFolder
    private let process: RunningProcess
    private let taken: Locked<(tail: LineTail, isReady: Bool, ids: [String])>

    /// Starts an honest one.
    package init() async throws {
        folder = try TemporaryFolder()
        sockDir = folder.path
        let process = try RunningProcess(
            ["python3", Scripts.path("stub-master.py"), sockDir],
            name: "stub-master",
            in: folder,
            input: .pipe
        )
        self.process = process
        taken = Locked((tail: LineTail(process.output), isReady: false, ids: []))
        try await eventually("the stub listens", detail: { process.log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return read { $0.isReady }
        }
    }

    /// Changes how it behaves from here on.
    ///
    /// With `anew` all connections are closed first, so that there is nothing that another mode has left half done.
    package func behave(_ mode: Mode, anew: Bool = true) {
        process.send("\(anew ? "new " : "")\(mode)\n")
    }

    package var log: String { process.log }

    /// The ids of all events that it took from pull, in order, those that it then forged or withheld among them.
    package var ids: [String] { read { $0.ids } }

    private func read<Result>(_ body: ((tail: LineTail, isReady: Bool, ids: [String])) -> Result) -> Result {
        taken.withLock { taken in
            for line in taken.tail.next() {
                guard let value = try? JSONValue(parsing: line) else { continue }
                if let id = value["id"]?.string { taken.ids.append(id) }
                if value["ready"] == true { taken.isReady = true }
            }
            return body(taken)
        }
    }
}
