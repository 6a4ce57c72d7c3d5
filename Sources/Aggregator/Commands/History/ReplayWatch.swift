internal import Glibc

/// Watches a replay, or a dry run, of the service until it is over, with its progress on a terminal.
struct ReplayWatch {
    /// How long to wait between two questions, in microseconds: short at first, since most are counted at once.
    private static let pauses: ClosedRange<UInt32> = 20_000...500_000

    let flags: AdminFlags

    /// Blocks until it is over.
    ///
    /// - Parameters:
    ///   - answer: The service's answer when it was begun.
    ///   - counted: Called once, when it is known what it is about. The default is not to care.
    /// - Returns: How it ended, and the service's last answer as it was.
    func end(
        of answer: [UInt8],
        counted: (ReplayCounts) -> Void = { _ in }
    ) throws -> (view: ReplayView, answer: [UInt8]) {
        let counting = ScanProgress("counting")
        let telling = ScanProgress("telling again")
        defer { for progress in [counting, telling] { progress.clear() } }
        var answer = answer
        var isCounted = false
        var pause = Self.pauses.lowerBound
        while true {
            let view = try view(answer)
            if !isCounted, view.isCounted {
                isCounted = true
                counting.clear()
                counted(view.selected)
            }
            guard let id = view.id, !view.phase.isOver else { return (view, answer) }
            if isCounted {
                telling.show(Double(view.sent + view.skipped) / Double(max(1, view.selected.total)))
            } else {
                counting.show(view.counted ?? 0)
            }
            usleep(pause)
            pause = min(2 * pause, Self.pauses.upperBound)
            answer = try flags.ask(.oneReplay("\(id)"), json: [])
        }
    }

    private func view(_ answer: [UInt8]) throws -> ReplayView {
        guard let view = try? JSONText.decode(ReplayView.self, from: answer) else {
            StandardError.write("error: the service speaks another version; use the command that came with it\n")
            throw CommandExit.failed.exitCode
        }
        return view
    }
}
