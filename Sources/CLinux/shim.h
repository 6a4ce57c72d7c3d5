/* What Linux has and Swift's Glibc module does not show: epoll, eventfd, thread names, clocks, dates of files. Headers only, nothing to link. */
#pragma once
#include <stddef.h>
#include <pthread.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

/* How a file looks from outside. In C for the same reason: its dates are a struct timespec. */
struct clinux_file_look {
    uint64_t device, inode;
    int64_t size;
    int64_t modified_seconds, modified_nanoseconds;
    int64_t changed_seconds, changed_nanoseconds;
    int is_socket;
};

/* 0, or -1 with errno; follows a link if asked to. */
static inline int clinux_look_at_file(const char *path, int follows_links, struct clinux_file_look *look) {
    struct stat status;
    if ((follows_links ? stat(path, &status) : lstat(path, &status)) != 0) return -1;
    look->device = (uint64_t)status.st_dev;
    look->inode = (uint64_t)status.st_ino;
    look->size = (int64_t)status.st_size;
    look->modified_seconds = (int64_t)status.st_mtim.tv_sec;
    look->modified_nanoseconds = (int64_t)status.st_mtim.tv_nsec;
    look->changed_seconds = (int64_t)status.st_ctim.tv_sec;
    look->changed_nanoseconds = (int64_t)status.st_ctim.tv_nsec;
    look->is_socket = S_ISSOCK(status.st_mode);
    return 0;
}

/* The calling thread, as /proc names it. */
static inline int clinux_thread_id(void) { return (int)syscall(SYS_gettid); }

/*
 * How a system call names the descriptor it waits for: 0 = it names none, 1 = it is the first argument, 2 = it is in the
 * struct pollfd that the first argument points to.
 */
static inline int clinux_waits_for(long number) {
    switch (number) {
    case SYS_connect: case SYS_read: case SYS_recvfrom: case SYS_recvmsg: case SYS_write: case SYS_sendto: case SYS_sendmsg:
        return 1;
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
        return 2;
    default:
        return 0;
    }
}

/*
 * Locks a file for this process alone: 0, or -1 with errno, which is EWOULDBLOCK when another one has it. Tries for half a
 * second: a child that the holder has just forked shares the lock until it becomes another program, and the holder may
 * have ended meanwhile.
 */
static inline int clinux_lock(int file) {
    for (int tries = 0; tries < 25; tries++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
        if (errno != EWOULDBLOCK && errno != EINTR) return -1;
        poll(NULL, 0, 20);
    }
    errno = EWOULDBLOCK;
    return -1;
}
