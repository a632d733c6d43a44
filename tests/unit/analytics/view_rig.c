/*
 * view_rig.c - starting, feeding, asking and ending a scrim-viewd of a test's own.
 */
#include "unit/analytics/view_rig.h"

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 20000

static void nap(void)
{
	const struct timespec t = { .tv_nsec = 2000000 };

	nanosleep(&t, NULL);
}

const char *view_rig_path(const struct view_rig *r, const char *name)
{
	static char paths[4][400];
	static unsigned turn;
	char *p = paths[turn++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", r->dir, name);
	return p;
}

bool view_rig_write(const struct view_rig *r, const char *name, const char *text)
{
	FILE *f = fopen(view_rig_path(r, name), "w");

	if (f == NULL)
		return false;
	fputs(text, f);
	return fclose(f) == 0;
}

/* build/<variant>/unit/<layer>/test_x -> build/<variant>/bin/scrim-viewd */
static bool find_bin(char out[512])
{
	char self[400];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return false;
	self[n] = '\0';
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(self, '/');

		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	snprintf(out, 512, "%s/bin/scrim-viewd", self);
	return access(out, X_OK) == 0;
}

bool view_rig_make(struct view_rig *r, const char *more)
{
	char text[1024];

	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "%s/scrim-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!find_bin(r->bin) || mkdtemp(r->dir) == NULL)
		return false;
	snprintf(text, sizeof(text),
	    "{ \"tenant\": \"demo\", \"feed\": \"run/feed.sock\", \"operator\": \"run/ask.sock\","
	    " \"data\": \"data/view\", \"words\": \"words.json\"%s }\n",
	    more);
	return view_rig_write(r, "viewd.json", text) &&
	    view_rig_write(r, "words.json",
		"{ \"channels\": [\"web\"], \"purposes\": [\"analytics\", \"offers\"],"
		" \"text_version\": 1 }\n");
}

void view_rig_remove(struct view_rig *r)
{
	char cmd[128];

	if (r->pid > 0)
		(void)view_rig_stop(r, SIGKILL);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", r->dir);
	if (strstr(r->dir, "/scrim-test-") == NULL || system(cmd) != 0)
		printf("# could not remove %s\n", r->dir);
}

static pid_t spawn(struct view_rig *r, const char *a, const char *b)
{
	const char *config = view_rig_path(r, "viewd.json");
	const char *argv[] = { r->bin, "--config", config, a, b, NULL };
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(view_rig_path(r, "stderr"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	if (r->before_exec != NULL)
		r->before_exec();
	execv(r->bin, (char *const *)(void *)argv);
	_exit(127);
}

static int reap(pid_t pid)
{
	int st = 0;

	if (waitpid(pid, &st, 0) != pid)
		return -1000;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st);
}

int view_rig_run(struct view_rig *r, const char *a, const char *b)
{
	return reap(spawn(r, a, b));
}

bool view_rig_start(struct view_rig *r)
{
	r->pid = spawn(r, NULL, NULL);
	for (int i = 0; i < WAIT_MS / 2; i++) {
		int st, fd = view_rig_connect(r, "run/ask.sock");

		if (fd >= 0) {
			close(fd);
			/* it takes connections first: only who answers, or drops us, is confined */
			(void)view_rig_tally(r, FEED_N_EVENTS, 0, 0);
			return true;
		}
		if (waitpid(r->pid, &st, WNOHANG) == r->pid) {
			r->pid = 0;
			return false;
		}
		nap();
	}
	return false;
}

int view_rig_stop(struct view_rig *r, int sig)
{
	const pid_t pid = r->pid;

	r->pid = 0;
	if (pid <= 0)
		return -2000;
	kill(pid, sig);
	return reap(pid);
}

bool view_rig_said(const struct view_rig *r, const char *text)
{
	FILE *f = fopen(view_rig_path(r, "stderr"), "r");
	char *all = NULL;
	size_t cap = 0;
	bool found;

	if (f == NULL)
		return false;
	found = getdelim(&all, &cap, '\0', f) > 0 && strstr(all, text) != NULL;
	free(all);
	fclose(f);
	return found;
}

/* ---- sockets ---- */

int view_rig_connect(const struct view_rig *r, const char *socket_)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.70s/%.30s", r->dir, socket_);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool view_rig_send(int fd, const struct feed_frame *v, size_t n)
{
	uint8_t raw[FEED_PACKET_FRAMES * FEED_FRAME_BYTES];

	for (size_t i = 0; i < n; i++)
		if (feed_encode(&v[i], raw + i * FEED_FRAME_BYTES) != SC_OK)
			return false;
	return send(fd, raw, n * FEED_FRAME_BYTES, MSG_NOSIGNAL) == (ssize_t)(n * FEED_FRAME_BYTES);
}

size_t view_rig_receive(int fd, struct feed_frame *v, size_t max)
{
	uint8_t raw[FEED_PACKET_FRAMES * FEED_FRAME_BYTES];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&p, 1, WAIT_MS) == 1 ? recv(fd, raw, sizeof(raw), 0) : 0;
	size_t i = 0;

	for (; n > 0 && i < max && (ssize_t)((i + 1) * FEED_FRAME_BYTES) <= n; i++)
		if (feed_decode(raw + i * FEED_FRAME_BYTES, &v[i]) != SC_OK)
			return 0;
	return i;
}

static bool hear_at(int fd, uint64_t spool, uint64_t *next)
{
	struct feed_frame f;

	if (view_rig_receive(fd, &f, 1) != 1 || f.type != FEED_AT ||
	    (spool != 0 && f.u.at.spool != spool))
		return false;
	*next = f.u.at.next;
	return true;
}

int view_rig_hello(const struct view_rig *r, uint64_t spool, uint64_t *next)
{
	const struct feed_frame f = { .type = FEED_HELLO, .u.hello = { spool } };
	int fd = view_rig_connect(r, "run/feed.sock");

	if (fd >= 0 && view_rig_send(fd, &f, 1) && hear_at(fd, spool, next))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool view_rig_batch(int fd, uint64_t first, const struct feed_frame *v, size_t n, uint64_t *next)
{
	static struct feed_frame packet[FEED_PACKET_FRAMES];

	packet[0] = (struct feed_frame){ .type = FEED_BATCH,
		.u.batch = { .first = first, .n = (uint32_t)n } };
	memcpy(packet + 1, v, n * sizeof(*v));
	return view_rig_send(fd, packet, n + 1) && hear_at(fd, 0, next);
}

/* Frames of FD until END. */
static int hear_answer(int fd, struct feed_frame *out, size_t *n)
{
	static struct feed_frame packet[FEED_PACKET_FRAMES];
	size_t got;

	while ((got = view_rig_receive(fd, packet, FEED_PACKET_FRAMES)) > 0)
		for (size_t i = 0; i < got; i++) {
			if (packet[i].type == FEED_END)
				return packet[i].u.end.err;
			if (packet[i].type != FEED_PROGRESS && *n < RIG_ANSWER_MAX)
				out[(*n)++] = packet[i];
		}
	return -1;
}

int view_rig_ask(const struct view_rig *r, const struct feed_ask *ask, struct feed_frame *out,
    size_t *n)
{
	const struct feed_frame f = { .type = FEED_ASK, .u.ask = *ask };
	int fd = view_rig_connect(r, "run/ask.sock"), code;

	*n = 0;
	if (fd < 0)
		return -1;
	(void)view_rig_send(fd, &f, 1);
	code = hear_answer(fd, out, n);
	close(fd);
	return code;
}

uint64_t view_rig_tally(const struct view_rig *r, uint8_t of, uint8_t a, uint8_t b)
{
	static struct feed_frame out[RIG_ANSWER_MAX];
	const struct feed_ask ask = { .question = FEED_STATUS };
	size_t n;

	if (view_rig_ask(r, &ask, out, &n) != SC_OK)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (out[i].type == FEED_TALLY && out[i].u.tally.of == of && out[i].u.tally.a == a &&
		    out[i].u.tally.b == b)
			return out[i].u.tally.value;
	return 0;
}

bool view_rig_await(const struct view_rig *r, uint8_t of, uint64_t value)
{
	for (int i = 0; i < WAIT_MS / 2; i++) {
		if (view_rig_tally(r, of, 0, 0) == value)
			return true;
		nap();
	}
	return false;
}
