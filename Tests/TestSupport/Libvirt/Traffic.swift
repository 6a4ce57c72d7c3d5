import Foundation

/// Suspends and resumes a daemon's domain again and again, until it is stopped or goes.
package final class Traffic: Sendable {
    private let isStopped: Locked<Bool>
    private let task: Task<Int, any Error>

    /// Begins, with so many events in a row, an even number, before virsh is started again.
    package init(on daemon: PrivateLibvirtd, burst: Int = 20) {
        let isStopped = Locked(false)
        self.isStopped = isStopped
        task = Task {
            var caused = 0
            let commands = (0..<burst / 2).flatMap { _ in ["suspend test", "resume test"] }
            while !isStopped.withLock({ $0 }) {
                try await Virsh.script(commands, on: daemon)
                caused += commands.count
            }
            return caused
        }
    }

    deinit {
        isStopped.withLock { $0 = true }
    }

    /// Ends with a whole burst, and gives the number of lifecycle events that were caused.
    package func stop() async throws -> Int {
        isStopped.withLock { $0 = true }
        return try await task.value
    }
}
