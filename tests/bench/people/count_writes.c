/*
 * count_writes.c - counting, between the libraries and the kernel.
 */
#include "bench/people/count_writes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const char *const count_names[COUNT_KINDS] = { "database", "journal", "epoch", "log", "else" };
_Atomic bool count_on;
_Atomic uint64_t count_written[COUNT_KINDS], count_flushes[COUNT_KINDS], count_us[COUNT_KINDS];

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static enum count_kind kind_of(int fd)
{
	char link[40], path[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((n = readlink(link, path, sizeof(path) - 1)) <= 0)
		return IN_ELSE;
	path[n] = '\0';
	return strstr(path, "/log/") != NULL ? IN_LOG :
	    strstr(path, ".db-wal") != NULL  ? IN_JOURNAL :
	    strstr(path, ".epoch") != NULL   ? IN_EPOCH :
	    strstr(path, ".db") != NULL      ? IN_STORE :
					       IN_ELSE;
}

static ssize_t count_write(int fd, ssize_t n, uint64_t began)
{
	if (n > 0 && atomic_load(&count_on)) {
		const enum count_kind k = kind_of(fd);

		atomic_fetch_add(&count_written[k], (uint64_t)n);
		atomic_fetch_add(&count_us[k], now_us() - began);
		if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0)
			atomic_fetch_add(&count_flushes[k], 1);
	}
	return n;
}

static int count_flush(int fd, int r, uint64_t began)
{
	if (atomic_load(&count_on)) {
		const enum count_kind k = kind_of(fd);

		atomic_fetch_add(&count_flushes[k], 1);
		atomic_fetch_add(&count_us[k], now_us() - began);
	}
	return r;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	const uint64_t t = now_us();

	return count_write(fd, (ssize_t)syscall(SYS_pwrite64, fd, p, n, at), t);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
	const uint64_t t = now_us();

	return count_write(fd, (ssize_t)syscall(SYS_write, fd, p, n), t);
}

int fsync(int fd)
{
	const uint64_t t = now_us();

	return count_flush(fd, (int)syscall(SYS_fsync, fd), t);
}

int fdatasync(int fd)
{
	const uint64_t t = now_us();

	return count_flush(fd, (int)syscall(SYS_fdatasync, fd), t);
}

void count_from_zero(void)
{
	for (unsigned k = 0; k < COUNT_KINDS; k++) {
		atomic_store(&count_written[k], 0);
		atomic_store(&count_flushes[k], 0);
		atomic_store(&count_us[k], 0);
	}
	atomic_store(&count_on, true);
}
