internal import CLibvirt
internal import Glibc

/// Events that carry typed parameters: tunable and job_completed.
extension EventCallbacks {
    static let domainParameters: virConnectDomainEventTunableCallback = { _, domain, params, count, opaque in
        deliver(opaque, domain: domain) { copy in
            let all = copy.list(
                UnsafePointer(params),
                count: count,
                limit: EventLimits.parameters,
                at: "/params",
                parameter
            )
            return .parameters(withoutRepeats(all))
        }
    }

    private static func parameter(
        _ copy: inout FieldCopy,
        _ pointer: UnsafePointer<virTypedParameter>,
        _: Int
    ) -> HostEvent.Parameter {
        let name = name(of: pointer, &copy)
        return HostEvent.Parameter(name: name, value: value(of: pointer, at: "/params/" + name, &copy))
    }

    /// The field's name, without anything that could be more than a name.
    ///
    /// libvirt's own are ASCII words with dots between; whatever else a daemon puts there is written as `_`, and said.
    private static func name(of pointer: UnsafePointer<virTypedParameter>, _ copy: inout FieldCopy) -> String {
        withUnsafeBytes(of: pointer.pointee.field) { field in
            var isPlain = true
            let name = String(
                decoding: field.prefix { $0 != 0 }
                    .map { byte in
                        if isNameByte(byte) { return byte }
                        isPlain = false
                        return UInt8(ascii: "_")
                    },
                as: UTF8.self
            )
            if !isPlain { copy.mark(unsafe: "/params") }
            return name
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func value(
        of pointer: UnsafePointer<virTypedParameter>,
        at place: String,
        _ copy: inout FieldCopy
    ) -> HostEvent.Parameter.Value {
        let value = pointer.pointee.value
        switch virTypedParameterType(UInt32(bitPattern: pointer.pointee.type)) {
        case VIR_TYPED_PARAM_INT: return .int(Int64(value.i))
        case VIR_TYPED_PARAM_UINT: return .uint(UInt64(value.ui))
        case VIR_TYPED_PARAM_LLONG: return .int(value.l)
        case VIR_TYPED_PARAM_ULLONG: return .uint(value.ul)
        case VIR_TYPED_PARAM_DOUBLE: return .double(value.d)
        case VIR_TYPED_PARAM_BOOLEAN: return .bool(value.b != 0)
        case VIR_TYPED_PARAM_STRING: return copy.text(value.s, at: place).map { .text($0) } ?? .none
        default: return .none
        }
    }

    /// Of two parameters of one name the last holds, as in the engine's map.
    private static func withoutRepeats(_ parameters: [HostEvent.Parameter]) -> [HostEvent.Parameter] {
        var places: [String: Int] = [:]
        var kept: [HostEvent.Parameter] = []
        for parameter in parameters {
            if let place = places.updateValue(kept.count, forKey: parameter.name) {
                places[parameter.name] = place
                kept[place] = parameter
            } else {
                kept.append(parameter)
            }
        }
        return kept
    }
}
