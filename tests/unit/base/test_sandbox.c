/* test_sandbox.c - what a daemon gave up it cannot have again: each in a child of its own. */
#include "base/sandbox.h"
#include "base/log.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];

static const char *in(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static bool put(const char *name)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	return fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0;
}

/* Run FN in a child; the number of the first thing that was not as it should be, 0 when all was. */
static int child(int (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0)
		_exit(fn());
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool refused(const char *path, int flags)
{
	errno = 0;
	return !opens(path, flags) && (errno == EACCES || errno == EPERM);
}

static int confined(void)
{
	const struct sandbox_path paths[] = {
		{ in("read"), false, SANDBOX_READ },
		{ in("write"), false, SANDBOX_WRITE },
		{ in("single/file"), true, SANDBOX_READ },
		{ in("meet/socket"), true, SANDBOX_SOCKET },
	};
	struct sc_diag d = { .text = "" };

	if (sandbox_process(&d) != SC_OK || sandbox_files(paths, 4, &d) != SC_OK)
		return 1;
	if (!opens(in("read/file"), O_RDONLY) || !opens(in("single/file"), O_RDONLY))
		return 2;
	if (!refused(in("read/file"), O_WRONLY) || !refused(in("read/new"), O_WRONLY | O_CREAT) ||
	    !refused(in("single/file"), O_WRONLY) || !refused(in("read/file"), O_RDWR | O_TRUNC))
		return 3;
	if (!refused(in("other/file"), O_RDONLY) || !refused("/etc/passwd", O_RDONLY))
		return 4;
	if (!put("write/new") || rename(in("write/new"), in("write/newer")) != 0 ||
	    !opens(in("write/newer"), O_RDONLY) || unlink(in("write/newer")) != 0 ||
	    mkdir(in("write/folder"), 0700) != 0 || rmdir(in("write/folder")) != 0)
		return 5;
	if (unlink(in("read/file")) == 0 || rename(in("write/file"), in("read/file2")) == 0)
		return 6;
	/* by its name, and no look at what else is there; of a meeting place, the socket alone */
	if (!refused(in("single"), O_RDONLY | O_DIRECTORY) ||
	    !opens(in("read"), O_RDONLY | O_DIRECTORY))
		return 8;
	if (!refused(in("meet/file"), O_RDONLY) || !refused(in("meet/file"), O_WRONLY) ||
	    !refused(in("meet/new"), O_WRONLY | O_CREAT) ||
	    mknod(in("meet/socket"), S_IFSOCK | 0600, 0) != 0 || unlink(in("meet/socket")) != 0)
		return 9;
	execl(in("write/program"), "program", (char *)NULL);
	return errno == EACCES ? 0 : 7;
}

static void test_files(void)
{
	CHECK(child(confined) == 0);
}

static int no_folder(void)
{
	const struct sandbox_path paths[] = { { in("nowhere"), false, SANDBOX_READ } };
	struct sc_diag d = { .text = "" };

	return sandbox_files(paths, 1, &d) == SC_IO && strstr(d.text, "Landlock") != NULL ? 0 : 1;
}

static void test_no_folder(void)
{
	CHECK(child(no_folder) == 0);
}

static int process(void)
{
	struct rlimit core = { 1, 1 };
	struct sc_diag d = { .text = "" };

	if (sandbox_process(&d) != SC_OK)
		return 1;
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 :
												4;
}

static void test_process(void)
{
	CHECK(child(process) == 0);
}

/* ---- system calls ---- */

static const int few[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(futex),
	SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(exit), SCMP_SYS(exit_group) };

static void *waited_for(void *arg)
{
	return arg;
}
static bool thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, waited_for, NULL) == 0 && pthread_join(t, NULL) == 0;
}
static bool process_of_its_own(void)
{
	return fork() >= 0;
}
static bool thread_elsewhere(void)
{
	return syscall(SYS_clone, CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWNET,
		   NULL, NULL, NULL, NULL) == 0;
}
static bool tcp(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) >= 0;
}
static bool udp(void)
{
	return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0;
}
static bool local(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0;
}
static bool raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_TCP) >= 0;
}
static bool packet(void)
{
	return socket(AF_PACKET, SOCK_DGRAM, 0) >= 0;
}
static bool netlink_is_absent(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 && errno == EAFNOSUPPORT;
}
static bool waiting_bytes(void)
{
	int n;

	return ioctl(0, FIONREAD, &n) == 0 || errno != 0;
}
static bool typed_for_others(void)
{
	return ioctl(0, TIOCSTI, "x") == 0;
}
static bool door(void)
{
	return listen(0, 1) == 0;
}

