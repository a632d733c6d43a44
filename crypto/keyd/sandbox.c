/*
 * sandbox.c - no dumps, no other files, no other system calls.
 *
 * Builds with a sanitizer keep Landlock and seccomp off: the sanitizer
 * reads /proc and traces the process when it ends.
 */
#include "crypto/keyd/sandbox.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0
#endif

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif

/* ---- the process ---- */

/*
 * Locking what is to come makes every later allocation fail that does not fit
 * the limit, so only without a limit.
 */
static bool may_lock_all(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];
	struct rlimit r;

	if (getrlimit(RLIMIT_MEMLOCK, &r) == 0 && r.rlim_cur == RLIM_INFINITY)
		return true;
	return syscall(SYS_capget, &head, caps) == 0 &&
	    (caps[0].effective >> CAP_IPC_LOCK & 1) != 0;
}

static bool lock_memory(void)
{
	if (!may_lock_all())
		return false;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

enum sc_err sandbox_process(struct sc_diag *d)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    (!UNDER_SANITIZER && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)) {
		sc_diag_set(d, "cannot give up privileges: %s", strerror(errno));
		return SC_IO;
	}
	if (!UNDER_SANITIZER && lock_memory())
		log_event(LOG_INFO, "keyd.memory_locked", LOG_END);
	else
		log_event(LOG_WARN, "keyd.memory_not_locked",
		    LOG_STR("why", "the limit on locked memory, or a sanitizer"), LOG_END);
	return SC_OK;
}

/* ---- files ---- */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE (ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define ACCESS_ALL (ACCESS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | \
	LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static enum sc_err allow(int ruleset, const struct sandbox_path *p,
    uint64_t handled)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = -1 };
	char folder[1024];
	const char *slash = strrchr(p->path, '/');
	long r;

	if (!p->is_file)
		snprintf(folder, sizeof(folder), "%s", p->path);
	else if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash == p->path ? 1 : slash - p->path), p->path);
	rule.allowed_access = p->right == SANDBOX_READ ? ACCESS_READ :
	    ACCESS_WRITE | LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE;
	rule.allowed_access &= handled;
	rule.parent_fd = open(folder, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return SC_IO;
	r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
	    &rule, 0);
	close(rule.parent_fd);
	return r == 0 ? SC_OK : SC_IO;
}

enum sc_err sandbox_files(const struct sandbox_path *paths, size_t n,
    struct sc_diag *d)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ACCESS_ALL };
	enum sc_err err = SC_OK;
	long abi;
	size_t i;
	int set;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (UNDER_SANITIZER || abi < 1) {
		log_event(LOG_WARN, "keyd.no_landlock", LOG_END);
		return SC_OK;
	}
	if (abi >= 2)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (set < 0)
		err = SC_IO;
	for (i = 0; i < n && err == SC_OK; i++)
		err = allow(set, &paths[i], attr.handled_access_fs);
	if (err == SC_OK && syscall(SYS_landlock_restrict_self, set, 0) != 0)
		err = SC_IO;
	if (err != SC_OK)
		sc_diag_set(d, "Landlock refused: %s", strerror(errno));
	else
		log_event(LOG_INFO, "keyd.landlock", LOG_U64("abi", (uint64_t)abi),
		    LOG_LEN("folders", n), LOG_END);
	if (set >= 0)
		close(set);
	return err;
}

/* ---- system calls ---- */

static const int calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(preadv),
	SCMP_SYS(lseek), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(sync_file_range), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(dup),
	SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(fcntl), SCMP_SYS(flock),
	SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(fchown),
	SCMP_SYS(umask), SCMP_SYS(utimensat), SCMP_SYS(fadvise64),
	SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(eventfd2), SCMP_SYS(timerfd_settime),
	SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(geteuid),
	SCMP_SYS(getuid), SCMP_SYS(getegid), SCMP_SYS(getgid), SCMP_SYS(uname),
	SCMP_SYS(sysinfo), SCMP_SYS(setpriority), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrusage), SCMP_SYS(prlimit64),
	SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock),
	SCMP_SYS(msync), SCMP_SYS(rseq), SCMP_SYS(membarrier),
	SCMP_SYS(set_robust_list), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

enum sc_err sandbox_calls(struct sc_diag *d)
{
	scmp_filter_ctx f;
	int r = 0;
	size_t i;

	if (UNDER_SANITIZER) {
		log_event(LOG_WARN, "keyd.no_seccomp", LOG_STR("why", "sanitizer"), LOG_END);
		return SC_OK;
	}
	if ((f = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		return SC_NOMEM;
	r |= seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]) && r == 0; i++)
		r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
	/* memory is never made executable */
	r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r != 0) {
		sc_diag_set(d, "seccomp refused: %s", strerror(-r));
		return SC_IO;
	}
	log_event(LOG_INFO, "keyd.seccomp", LOG_LEN("calls",
	    sizeof(calls) / sizeof(calls[0]) + 1), LOG_END);
	return SC_OK;
}
