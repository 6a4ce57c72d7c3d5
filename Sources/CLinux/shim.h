/* What Linux has and Swift's Glibc module does not show: epoll, eventfd and thread names. Headers only, nothing to link. */
#pragma once
#include <stddef.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Declared only under _GNU_SOURCE, which the importer does not define. */
extern int pthread_setname_np(pthread_t thread, const char *name);
