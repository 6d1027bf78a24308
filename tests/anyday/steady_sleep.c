/* Preloaded before libfaketime, whose version 0.9.10 moves two waits on CLOCK_MONOTONIC even where it was told to leave monotonic time
   alone. An absolute clock_nanosleep: Python's time.sleep fails with EINVAL. And pthread_cond_timedwait: whoever waits for Python's
   global lock comes back at once and asks again, which is right and takes three times the processor. Both go to the system from here. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_IS_MONOTONIC 2 /* glibc's pthread_condattr_setclock keeps it there */

typedef int Wait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *left) {
    int before = errno, failed = syscall(SYS_clock_nanosleep, clock, flags, request, left) < 0 ? errno : 0;
    errno = before;
    return failed;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
    static Wait *theirs;
    if (cond->__data.__wrefs & CLOCK_IS_MONOTONIC)
        return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, until);
    if (!theirs)
        theirs = (Wait *)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return theirs(cond, mutex, until);
}
