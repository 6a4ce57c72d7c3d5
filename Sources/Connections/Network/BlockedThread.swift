internal import CLinux
internal import Glibc

/// A thread of this process, looked at from another one: which descriptor it waits for inside the kernel.
///
/// libvirt shows a socket only when TCP, TLS or ssh are through; before that a call that hangs in it can be ended by
/// nothing else than shutting the socket down, and the kernel knows which one that is. Where it does not tell, the thread
/// is written off in the end.
/// See <https://man7.org/linux/man-pages/man5/proc_pid_syscall.5.html>.
struct BlockedThread: Hashable, Sendable {
    private let id: Int32

    /// The calling thread.
    static var current: BlockedThread { BlockedThread(id: clinux_thread_id()) }

    /// Shuts down the TCP socket it waits for, so that its call returns; does nothing when it waits for something else.
    ///
    /// The caller sees to it that the thread does not take up other work meanwhile.
    ///
    /// - Parameter isExempt: Whether a descriptor is somebody else's to shut down.
    func shutDownSocket(unless isExempt: (Int32) -> Bool) {
        guard let descriptor, !isExempt(descriptor) else { return }
        // A number may change hands at any moment; a copy of our own does not.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return }
        defer { close(copy) }
        if self.descriptor == descriptor, Self.isTCP(copy) { shutdown(copy, Int32(SHUT_RDWR)) }
    }

    /// What it waits for at this moment; `nil` when that is no descriptor, or the kernel does not tell.
    var descriptor: Int32? {
        let words = FirstLine.read("/proc/self/task/\(id)/syscall")?.split(separator: " ") ?? []
        guard words.count > 1, let number = Int(words[0]), let argument = UInt(words[1].dropFirst(2), radix: 16) else {
            return nil
        }
        switch clinux_waits_for(number) {
        case 1: return Int32(truncatingIfNeeded: argument)
        case 2: return Self.polled(at: argument)
        default: return nil
        }
    }

    private static func isTCP(_ descriptor: Int32) -> Bool {
        var type: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 else { return false }
        var domain: Int32 = 0
        guard getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 else { return false }
        return type == Int32(SOCK_STREAM.rawValue) && (domain == AF_INET || domain == AF_INET6)
    }

    /// Reads a `struct pollfd` of another thread's stack by way of the kernel, which knows whether it is still there.
    private static func polled(at address: UInt) -> Int32? {
        let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { return nil }
        defer { close(memory) }
        var polled = pollfd()
        let size = MemoryLayout<pollfd>.size
        return pread(memory, &polled, size, off_t(truncatingIfNeeded: address)) == size ? polled.fd : nil
    }
}
