// Two functions that stand before libssh's own, for libvirt, which finds those of the program first.
//
// libvirt hands its socket to libssh (SSH_OPTIONS_FD), and both of them close it: libssh when its peer is lost or refuses,
// which it should not for a socket that is not its own (libssh's issue 244; 0.10 does), and libvirt a moment later. What
// another thread has opened in between is gone then: another host's connection, the database, or a socket of
// getaddrinfo(3), which aborts the process. So libssh gets a descriptor of its own, a duplicate, to close or not.
//
// The declarations are those of libssh 0.8 and later (soname 4), whose headers are not needed to build.
#define _GNU_SOURCE
#include "CLibssh.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct ssh_session_struct *ssh_session;
int ssh_options_set(ssh_session session, int option, const void *value);
void ssh_free(ssh_session session);

enum { SSH_OPTIONS_FD = 3 };

// A duplicate that a session has; the inode tells whether the number is still that, for a socket's is never used twice.
struct duplicate {
    ssh_session session;
    int fd;
    ino_t inode;
    struct duplicate *next;
};

static struct duplicate *duplicates;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct duplicate *make(ssh_session session, int fd) {
    struct duplicate *made = malloc(sizeof *made);
    struct stat status;
    if (made == NULL) return NULL;
    made->session = session;
    made->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (made->fd < 0 || fstat(made->fd, &status) != 0) {
        if (made->fd >= 0) close(made->fd);
        free(made);
        return NULL;
    }
    made->inode = status.st_ino;
    pthread_mutex_lock(&lock);
    made->next = duplicates;
    duplicates = made;
    pthread_mutex_unlock(&lock);
    return made;
}

static struct duplicate *take(ssh_session session) {
    struct duplicate *taken = NULL;
    pthread_mutex_lock(&lock);
    for (struct duplicate **link = &duplicates; *link != NULL; link = &(*link)->next) {
        if ((*link)->session != session) continue;
        taken = *link;
        *link = taken->next;
        break;
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

int ssh_options_set(ssh_session session, int option, const void *value) {
    int (*next)(ssh_session, int, const void *) = dlsym(RTLD_NEXT, "ssh_options_set");
    if (next == NULL) return -1;
    if (option != SSH_OPTIONS_FD || value == NULL || *(const int *)value < 0) return next(session, option, value);
    struct duplicate *made = make(session, *(const int *)value);
    // Without room for another descriptor it is as it was; the session fails for that soon enough.
    return next(session, option, made != NULL ? &made->fd : value);
}

void ssh_free(ssh_session session) {
    void (*next)(ssh_session) = dlsym(RTLD_NEXT, "ssh_free");
    // Before: from then on another session may be at this address.
    struct duplicate *taken = take(session);
    if (next != NULL) next(session);
    if (taken == NULL) return;
    struct stat status;
    if (fstat(taken->fd, &status) == 0 && S_ISSOCK(status.st_mode) && status.st_ino == taken->inode) close(taken->fd);
    free(taken);
}
