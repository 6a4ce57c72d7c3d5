internal import CLibvirt

@testable internal import Connections

/// How each kind's callback is called with arguments of the fuzzer's choice; a row for each row of the table.
enum CallbackCalls {
    typealias Call = @Sendable (FuzzInput, LibvirtObjects, UnsafeMutableRawPointer) -> Void
    private typealias Calls = EventCallbacks

    static let all: [(kind: EventKind, call: Call)] = [
        (.domainLifecycle, { _ = Calls.domainLifecycle(nil, $1.domain, $0.enumeration(), $0.enumeration(), $2) }),
        (.domainReboot, { Calls.domainPlain(nil, $1.domain, $2) }),
        (.domainRTCChange, { Calls.domainRTCChange(nil, $1.domain, $0.number(), $2) }),
        (.domainWatchdog, { Calls.domainWatchdog(nil, $1.domain, $0.enumeration(), $2) }),
        (
            .domainIOErrorWithoutReason,
            { Calls.domainIOErrorWithoutReason(nil, $1.domain, $0.cText(), $0.cText(), $0.enumeration(), $2) }
        ),
        (.domainGraphics, graphics),
        (
            .domainIOError,
            { Calls.domainIOError(nil, $1.domain, $0.cText(), $0.cText(), $0.enumeration(), $0.cText(), $2) }
        ),
        (.domainControlError, { Calls.domainPlain(nil, $1.domain, $2) }),
        (
            .domainBlockJobByPath,
            { Calls.domainBlockJob(nil, $1.domain, $0.cText(), $0.enumeration(), $0.enumeration(), $2) }
        ),
        (
            .domainDiskChange,
            { Calls.domainDiskChange(nil, $1.domain, $0.cText(), $0.cText(), $0.cText(), $0.enumeration(), $2) }
        ),
        (.domainTrayChange, { Calls.domainTrayChange(nil, $1.domain, $0.cText(), $0.enumeration(), $2) }),
        (.domainPMWakeup, { Calls.domainPowerManagement(nil, $1.domain, $0.enumeration(), $2) }),
        (.domainPMSuspend, { Calls.domainPowerManagement(nil, $1.domain, $0.enumeration(), $2) }),
        (.domainBalloonChange, { Calls.domainBalloonChange(nil, $1.domain, $0.number(), $2) }),
        (.domainPMSuspendDisk, { Calls.domainPowerManagement(nil, $1.domain, $0.enumeration(), $2) }),
        (.domainDeviceRemoved, { Calls.domainDevice(nil, $1.domain, $0.cText(), $2) }),
        (.domainBlockJob, { Calls.domainBlockJob(nil, $1.domain, $0.cText(), $0.enumeration(), $0.enumeration(), $2) }),
        (.domainTunable, parameters),
        (.domainAgentLifecycle, { Calls.domainAgentLifecycle(nil, $1.domain, $0.enumeration(), $0.enumeration(), $2) }),
        (.domainDeviceAdded, { Calls.domainDevice(nil, $1.domain, $0.cText(), $2) }),
        (.domainMigrationIteration, { Calls.domainMigrationIteration(nil, $1.domain, $0.number(), $2) }),
        (.domainJobCompleted, parameters),
        (.domainDeviceRemovalFailed, { Calls.domainDevice(nil, $1.domain, $0.cText(), $2) }),
        (.domainMetadataChange, { Calls.domainMetadataChange(nil, $1.domain, $0.enumeration(), $0.cText(), $2) }),
        (
            .domainBlockThreshold,
            { Calls.domainBlockThreshold(nil, $1.domain, $0.cText(), $0.cText(), $0.number(), $0.number(), $2) }
        ),
        (
            .domainMemoryFailure,
            { Calls.domainMemoryFailure(nil, $1.domain, $0.enumeration(), $0.enumeration(), $0.number(), $2) }
        ),
        (
            .domainMemoryDeviceSizeChange,
            { Calls.domainMemoryDeviceSizeChange(nil, $1.domain, $0.cText(), $0.number(), $2) }
        ),
        (.domainNICMACChange, { Calls.domainNICMACChange(nil, $1.domain, $0.cText(), $0.cText(), $0.cText(), $2) }),
        (.domainVCPURemoved, { Calls.domainVCPURemoved(nil, $1.domain, $0.number(), $2) }),
        (
            .domainChannelLifecycle,
            { Calls.domainChannelLifecycle(nil, $1.domain, $0.cText(), $0.enumeration(), $0.enumeration(), $2) }
        ),
        (.networkLifecycle, { Calls.networkLifecycle(nil, $1.network, $0.enumeration(), $0.enumeration(), $2) }),
        (.networkMetadataChange, { Calls.networkMetadataChange(nil, $1.network, $0.enumeration(), $0.cText(), $2) }),
        (.poolLifecycle, { Calls.poolLifecycle(nil, $1.pool, $0.enumeration(), $0.enumeration(), $2) }),
        (.poolRefresh, { Calls.poolPlain(nil, $1.pool, $2) }),
        (.nodedevLifecycle, { Calls.nodedevLifecycle(nil, $1.nodedev, $0.enumeration(), $0.enumeration(), $2) }),
        (.nodedevUpdate, { Calls.nodedevPlain(nil, $1.nodedev, $2) }),
        (.secretLifecycle, { Calls.secretLifecycle(nil, $1.secret, $0.enumeration(), $0.enumeration(), $2) }),
        (.secretValueChanged, { Calls.secretPlain(nil, $1.secret, $2) }),
    ]

