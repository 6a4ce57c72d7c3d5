/*
 * libvirt as Swift can see it. What stands here is what the importer cannot do by itself:
 *
 *  1. Cast macros. VIR_DOMAIN_EVENT_CALLBACK and its kin cast any function to one generic type. Each register function
 *     below takes the callback of its own kind, so that clang checks the signature, and casts in C.
 *  2. Sentinels. The *_LAST values are hidden unless asked for.
 *  3. Kinds that are newer than the headers. The library that runs may know them all the same; newer headers hold the
 *     declarations here to theirs.
 */
#pragma once
#include <stddef.h>
#define VIR_ENUM_SENTINELS
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

typedef void (*clv_nic_mac_change_callback)(virConnectPtr connection, virDomainPtr domain, const char *alias,
                                            const char *old_mac, const char *new_mac, void *opaque);
typedef void (*clv_vcpu_removed_callback)(virConnectPtr connection, virDomainPtr domain, unsigned int vcpu,
                                          void *opaque);
typedef void (*clv_channel_lifecycle_callback)(virConnectPtr connection, virDomainPtr domain, const char *channel,
                                               int state, int reason, void *opaque);
typedef void (*clv_network_metadata_change_callback)(virConnectPtr connection, virNetworkPtr network, int type,
                                                     const char *nsuri, void *opaque);

enum {
    CLV_DOMAIN_EVENT_ID_NIC_MAC_CHANGE = 27,
    CLV_DOMAIN_EVENT_ID_VCPU_REMOVED = 28,
    CLV_DOMAIN_EVENT_ID_CHANNEL_LIFECYCLE = 29,
    CLV_NETWORK_EVENT_ID_METADATA_CHANGE = 1,
};

#define CLV_SAME(one, other) \
    _Static_assert(__builtin_types_compatible_p(one, other), #one " is not " #other)
#if LIBVIR_CHECK_VERSION(9, 8, 0)
CLV_SAME(clv_network_metadata_change_callback, virConnectNetworkEventMetadataChangeCallback);
_Static_assert((int)CLV_NETWORK_EVENT_ID_METADATA_CHANGE == (int)VIR_NETWORK_EVENT_ID_METADATA_CHANGE, "another id");
#endif
#if LIBVIR_CHECK_VERSION(11, 2, 0)
CLV_SAME(clv_nic_mac_change_callback, virConnectDomainEventNICMACChangeCallback);
_Static_assert((int)CLV_DOMAIN_EVENT_ID_NIC_MAC_CHANGE == (int)VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE, "another id");
#endif
#if LIBVIR_CHECK_VERSION(12, 4, 0)
CLV_SAME(clv_vcpu_removed_callback, virConnectDomainEventVcpuRemovedCallback);
CLV_SAME(clv_channel_lifecycle_callback, virConnectDomainEventChannelLifecycleCallback);
_Static_assert((int)CLV_DOMAIN_EVENT_ID_VCPU_REMOVED == (int)VIR_DOMAIN_EVENT_ID_VCPU_REMOVED, "another id");
_Static_assert((int)CLV_DOMAIN_EVENT_ID_CHANNEL_LIFECYCLE == (int)VIR_DOMAIN_EVENT_ID_CHANNEL_LIFECYCLE, "another id");
#endif
#undef CLV_SAME

/* The callback's type is checked where the function is called, its cast happens here. */
#define CLV_REGISTER(object, name, id, callback_type, function, cast) \
    static inline int clv_register_##object##_##name(virConnectPtr connection, callback_type callback, void *opaque, \
                                                     virFreeCallback release) { \
        return function(connection, NULL, id, cast(callback), opaque, release); \
    }
#define CLV_DOMAIN(name, id, type) \
    CLV_REGISTER(domain, name, id, type, virConnectDomainEventRegisterAny, VIR_DOMAIN_EVENT_CALLBACK)
#define CLV_NETWORK(name, id, type) \
    CLV_REGISTER(network, name, id, type, virConnectNetworkEventRegisterAny, VIR_NETWORK_EVENT_CALLBACK)
#define CLV_POOL(name, id, type) \
    CLV_REGISTER(pool, name, id, type, virConnectStoragePoolEventRegisterAny, VIR_STORAGE_POOL_EVENT_CALLBACK)
#define CLV_NODEDEV(name, id, type) \
    CLV_REGISTER(nodedev, name, id, type, virConnectNodeDeviceEventRegisterAny, VIR_NODE_DEVICE_EVENT_CALLBACK)
#define CLV_SECRET(name, id, type) \
    CLV_REGISTER(secret, name, id, type, virConnectSecretEventRegisterAny, VIR_SECRET_EVENT_CALLBACK)

