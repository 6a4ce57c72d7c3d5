internal import CLinux
internal import Glibc

/// Wakes a thread out of `poll(2)` from any other.
final class WakeSignal: Sendable {
    /// Readable once ``signal()`` was called; -1 if the system gave none, which `poll` passes over.
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    deinit {
        close(descriptor)
    }

    func signal() {
        eventfd_write(descriptor, 1)
    }

    /// Makes the descriptor unreadable until the next signal.
    func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
