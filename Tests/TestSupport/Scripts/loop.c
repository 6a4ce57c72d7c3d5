// Preloaded into virsh. `save`, `dump` and their like do their work in a thread, which ends virsh's loop when it is
// done; one that is done before the loop has begun ends nothing, and virsh hangs for good (libvirt 9.0, virshWatchJob).
// Here the end is a turn of the loop itself, whenever that comes. With VIRT_AGGREGATOR_LATE_LOOP the loop begins when its
// end has been asked for, and not before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static sem_t asked;

__attribute__((constructor)) static void begin(void) { sem_init(&asked, 0, 0); }

// libvirt ends loops of its own, of which some are over already.
static int is_of_virsh(void *caller)
{
    Dl_info info;

    return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "virsh");
}

void g_main_loop_run(void *loop)
{
    void (*run)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_run");

    if (getenv("VIRT_AGGREGATOR_LATE_LOOP") && is_of_virsh(__builtin_return_address(0)))
        sem_wait(&asked);
    run(loop);
}

// A GSourceFunc: 0 = once.
static int end(void *loop)
{
    ((void (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_quit"))(loop);
    return 0;
}

void g_main_loop_quit(void *loop)
{
    void *(*context)(void *) = (void *(*)(void *))dlsym(RTLD_NEXT, "g_main_loop_get_context");
    void *(*idle)(void) = (void *(*)(void))dlsym(RTLD_NEXT, "g_idle_source_new");
    void (*call)(void *, int (*)(void *), void *, void *) = dlsym(RTLD_NEXT, "g_source_set_callback");
    unsigned (*attach)(void *, void *) = (unsigned (*)(void *, void *))dlsym(RTLD_NEXT, "g_source_attach");
    void (*unref)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "g_source_unref");

    if (is_of_virsh(__builtin_return_address(0))) {
        void *source = idle();

        call(source, end, loop, NULL);
        attach(source, context(loop));
        unref(source);
        sem_post(&asked);
    } else {
        end(loop);
    }
}
