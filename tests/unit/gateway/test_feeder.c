/*
 * test_feeder.c - the gateway's side of the feed as its operator sees it: what is
 * told and how often, that nothing stays open, and that nobody is dialled in a loop.
 */
#include "gateway/spool/int.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tap.h"
#include "unit/gateway/spool_stage.h"

static char base[64], dir[128], sock[128], told[128];
static int real_stderr;

static void empty(const char *path)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", path);
	if (system(cmd) != 0)
		abort();
}

static struct spool *opened(const char *socket)
{
	const struct spool_options o = { .dir = dir, .socket = socket, .max = SPOOL_MAX_LEAST };
	struct sc_diag d;
	struct spool *s = NULL;

	(void)!spool_open(&o, &d, &s);
	return s;
}

/* What the log says from now on goes into a file. */
static void listen_in(void)
{
	const int fd = open(told, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		abort();
	close(fd);
}

/* How often it said EVENT, with WITH in the same line. */
static unsigned times(const char *event, const char *with)
{
	char line[1000], name[100];
	FILE *f = fopen(told, "r");
	unsigned n = 0;

	snprintf(name, sizeof(name), "\"%s\"", event);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, name) != NULL && strstr(line, with) != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

static bool comes(const char *event, const char *with)
{
	for (unsigned i = 0; i < 10000 && times(event, with) == 0; i++)
		usleep(1000);
	return times(event, with) > 0;
}

/* ---- what is told ------------------------------------------------------------------ */

/* Each change once, however often it is tried again; a loss with its size. */
static void test_told_once(void)
{
	struct stage_peer p;
	struct spool *s;

	empty(dir);
	unlink(sock);
	listen_in();
	NEED((s = opened(sock)) != NULL);
	CHECK(comes("feeder.nobody_there", ""));
	NEED(stage_put_durable(s, 0, 10));
	usleep(200000); /* three more times, at least */
	CHECK(times("feeder.nobody_there", "") == 1);
	NEED(peer_listen(&p, sock));
	NEED(peer_meet(&p) && peer_say_at(&p, 4));
	CHECK(comes("feeder.feeding", "\"from\":4") && times("feeder.feeding", "") == 1);
	p.next = 4;
	CHECK(peer_take_until(&p, 10));
	/* gone, and back with what never was put, three times */
	for (unsigned i = 0; i < 3; i++) {
		NEED(peer_meet(&p) && peer_say_at(&p, 15));
		CHECK(peer_alone(&p));
	}
	CHECK(times("feeder.gone", "") == 1);
	CHECK(comes("feeder.frames_unknown", "\"n\":5"));
	CHECK(times("feeder.frames_unknown", "") == 1);
	NEED(peer_meet(&p));
	CHECK(send(p.fd, "x", 1, 0) == 1 && peer_alone(&p) && comes("feeder.not_understood", ""));
	NEED(peer_meet(&p) && peer_say_at(&p, 10));
	CHECK(comes("feeder.feeding", "\"from\":10"));
	/* full segments, taken and removed; then an older log */
	for (uint64_t i = 0; i < 3; i++) {
		NEED(stage_put_durable(s, 10 + i * 130, 130));
		p.next = 10 + i * 130;
		CHECK(peer_take_until(&p, 10 + i * 130 + 130));
	}
	NEED(stage_put_durable(s, 400, 1));
	CHECK(peer_take(&p, 10000) == 1 && peer_say_at(&p, 401));
	for (unsigned i = 0; i < 2; i++) {
		NEED(peer_meet(&p) && peer_say_at(&p, 100));
		CHECK(peer_alone(&p));
	}
	CHECK(comes("feeder.frames_lost", "\"n\":300") && times("feeder.frames_lost", "") == 1);
	spool_close(s);
	peer_close(&p);
	CHECK(times("spool.", "") == 0);
}

/* ---- what cannot be read --------------------------------------------------------------- */

/* What a disk forgot after it was opened is not handed over, and no one behind it either. */
static void test_unreadable(void)
{
	struct spool_stats st;
	struct stage_peer p;
	struct spool *s;
	char path[300];
	int fd;

	empty(dir);
	listen_in();
	NEED(peer_listen(&p, sock));
	NEED((s = opened(sock)) != NULL);
	NEED(peer_meet(&p));
	NEED(stage_put_durable(s, 0, 20));
	snprintf(path, sizeof(path), "%s/0000000000000000.spool", dir);
	NEED((fd = open(path, O_WRONLY)) >= 0);
	CHECK(pwrite(fd, "?", 1, 64 + 5 * 64 + 9) == 1);
	close(fd);
	CHECK(peer_say_at(&p, 0) && peer_alone(&p));
	CHECK(comes("feeder.spool_unreadable", ""));
	for (unsigned i = 0; i < 1000; i++) {
		spool_count(s, &st);
		if (st.failed)
			break;
		usleep(1000);
	}
	CHECK(st.failed && !st.connected && st.dropped == 1 && st.fed == 0);
	/* putting goes on: that is another thing */
	CHECK(stage_put_durable(s, 20, 1));
	spool_close(s);
	peer_close(&p);
	NEED((s = opened(NULL)) == NULL); /* and the next start says which file */
}

/* ---- dialling -------------------------------------------------------------------------- */

/* A viewd that hangs up at once is left alone for 50, 100, 200 ... milliseconds. */
static void test_not_in_a_loop(void)
{
	const uint64_t until = clock_mono_ms() + 1000;
	struct stage_peer p;
	struct spool *s;
	unsigned dials = 0;

	empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = opened(sock)) != NULL);
	while (clock_mono_ms() < until && peer_meet(&p))
		dials++;
	CHECK(dials >= 2 && dials <= 7);
	/* once it took something, a break is a new one */
	NEED(stage_put_durable(s, 0, 10));
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	CHECK(peer_take_until(&p, 10));
	spool_close(s);
	peer_close(&p);
}

