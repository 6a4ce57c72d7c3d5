internal import CLibvirt
internal import Glibc

/// An open libvirt connection with everything registered on it.
///
/// Sendable because `pointer` is set once and libvirt locks what it points to; ``close()`` is called once, by contract,
/// and `use` holds it to that.
final class LibvirtConnection: HypervisorConnection, @unchecked Sendable {
    let registrar: KindRegistrar
    private let pointer: virConnectPtr
    private let ending: ConnectionAbort
    private let closeCallback: CallbackBox?
    private let use: PosixLock<Use>

    struct Use {
        var isClosed = false

        /// Calls under way that may block.
        var calls = 0
        var facts: ConnectionFacts
        var kinds: [EventKind]
        var callbacks: [KindRegistrar.Callback]
    }

    init(
        _ pointer: virConnectPtr,
        kinds: [EventKind],
        registrar: KindRegistrar,
        facts: ConnectionFacts,
        ending: ConnectionAbort,
        callbacks: [KindRegistrar.Callback],
        closeCallback: CallbackBox?
    ) {
        self.pointer = pointer
        self.registrar = registrar
        self.ending = ending
        self.closeCallback = closeCallback
        use = PosixLock(Use(facts: facts, kinds: kinds, callbacks: callbacks))
    }

    var facts: ConnectionFacts { use.withLock(\.facts) }
    var kinds: [EventKind] { use.withLock(\.kinds) }

    /// A driver that cannot say (-1) is believed to be there.
    var isOpen: Bool {
        use.withLock { use in !use.isClosed && virConnectIsAlive(pointer) != 0 }
    }

    /// The number of the host's CPUs: of the calls of the remote protocol that every driver has and that cost nothing, one
    /// of ordinary priority.
    ///
    /// Most others, the versions among them, are served by threads that a daemon keeps for them, and return while all who
    /// do its work hang.
    func probe() {
        _ = call { pointer -> Void? in
            virNodeGetCPUMap(pointer, nil, nil, 0)
            return nil
        }
    }

    func hostUUID() -> String? {
        call { pointer in
            guard let text = virConnectGetCapabilities(pointer) else { return nil }
            defer { free(text) }
            return HostUUID.find(in: String(cString: text))
        }
    }

    func close() {
        let callbacks = use.withLock { use in
            defer { use.isClosed = true }
            return use.isClosed ? nil : use.callbacks
        }
        guard let callbacks else { return }
        ending.binding.whileBound {
            Self.letGo(pointer, callbacks: callbacks, closeCallback: closeCallback)
        }
        // What still waits for an answer holds the connection; nobody wants the answer any more.
        if use.withLock({ $0.calls > 0 }) { abort() }
        // The loop's last step is the same, and this process may end before it.
        ending.binding.transport?.endFamily()
    }

    /// Runs `body` while the connection is open; nothing when it is closed.
    ///
    /// For calls that do not block: closing waits for them.
    func whileOpen(_ body: (virConnectPtr) -> Void) {
        use.withLock { use in
            if !use.isClosed { ending.binding.whileBound { body(pointer) } }
        }
    }

    /// Runs a call that may block, unless the connection is closed already; returns when every event that came before the
    /// answer has been handed in, for a call that returns proves that they were heard.
    ///
    /// With a reference of its own: the connection may be closed while the host thinks.
    func call<Result>(_ body: (virConnectPtr) -> Result?) -> Result? {
        let isOpen = use.withLock { use in
            guard !use.isClosed, virConnectRef(pointer) == 0 else { return false }
            use.calls += 1
            return true
        }
        guard isOpen else { return nil }
        let result = ending.binding.whileBound {
            defer {
                use.withLock { $0.calls -= 1 }
                virConnectClose(pointer)
            }
            return body(pointer)
        }
        EventLoop.shared.awaitTurn()
        return result
    }

    /// Changes what is known of the connection; `nil` when it is closed, and nothing has changed then.
    func updateWhileOpen<Result>(_ body: (inout Use) -> Result) -> Result? {
        use.withLock { use in use.isClosed ? nil : body(&use) }
    }

    func abort() {
        ending.perform()
    }

    /// Teardown in reverse order, to the end.
    ///
    /// On a lost connection every step fails, and still lets go on our side.
    static func letGo(
        _ pointer: virConnectPtr,
        callbacks: [KindRegistrar.Callback],
        closeCallback: CallbackBox?
    ) {
        // A registered callback holds a reference on the connection: without this it would never be freed.
        for callback in callbacks.reversed() {
            _ = callback.kind.deregister(callback.id, on: pointer)
        }
        // When this returns, libvirt neither is in the callback nor will call it: the box may go.
        if let closeCallback {
            virConnectUnregisterCloseCallback(pointer, EventCallbacks.closed)
            closeCallback.giveBack()
        }
        virConnectClose(pointer)
    }
}
