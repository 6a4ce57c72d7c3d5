#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int64_t clinux_wall_clock_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clinux_thread_cpu_nanoseconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

int64_t clinux_monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int clinux_look_at_file(const char *path, int follows_links, struct clinux_file_look *look) {
    struct stat status;
    if ((follows_links ? stat(path, &status) : lstat(path, &status)) != 0) return -1;
    look->device = (uint64_t)status.st_dev;
    look->inode = (uint64_t)status.st_ino;
    look->size = (int64_t)status.st_size;
    look->user = (uint32_t)status.st_uid;
    look->mode = (uint32_t)(status.st_mode & 07777);
    look->modified_seconds = (int64_t)status.st_mtim.tv_sec;
    look->modified_nanoseconds = (int64_t)status.st_mtim.tv_nsec;
    look->changed_seconds = (int64_t)status.st_ctim.tv_sec;
    look->changed_nanoseconds = (int64_t)status.st_ctim.tv_nsec;
    look->is_folder = S_ISDIR(status.st_mode);
    look->is_regular = S_ISREG(status.st_mode);
    look->is_socket = S_ISSOCK(status.st_mode);
    return 0;
}

int clinux_thread_id(void) { return (int)syscall(SYS_gettid); }

int clinux_waits_for(long number) {
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

int clinux_lock(int file) {
    for (int tries = 0; tries < 25; tries++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
        if (errno != EWOULDBLOCK && errno != EINTR) return -1;
        poll(NULL, 0, 20);
    }
    errno = EWOULDBLOCK;
    return -1;
}

void clinux_keep_freed_memory(int bytes, int own_block) {
    mallopt(M_TRIM_THRESHOLD, bytes);
    mallopt(M_MMAP_THRESHOLD, own_block);
}
