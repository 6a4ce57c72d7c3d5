import Foundation

/// A value that one thread at a time may touch.
///
/// An `NSLock`, because the Thread Sanitizer does not understand `Synchronization.Mutex` on Linux.
package final class Locked<Value>: @unchecked Sendable {
    // Sendable because `value` is touched with `lock` held only.
    private let lock = NSLock()
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
    }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