/* ---- what stays open ------------------------------------------------------------------- */

static unsigned open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void a_life(void)
{
	struct stage_peer p;
	struct spool *s;

	empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = opened(sock)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	for (uint64_t i = 0; i < 3; i++)
		NEED(stage_put_durable(s, i * 130, 130));
	CHECK(peer_take_until(&p, 390));
	NEED(peer_meet(&p) && peer_say_at(&p, 390)); /* dialled anew */
	NEED(stage_put_durable(s, 390, 1));
	CHECK(peer_take_until(&p, 391));
	spool_close(s);
	peer_close(&p);
}

static void test_nothing_stays_open(void)
{
	unsigned before, after;
	char path[300];
	struct spool *s;
	int fd;

	a_life();
	before = open_files();
	a_life();
	/* openings that fail: another owner, damage, no folder */
	NEED((s = opened(NULL)) != NULL);
	CHECK(opened(NULL) == NULL);
	spool_close(s);
	snprintf(path, sizeof(path), "%s/0000000000000000.spool", dir);
	NEED((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0);
	close(fd);
	CHECK(opened(NULL) == NULL);
	empty(dir);
	NEED((fd = open(dir, O_WRONLY | O_CREAT, 0600)) >= 0);
	close(fd);
	CHECK(opened(NULL) == NULL);
	after = open_files();
	CHECK(before == after);
	if (before != after)
		printf("# %u, then %u\n", before, after);
}

int main(void)
{
	log_setup("test", LOG_INFO);
	snprintf(base, sizeof(base), "%s/scrim-feeder-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(base) == NULL)
		return 2;
	snprintf(dir, sizeof(dir), "%s/spool", base);
	snprintf(sock, sizeof(sock), "%s/feed", base);
	snprintf(told, sizeof(told), "%s/told", base);
	real_stderr = dup(STDERR_FILENO);
	RUN(test_told_once, "each change is told once, a loss with its size");
	RUN(test_unreadable, "what cannot be read is not handed over");
	listen_in();
	RUN(test_not_in_a_loop, "a viewd that hangs up is not dialled in a loop");
	RUN(test_nothing_stays_open, "nothing stays open, whatever fails");
	dup2(real_stderr, STDERR_FILENO);
	empty(base);
	return tap_done();
}
