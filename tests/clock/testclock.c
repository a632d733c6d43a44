/*
 * testclock.c - a library to preload: the wall clock as a file says, so that a test can set one
 * program's clock forth and back while it runs, and the clock of how long the machine runs, so that
 * days go by. Deadlines go by a third clock and are left alone.
 *
 * $TEST_CLOCK names a file of two numbers of eight bytes, native order: milliseconds to add to
 * each. It is mapped before main(): a program that gives up its files later sees it change.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead_ms;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("TEST_CLOCK");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, 2 * sizeof(*ahead_ms), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		ahead_ms = p;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int64_t ms;

	if (syscall(SYS_clock_gettime, clock, t) != 0)
		return -1;
	if ((clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME) || ahead_ms == NULL)
		return 0;
	ms = (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000 + ahead_ms[clock == CLOCK_BOOTTIME];
	t->tv_sec = ms / 1000;
	t->tv_nsec = ms % 1000 * 1000000;
	return 0;
}
