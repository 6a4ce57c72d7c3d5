import CLibvirt
import Glibc
import TestSupport
import Testing

@testable import Connections

/// Calls our C callbacks as libvirt does, with handles of real connections, and says what came of it.
final class CallbackCaller {
    let handles: LibvirtHandles
    private var texts: [UnsafeMutablePointer<CChar>] = []

    init(_ handles: LibvirtHandles) {
        self.handles = handles
    }

    deinit {
        for text in texts { free(text) }
    }

    /// The event that the kind's callback makes of its arguments, given as libvirt-python has them.
    func event(_ kind: EventKind, _ arguments: [JSONValue]) throws -> HostEvent {
        let events = Locked<[HostEvent]>([])
        let inlet = ConnectionInlet(
            generation: 0,
            inFlight: InFlight(),
            now: { Timestamp(microseconds: 0) },
            post: { delivery in
                if case .event(_, let event) = delivery { events.withLock { $0.append(event) } }
            }
        )
        let box = CallbackBox(kind: kind, inlet: inlet)
        let callback = try #require(kind.callback)
        let opaque = try #require(box.lend())
        defer { CallbackBox.release(opaque) }
        call(callback, Arguments(values: arguments, text: text), opaque)
        return try #require(events.withLock { $0.last })
    }

    /// What stands in the place of libvirt-python's arguments.
    struct Arguments {
        let values: [JSONValue]
        let text: (JSONValue) -> UnsafeMutablePointer<CChar>?

        func int(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: long(index)) }
        func long(_ index: Int) -> Int64 { values[index].integer ?? 0 }
        func string(_ index: Int) -> UnsafeMutablePointer<CChar>? { text(values[index]) }
    }

    /// Lives as long as this does.
    private func text(_ value: JSONValue) -> UnsafeMutablePointer<CChar>? {
        guard let string = value.string, let copy = strdup(string) else { return nil }
        texts.append(copy)
        return copy
    }

    private func call(_ callback: EventCallback, _ it: Arguments, _ opaque: UnsafeMutableRawPointer) {
        let (domain, network, pool) = (handles.domain, handles.network, handles.pool)
        let (nodedev, secret) = (handles.nodedev, handles.secret)
        switch callback {
        case .domainLifecycle(let call): _ = call(nil, domain, it.int(0), it.int(1), opaque)
        case .domain(let call): call(nil, domain, opaque)
        case .domainInt(let call): call(nil, domain, it.int(0), opaque)
        case .domainUInt(let call): call(nil, domain, UInt32(truncatingIfNeeded: it.long(0)), opaque)
        case .domainLLong(let call): call(nil, domain, it.long(0), opaque)
        case .domainULLong(let call): call(nil, domain, UInt64(bitPattern: it.long(0)), opaque)
        case .domainIntInt(let call): call(nil, domain, it.int(0), it.int(1), opaque)
        case .domainIntIntUInt(let call):
            call(nil, domain, it.int(0), it.int(1), UInt32(truncatingIfNeeded: it.long(2)), opaque)
        case .domainIntText(let call): call(nil, domain, it.int(0), it.string(1), opaque)
        case .domainText(let call): call(nil, domain, it.string(0), opaque)
        case .domainTextInt(let call): call(nil, domain, it.string(0), it.int(1), opaque)
        case .domainTextIntInt(let call): call(nil, domain, it.string(0), it.int(1), it.int(2), opaque)
        case .domainTextULLong(let call): call(nil, domain, it.string(0), UInt64(bitPattern: it.long(1)), opaque)
        case .domainTextTextInt(let call): call(nil, domain, it.string(0), it.string(1), it.int(2), opaque)
        case .domainTextTextIntText(let call):
            call(nil, domain, it.string(0), it.string(1), it.int(2), it.string(3), opaque)
        case .domainTextTextText(let call): call(nil, domain, it.string(0), it.string(1), it.string(2), opaque)
        case .domainTextTextTextInt(let call):
            call(nil, domain, it.string(0), it.string(1), it.string(2), it.int(3), opaque)
        case .domainTextTextULLongULLong(let call):
            call(
                nil,
                domain,
                it.string(0),
                it.string(1),
                UInt64(bitPattern: it.long(2)),
                UInt64(bitPattern: it.long(3)),
                opaque
            )
        case .domainGraphics(let call): graphics(call, it, opaque)
        case .domainParameters(let call): parameters(call, it, opaque)
        case .networkIntInt(let call): call(nil, network, it.int(0), it.int(1), opaque)
        case .networkIntText(let call): call(nil, network, it.int(0), it.string(1), opaque)
        case .poolIntInt(let call): call(nil, pool, it.int(0), it.int(1), opaque)
        case .pool(let call): call(nil, pool, opaque)
        case .nodedevIntInt(let call): call(nil, nodedev, it.int(0), it.int(1), opaque)
        case .nodedev(let call): call(nil, nodedev, opaque)
        case .secretIntInt(let call): call(nil, secret, it.int(0), it.int(1), opaque)
        case .secret(let call): call(nil, secret, opaque)
        }
    }

    private func graphics(
        _ call: virConnectDomainEventGraphicsCallback,
        _ it: Arguments,
        _ opaque: UnsafeMutableRawPointer
    ) {
        var addresses = [1, 2].map { index in
            virDomainEventGraphicsAddress(
                family: Int32(it.values[index]["family"]?.integer ?? 0),
                node: text(it.values[index]["node"] ?? .null),
                service: text(it.values[index]["service"] ?? .null)
            )
        }
        var identities = (it.values[4].array ?? []).compactMap(\.array).map { pair in
            virDomainEventGraphicsSubjectIdentity(type: text(pair[0]), name: text(pair[1]))
        }
        addresses.withUnsafeMutableBufferPointer { addresses in
            identities.withUnsafeMutableBufferPointer { identities in
                var subject = virDomainEventGraphicsSubject(
                    nidentity: Int32(identities.count),
                    identities: identities.baseAddress
                )
                guard let first = addresses.baseAddress else { return }
                // What is null was not given.
                let (local, remote) = (
                    it.values[1].object == nil ? nil : first, it.values[2].object == nil ? nil : first + 1
                )
                withUnsafePointer(to: &subject) { subject in
                    let given = it.values[4].array == nil ? nil : subject
                    call(nil, handles.domain, it.int(0), local, remote, it.string(3), given, opaque)
                }
            }
        }
    }

    private func parameters(
        _ call: virConnectDomainEventTunableCallback,
        _ it: Arguments,
        _ opaque: UnsafeMutableRawPointer
    ) {
        var parameters: virTypedParameterPtr?
        var count: Int32 = 0
        var capacity: Int32 = 0
        for (name, value) in it.values[0].object ?? [:] {
            virTypedParamsAddULLong(&parameters, &count, &capacity, name, UInt64(value.integer ?? 0))
        }
        call(nil, handles.domain, parameters, count, opaque)
        virTypedParamsFree(parameters, count)
    }
}
