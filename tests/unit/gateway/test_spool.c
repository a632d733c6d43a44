/*
 * test_spool.c - whoever puts never waits, and has a number; what viewd has goes; full,
 * slow or talking nonsense, it is told and nothing is lost. Its files: test_spool_files.c.
 */
#include "gateway/spool/int.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"
#include "unit/gateway/spool_stage.h"

static char base[64], dir[128], sock[128];

/* ---- putting -------------------------------------------------------------------------- */

static void test_numbers(void)
{
	struct stage_told told = { 0 };
	struct spool_stats st;
	struct spool *s;

	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 1 << 20, &told)) != NULL);
	spool_count(s, &st);
	CHECK(st.put == 0 && st.durable == 0 && st.fed == 0 && st.bytes == 0);
	CHECK(stage_put(s, 0, 1) == SC_OK && stage_wait(&told.durable, 1));
	CHECK(stage_put(s, 1, 20) == SC_OK && stage_wait(&told.durable, 21));
	CHECK(stage_put(s, 21, 0) == SC_OK);
	spool_count(s, &st);
	CHECK(st.put == 21 && st.durable == 21 && st.fed == 0 && st.bytes == 21 * 64);
	CHECK(st.full == 0 && !st.connected && !st.failed && st.lost == 0);
	CHECK(atomic_load(&told.durable) == 21 && !atomic_load(&told.failed));
	spool_close(s);
}

/* All or none, and only what may pass. */
static void test_only_frames_that_may_pass(void)
{
	struct feed_frame v[2] = { { .type = FEED_EVENT, .u.event = { .id = 1, .kind = 1 } },
		{ .type = FEED_EVENT, .u.event = { .id = 2, .kind = FEED_KIND_END } } };
	static const uint8_t never[] = { 0, FEED_COMMIT, FEED_HELLO, FEED_AT, FEED_BATCH, FEED_ASK,
		FEED_END, 255 };
	struct spool_stats st;
	struct spool *s;
	uint64_t next = 9;

	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 1 << 20, NULL)) != NULL);
	CHECK(spool_put(s, v, 2, &next) == SC_BUG && next == 0);
	for (size_t i = 0; i < sizeof(never); i++) {
		v[1] = (struct feed_frame){ .type = never[i] };
		v[1].u.at.spool = never[i] == FEED_AT || never[i] == FEED_HELLO;
		CHECK(spool_put(s, v, 2, &next) == SC_BUG);
	}
	v[1] = (struct feed_frame){ .type = FEED_SNAPSHOT };
	CHECK(spool_put(s, v, 2, &next) == SC_OK && next == 2);
	spool_close(s);
	NEED((s = stage_spool(dir, NULL, 1 << 20, NULL)) != NULL);
	spool_count(s, &st);
	CHECK(st.put == 2 && st.durable == 2);
	spool_close(s);
}

static void test_one_owner(void)
{
	struct stat st;
	struct sc_diag d;
	struct spool *s;
	uint64_t put;

	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 1 << 20, NULL)) != NULL);
	CHECK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(stage_opens(dir, &d, &put) == SC_IO && strstr(d.text, "another process") != NULL);
	spool_close(s);
	CHECK(stage_opens(dir, &d, &put) == SC_OK);
	CHECK(stage_opens("/nonexistent/spool", &d, &put) == SC_IO);
	spool_close(NULL);
}

#define LEAST SPOOL_MAX_LEAST /* segments of an eighth: 8 KiB */

/* ---- the ceiling, and feeding ---------------------------------------------------------------- */

