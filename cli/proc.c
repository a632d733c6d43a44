/*
 * proc.c - starting, knowing and stopping daemons by id, never by name.
 */
#include "cli/proc.h"

#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where /proc/PID/exe leads, without the mark of a replaced file. */
static bool exe_of(const char *link, char path[PROC_PATH_MAX])
{
	static const char gone[] = " (deleted)";
	ssize_t n = readlink(link, path, PROC_PATH_MAX - 1);
	size_t k = sizeof(gone) - 1;

	if (n <= 0)
		return false;
	path[n] = '\0';
	if ((size_t)n > k && strcmp(path + n - k, gone) == 0)
		path[(size_t)n - k] = '\0';
	return true;
}

bool proc_self(char path[PROC_PATH_MAX])
{
	return exe_of("/proc/self/exe", path);
}

bool proc_sibling(const char *program, char path[PROC_PATH_MAX])
{
	static const char *const folders[] = { "", "../sbin/" };
	char self[PROC_PATH_MAX], *slash;

	if (!proc_self(self) || (slash = strrchr(self, '/')) == NULL)
		return false;
	slash[1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		int n = snprintf(path, PROC_PATH_MAX, "%s%s%s", self, folders[i], program);

		if (n < 0 || n >= PROC_PATH_MAX)
			return false;
		if (access(path, X_OK) == 0)
			return true;
	}
	/* not there: the usual place, for the message */
	snprintf(path, PROC_PATH_MAX, "%.3000s%s", self, program);
	return true;
}

/*
 * In the child: never returns. A process group of its own keeps Ctrl-C away
 * from it: the supervisor stops its daemons in order.
 */
static void become(char *const argv[], int log, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0 || signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
	    signal(SIGINT, SIG_DFL) == SIG_ERR || setpgid(0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(126);
	close_range(3, UINT_MAX, 0);
	execv(argv[0], argv);
	_exit(127);
}

pid_t proc_start(char *const argv[], const char *log_path, struct sc_diag *d)
{
	int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	pid_t parent = getpid(), pid = -1;

	snprintf(d->file, sizeof(d->file), "%s", log < 0 ? log_path : argv[0]);
	if (log < 0 || fchmod(log, 0600) != 0)
		sc_diag_set(d, "cannot be written: %s", strerror(errno));
	else if (access(argv[0], X_OK) != 0)
		sc_diag_set(d, "is not there; `make` builds it");
	else if ((pid = fork()) == 0)
		become(argv, log, parent);
	else if (pid < 0)
		sc_diag_set(d, "cannot be started: %s", strerror(errno));
	if (log >= 0)
		close(log);
	return pid;
}

/* Field 22 of /proc/PID/stat: when it started, in ticks since boot. */
static unsigned long long start_of(pid_t pid)
{
	char path[64], text[1024], *p;
	unsigned long long v = 0;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	if ((p = strrchr(text, ')')) == NULL) /* a name may hold spaces */
		return 0;
	for (int field = 2; field < 22 && p != NULL; field++)
		p = strchr(p + 1, ' ');
	return p != NULL && sscanf(p, " %llu", &v) == 1 ? v : 0;
}

enum sc_err proc_remember(const char *pid_path, pid_t pid, struct sc_diag *d)
{
	char text[64];

	snprintf(text, sizeof(text), "%ld %llu\n", (long)pid, start_of(pid));
	return file_write(pid_path, 0600, true, sc_span_str(text), d);
}

int proc_find(const char *pid_path, const char *exe, pid_t *pid)
{
	char link[64], path[PROC_PATH_MAX];
	unsigned long long started = 0;
	long number = 0;
	FILE *f = fopen(pid_path, "re");
	int fd, fields;

	if (f == NULL)
		return -1;
	fields = fscanf(f, "%ld %llu", &number, &started);
	fclose(f);
	if (fields != 2 || number <= 1 || started == 0)
		return -1;
	if ((fd = pidfd_open((pid_t)number, 0)) < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/%ld/exe", number);
	if (start_of((pid_t)number) != started || !exe_of(link, path) || strcmp(path, exe) != 0 ||
	    proc_ended(fd, 0)) {
		close(fd);
		return -1;
	}
	*pid = (pid_t)number;
	return fd;
}

bool proc_ended(int pidfd, int wait_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, wait_ms);
	while (n < 0 && errno == EINTR && wait_ms == 0);
	return n > 0;
}

bool proc_stop(int pidfd, int wait_ms)
{
	if (pidfd_send_signal(pidfd, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
		return false;
	return proc_ended(pidfd, wait_ms);
}