CLV_DOMAIN(lifecycle, VIR_DOMAIN_EVENT_ID_LIFECYCLE, virConnectDomainEventCallback)
CLV_DOMAIN(reboot, VIR_DOMAIN_EVENT_ID_REBOOT, virConnectDomainEventGenericCallback)
CLV_DOMAIN(rtc_change, VIR_DOMAIN_EVENT_ID_RTC_CHANGE, virConnectDomainEventRTCChangeCallback)
CLV_DOMAIN(watchdog, VIR_DOMAIN_EVENT_ID_WATCHDOG, virConnectDomainEventWatchdogCallback)
CLV_DOMAIN(io_error, VIR_DOMAIN_EVENT_ID_IO_ERROR, virConnectDomainEventIOErrorCallback)
CLV_DOMAIN(graphics, VIR_DOMAIN_EVENT_ID_GRAPHICS, virConnectDomainEventGraphicsCallback)
CLV_DOMAIN(io_error_reason, VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, virConnectDomainEventIOErrorReasonCallback)
CLV_DOMAIN(control_error, VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, virConnectDomainEventGenericCallback)
CLV_DOMAIN(block_job, VIR_DOMAIN_EVENT_ID_BLOCK_JOB, virConnectDomainEventBlockJobCallback)
CLV_DOMAIN(disk_change, VIR_DOMAIN_EVENT_ID_DISK_CHANGE, virConnectDomainEventDiskChangeCallback)
CLV_DOMAIN(tray_change, VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, virConnectDomainEventTrayChangeCallback)
CLV_DOMAIN(pmwakeup, VIR_DOMAIN_EVENT_ID_PMWAKEUP, virConnectDomainEventPMWakeupCallback)
CLV_DOMAIN(pmsuspend, VIR_DOMAIN_EVENT_ID_PMSUSPEND, virConnectDomainEventPMSuspendCallback)
CLV_DOMAIN(balloon_change, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, virConnectDomainEventBalloonChangeCallback)
CLV_DOMAIN(pmsuspend_disk, VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK, virConnectDomainEventPMSuspendDiskCallback)
CLV_DOMAIN(device_removed, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, virConnectDomainEventDeviceRemovedCallback)
CLV_DOMAIN(block_job_2, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, virConnectDomainEventBlockJobCallback)
CLV_DOMAIN(tunable, VIR_DOMAIN_EVENT_ID_TUNABLE, virConnectDomainEventTunableCallback)
CLV_DOMAIN(agent_lifecycle, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, virConnectDomainEventAgentLifecycleCallback)
CLV_DOMAIN(device_added, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, virConnectDomainEventDeviceAddedCallback)
CLV_DOMAIN(migration_iteration, VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
           virConnectDomainEventMigrationIterationCallback)
CLV_DOMAIN(job_completed, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, virConnectDomainEventJobCompletedCallback)
CLV_DOMAIN(device_removal_failed, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
           virConnectDomainEventDeviceRemovalFailedCallback)
CLV_DOMAIN(metadata_change, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, virConnectDomainEventMetadataChangeCallback)
CLV_DOMAIN(block_threshold, VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD, virConnectDomainEventBlockThresholdCallback)
CLV_DOMAIN(memory_failure, VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE, virConnectDomainEventMemoryFailureCallback)
CLV_DOMAIN(memory_device_size_change, VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE,
           virConnectDomainEventMemoryDeviceSizeChangeCallback)
CLV_DOMAIN(nic_mac_change, CLV_DOMAIN_EVENT_ID_NIC_MAC_CHANGE, clv_nic_mac_change_callback)
CLV_DOMAIN(vcpu_removed, CLV_DOMAIN_EVENT_ID_VCPU_REMOVED, clv_vcpu_removed_callback)
CLV_DOMAIN(channel_lifecycle, CLV_DOMAIN_EVENT_ID_CHANNEL_LIFECYCLE, clv_channel_lifecycle_callback)
CLV_NETWORK(lifecycle, VIR_NETWORK_EVENT_ID_LIFECYCLE, virConnectNetworkEventLifecycleCallback)
CLV_NETWORK(metadata_change, CLV_NETWORK_EVENT_ID_METADATA_CHANGE, clv_network_metadata_change_callback)
CLV_POOL(lifecycle, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, virConnectStoragePoolEventLifecycleCallback)
CLV_POOL(refresh, VIR_STORAGE_POOL_EVENT_ID_REFRESH, virConnectStoragePoolEventGenericCallback)
CLV_NODEDEV(lifecycle, VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, virConnectNodeDeviceEventLifecycleCallback)
CLV_NODEDEV(update, VIR_NODE_DEVICE_EVENT_ID_UPDATE, virConnectNodeDeviceEventGenericCallback)
CLV_SECRET(lifecycle, VIR_SECRET_EVENT_ID_LIFECYCLE, virConnectSecretEventLifecycleCallback)
CLV_SECRET(value_changed, VIR_SECRET_EVENT_ID_VALUE_CHANGED, virConnectSecretEventGenericCallback)
