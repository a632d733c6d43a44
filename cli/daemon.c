/*
 * daemon.c - starting, knowing and stopping daemons by id, never by name.
 */
#include "cli/daemon.h"

#include "base/text/doc.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- processes ---------------------------------------------------------- */

bool proc_beside(const char *name, char path[static FILE_PATH_MAX])
{
	char self[FILE_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	path[0] = '\0';
	if (n <= 0)
		return false;
	self[n] = '\0'; /* of a replaced file it ends with " (deleted)": only its folder counts */
	file_beside(self, name, path);
	return access(path, F_OK) == 0;
}

void proc_sibling(const char *program, char path[static FILE_PATH_MAX])
{
	char below[64];

	snprintf(below, sizeof(below), "../sbin/%s", program);
	if (!proc_beside(program, path) && !proc_beside(below, path))
		(void)proc_beside(program, path); /* the usual place, for the message */
}

void proc_exec(int exe, char *const argv[])
{
	execv(argv[0], argv);
	if (errno == EACCES) /* its folder is closed to whom we have become */
		execveat(exe, "", argv, environ, AT_EMPTY_PATH);
}

/* What runs, and with what. */
struct start {
	char *const *argv;
	const struct user *as;
	int log, exe; /* EXE is opened by whoever may look where it lies */
	pid_t parent;
};

#define EXE_FD 3

/*
 * In the child: never returns. A process group of its own keeps Ctrl-C away
 * from it: the supervisor stops its daemons in order. The signal at the supervisor's end is asked
 * for last, since becoming another takes it back.
 */
static void become(const struct start *s)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	if (null < 0 || dup2(null, 0) < 0 || dup2(s->log, 1) < 0 || dup2(s->log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0 || signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
	    signal(SIGINT, SIG_DFL) == SIG_ERR || setpgid(0, 0) != 0)
		_exit(126);
	if (s->as != NULL && !user_become(s->as)) {
		dprintf(2, "user %u: this process cannot become it for good (%s)\n",
		    (unsigned)s->as->uid, strerror(errno));
		_exit(126);
	}
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != s->parent ||
	    (s->exe != EXE_FD && dup3(s->exe, EXE_FD, O_CLOEXEC) < 0))
		_exit(126);
	close_range(EXE_FD + 1, UINT_MAX, 0);
	proc_exec(EXE_FD, s->argv);
	_exit(127);
}

pid_t proc_start(char *const argv[], const char *log_path, const struct user *as, struct sc_diag *d)
{
	int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct start s = { .argv = argv, .as = as, .log = log, .parent = getpid() };
	pid_t pid = -1;

	s.exe = open(argv[0], O_PATH | O_CLOEXEC);

	snprintf(d->file, sizeof(d->file), "%s", log < 0 ? log_path : argv[0]);
	if (log < 0 || fchmod(log, 0600) != 0)
		sc_diag_set(d, "cannot be written: %s", strerror(errno));
	else if (access(argv[0], X_OK) != 0)
		sc_diag_set(d, "is not there; `make` builds it");
	else if ((pid = fork()) == 0)
		become(&s);
	else if (pid < 0)
		sc_diag_set(d, "cannot be started: %s", strerror(errno));
	if (log >= 0)
		close(log);
	if (s.exe >= 0)
		close(s.exe);
	return pid;
}

