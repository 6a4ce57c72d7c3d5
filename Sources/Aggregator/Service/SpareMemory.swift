internal import CLinux

/// Freed memory that the process keeps for what comes next.
///
/// By itself glibc gives it back to the kernel beyond 128 KiB, and that much is freed and needed again with each batch of
/// records: under load the pages that went and came took up to a fifth of an event's time.
enum SpareMemory {
    /// Bytes kept of each of glibc's arenas, of which there are eight for a core at most.
    static let kept: Int32 = 2 << 20

    /// Bytes from which on a block is of the kernel's making, and given back when it is freed: what is kept must not grow
    /// by what is needed once, as a listing of 10,000 domains.
    static let ownBlock: Int32 = 1 << 20

    /// Call once, at the start.
    static func keep() {
        clinux_keep_freed_memory(kept, ownBlock)
    }
}
