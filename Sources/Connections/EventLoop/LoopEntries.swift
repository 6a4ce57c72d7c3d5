internal import CLibvirt

/// A pointer of libvirt's that the loop only hands back.
///
/// Sendable because the loop never looks behind it; libvirt locks what it points to.
struct LoopOpaque: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
}

/// A file descriptor libvirt wants watched.
struct LoopHandle: Sendable {
    let fd: Int32
    let callback: virEventHandleCallback
    let opaque: LoopOpaque
    let release: virFreeCallback?
    let binding: LoopBinding?

    /// Wanted, as `VIR_EVENT_HANDLE_*` bits; 0 = not at the moment.
    var events: Int32

    /// The loop thread is inside the callback, and will re-arm the descriptor itself.
    var isRunning = false
}

/// A timeout libvirt wants called.
struct LoopTimer: Sendable {
    let callback: virEventTimeoutCallback
    let opaque: LoopOpaque
    let release: virFreeCallback?
    let binding: LoopBinding?

    /// Milliseconds between calls; 0 = on every turn of the loop, negative = off.
    var interval: Int32

    /// When to call next; `nil` when off or when called on every turn.
    var deadline: Milliseconds?

    /// The deadline of this timer's one live heap entry.
    ///
    /// libvirt moves deadlines on every message it receives, so the entry is left where it is and pushed again when it
    /// comes up early.
    var heapDeadline: Milliseconds?
}

/// A handler or timer that runs.
struct LoopHandler: Sendable {
    /// Different for each run.
    let number: Int
    let binding: LoopBinding?
}

/// The free callback of something that was removed, waiting for the loop thread to be between handlers.
struct LoopRemoval: Sendable {
    let fd: Int32?
    let opaque: LoopOpaque
    let release: virFreeCallback?
    let binding: LoopBinding?
}

/// Monotonic milliseconds.
typealias Milliseconds = Int64

/// A place in the timer heap.
struct LoopDeadline: Comparable, Sendable {
    let time: Milliseconds
    let timer: Int32

    static func < (left: LoopDeadline, right: LoopDeadline) -> Bool {
        (left.time, left.timer) < (right.time, right.timer)
    }
}
