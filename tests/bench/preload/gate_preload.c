/*
 * gate_preload.c - the surroundings in which the instruction gate counts: the
 * binaries that were built, but as good as no time passes, and nothing is
 * confined.
 *
 * What a daemon does once in so many milliseconds (a record of seals, a head,
 * a tick) would count the more often the slower the machine is. Here deadlines
 * come fifty times later, so a request costs what it costs. And valgrind
 * translates code into memory that becomes executable as it goes, which is what
 * keyd's filter of system calls is there to kill.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOWER 50
#define NS 1000000000ll

/* ---- time ---- */

static long long now_ns(clockid_t clock)
{
	struct timespec t;
	static int (*real)(clockid_t, struct timespec *);

	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	real(clock, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static struct timespec timespec_of(long long ns)
{
	return (struct timespec){ .tv_sec = ns / NS, .tv_nsec = ns % NS };
}

static long long began;

__attribute__((constructor)) static void begin(void)
{
	began = now_ns(CLOCK_MONOTONIC);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	long long ns = now_ns(clock);

	*out = timespec_of(clock == CLOCK_MONOTONIC ? began + (ns - began) / SLOWER : ns);
	return 0;
}

/* Our only condition variables with a deadline are on the monotonic clock. */
int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
    const struct timespec *restrict until)
{
	static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	long long ns = until->tv_sec * NS + until->tv_nsec;
	struct timespec t = timespec_of(ns <= began ? ns : began + (ns - began) * SLOWER);

	if (real == NULL)
		real = (int (*)(pthread_cond_t *, pthread_mutex_t *,
		    const struct timespec *))dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	return real(c, m, &t);
}

/* The loop calls epoll and Landlock by number. */
long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_landlock_create_ruleset) {
		errno = ENOSYS;
		return -1;
	}
	if (number == SYS_epoll_pwait && (int)a[3] > 0)
		a[3] = (int)a[3] > 10000000 ? -1 : (int)a[3] * SLOWER;
	if (real == NULL)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- keyd's filter ---- */

scmp_filter_ctx seccomp_init(uint32_t action)
{
	static int none;

	(void)action;
	return &none;
}

int seccomp_attr_set(scmp_filter_ctx f, enum scmp_filter_attr attr, uint32_t value)
{
	(void)f, (void)attr, (void)value;
	return 0;
}

int seccomp_rule_add(scmp_filter_ctx f, uint32_t action, int call, unsigned int n, ...)
{
	(void)f, (void)action, (void)call, (void)n;
	return 0;
}

int seccomp_load(const scmp_filter_ctx f)
{
	(void)f;
	return 0;
}

void seccomp_release(scmp_filter_ctx f)
{
	(void)f;
}