static void test_full_and_on(void)
{
	struct stage_peer p;
	struct spool_stats st;
	struct spool *s;
	uint64_t at = 0, full = 0;
	size_t n;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, LEAST, NULL)) != NULL);
	NEED(peer_meet(&p));
	for (unsigned round = 0; round < 4; round++) {
		enum sc_err err;

		while ((err = stage_put(s, at, 50)) == SC_OK) {
			at += 50;
			CHECK(stage_bytes(dir, &n) <= LEAST);
		}
		CHECK(err == SC_LIMIT);
		spool_count(s, &st);
		CHECK(st.full == ++full && st.put == at && st.bytes >= LEAST / 2);
		/* a smaller one may still fit, but it ends */
		while (stage_put(s, at, 1) == SC_OK)
			at++;
		full++;
		if (round == 0)
			CHECK(peer_say_at(&p, 0));
		CHECK(peer_take_until(&p, at));
		for (unsigned i = 0; i < 10000; i++) {
			spool_count(s, &st);
			if (st.fed == at && stage_bytes(dir, &n) < LEAST / 2)
				break;
			usleep(1000);
		}
		CHECK(st.fed == at && st.bytes == 0 && st.connected);
		CHECK(stage_bytes(dir, &n) < LEAST / 4 && n <= 2);
	}
	spool_close(s);
	peer_close(&p);
	/* a body that can never fit is refused alone */
	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, LEAST, NULL)) != NULL);
	spool_count(s, &st);
	CHECK(st.room == LEAST - 5 * 64); /* a head, and what commits add */
	CHECK(stage_put(s, 0, LEAST / 64 - 4) == SC_LIMIT);
	CHECK(stage_put(s, 0, LEAST / 64 - 5) == SC_OK);
	CHECK(stage_put(s, LEAST / 64 - 5, 1) == SC_LIMIT);
	spool_close(s);
	CHECK(stage_bytes(dir, &n) <= LEAST);
}

/* viewd goes and comes, with and without having kept the last packets: each frame once. */
static void test_restarts(void)
{
	struct stage_peer p;
	struct spool *s;
	uint64_t at = 0, kept;

	stage_empty(dir);
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL); /* nobody listens yet */
	NEED(stage_put_durable(s, at, 3000));
	at += 3000;
	NEED(peer_listen(&p, sock));
	for (unsigned round = 0; round < 6; round++) {
		NEED(peer_meet(&p) && peer_say_at(&p, p.next));
		CHECK(peer_take(&p, 10000) > 0);
		kept = p.next;
		if (round % 2 == 0)
			CHECK(peer_say_at(&p, p.next));
		CHECK(peer_take(&p, 10000) > 0);
		p.next = kept; /* the second packet was not durable there */
		CHECK(stage_put(s, at, 700) == SC_OK);
		at += 700;
		if (round == 3) { /* gone for a while */
			peer_close(&p);
			usleep(20000);
			NEED(peer_listen(&p, sock));
			p.next = kept;
		}
	}
	NEED(peer_meet(&p) && peer_say_at(&p, p.next));
	CHECK(peer_take_until(&p, at));
	spool_close(s);
	/* the gateway restarts too: same spool, nothing anew */
	kept = p.spool;
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	NEED(peer_meet(&p));
	CHECK(p.spool == kept && peer_say_at(&p, p.next));
	CHECK(stage_put(s, at, 10) == SC_OK && peer_take_until(&p, at + 10));
	CHECK(peer_take(&p, 50) == 0);
	spool_close(s);
	peer_close(&p);
	/* another folder is another spool */
	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	CHECK(peer_meet(&p) && p.spool != kept && p.spool != 0);
	spool_close(s);
	peer_close(&p);
}

/* A few packets are on their way at once, never more, and each is full where there is enough. */
static void test_packets_ahead(void)
{
	struct stage_peer p;
	struct spool *s;

	stage_empty(dir);
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	NEED(stage_put_durable(s, 0, 6000));
	NEED(peer_listen(&p, sock));
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	for (unsigned i = 0; i < 4; i++)
		CHECK(peer_take(&p, 10000) == FEED_PACKET_FRAMES - 1);
	CHECK(peer_take(&p, 100) == 0);
	CHECK(peer_say_at(&p, FEED_PACKET_FRAMES - 1)); /* the first of them is durable */
	CHECK(peer_take(&p, 10000) == FEED_PACKET_FRAMES - 1);
	CHECK(peer_take(&p, 100) == 0);
	CHECK(peer_say_at(&p, p.next));
	CHECK(peer_take(&p, 10000) == 6000 - 5 * (FEED_PACKET_FRAMES - 1));
	CHECK(peer_say_at(&p, p.next));
	spool_close(s);
	peer_close(&p);
}

