internal import CLinux
internal import Glibc

/// A thread of this process, looked at from another one: which descriptor it waits for inside the kernel.
///
/// libvirt does not say on which socket a call hangs, the kernel does.
/// See <https://man7.org/linux/man-pages/man5/proc_pid_syscall.5.html>.
struct BlockedThread: Hashable, Sendable {
    private let id: Int32

    enum Look: Equatable {
        /// The kernel does not tell.
        case hidden

        /// It waits for no descriptor just now.
        case busy
        case waiting(descriptor: Int32)
    }

    /// The calling thread.
    static var current: BlockedThread { BlockedThread(id: clinux_thread_id()) }

    /// What it does at this moment; the next moment it may be something else.
    func look() -> Look {
        guard let file = fopen("/proc/self/task/\(id)/syscall", "re") else { return .hidden }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return .hidden }
        let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let words = text.split(separator: " ")
        guard words.count > 1, let number = Int(words[0]), let argument = UInt(words[1].dropFirst(2), radix: 16) else {
            return .busy
        }
        switch clinux_waits_for(number) {
        case 1: return .waiting(descriptor: Int32(truncatingIfNeeded: argument))
        case 2: return Self.polled(at: argument).map { .waiting(descriptor: $0) } ?? .busy
        default: return .busy
        }
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
