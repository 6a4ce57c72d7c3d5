internal import Glibc

/// A value behind a pthread mutex.
///
/// `Synchronization.Mutex` would do, but Thread Sanitizer does not see its futex on Linux and reports every use as a
/// race. Hold it for a few instructions only: never across a libvirt call that may block,
/// never across a callback.
///
/// Sendable because the value is reachable only inside ``withLock(_:)``.
final class PosixLock<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inline(__always)
    func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
