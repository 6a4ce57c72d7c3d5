internal import CLibvirt
internal import Synchronization

/// What a registered callback finds behind its `opaque` pointer.
///
/// For an event, libvirt owns one reference from a successful registration to its call of ``release``; a registration
/// that fails does not call it, and the caller gives the reference back. The close callback's box belongs to the
/// connection.
final class CallbackBox: Sendable {
    let kind: EventKind?
    let inlet: ConnectionInlet

    /// Boxes alive in this process; 0 after every connection is closed.
    static let alive = Atomic<Int>(0)

    /// - Parameter kind: `nil` for the close callback.
    init(kind: EventKind?, inlet: ConnectionInlet) {
        self.kind = kind
        self.inlet = inlet
        Self.alive.add(1, ordering: .relaxed)
    }

    deinit {
        Self.alive.subtract(1, ordering: .relaxed)
    }

    static func from(_ opaque: UnsafeMutableRawPointer?) -> CallbackBox? {
        opaque.map { Unmanaged<CallbackBox>.fromOpaque($0).takeUnretainedValue() }
    }

    /// libvirt's free callback.
    static let release: virFreeCallback = { opaque in
        guard let opaque else { return }
        Unmanaged<CallbackBox>.fromOpaque(opaque).release()
    }
}

/// Callback boxes alive in this process; for tests that assert that nothing is left.
package var liveCallbackBoxes: Int { CallbackBox.alive.load(ordering: .relaxed) }
