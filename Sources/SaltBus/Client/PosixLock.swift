internal import Glibc

/// A value that one thread at a time can reach.
///
/// A pthread mutex, because Thread Sanitizer knows those; on Linux it does not see into `Synchronization.Mutex`.
/// Sendable because the value is touched by `withLock` alone, which holds the mutex.
final class PosixLock<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// `body` runs under the lock: it is short and calls nobody who might want it.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
