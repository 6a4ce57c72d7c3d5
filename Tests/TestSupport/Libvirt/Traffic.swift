import Foundation

/// Suspends and resumes a daemon's domain again and again, until it is stopped or goes.
package final class Traffic: Sendable {
    /// What a round of it causes: each command one event.
    private static let round = (0..<10).flatMap { _ in ["suspend test", "resume test"] }

    private let isStopped: Locked<Bool>
    private let task: Task<Int, any Error>

    package init(on daemon: PrivateLibvirtd) {
        let isStopped = Locked(false)
        self.isStopped = isStopped
        task = Task {
            var caused = 0
            while !isStopped.withLock({ $0 }) {
                try await Virsh.script(Self.round, on: daemon)
                caused += Self.round.count
            }
            return caused
        }
    }

    deinit {
        isStopped.withLock { $0 = true }
    }

    /// Ends with a whole round, and gives the number of lifecycle events that were caused.
    package func stop() async throws -> Int {
        isStopped.withLock { $0 = true }
        return try await task.value
    }
}
