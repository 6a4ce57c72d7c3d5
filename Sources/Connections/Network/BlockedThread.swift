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

    /// Shuts down the TCP sockets it waits for, so that its call returns; does nothing when it waits for something else.
    ///
    /// The caller sees to it that the thread does not take up other work meanwhile.
    ///
    /// - Parameter isExempt: Whether a descriptor is somebody else's to shut down.
    func shutDownSockets(unless isExempt: (Int32) -> Bool) {
        for descriptor in descriptors where !isExempt(descriptor) {
            // A number may change hands at any moment; a copy of our own does not.
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { continue }
            defer { close(copy) }
            if descriptors.contains(descriptor), Self.isTCP(copy) { shutdown(copy, Int32(SHUT_RDWR)) }
        }
    }

    /// What it waits for at this moment; none when it waits for no descriptor, or the kernel does not tell.
    ///
    /// libvirt waits for its socket together with a descriptor that wakes it up, in no fixed order.
    var descriptors: [Int32] {
        let words = FirstLine.read("/proc/self/task/\(id)/syscall")?.split(separator: " ") ?? []
        let arguments = words.dropFirst().prefix(2).compactMap { UInt($0.dropFirst(2), radix: 16) }
        guard let number = words.first.flatMap({ Int($0) }), arguments.count == 2 else { return [] }
        switch clinux_waits_for(number) {
        case 1: return [Int32(truncatingIfNeeded: arguments[0])]
        case 2: return Self.polled(at: arguments[0], count: arguments[1])
        default: return []
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

    /// The most descriptors of one `poll` that are looked at; a call of libvirt's waits for two.
    private static let pollLimit: UInt = 16

    /// Reads the array of `struct pollfd` of another thread by way of the kernel, which knows whether it is still there.
    private static func polled(at address: UInt, count: UInt) -> [Int32] {
        let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { return [] }
        defer { close(memory) }
        var polled = [pollfd](repeating: pollfd(), count: Int(min(count, pollLimit)))
        let size = polled.count * MemoryLayout<pollfd>.stride
        guard pread(memory, &polled, size, off_t(truncatingIfNeeded: address)) == size else { return [] }
        return polled.map(\.fd)
    }
}
