internal import Glibc

/// Watches a replay of the service until it is over, with its progress on a terminal.
struct ReplayWatch {
    let flags: AdminFlags

    /// Blocks until it is over; asks twice a second.
    ///
    /// - Returns: How it ended, and the service's last answer as it was.
    func end(of started: ReplayView) throws -> (view: ReplayView, answer: [UInt8]) {
        let progress = ScanProgress("telling again")
        defer { progress.clear() }
        while true {
            let answer = try flags.ask(.replay, json: [])
            guard let view = try? JSONText.decode(ReplayView.self, from: answer) else {
                StandardError.write("error: the service speaks another version; use the command that came with it\n")
                throw CommandExit.failed.exitCode
            }
            // Another one can only have begun once ours was over.
            if view.phase.isOver || view.started != started.started { return (view, answer) }
            progress.show(Double(view.sent + view.skipped) / Double(max(1, view.selected.total)))
            usleep(500_000)
        }
    }
}
