import CLibvirt
import Glibc
import TestSupport
import Testing

@testable import Connections

/// Typed parameters as a hostile daemon may send them.
@Suite("Typed parameters")
struct TypedParameterTests {
    /// What libvirt has to say of a domain that is none ends the process where it is not initialised.
    init() throws {
        _ = try LibvirtRuntime.start(logger: .silent)
    }

    /// The event that the callback makes of parameters; the domain is none, since it is not what is looked at.
    private func event(_ parameters: [virTypedParameter], count: Int32? = nil) throws -> HostEvent {
        let events = Locked<[HostEvent]>([])
        let inlet = ConnectionInlet(generation: 0, inFlight: InFlight(), now: { Timestamp(microseconds: 0) }) {
            if case .event(_, let event) = $0 { events.withLock { $0.append(event) } }
        }
        let box = CallbackBox(kind: .domainTunable, inlet: inlet)
        var parameters = parameters
        parameters.withUnsafeMutableBufferPointer {
            EventCallbacks.domainParameters(nil, nil, $0.baseAddress, count ?? Int32($0.count), box.lend())
        }
        box.giveBack()
        return try #require(events.withLock { $0.first })
    }

    private func parameter(_ name: [UInt8], _ type: virTypedParameterType, _ set: (inout virTypedParameter) -> Void)
        -> virTypedParameter
    {
        var parameter = virTypedParameter()
        withUnsafeMutableBytes(of: &parameter.field) { $0.copyBytes(from: name.prefix(80)) }
        parameter.type = Int32(type.rawValue)
        set(&parameter)
        return parameter
    }

    private func number(_ name: String, _ value: Int32) -> virTypedParameter {
        parameter(Array(name.utf8), VIR_TYPED_PARAM_INT) { $0.value.i = value }
    }

    @Test("every type has its value, and one that is not known, or NULL, has none")
    func types() throws {
        let text = strdup("vda")
        defer { free(text) }
        let all = [
            number("i", .min), parameter([0x75], VIR_TYPED_PARAM_UINT) { $0.value.ui = .max },
            parameter([0x6C], VIR_TYPED_PARAM_LLONG) { $0.value.l = .min },
            parameter([0x55], VIR_TYPED_PARAM_ULLONG) { $0.value.ul = .max },
            parameter([0x64], VIR_TYPED_PARAM_DOUBLE) { $0.value.d = -0.5 },
            parameter([0x62], VIR_TYPED_PARAM_BOOLEAN) { $0.value.b = 7 },
            parameter([0x73], VIR_TYPED_PARAM_STRING) { $0.value.s = text },
            parameter([0x6E], VIR_TYPED_PARAM_STRING) { $0.value.s = nil },
            parameter([0x3F], virTypedParameterType(99)) { $0.value.ul = .max },
        ]
        let expected: [(String, HostEvent.Parameter.Value)] = [
            ("i", .int(Int64(Int32.min))), ("u", .uint(UInt64(UInt32.max))), ("l", .int(.min)), ("U", .uint(.max)),
            ("d", .double(-0.5)), ("b", .bool(true)), ("s", .text("vda")), ("n", .none), ("_", .none),
        ]
        let event = try event(all)
        #expect(event.payload == .parameters(expected.map { HostEvent.Parameter(name: $0, value: $1) }))
        // A question mark is no part of a name.
        #expect(event.marks == TextMarks(unsafe: ["/params"]))
    }

    @Test("a name may fill its field, and what is more than a name is not taken over")
    func names() throws {
        let long = parameter(Array(repeating: 0x61, count: 80), VIR_TYPED_PARAM_INT) { $0.value.i = 1 }
        #expect(
            try event([long]).payload
                == .parameters([HostEvent.Parameter(name: String(repeating: "a", count: 80), value: .int(1))])
        )
        let hostile = try event([number("{{ 7*7 }}\n/~", 1), number("cputune.vcpupin0-1_x", 2)])
        #expect(
            hostile.payload
                == .parameters([
                    HostEvent.Parameter(name: "___7_7______", value: .int(1)),
                    HostEvent.Parameter(name: "cputune.vcpupin0-1_x", value: .int(2)),
                ])
        )
        #expect(hostile.marks == TextMarks(unsafe: ["/params"]))
    }

    @Test("of two of one name the last holds, and only what goes out is marked")
    func repeats() throws {
        let long = strdup(String(repeating: "x", count: 5_000))
        defer { free(long) }
        let cut = parameter(Array("a".utf8), VIR_TYPED_PARAM_STRING) { $0.value.s = long }
        let event = try event([cut, number("b", 1), number("a", 2)])
        #expect(
            event.payload
                == .parameters([
                    HostEvent.Parameter(name: "b", value: .int(1)), HostEvent.Parameter(name: "a", value: .int(2)),
                ])
        )
        #expect(event.marks == TextMarks())
    }

    @Test("a list ends after a hundred, and a count that is none is an empty list", arguments: [-1, 0, 101])
    func counts(count: Int32) throws {
        let all = (0..<101).map { number("n\($0)", $0) }
        let event = try event(all, count: count)
        guard case .parameters(let taken) = event.payload else { return #expect(Bool(false)) }
        #expect(taken.count == (count > 0 ? 100 : 0))
        #expect(event.marks.truncated == (count > 0 ? ["/params"] : []))
    }
}
