internal import CLibvirt

/// A domain as a whole: its life, its clock, its memory, its guest.
extension EventCallbacks {
    static let domainLifecycle: virConnectDomainEventCallback = { _, domain, event, detail, opaque in
        deliver(opaque, domain: domain) { _ in .lifecycle(event: event, detail: detail) }
        return 0
    }

    static let domainPlain: virConnectDomainEventGenericCallback = { _, domain, opaque in
        deliver(opaque, domain: domain) { _ in .plain }
    }

    static let domainRTCChange: virConnectDomainEventRTCChangeCallback = { _, domain, offset, opaque in
        deliver(opaque, domain: domain) { _ in .rtcChange(utcOffset: offset) }
    }

    static let domainWatchdog: virConnectDomainEventWatchdogCallback = { _, domain, action, opaque in
        deliver(opaque, domain: domain) { _ in .watchdog(action: action) }
    }

    /// pmwakeup, pmsuspend and pmsuspend_disk have callbacks of one form.
    static let domainPowerManagement: virConnectDomainEventPMWakeupCallback = { _, domain, reason, opaque in
        deliver(opaque, domain: domain) { _ in .powerManagement(reason: reason) }
    }

    static let domainBalloonChange: virConnectDomainEventBalloonChangeCallback = { _, domain, actual, opaque in
        deliver(opaque, domain: domain) { _ in .balloonChange(actual: actual) }
    }

    static let domainAgentLifecycle: virConnectDomainEventAgentLifecycleCallback = {
        _,
        domain,
        state,
        reason,
        opaque in
        deliver(opaque, domain: domain) { _ in .agentLifecycle(state: state, reason: reason) }
    }

    static let domainChannelLifecycle: clv_channel_lifecycle_callback = { _, domain, channel, state, reason, opaque in
        deliver(opaque, domain: domain) { copy in
            .channelLifecycle(channel: copy.text(channel, at: "/channelName"), state: state, reason: reason)
        }
    }

    static let domainMigrationIteration: virConnectDomainEventMigrationIterationCallback = {
        _,
        domain,
        iteration,
        opaque in
        deliver(opaque, domain: domain) { _ in .migrationIteration(iteration) }
    }

    static let domainMetadataChange: virConnectDomainEventMetadataChangeCallback = { _, domain, type, nsuri, opaque in
        deliver(opaque, domain: domain) { copy in
            .metadataChange(type: type, nsuri: copy.text(nsuri, at: "/nsuri"))
        }
    }

    static let domainMemoryFailure: virConnectDomainEventMemoryFailureCallback = {
        _,
        domain,
        recipient,
        action,
        flags,
        opaque in
        deliver(opaque, domain: domain) { _ in .memoryFailure(recipient: recipient, action: action, flags: flags) }
    }

    static let domainVCPURemoved: clv_vcpu_removed_callback = { _, domain, vcpu, opaque in
        deliver(opaque, domain: domain) { _ in .vcpuRemoved(id: vcpu) }
    }
}
