internal import CLibvirt
internal import Glibc

/// The one road to a live connection: open, keepalive, close callback, every kind, in that order.
struct Establishment {
    let host: Host
    let access: LibvirtDriver.Access
    let registrar: KindRegistrar
    let ending: ConnectionAbort

    /// The URI to open; `nil` leaves the choice to libvirt.
    let uri: String?

    /// Blocks.
    ///
    /// The thread must be bound to the binding of `ending`. A failure undoes what was done.
    func run() throws(EstablishFailure) -> LibvirtConnection {
        let pointer = try open()
        var facts = ConnectionFacts(uri: host.uri.redacted)
        var callbacks: [KindRegistrar.Callback] = []
        let closeBox = CallbackBox(kind: nil, inlet: registrar.inlet)
        var closeCallback: CallbackBox?
        do throws(EstablishFailure) {
            facts.keepsAlive = try setKeepalive(pointer)
            if try registerCloseCallback(pointer, closeBox) { closeCallback = closeBox }
            for kind in host.kinds {
                let outcome = try registrar.register(kind, on: pointer)
                if case .registered(let callback, _) = outcome { callbacks.append(callback) }
                facts.add(outcome)
            }
            if facts.registered.isEmpty, let refused = facts.refused.first {
                throw EstablishFailure(
                    refused.reason,
                    "all \(facts.refused.count) kinds that are wanted were refused, \(refused.kind.path): \(refused.message)"
                )
            }
        } catch {
            LibvirtConnection.letGo(pointer, callbacks: callbacks, closeCallback: closeCallback)
            throw error
        }
        facts.uri = uri(of: pointer) ?? facts.uri
        facts.daemonVersion = daemonVersion(pointer)
        return LibvirtConnection(
            pointer,
            kinds: host.kinds,
            registrar: registrar,
            facts: facts,
            ending: ending,
            callbacks: callbacks,
            closeCallback: closeCallback
        )
    }

    private func open() throws(EstablishFailure) -> virConnectPtr {
        var auth = virConnectAuth()
        auth.cb = Self.declineToPrompt
        // No VIR_CONNECT_NO_ALIASES: the in-process test driver refuses it, and an alias never holds "://".
        let flags = access == .readOnly ? VIR_CONNECT_RO.rawValue : 0
        guard let pointer = virConnectOpenAuth(uri, &auth, flags) else {
            throw EstablishFailure(LibvirtError.last())
        }
        return pointer
    }

    /// A service has nobody to ask: what auth.conf does not answer fails at once.
    private static let declineToPrompt: virConnectAuthCallbackPtr = { _, _, _ in -1 }

    /// - Returns: `false` when the peer or the driver cannot do it, which is no failure.
    private func setKeepalive(_ pointer: virConnectPtr) throws(EstablishFailure) -> Bool {
        let interval = Int32(clamping: host.keepalive.interval.components.seconds)
        switch virConnectSetKeepAlive(pointer, interval, UInt32(clamping: host.keepalive.count)) {
        case 0: return true
        case 1: return false
        default:
            let error = LibvirtError.last()
            guard error.isUnsupported else { throw EstablishFailure(error) }
            return false
        }
    }

    /// Registers without a free callback: a driver that has no close callback takes it, forgets it, and never frees it
    /// (the in-process test driver does).
    ///
    /// Whoever holds the connection holds the box.
    ///
    /// - Returns: `false` when the driver refuses, which is no failure.
    private func registerCloseCallback(
        _ pointer: virConnectPtr,
        _ box: CallbackBox
    ) throws(EstablishFailure) -> Bool {
        let opaque = box.lend()
        guard virConnectRegisterCloseCallback(pointer, EventCallbacks.closed, opaque, nil) == 0 else {
            let error = LibvirtError.last()
            CallbackBox.release(opaque)
            guard error.isUnsupported else { throw EstablishFailure(error) }
            return false
        }
        return true
    }

    private func uri(of pointer: virConnectPtr) -> String? {
        guard let text = virConnectGetURI(pointer) else { return nil }
        defer { free(text) }
        return (try? LibvirtURI(String(cString: text)))?.redacted
    }

    private func daemonVersion(_ pointer: virConnectPtr) -> String? {
        var version: UInt = 0
        return virConnectGetLibVersion(pointer, &version) == 0 ? LibvirtVersion(number: version).description : nil
    }
}
