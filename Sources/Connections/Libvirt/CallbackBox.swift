internal import CLibvirt
internal import Synchronization

/// What a registered callback finds behind its `opaque` pointer.
///
/// The pointer is a number, under which the box is kept until it is given back, by whoever is first. For an event that is
/// libvirt's call of ``release``, or the caller of a registration that failed. It can be both: libvirt (9.0 was looked at)
/// has a registration that the host refuses go at the end of the events it is just delivering, and frees it then, though a
/// refused one is the caller's. With a real pointer that was a double release, on any host that is busy while it is
/// connected to. The close callback's box belongs to the connection.
final class CallbackBox: Sendable {
    let kind: EventKind?
    let inlet: ConnectionInlet
    private let number: UInt

    /// Boxes alive in this process; 0 after every connection is closed.
    static let alive = Atomic<Int>(0)

    /// Numbers are not used again.
    private static let last = Atomic<UInt>(0)
    private static let lent = PosixLock<[UInt: CallbackBox]>([:])

    /// - Parameter kind: `nil` for the close callback.
    init(kind: EventKind?, inlet: ConnectionInlet) {
        self.kind = kind
        self.inlet = inlet
        number = Self.last.add(1, ordering: .relaxed).newValue
        Self.alive.add(1, ordering: .relaxed)
    }

    deinit {
        Self.alive.subtract(1, ordering: .relaxed)
    }

    /// Keeps the box until ``release`` is called with what is returned.
    func lend() -> UnsafeMutableRawPointer? {
        Self.lent.withLock { $0[number] = self }
        return UnsafeMutableRawPointer(bitPattern: number)
    }

    func giveBack() {
        Self.release(UnsafeMutableRawPointer(bitPattern: number))
    }

    /// The box that was lent; `nil` once it was given back.
    static func from(_ opaque: UnsafeMutableRawPointer?) -> CallbackBox? {
        lent.withLock { $0[UInt(bitPattern: opaque)] }
    }

    /// Gives a box back: libvirt's free callback.
    ///
    /// Once is enough, and more does no harm.
    static let release: virFreeCallback = { opaque in
        // The box goes after the lock does.
        _ = lent.withLock { $0.removeValue(forKey: UInt(bitPattern: opaque)) }
    }
}

/// Callback boxes alive in this process; for tests that assert that nothing is left.
package var liveCallbackBoxes: Int { CallbackBox.alive.load(ordering: .relaxed) }
