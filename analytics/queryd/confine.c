/*
 * confine.c - queryd's list. What it has is one socket that listens, its log, and what it reads;
 * whoever connects is accepted, and nobody is ever called.
 */
#include "analytics/queryd/confine.h"

#include "base/sandbox.h"
#include "base/weak.h"

#include <seccomp.h>
#include <string.h>

static const int calls[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close),
	SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getdents64),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(fcntl), SCMP_SYS(fchmod), SCMP_SYS(fadvise64),
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(fallocate), SCMP_SYS(sync_file_range),
	SCMP_SYS(pwritev), SCMP_SYS(preadv), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(link),
	SCMP_SYS(linkat), SCMP_SYS(flock), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(getcwd), SCMP_SYS(uname), SCMP_SYS(accept4), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
	SCMP_SYS(setsockopt), SCMP_SYS(setpriority), SCMP_SYS(accept), SCMP_SYS(timerfd_settime),
	SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(getsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(geteuid),
	SCMP_SYS(getuid), SCMP_SYS(getegid), SCMP_SYS(getgid), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(prlimit64),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(rseq),
	SCMP_SYS(membarrier), SCMP_SYS(set_robust_list), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group) };

enum sc_err queryd_confine_files(const struct queryd_settings *s, struct sc_diag *d)
{
	const char *address = s->listen.address;
	const bool socket = strncmp(address, "unix:", 5) == 0;
	const struct sandbox_path paths[] = {
		{ s->views, false, SANDBOX_READ },
		{ s->grants, true, SANDBOX_READ },
		{ s->log, false, SANDBOX_WRITE },
		{ socket ? address + 5 : "", true, SANDBOX_SOCKET },
	};
	const size_t n = sizeof(paths) / sizeof(paths[0]) - (socket ? 0 : 1);

	return WEAK("queryd-unconfined") ? SC_OK : sandbox_files(paths, n, d);
}

enum sc_err queryd_confine(struct sc_diag *d)
{
	if (WEAK("queryd-unconfined"))
		return SC_OK;
	return sandbox_calls(calls, sizeof(calls) / sizeof(calls[0]), SANDBOX_LIST, d);
}