/* A viewd that reads nothing holds nobody up. */
static void test_slow_viewd(void)
{
	struct stage_told told = { 0 };
	struct stage_peer p;
	struct spool_stats st;
	struct spool *s;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 32 << 20, &told)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	for (uint64_t i = 0; i < 100; i++)
		CHECK(stage_put(s, i * 1000, 1000) == SC_OK);
	CHECK(stage_wait(&told.durable, 100000));
	spool_count(s, &st);
	CHECK(st.fed == 0 && st.connected);
	CHECK(peer_take_until(&p, 100000));
	spool_close(s);
	peer_close(&p);
}

/* ---- a viewd that talks nonsense ---------------------------------------------------------- */

enum nonsense { BYTES, SHORT, LONG, OTHER_SPOOL, OTHER_TYPE, BEYOND, BACKWARDS, NONSENSE_END };

static bool talk(struct stage_peer *p, enum nonsense what)
{
	static const uint8_t zeros[2 * FEED_FRAME_BYTES];
	struct feed_frame f = { .type = FEED_AT, .u.at = { p->spool, p->next } };
	const size_t n = what == SHORT ? 63 : what == LONG ? 65 : 64;

	if (what == OTHER_SPOOL)
		f.u.at.spool ^= 1;
	if (what == OTHER_TYPE)
		f = (struct feed_frame){ .type = FEED_HELLO, .u.hello.spool = p->spool };
	if (what == BEYOND)
		f.u.at.next += 1;
	if (what == BACKWARDS)
		f.u.at.next = 1;
	if (what <= LONG)
		return send(p->fd, zeros, n, MSG_NOSIGNAL) == (ssize_t)n;
	return peer_say(p, &f);
}

static void test_nonsense(void)
{
	struct stage_peer p;
	struct spool_stats st;
	struct spool *s;
	uint64_t at = 10;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	NEED(stage_put_durable(s, 0, at));
	for (int what = 0; what < NONSENSE_END; what++) {
		NEED(peer_meet(&p) && peer_say_at(&p, p.next));
		CHECK(peer_take_until(&p, at));
		CHECK(stage_put_durable(s, at, 5));
		at += 5;
		CHECK(peer_take(&p, 10000) == 5); /* taken, and not acknowledged */
		CHECK(talk(&p, (enum nonsense)what));
		CHECK(peer_alone(&p));
		spool_count(s, &st);
		CHECK(st.dropped == (uint64_t)what + 1 && !st.connected && st.lost == 0);
		CHECK(st.fed == at - 5 && !st.failed);
	}
	/* as a greeting */
	for (int what = 0; what <= OTHER_TYPE; what++) {
		NEED(peer_meet(&p));
		CHECK(talk(&p, (enum nonsense)what) && peer_alone(&p));
	}
	NEED(peer_meet(&p) && peer_say_at(&p, p.next));
	CHECK(stage_put(s, at, 5) == SC_OK && peer_take_until(&p, at + 5));
	spool_count(s, &st);
	CHECK(st.connected && st.dropped == NONSENSE_END + OTHER_TYPE + 1);
	spool_close(s);
	peer_close(&p);
}

/* What viewd wants and nobody has any more, and what it has that never was: told, and nothing passed over. */
static void test_loss_is_told(void)
{
	struct stage_peer p;
	struct spool_stats st;
	struct spool *s;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, LEAST, NULL)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	for (uint64_t i = 0; i < 20; i++) {
		NEED(stage_put_when_room(s, i * 50, 50));
		CHECK(peer_take_until(&p, i * 50 + 50));
	}
	CHECK(stage_put_durable(s, 1000, 10));
	CHECK(peer_take(&p, 10000) == 10);
	/* it comes back with an older log; the segments with frames until 899 are gone */
	NEED(peer_meet(&p) && peer_say_at(&p, 120));
	CHECK(peer_alone(&p));
	spool_count(s, &st);
	CHECK(st.lost > 0 && st.lost <= 1000 - 120 && !st.connected);
	CHECK(st.fed == 1000 && st.put == 1010);
	/* with one that is ahead */
	NEED(peer_meet(&p) && peer_say_at(&p, 1013));
	CHECK(peer_alone(&p));
	spool_count(s, &st);
	CHECK(st.lost == 3 && !st.connected && st.dropped == 2);
	/* with the right one all is well */
	NEED(peer_meet(&p) && peer_say_at(&p, 1000));
	p.next = 1000;
	CHECK(peer_take_until(&p, 1010));
	spool_count(s, &st);
	CHECK(st.lost == 0 && st.connected);
	spool_close(s);
	peer_close(&p);
}

