/* What Linux has and Swift's Glibc module does not show: epoll, eventfd, thread names, clocks. Headers only, nothing to link. */
#pragma once
#include <stddef.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

/* Declared only under _GNU_SOURCE, which the importer does not define. */
extern int pthread_setname_np(pthread_t thread, const char *name);

/*
 * Clocks. In C, because glibc's struct timespec belongs to no module of its own: an optimized build takes it for
 * CLibvirt's, and then Swift may not look into it.
 */
static inline int64_t clinux_wall_clock_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t clinux_monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