    private static let graphics: Call = { input, objects, opaque in
        let phase = input.enumeration()
        let missing = input.byte()
        let scheme = input.cText()
        var addresses = (0..<2).map { _ in
            virDomainEventGraphicsAddress(
                family: input.enumeration(),
                node: UnsafeMutablePointer(mutating: input.cText()),
                service: UnsafeMutablePointer(mutating: input.cText())
            )
        }
        var identities = (0..<input.repeats(upTo: 40)).map { _ in
            virDomainEventGraphicsSubjectIdentity(
                type: UnsafeMutablePointer(mutating: input.cText()),
                name: UnsafeMutablePointer(mutating: input.cText())
            )
        }
        addresses.withUnsafeMutableBufferPointer { addresses in
            identities.withUnsafeMutableBufferPointer { identities in
                let none = missing & 4 != 0
                var subject = virDomainEventGraphicsSubject(
                    nidentity: none ? input.number() : Int32(identities.count),
                    identities: none ? nil : identities.baseAddress
                )
                withUnsafePointer(to: &subject) { subject in
                    let first = UnsafePointer(addresses.baseAddress)
                    let local = missing & 1 == 0 ? first : nil
                    let remote = missing & 2 == 0 ? first.map { $0 + 1 } : nil
                    let who = missing & 8 == 0 ? subject : nil
                    Calls.domainGraphics(nil, objects.domain, phase, local, remote, scheme, who, opaque)
                }
            }
        }
    }

    /// Names may fill the 80 bytes without a NUL, types may be none, and a text may be missing.
    private static let parameters: Call = { input, objects, opaque in
        var parameters = (0..<input.repeats(upTo: 130)).map { index in
            var parameter = virTypedParameter()
            withUnsafeMutableBytes(of: &parameter.field) { field in
                let name = input.bytes()
                field.copyBytes(from: name.prefix(field.count))
                // Many of one name would be one parameter.
                if name.count < field.count { field[name.count] = UInt8(0x30 + index % 64) }
            }
            parameter.type = input.enumeration()
            if parameter.type == Int32(VIR_TYPED_PARAM_STRING.rawValue) {
                parameter.value.s = UnsafeMutablePointer(mutating: input.cText())
            } else {
                parameter.value.ul = input.number()
            }
            return parameter
        }
        parameters.withUnsafeMutableBufferPointer { parameters in
            let isMissing = input.byte() == 0xFF
            let count = isMissing ? input.number() : Int32(parameters.count)
            Calls.domainParameters(nil, objects.domain, isMissing ? nil : parameters.baseAddress, count, opaque)
        }
    }
}
