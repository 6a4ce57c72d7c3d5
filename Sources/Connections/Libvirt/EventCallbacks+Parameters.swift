internal import CLibvirt

/// Events that carry typed parameters: tunable and job_completed.
extension EventCallbacks {
    static let domainParameters: virConnectDomainEventTunableCallback = { _, domain, params, count, opaque in
        deliver(opaque, domain: domain) { copy in
            guard let params, count > 0 else { return .parameters([]) }
            if count > EventLimits.parameters { copy.mark(truncated: "/params") }
            let taken = UnsafeBufferPointer(start: params, count: min(Int(count), EventLimits.parameters))
            return .parameters(parameters(taken, &copy))
        }
    }

    private static func parameters(
        _ all: UnsafeBufferPointer<virTypedParameter>,
        _ copy: inout FieldCopy
    ) -> [HostEvent.Parameter] {
        let names = all.map { TypedParameterName(of: $0) }
        if names.contains(where: \.isChanged) { copy.mark(unsafe: "/params") }
        // Of two of one name the last holds, as in the engine's map.
        var last: [String: Int] = [:]
        last.reserveCapacity(names.count)
        for (index, name) in names.enumerated() { last[name.text] = index }
        return names.indices.filter { last[names[$0].text] == $0 }.map { index in
            let name = names[index].text
            copy.count(name)
            return HostEvent.Parameter(name: name, value: value(of: all[index], named: name, &copy))
        }
    }

    private static func value(
        of parameter: virTypedParameter,
        named name: String,
        _ copy: inout FieldCopy
    ) -> HostEvent.Parameter.Value {
        let value = parameter.value
        switch virTypedParameterType(UInt32(bitPattern: parameter.type)) {
        case VIR_TYPED_PARAM_INT: return .int(Int64(value.i))
        case VIR_TYPED_PARAM_UINT: return .uint(UInt64(value.ui))
        case VIR_TYPED_PARAM_LLONG: return .int(value.l)
        case VIR_TYPED_PARAM_ULLONG: return .uint(value.ul)
        case VIR_TYPED_PARAM_DOUBLE: return .double(value.d)
        case VIR_TYPED_PARAM_BOOLEAN: return .bool(value.b != 0)
        case VIR_TYPED_PARAM_STRING: return copy.text(value.s, at: "/params/" + name).map { .text($0) } ?? .none
        default: return .none
        }
    }
}