int proc_claim(const char *pid_path, struct sc_diag *d)
{
	struct flock whole = { .l_type = F_WRLCK };
	int fd = open(pid_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && fcntl(fd, F_SETLK, &whole) == 0 && ftruncate(fd, 0) == 0 &&
	    dprintf(fd, "%ld\n", (long)getpid()) > 0)
		return fd;
	snprintf(d->file, sizeof(d->file), "%s", pid_path);
	sc_diag_set(d, "cannot be claimed: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static pid_t holder_of(int fd)
{
	struct flock f = { .l_type = F_WRLCK };

	return fcntl(fd, F_GETLK, &f) == 0 && f.l_type != F_UNLCK ? f.l_pid : 0;
}

int proc_find(const char *pid_path, pid_t *pid)
{
	int file = open(pid_path, O_RDONLY | O_CLOEXEC), fd = -1;

	/* the lock ends with its holder: who had it before and after is whom the pidfd means */
	if (file >= 0 && (*pid = holder_of(file)) > 0 && (fd = pidfd_open(*pid, 0)) >= 0 &&
	    holder_of(file) != *pid) {
		close(fd);
		fd = -1;
	}
	if (file >= 0)
		close(file);
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

/* ---- a daemon of `scrim up` ---------------------------------------------- */

void daemon_init(struct daemon *p, const char *name, const char *config)
{
	char file[64];

	p->name = name;
	p->as = NULL;
	p->fd = -1;
	proc_sibling(name, p->exe);
	snprintf(file, sizeof(file), "run/%s.log", name);
	file_beside(config, file, p->log);
	snprintf(file, sizeof(file), "run/%s.pid", name);
	file_beside(config, file, p->pid_file);
}

int daemon_start(struct daemon *p, char *config, bool demo)
{
	char words[][16] = { "--config", "--demo" }, pid[32];
	char *argv[] = { p->exe, words[0], config, demo ? words[1] : NULL, NULL };
	struct sc_diag d = { .line = 0 };

	if ((p->pid = proc_start(argv, p->log, p->as, &d)) < 0)
		return cli_fail_diag(CLI_NO, &d);
	if ((p->fd = pidfd_open(p->pid, 0)) < 0)
		return cli_fail(CLI_NO, "%s cannot be watched: %s", p->name, strerror(errno));
	snprintf(pid, sizeof(pid), "%ld\n", (long)p->pid);
	if (file_write(p->pid_file, 0600, true, sc_span_str(pid), &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	return CLI_GO_ON;
}

void daemon_last_words(const struct daemon *p, char out[static DAEMON_WORDS_MAX])
{
	FILE *f = fopen(p->log, "re");
	char line[DAEMON_WORDS_MAX];

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fseek(f, -4096, SEEK_END) != 0)
		rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			memcpy(out, line, sizeof(line));
	}
	fclose(f);
}

/* It has ended: take notice, and forget it. How it ended. */
static int reap(struct daemon *p)
{
	int st = 0;

	waitpid(p->pid, &st, 0);
	close(p->fd);
	p->fd = -1;
	unlink(p->pid_file);
	return st;
}

int daemon_report(struct daemon *p)
{
	int st = reap(p);
	char words[DAEMON_WORDS_MAX];

	daemon_last_words(p, words);
	return cli_fail(CLI_NO, "%s ended (%s %d)%s%s; its log is %s", p->name,
	    WIFSIGNALED(st) ? "signal" : "exit code",
	    WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st), words[0] == '\0' ? "" : ": ", words,
	    p->log);
}

void daemon_stop(struct daemon *p)
{
	if (p->fd < 0)
		return;
	if (!proc_stop(p->fd, DAEMON_STOP_MS)) {
		cli_fail(CLI_NO, "%s does not stop; it is killed", p->name);
		pidfd_send_signal(p->fd, SIGKILL, NULL, 0);
	}
	(void)reap(p);
}

static bool connects(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool ok;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	ok = s >= 0 && connect(s, (struct sockaddr *)&a, sizeof(a)) == 0;
	if (s >= 0)
		close(s);
	return ok;
}

bool daemon_answers(const struct user *as, const char *path)
{
	pid_t pid;
	int st = 1;

	if (path == NULL || as == NULL)
		return path != NULL && connects(path);
	if ((pid = fork()) == 0) /* whoever listens takes its own users alone */
		_exit(user_become(as) && connects(path) ? 0 : 1);
	return pid > 0 && waitpid(pid, &st, 0) == pid && st == 0;
}

int daemon_unready(const struct daemon *p, unsigned seconds, struct sc_span readyz)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *it = NULL;
	char text[200] = "";
	struct doc doc;
	size_t n = 0;

	if (doc_load(&arena, readyz, NULL, NULL, &doc) == SC_OK)
		it = doc.root->first;
	for (; it != NULL && n < sizeof(text); it = it->next)
		if (sc_span_eq(doc_said(&doc, it), sc_span_str("false")))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.20s",
			    n == 0 ? " (/readyz: false are " : ", ", it->key);
	sc_arena_fini(&arena);
	return cli_fail(CLI_UNREACHABLE, "%s is not ready after %u s%s%s; its log is %s", p->name,
	    seconds, text, n == 0 ? "" : ")", p->log);
}
