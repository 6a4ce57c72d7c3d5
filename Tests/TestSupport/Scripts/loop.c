// Preloaded into virsh. `save`, `dump` and their like do their work in a thread, which ends virsh's loop when it is
// done; one that is done before the loop has begun ends nothing, and virsh hangs for good (libvirt 9.0, virshWatchJob).
// Here the end waits for the beginning. With VIRT_AGGREGATOR_LATE_LOOP the loop begins so many microseconds late.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// libvirt ends loops of its own, of which some are over already.
static int is_of_virsh(void *caller)
{
    Dl_info info;

    return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "virsh");
}

void g_main_loop_run(void *loop)
{
    void (*run)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_run");
    const char *late = getenv("VIRT_AGGREGATOR_LATE_LOOP");

    if (late && is_of_virsh(__builtin_return_address(0)))
        usleep(atoi(late));
    run(loop);
}

void g_main_loop_quit(void *loop)
{
    int (*is_running)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_is_running");
    void (*quit)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "g_main_loop_quit");

    if (is_of_virsh(__builtin_return_address(0)))
        while (!is_running(loop))
            usleep(1000);
    quit(loop);
}
