internal import CLibvirt
internal import Glibc

/// An open libvirt connection with everything registered on it.
///
/// Sendable because `pointer` is set once and libvirt locks what it points to; ``close()`` is called once, by contract,
/// and `use` holds it to that.
final class LibvirtConnection: HypervisorConnection, @unchecked Sendable {
    let facts: ConnectionFacts
    private let pointer: virConnectPtr
    private let binding: LoopBinding
    private let callbacks: [(kind: EventKind, id: Int32)]
    private let closeCallback: CallbackBox?
    private let use = PosixLock(Use())

    private struct Use {
        var isClosed = false
        var isAsking = false
    }

    init(
        _ pointer: virConnectPtr,
        facts: ConnectionFacts,
        binding: LoopBinding,
        callbacks: [(kind: EventKind, id: Int32)],
        closeCallback: CallbackBox?
    ) {
        self.pointer = pointer
        self.facts = facts
        self.binding = binding
        self.callbacks = callbacks
        self.closeCallback = closeCallback
    }

    func hostUUID() -> String? {
        // A reference of our own: the connection may be closed while the host thinks.
        let isOpen = use.withLock { use in
            use.isAsking = !use.isClosed && virConnectRef(pointer) == 0
            return use.isAsking
        }
        guard isOpen else { return nil }
        return binding.whileBound {
            defer {
                use.withLock { $0.isAsking = false }
                virConnectClose(pointer)
            }
            guard let text = virConnectGetCapabilities(pointer) else { return nil }
            defer { free(text) }
            return HostUUID.find(in: String(cString: text))
        }
    }

    func close() {
        let isFirst = use.withLock { use in
            defer { use.isClosed = true }
            return !use.isClosed
        }
        guard isFirst else { return }
        binding.whileBound {
            Self.letGo(pointer, callbacks: callbacks, closeCallback: closeCallback)
        }
        // What still waits for an answer holds the connection; nobody wants the answer any more.
        if use.withLock(\.isAsking) { abort() }
    }

    /// Runs `body` while the connection is open; nothing when it is closed.
    ///
    /// For calls that do not block: closing waits for them.
    func whileOpen(_ body: (virConnectPtr) -> Void) {
        use.withLock { use in
            if !use.isClosed { binding.whileBound { body(pointer) } }
        }
    }

    func abort() {
        EventLoop.shared.abort(binding)
    }

    /// Teardown in reverse order, to the end.
    ///
    /// On a lost connection every step fails, and still lets go on our side.
    static func letGo(
        _ pointer: virConnectPtr,
        callbacks: [(kind: EventKind, id: Int32)],
        closeCallback: CallbackBox?
    ) {
        // A registered callback holds a reference on the connection: without this it would never be freed.
        for callback in callbacks.reversed() {
            _ = callback.kind.deregister(callback.id, on: pointer)
        }
        // When this returns, libvirt neither is in the callback nor will call it: the box may go.
        withExtendedLifetime(closeCallback) {
            if closeCallback != nil { virConnectUnregisterCloseCallback(pointer, EventCallbacks.closed) }
        }
        virConnectClose(pointer)
    }
}