/* It asks again for what it acknowledged once but lost: where that is still there it is handed over anew. */
static void test_asks_again(void)
{
	struct stage_peer p;
	struct spool_stats st;
	struct spool *s;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, LEAST, NULL)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	NEED(stage_put_durable(s, 0, 60));
	CHECK(peer_take_until(&p, 60));
	NEED(peer_meet(&p) && peer_say_at(&p, 20));
	p.next = 20;
	CHECK(peer_take(&p, 10000) == 40);
	/* the segment that it wants is not taken away for what it said once */
	NEED(stage_put_durable(s, 60, 100));
	NEED(stage_put_durable(s, 160, 10));
	spool_count(s, &st);
	CHECK(st.fed == 20);
	NEED(peer_meet(&p) && peer_say_at(&p, 20));
	p.next = 20;
	CHECK(peer_take_until(&p, 170));
	spool_close(s);
	peer_close(&p);
}

/* ---- time and the disk ------------------------------------------------------------------------- */

/* What viewd has does not lie here for ever: a segment is ended by time, too. */
static void test_old_segments_go(void)
{
	struct stage_peer p;
	struct spool *s;
	size_t n;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	pthread_mutex_lock(&s->lock);
	s->segment_ms = 30;
	pthread_mutex_unlock(&s->lock);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	NEED(stage_put_durable(s, 0, 20));
	CHECK(peer_take_until(&p, 20));
	for (unsigned i = 0; i < 10000 && stage_bytes(dir, &n) > SPOOL_HEAD; i++)
		usleep(1000);
	CHECK(stage_bytes(dir, &n) == SPOOL_HEAD && n == 1);
	/* its number goes on */
	NEED(stage_put_durable(s, 20, 1));
	CHECK(peer_take_until(&p, 21));
	spool_close(s);
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 21));
	NEED(stage_put(s, 21, 1) == SC_OK);
	CHECK(peer_take_until(&p, 22));
	spool_close(s);
	peer_close(&p);
}

/* No room on the disk: callers hear it, what was told stays, and it goes on when there is room. */
static void test_disk_full(void)
{
	struct rlimit was, now;
	struct stage_told told = { 0 };
	struct spool_stats st;
	uint64_t from, end, put;
	struct sc_diag d;
	struct spool *s;

	signal(SIGXFSZ, SIG_IGN);
	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 1 << 20, &told)) != NULL);
	NEED(stage_put_durable(s, 0, 20));
	NEED(getrlimit(RLIMIT_FSIZE, &was) == 0);
	now = was;
	now.rlim_cur = 64 + 21 * 64 +
	    100; /* in the middle of the second frame of the next commit */
	NEED(setrlimit(RLIMIT_FSIZE, &now) == 0);
	CHECK(stage_put(s, 20, 20) == SC_OK);
	CHECK(stage_wait(&told.fallen, 40) && atomic_load(&told.failed));
	CHECK(atomic_load(&told.durable) == 20);
	CHECK(stage_put(s, 40, 1) == SC_IO);
	spool_count(s, &st);
	CHECK(st.failed && st.put == 40 && st.durable == 20 && st.full == 0);
	CHECK(stage_holds(dir, &from, &end) && from == 0 && end == 20); /* no half of it */
	/* told anew while it lasts */
	CHECK(stage_wait(&told.times, atomic_load(&told.times) + 2));
	NEED(setrlimit(RLIMIT_FSIZE, &was) == 0);
	CHECK(stage_wait(&told.durable, 40) && !atomic_load(&told.failed));
	CHECK(stage_put(s, 40, 1) == SC_OK && stage_wait(&told.durable, 41));
	spool_count(s, &st);
	CHECK(!st.failed);
	/* and closed while there is none */
	now.rlim_cur = 64 + 44 * 64;
	NEED(setrlimit(RLIMIT_FSIZE, &now) == 0);
	CHECK(stage_put(s, 41, 20) == SC_OK);
	spool_close(s);
	NEED(setrlimit(RLIMIT_FSIZE, &was) == 0);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 41);
	CHECK(stage_holds(dir, &from, &end) && end == 41);
}

