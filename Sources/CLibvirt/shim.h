/*
 * libvirt as Swift can see it. What stands here is what the importer cannot do by itself:
 *
 *  1. Cast macros. VIR_DOMAIN_EVENT_CALLBACK and its kin cast any function to one generic type. Each register function
 *     below takes callbacks of one signature, which clang checks, and casts in C.
 *  2. Kinds that are newer than the headers. The library that runs may know them all the same; newer headers hold the
 *     declarations here to theirs.
 */
#pragma once
#include <stddef.h>
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

/* clv_register_<object>_<what the callback takes>(connection, id, callback, opaque, release) */
#define CLV_REGISTER(name, callback_type, function, cast) \
    static inline int clv_register_##name(virConnectPtr connection, int id, callback_type callback, void *opaque, \
                                          virFreeCallback release) { \
        return function(connection, NULL, id, cast(callback), opaque, release); \
    }
#define CLV_DOMAIN(takes, type) \
    CLV_REGISTER(domain_##takes, type, virConnectDomainEventRegisterAny, VIR_DOMAIN_EVENT_CALLBACK)
#define CLV_NETWORK(takes, type) \
    CLV_REGISTER(network_##takes, type, virConnectNetworkEventRegisterAny, VIR_NETWORK_EVENT_CALLBACK)
#define CLV_POOL(takes, type) \
    CLV_REGISTER(pool_##takes, type, virConnectStoragePoolEventRegisterAny, VIR_STORAGE_POOL_EVENT_CALLBACK)
#define CLV_NODEDEV(takes, type) \
    CLV_REGISTER(nodedev_##takes, type, virConnectNodeDeviceEventRegisterAny, VIR_NODE_DEVICE_EVENT_CALLBACK)
#define CLV_SECRET(takes, type) \
    CLV_REGISTER(secret_##takes, type, virConnectSecretEventRegisterAny, VIR_SECRET_EVENT_CALLBACK)

CLV_DOMAIN(lifecycle, virConnectDomainEventCallback)
CLV_DOMAIN(plain, virConnectDomainEventGenericCallback)
CLV_DOMAIN(int, virConnectDomainEventWatchdogCallback)
CLV_DOMAIN(uint, clv_vcpu_removed_callback)
CLV_DOMAIN(llong, virConnectDomainEventRTCChangeCallback)
CLV_DOMAIN(ullong, virConnectDomainEventBalloonChangeCallback)
CLV_DOMAIN(int_int, virConnectDomainEventAgentLifecycleCallback)
CLV_DOMAIN(int_int_uint, virConnectDomainEventMemoryFailureCallback)
CLV_DOMAIN(int_text, virConnectDomainEventMetadataChangeCallback)
CLV_DOMAIN(text, virConnectDomainEventDeviceAddedCallback)
CLV_DOMAIN(text_int, virConnectDomainEventTrayChangeCallback)
CLV_DOMAIN(text_int_int, virConnectDomainEventBlockJobCallback)
CLV_DOMAIN(text_ullong, virConnectDomainEventMemoryDeviceSizeChangeCallback)
CLV_DOMAIN(text_text_int, virConnectDomainEventIOErrorCallback)
CLV_DOMAIN(text_text_int_text, virConnectDomainEventIOErrorReasonCallback)
CLV_DOMAIN(text_text_text, clv_nic_mac_change_callback)
CLV_DOMAIN(text_text_text_int, virConnectDomainEventDiskChangeCallback)
CLV_DOMAIN(text_text_ullong_ullong, virConnectDomainEventBlockThresholdCallback)
CLV_DOMAIN(graphics, virConnectDomainEventGraphicsCallback)
CLV_DOMAIN(parameters, virConnectDomainEventTunableCallback)
CLV_NETWORK(int_int, virConnectNetworkEventLifecycleCallback)
CLV_NETWORK(int_text, clv_network_metadata_change_callback)
CLV_POOL(int_int, virConnectStoragePoolEventLifecycleCallback)
CLV_POOL(plain, virConnectStoragePoolEventGenericCallback)
CLV_NODEDEV(int_int, virConnectNodeDeviceEventLifecycleCallback)
CLV_NODEDEV(plain, virConnectNodeDeviceEventGenericCallback)
CLV_SECRET(int_int, virConnectSecretEventLifecycleCallback)
CLV_SECRET(plain, virConnectSecretEventGenericCallback)

#undef CLV_SECRET
#undef CLV_NODEDEV
#undef CLV_POOL
#undef CLV_NETWORK
#undef CLV_DOMAIN
#undef CLV_REGISTER
