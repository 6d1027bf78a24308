/* Preloaded before libfaketime, which (0.9.10) fakes an absolute clock_nanosleep on CLOCK_MONOTONIC even where it was told to leave
   monotonic time alone: Python's time.sleep then fails with EINVAL. This one asks the kernel itself. */

#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *left) {
    int before = errno, failed = syscall(SYS_clock_nanosleep, clock, flags, request, left) < 0 ? errno : 0;
    errno = before;
    return failed;
}