/* ---- many at once --------------------------------------------------------------------------------- */

struct crowd {
	struct spool *s;
	_Atomic uint64_t sum;
};

static void *crowd_main(void *arg)
{
	struct crowd *c = arg;
	struct feed_frame v[7] = { 0 };
	uint64_t next, last = 0;

	for (size_t i = 0; i < 7; i++)
		v[i] = (struct feed_frame){ .type = FEED_ERASE,
			.u.erase = { .who = i + 1, .kind = 1 } };
	for (unsigned i = 0; i < 300; i++) {
		if (spool_put(c->s, v, 7, &next) != SC_OK || next < last + 7)
			abort();
		last = next;
		atomic_fetch_add(&c->sum, 7);
		if (i % 64 == 0)
			usleep(100);
	}
	return NULL;
}

static void test_crowd(void)
{
	struct stage_told told = { 0 };
	struct crowd c = { .sum = 0 };
	struct stage_peer p;
	struct spool_stats st;
	pthread_t t[4];
	uint64_t put;
	struct sc_diag d;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((c.s = stage_spool(dir, sock, 1 << 20, &told)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	for (size_t i = 0; i < 4; i++)
		NEED(pthread_create(&t[i], NULL, crowd_main, &c) == 0);
	for (unsigned i = 0; i < 50; i++) {
		spool_count(c.s, &st);
		CHECK(st.durable <= st.put && st.fed <= st.durable);
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK(stage_wait(&told.durable, 4 * 300 * 7) && atomic_load(&told.durable) == 8400);
	peer_close(&p);
	spool_close(c.s);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 8400);
}

/* Closing commits what waits and hands over what viewd takes within a moment; a deaf one holds it no longer. */
static void test_close(void)
{
	struct stage_peer p;
	struct spool *s;
	uint64_t began, from, end;

	stage_empty(dir);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 1 << 20, NULL)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	CHECK(stage_put(s, 0, 100) == SC_OK);
	began = clock_mono_ms();
	spool_close(s);
	CHECK(clock_mono_ms() - began >= 400);
	CHECK(stage_holds(dir, &from, &end) && end == 100);
	CHECK(peer_take(&p, 0) == 100); /* it was handed over */
	peer_close(&p);
}

static void test_socket_path(void)
{
	struct spool_options o = { .dir = dir, .max = 1 << 20 };
	char path[200];
	struct sc_diag d;
	struct spool *s;

	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[108] = '\0'; /* one too long for a sockaddr_un with its end */
	o.socket = path;
	stage_empty(dir);
	CHECK(spool_open(&o, &d, &s) == SC_IO && s == NULL && strstr(d.text, "too long") != NULL);
	path[107] = '\0';
	CHECK(spool_open(&o, &d, &s) == SC_OK);
	spool_close(s);
}

int main(void)
{
	snprintf(base, sizeof(base), "%s/scrim-spool-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(base) == NULL)
		return 2;
	snprintf(dir, sizeof(dir), "%s/spool", base);
	snprintf(sock, sizeof(sock), "%s/feed", base);
	RUN(test_numbers,
	    "what is put has the numbers that follow, and is told when it is durable");
	RUN(test_only_frames_that_may_pass, "only frames that may pass are taken, all or none");
	RUN(test_one_owner, "one process has a spool, in a folder of its own");
	RUN(test_full_and_on,
	    "a full spool refuses, never takes more room, and goes on when viewd has taken");
	RUN(test_restarts, "each frame once, in order, whoever restarts");
	RUN(test_packets_ahead, "four packets are ahead, full ones");
	RUN(test_slow_viewd, "a viewd that reads nothing holds nobody up");
	RUN(test_nonsense, "nonsense ends the connection, and only that");
	RUN(test_loss_is_told, "loss is told, and nothing is passed over");
	RUN(test_asks_again, "what is still there is handed over again");
	RUN(test_old_segments_go, "what viewd has goes in time");
	RUN(test_disk_full, "a full disk is told, keeps what was told, and ends");
	RUN(test_crowd, "many may put at once");
	RUN(test_close, "closing waits a moment, and no longer");
	RUN(test_socket_path, "a socket's path that is too long is told");
	stage_empty(base);
	return tap_done();
}
