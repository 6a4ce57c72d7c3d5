/*
 * libvirt as Swift can see it. What stands here is what the importer cannot do by itself:
 *
 *  1. Cast macros. VIR_DOMAIN_EVENT_CALLBACK and its kin cast any function to one generic type. Each register function
 *     below takes the callback of its own kind, so that clang checks the signature, and casts in C.
 *  2. Sentinels. The *_LAST values are hidden unless asked for.
 */
#pragma once
#include <stddef.h>
#define VIR_ENUM_SENTINELS
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

static inline int clv_register_domain_lifecycle(virConnectPtr connection, virConnectDomainEventCallback callback,
                                                void *opaque, virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), opaque, release);
}

/* Kinds that carry nothing but the domain (reboot, ...) share the generic callback type. */
static inline int clv_register_domain_plain(virConnectPtr connection, int id,
                                            virConnectDomainEventGenericCallback callback, void *opaque,
                                            virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, id, callback, opaque, release);
}

static inline int clv_register_domain_metadata_change(virConnectPtr connection,
                                                      virConnectDomainEventMetadataChangeCallback callback,
                                                      void *opaque, virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), opaque, release);
}

static inline int clv_register_network_lifecycle(virConnectPtr connection,
                                                 virConnectNetworkEventLifecycleCallback callback, void *opaque,
                                                 virFreeCallback release) {
    return virConnectNetworkEventRegisterAny(connection, NULL, VIR_NETWORK_EVENT_ID_LIFECYCLE,
                                             VIR_NETWORK_EVENT_CALLBACK(callback), opaque, release);
}

static inline int clv_register_pool_lifecycle(virConnectPtr connection,
                                              virConnectStoragePoolEventLifecycleCallback callback, void *opaque,
                                              virFreeCallback release) {
    return virConnectStoragePoolEventRegisterAny(connection, NULL, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
                                                 VIR_STORAGE_POOL_EVENT_CALLBACK(callback), opaque, release);
}

/* Pool kinds that carry nothing but the pool (refresh). */
static inline int clv_register_pool_plain(virConnectPtr connection, int id,
                                          virConnectStoragePoolEventGenericCallback callback, void *opaque,
                                          virFreeCallback release) {
    return virConnectStoragePoolEventRegisterAny(connection, NULL, id, callback, opaque, release);
}

static inline int clv_register_nodedev_lifecycle(virConnectPtr connection,
                                                 virConnectNodeDeviceEventLifecycleCallback callback, void *opaque,
                                                 virFreeCallback release) {
    return virConnectNodeDeviceEventRegisterAny(connection, NULL, VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE,
                                                VIR_NODE_DEVICE_EVENT_CALLBACK(callback), opaque, release);
}

static inline int clv_register_secret_lifecycle(virConnectPtr connection,
                                                virConnectSecretEventLifecycleCallback callback, void *opaque,
                                                virFreeCallback release) {
    return virConnectSecretEventRegisterAny(connection, NULL, VIR_SECRET_EVENT_ID_LIFECYCLE,
                                            VIR_SECRET_EVENT_CALLBACK(callback), opaque, release);
}
