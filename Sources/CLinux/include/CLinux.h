/*
 * What Linux has and Swift's Glibc module does not show: epoll, eventfd, thread names, clocks, and a few calls whose types
 * Swift may not look into.
 *
 * Which module a C type belongs to depends on which header an importer reads first, and Swift sees its members only where
 * that module is imported: a header here must not bring in a type that Swift files use by way of Glibc (struct stat, struct
 * pollfd). What needs one is a function in CLinux.c.
 */
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Declared only under _GNU_SOURCE, which the importer does not define. */
extern int pthread_setname_np(pthread_t thread, const char *name);

/* Clocks. */
int64_t clinux_wall_clock_microseconds(void);

/* What the calling thread has used of the processors. */
int64_t clinux_thread_cpu_nanoseconds(void);
int64_t clinux_monotonic_milliseconds(void);

/* How a file looks from outside. */
struct clinux_file_look {
    uint64_t device, inode;
    int64_t size;
    uint32_t user;

    /* The permission bits. */
    uint32_t mode;
    int64_t modified_seconds, modified_nanoseconds;
    int64_t changed_seconds, changed_nanoseconds;
    int is_folder, is_regular, is_socket;
};

/* 0, or -1 with errno; follows a link if asked to. */
int clinux_look_at_file(const char *path, int follows_links, struct clinux_file_look *look);

/* The calling thread, as /proc names it. */
int clinux_thread_id(void);

/*
 * How a system call names the descriptors it waits for: 0 = it names none, 1 = one is the first argument, 2 = they are in
 * the array of struct pollfd that the first argument points to and the second counts.
 */
int clinux_waits_for(long number);

/*
 * Locks a file for this process alone: 0, or -1 with errno, which is EWOULDBLOCK when another one has it. Tries for half a
 * second: a child that the holder has just forked shares the lock until it becomes another program, and the holder may
 * have ended meanwhile.
 */
int clinux_lock(int file);

/* How much of what is freed an arena keeps, and from which size on a block is the kernel's: see mallopt(3). */
void clinux_keep_freed_memory(int bytes, int own_block);
