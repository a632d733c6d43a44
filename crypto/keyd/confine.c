/*
 * confine.c - what keyd gives up beyond what every daemon does: memory that is
 * swapped, and all system calls but those that serving needs.
 */
#include "crypto/keyd/confine.h"

#include "base/log.h"
#include "base/sandbox.h"
#include "base/weak.h"

#include <linux/capability.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- memory ---- */

/*
 * Everything that is mapped counts against the limit, also what is merely set
 * aside for stacks and heaps, and past it every allocation fails: nothing below
 * this is enough.
 */
#define LOCK_ENOUGH ((rlim_t)4 << 30)

/*
 * Decided beforehand: locking what is to come succeeds with any limit, and then
 * kills the process later.
 */
static bool may_lock_all(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];
	struct rlimit r;

	if (syscall(SYS_capget, &head, caps) == 0 && (caps[0].effective >> CAP_IPC_LOCK & 1) != 0)
		return true;
	if (getrlimit(RLIMIT_MEMLOCK, &r) != 0)
		return false;
	r.rlim_cur = r.rlim_max;
	/* RLIM_INFINITY is the largest of all */
	return r.rlim_max >= LOCK_ENOUGH && setrlimit(RLIMIT_MEMLOCK, &r) == 0;
}

bool confine_memory(bool keys_locked)
{
	if (!SANDBOX_SANITIZED && may_lock_all() && !WEAK("memory-unlocked") &&
	    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) {
		log_event(LOG_INFO, "keyd.memory_locked", LOG_END);
		return true;
	}
	if (keys_locked) {
		log_event(LOG_INFO, "keyd.keys_locked",
		    LOG_STR("what", "where keys lie; values in work may be written to swap"),
		    LOG_END);
		return false;
	}
	log_event(LOG_WARN, "keyd.memory_not_locked", LOG_STR("why", "keys may be written to swap"),
	    LOG_STR("do",
		"let keyd lock 8 MiB (LimitMEMLOCK), or give it CAP_IPC_LOCK; or use no swap"),
	    LOG_END);
	return false;
}

/* ---- system calls ---- */

static const int calls[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(preadv), SCMP_SYS(lseek),
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(sync_file_range), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(dup),
	SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	SCMP_SYS(getdents64), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
	SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(chmod),
	SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(fchown), SCMP_SYS(umask),
	SCMP_SYS(utimensat), SCMP_SYS(fadvise64), SCMP_SYS(accept4), SCMP_SYS(accept),
	SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(timerfd_settime), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(geteuid), SCMP_SYS(getuid), SCMP_SYS(getegid), SCMP_SYS(getgid),
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(setpriority), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getrusage), SCMP_SYS(prlimit64), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(mlock2),
	SCMP_SYS(munlock), SCMP_SYS(msync), SCMP_SYS(rseq), SCMP_SYS(membarrier),
	SCMP_SYS(set_robust_list), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(tgkill),
	SCMP_SYS(exit), SCMP_SYS(exit_group) };

enum sc_err confine_calls(struct sc_diag *d)
{
	return sandbox_calls(calls, sizeof(calls) / sizeof(calls[0]), SANDBOX_LIST, d);
}
