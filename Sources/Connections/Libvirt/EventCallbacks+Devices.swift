internal import CLibvirt

/// What a domain is made of: its disks, memory and network devices.
extension EventCallbacks {
    static let domainIOError: virConnectDomainEventIOErrorReasonCallback = {
        _,
        domain,
        path,
        device,
        action,
        reason,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .ioError(
                path: copy.text(path, at: "/srcPath"),
                device: copy.text(device, at: "/dev"),
                action: action,
                reason: copy.text(reason, at: "/reason")
            )
        }
    }

    static let domainIOErrorWithoutReason: virConnectDomainEventIOErrorCallback = {
        _,
        domain,
        path,
        device,
        action,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .ioError(
                path: copy.text(path, at: "/srcPath"),
                device: copy.text(device, at: "/dev"),
                action: action,
                reason: nil
            )
        }
    }

    /// block_job in both its forms: `disk` is a target in the newer one, a path in the older one.
    static let domainBlockJob: virConnectDomainEventBlockJobCallback = { _, domain, disk, type, status, opaque in
        deliver(opaque, domain: domain) { copy in
            .blockJob(disk: copy.text(disk, at: "/disk"), type: type, status: status)
        }
    }

    static let domainDiskChange: virConnectDomainEventDiskChangeCallback = {
        _,
        domain,
        old,
        new,
        device,
        reason,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .diskChange(
                oldPath: copy.text(old, at: "/oldSrcPath"),
                newPath: copy.text(new, at: "/newSrcPath"),
                device: copy.text(device, at: "/dev"),
                reason: reason
            )
        }
    }

    static let domainTrayChange: virConnectDomainEventTrayChangeCallback = { _, domain, device, reason, opaque in
        deliver(opaque, domain: domain) { copy in
            .trayChange(device: copy.text(device, at: "/dev"), reason: reason)
        }
    }

    /// device_added, device_removed and device_removal_failed have callbacks of one form.
    static let domainDevice: virConnectDomainEventDeviceAddedCallback = { _, domain, device, opaque in
        deliver(opaque, domain: domain) { copy in .device(copy.text(device, at: "/dev")) }
    }

    static let domainBlockThreshold: virConnectDomainEventBlockThresholdCallback = {
        _,
        domain,
        device,
        path,
        threshold,
        excess,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .blockThreshold(
                device: copy.text(device, at: "/dev"),
                path: copy.text(path, at: "/path"),
                threshold: threshold,
                excess: excess
            )
        }
    }

    static let domainMemoryDeviceSizeChange: virConnectDomainEventMemoryDeviceSizeChangeCallback = {
        _,
        domain,
        device,
        size,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .memoryDeviceSize(device: copy.text(device, at: "/dev"), size: size)
        }
    }

    static let domainNICMACChange: clv_nic_mac_change_callback = { _, domain, device, old, new, opaque in
        deliver(opaque, domain: domain) { copy in
            .macChange(
                device: copy.text(device, at: "/dev"),
                old: copy.text(old, at: "/oldMAC"),
                new: copy.text(new, at: "/newMAC")
            )
        }
    }
}