/* How a child ends that may make few calls and MORE, and then does IT: 0, or minus the signal. */
static int under(enum sandbox_more more, bool (*it)(void))
{
	int st = 0;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		struct sc_diag d = { .text = "" };

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    sandbox_calls(few, sizeof(few) / sizeof(few[0]), more, &d) != SC_OK)
			_exit(99);
		_exit(it() ? 0 : 98);
	}
	if (waitpid(pid, &st, 0) != pid)
		return -1000;
	return WIFSIGNALED(st) ? -WTERMSIG(st) : WEXITSTATUS(st);
}

static void test_calls(void)
{
	static const struct {
		const char *what;
		bool (*it)(void);
		enum sandbox_more needs; /* SANDBOX_LIST: nobody may */
	} rows[] = {
		{ "a thread", thread, SANDBOX_THREADS },
		{ "a process", process_of_its_own, SANDBOX_LIST },
		{ "a thread in another network", thread_elsewhere, SANDBOX_LIST },
		{ "TCP", tcp, SANDBOX_DIALS },
		{ "UDP", udp, SANDBOX_DIALS },
		{ "a local socket", local, SANDBOX_DIALS },
		{ "a raw socket", raw, SANDBOX_LIST },
		{ "packets", packet, SANDBOX_LIST },
		{ "netlink", netlink_is_absent, SANDBOX_DIALS },
		{ "what is waiting", waiting_bytes, SANDBOX_DIALS },
		{ "another ioctl", typed_for_others, SANDBOX_LIST },
		{ "a listener", door, SANDBOX_LIST },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int more = 0; more <= (SANDBOX_THREADS | SANDBOX_DIALS); more++) {
			const int got = under((enum sandbox_more)more, rows[i].it);
			const bool may = (more & (int)rows[i].needs) != 0;

			CHECK(got == (may ? 0 : -SIGSYS));
			if (got != (may ? 0 : -SIGSYS))
				printf("# %s, %d: %d\n", rows[i].what, more, got);
		}
}

/* What the tests look for. */
static bool furnish(void)
{
	static const char *const files[] = { "read/file", "write/file", "single/file", "other/file",
		"meet/file" };
	char cmd[128];

	snprintf(dir, sizeof(dir), "/tmp/scrim-sandbox-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char folder[16];

		snprintf(folder, sizeof(folder), "%.*s", (int)strcspn(files[i], "/"), files[i]);
		if (mkdir(in(folder), 0700) != 0 || !put(files[i]))
			return false;
	}
	snprintf(cmd, sizeof(cmd), "cp /bin/true %s/write/program", dir);
	return system(cmd) == 0;
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1u) >= 1;
}

int main(void)
{
	char cmd[128];

	log_setup("test", LOG_ERROR);
	if (!furnish()) {
		printf("Bail out! no folder to test in\n");
		return 1;
	}
	if (SANDBOX_SANITIZED) {
		tap_skip("what a daemon gave up", "with a sanitizer it gives up nothing");
	} else {
		RUN(test_process, "no core, no tracing, no new privileges");
		RUN(test_calls,
		    "calls of the list alone; of threads and sockets what was asked for");
		if (has_landlock()) {
			RUN(test_files,
			    "files outside the named folders are out of reach, none is executed");
			RUN(test_no_folder, "a folder that is not there is said");
		} else {
			tap_skip("files outside the named folders", "no Landlock in this kernel");
		}
	}
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd) == 0 ? tap_done() : 1;
}
