/*
 * test_disk_spool.c - the spool on a disk that holds calls back, refuses them, and
 * loses what was not synced: nothing is told durable before it is, nobody who puts
 * waits, and after every power cut of a bounded run all that was told is there.
 *
 * DEEP=1: every kind of loss at every call, instead of one of them.
 */
#include "gateway/spool/int.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/gateway/spool_stage.h"

#define LEAST SPOOL_MAX_LEAST /* segments of 8 KiB */

static char base[64], root[128], dir[160], control[128], sock[128];
static struct disk_control *disk;
static struct stage_told told;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	memset(&told, 0, sizeof(told));
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static enum sc_err open_at(const char *where, const char *socket, struct sc_diag *d,
    struct spool **out)
{
	const struct spool_options o = { .dir = where,
		.socket = socket,
		.max = LEAST,
		.on_durable = stage_on_durable,
		.arg = &told };

	memset(d, 0, sizeof(*d));
	return spool_open(&o, d, out);
}

static struct spool *opened(const char *socket)
{
	struct sc_diag d;
	struct spool *s = NULL;

	if (open_at(dir, socket, &d, &s) != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return s;
}

static uint64_t put_of(struct spool *s)
{
	struct spool_stats st;

	spool_count(s, &st);
	return st.put;
}

static bool is_failed(struct spool *s)
{
	struct spool_stats st;

	spool_count(s, &st);
	return st.failed;
}

/* ---- held back ------------------------------------------------------------------------ */

static void test_not_before_the_disk(void)
{
	static const uint32_t ops[] = { DISK_WRITE, DISK_SYNC };

	for (unsigned i = 0; i < 2; i++) {
		struct spool_stats st;
		struct disk_rule *r;
		struct spool *s;

		fresh();
		NEED((s = opened(NULL)) != NULL);
		NEED(stage_put_durable(s, 0, 20));
		r = disk_rule(disk, 0, DISK_BLOCK, ops[i], "spool/*.spool");
		CHECK(stage_put(s, 20, 20) == SC_OK);
		NEED(disk_waits(r));
		/* who puts meanwhile does not wait, and gets into the next commit */
		CHECK(stage_put(s, 40, 20) == SC_OK && stage_put(s, 60, 20) == SC_OK);
		spool_count(s, &st);
		CHECK(st.durable == 20 && st.put == 80 && !st.failed);
		CHECK(atomic_load(&told.durable) == 20 && atomic_load(&told.times) == 1);
		disk_release(r);
		CHECK(stage_wait(&told.durable, 80));
		CHECK(atomic_load(&told.times) == 3); /* 40, then all that had come */
		spool_close(s);
	}
}

/* ---- refused --------------------------------------------------------------------------- */

/* Whether nothing of a write arrived, or a part, it is taken back and done again. */
static void test_refused_write(void)
{
	static const uint32_t arrives[] = { 0, 64, 100, 21 * 64 - 1 };

	for (unsigned i = 0; i < 4; i++) {
		struct disk_rule *r;
		uint64_t from, end;
		struct spool *s;

		fresh();
		NEED((s = opened(NULL)) != NULL);
		NEED(stage_put_durable(s, 0, 20));
		r = disk_rule(disk, 0, DISK_TEAR, DISK_WRITE, "spool/*.spool");
		r->err = ENOSPC;
		r->arg = arrives[i];
		CHECK(stage_put(s, 20, 20) == SC_OK);
		CHECK(stage_wait(&told.fallen, 40) && atomic_load(&told.durable) == 20);
		CHECK(is_failed(s) && stage_put(s, 40, 1) == SC_IO);
		CHECK(stage_holds(dir, &from, &end) && end == 20);
		disk_release(r);
		CHECK(stage_wait(&told.durable, 40) && !is_failed(s));
		CHECK(stage_put_durable(s, 40, 1));
		spool_close(s);
		CHECK(stage_holds(dir, &from, &end) && from == 0 && end == 41);
	}
}

/* After that nobody knows what the disk has: nothing more is written, and nothing told. */
static void test_dead(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct disk_rule *r, *size;
		uint64_t times, at;
		struct spool *s;

		fresh();
		NEED((s = opened(NULL)) != NULL);
		NEED(stage_put_durable(s, 0, 20));
		/* a sync that failed; a write that failed and cannot be taken back */
		r = disk_rule(disk, 0, i == 0 ? DISK_FAIL : DISK_TEAR,
		    i == 0 ? DISK_SYNC : DISK_WRITE, "spool/*.spool");
		r->err = EIO;
		r->arg = 64;
		size =
		    disk_rule(disk, 1, i == 0 ? DISK_OFF : DISK_FAIL, DISK_SIZE, "spool/*.spool");
		size->err = EIO;
		CHECK(stage_put(s, 20, 20) == SC_OK);
		CHECK(stage_wait(&told.fallen, 40));
		disk_release(r);
		disk_release(size);
		/* the disk is well again, and it is told anew all the same */
		times = atomic_load(&told.times);
		CHECK(stage_wait(&told.times, times + 3));
		CHECK(atomic_load(&told.durable) == 20 && atomic_load(&told.failed));
		CHECK(is_failed(s) && stage_put(s, 40, 1) == SC_IO && put_of(s) == 40);
		spool_close(s);
		NEED((s = opened(NULL)) != NULL);
		at = put_of(s);
		CHECK(i == 0 ? at == 40 : at == 20);
		CHECK(!is_failed(s) && stage_put_durable(s, at, 1));
		spool_close(s);
	}
}

/* No segment can be begun: nothing goes into the one before it any more, until one can. */
static void test_refused_segment(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
	} rows[] = { { DISK_NAME, "spool/*.tmp" }, { DISK_OPEN, "spool/*.tmp" },
		{ DISK_WRITE, "spool/*.tmp" }, { DISK_SYNC, "spool/*.tmp" },
		{ DISK_SYNC, "spool" } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t from, end;
		struct disk_rule *r;
		struct spool *s;
		size_t n;

		fresh();
		NEED((s = opened(NULL)) != NULL);
		r = disk_rule(disk, 0, DISK_FAIL, rows[i].ops, rows[i].file);
		r->err = ENOSPC;
		/* 8 KiB: what fills the segment is durable, though none can follow */
		CHECK(stage_put(s, 0, 130) == SC_OK && stage_wait(&told.durable, 130));
		CHECK(stage_put(s, 130, 10) == SC_OK && stage_wait(&told.fallen, 140));
		CHECK(is_failed(s) && atomic_load(&r->hits) > 0);
		disk_release(r);
		CHECK(stage_wait(&told.durable, 140));
		spool_close(s);
		stage_bytes(dir, &n);
		CHECK(n == 2 && stage_holds(dir, &from, &end) && from == 0 && end == 140);
		NEED((s = opened(NULL)) != NULL);
		CHECK(put_of(s) == 140);
		spool_close(s);
	}
}

/* What viewd has cannot be removed: it stays on the list, older before newer, and goes later. */
static void test_refused_removal(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
	} rows[] = { { DISK_NAME, "spool/*.spool" }, { DISK_SYNC, "spool" } };

	for (unsigned i = 0; i < 2; i++) {
		struct stage_peer p;
		struct disk_rule *r;
		uint64_t from, end;
		struct spool *s;
		size_t n;

		fresh();
		NEED(peer_listen(&p, sock));
		NEED((s = opened(sock)) != NULL);
		NEED(peer_meet(&p) && peer_say_at(&p, 0));
		for (uint64_t k = 0; k < 3; k++)
			NEED(stage_put_durable(s, k * 130, 130));
		for (unsigned k = 0; k < 10000 && (stage_bytes(dir, &n), n < 4); k++)
			usleep(1000);
		CHECK(n == 4);
		r = disk_rule(disk, 0, DISK_FAIL, rows[i].ops, rows[i].file);
		r->err = EIO;
		CHECK(peer_take_until(&p, 390));
		for (unsigned k = 0; k < 10000 && atomic_load(&r->hits) == 0; k++)
			usleep(1000);
		usleep(20000);
		stage_bytes(dir, &n);
		CHECK(n >= 3 && atomic_load(&r->hits) > 0);
		CHECK(stage_holds(dir, &from, &end) && end == 390);
		disk_release(r);
		NEED(stage_put_durable(s, 390, 1)); /* the next time it hears of anything */
		CHECK(peer_take_until(&p, 391));
		for (unsigned k = 0; k < 10000 && (stage_bytes(dir, &n), n > 1); k++)
			usleep(1000);
		CHECK(n == 1 && stage_holds(dir, &from, &end) && from == 390 && end == 391);
		spool_close(s);
		peer_close(&p);
	}
}

static void test_refused_opening(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
		bool torn;
	} rows[] = { { DISK_NAME, "spool/*.tmp", false }, { DISK_WRITE, "spool/*.tmp", false },
		{ DISK_SYNC, "spool", false }, { DISK_OPEN, "spool/*.spool", true },
		{ DISK_SIZE, "spool/*.spool", true }, { DISK_SYNC, "spool/*.spool", true } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct disk_rule *r;
		struct sc_diag d;
		struct spool *s = NULL;
		char path[300];

		fresh();
		if (rows[i].torn) {
			NEED((s = opened(NULL)) != NULL);
			NEED(stage_put_durable(s, 0, 20));
			spool_close(s);
			snprintf(path, sizeof(path), "%s/0000000000000000.spool", dir);
			NEED(truncate(path, 64 + 22 * 64 - 1) == 0);
		}
		r = disk_rule(disk, 0, DISK_FAIL, rows[i].ops, rows[i].file);
		r->err = EIO;
		CHECK(open_at(dir, NULL, &d, &s) == SC_IO && s == NULL);
		CHECK(strstr(d.file, ".spool") != NULL && strstr(d.text, strerror(EIO)) != NULL);
		CHECK(atomic_load(&r->hits) > 0);
		disk_release(r);
		NEED((s = opened(NULL)) != NULL);
		CHECK(put_of(s) == (rows[i].torn ? 20 : 0));
		spool_close(s);
	}
}

/* ---- power cuts ---------------------------------------------------------------------- */

/* From CALLS on: so much was told durable, and viewd had said it has so much. */
static struct {
	uint64_t calls, durable, fed;
} facts[400];
static size_t n_facts;

static void learn(uint64_t durable, uint64_t fed)
{
	if (n_facts == sizeof(facts) / sizeof(facts[0]))
		abort();
	facts[n_facts].durable = durable;
	facts[n_facts].fed = fed;
	facts[n_facts++].calls = atomic_load(&disk->ops);
}

/* Two lives, many segments, a viewd that takes in steps; once there is no room in the middle. */
static void run(void)
{
	struct stage_peer p;
	struct disk_rule *r;
	struct spool *s;
	uint64_t n = 0, fed = 0;

	n_facts = 0;
	NEED(peer_listen(&p, sock));
	for (unsigned life = 0; life < 2; life++) {
		NEED((s = opened(sock)) != NULL);
		NEED(peer_meet(&p) && peer_say_at(&p, fed));
		for (unsigned burst = 0; burst < 14; burst++) {
			if (burst == 6) {
				r = disk_rule(disk, 0, DISK_TEAR, DISK_WRITE, "spool/*.spool");
				r->err = ENOSPC;
				r->arg = 700;
				r->count = 1;
			}
			NEED(stage_put_durable(s, n, 20 + burst * 5));
			n += 20 + burst * 5;
			learn(n, fed);
			if (burst % 3 != 2)
				continue;
			while (p.next < n)
				NEED(peer_take(&p, 10000) > 0);
			fed = n;
			learn(n, fed); /* before it is said: what is removed is removed for it */
			NEED(peer_say_at(&p, fed));
		}
		spool_close(s);
	}
	peer_close(&p);
	CHECK(n > 1000);
}

static bool recovers(const char *where, size_t cut, char why[static 700])
{
	uint64_t durable = 0, fed = 0, put, from = 0, end = 0;
	struct sc_diag d;
	struct spool *s;
	bool ok;

	for (size_t i = 0; i < n_facts && facts[i].calls <= cut; i++) {
		durable = facts[i].durable;
		fed = facts[i].fed;
	}
	if (open_at(where, NULL, &d, &s) != SC_OK) {
		snprintf(why, 700, "does not open: %s: %s", d.file, d.text);
		return false;
	}
	put = put_of(s);
	ok = stage_put_durable(s, put, 1);
	spool_close(s);
	snprintf(why, 700, "told %llu durable and %llu fed; from %llu to %llu are left",
	    (unsigned long long)durable, (unsigned long long)fed, (unsigned long long)from,
	    (unsigned long long)put);
	return ok && put >= durable && stage_holds(where, &from, &end) && from <= fed &&
	    end == put + 1;
}

static void test_every_cut(void)
{
	const bool deep = getenv("DEEP") != NULL;
	char out[128], where[160], why[700], what[300];
	struct disk_story *s;
	unsigned bad = 0, cuts = 0;

	fresh();
	run();
	NEED((s = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	snprintf(where, sizeof(where), "%s/spool", out);
	for (size_t cut = 0; cut <= disk_story_length(s) && bad < 5; cut++)
		for (unsigned k = 0; k < (deep ? 3 * LUCK_COUNT : 2) && bad < 5; k++) {
			unsigned luck = (unsigned)(cut + k) % LUCK_COUNT;

			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0);
			NEED(disk_story_cut(s, cut, (enum disk_luck)luck, 1000 * k + cut, out));
			cuts++;
			if (recovers(where, cut, why))
				continue;
			disk_story_tell(s, cut, what, sizeof(what));
			printf("# cut %zu before '%s', luck %u: %s\n", cut, what, luck, why);
			bad++;
		}
	printf("# %zu calls, %zu facts, %u cuts\n", disk_story_length(s), n_facts, cuts);
	CHECK(bad == 0 && cuts > 200);
	disk_story_free(s);
}

int main(void)
{
	log_setup("test", LOG_ERROR + 1);
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(dir, sizeof(dir), "%s/spool", root);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(sock, sizeof(sock), "%s/feed", base);
	RUN(test_not_before_the_disk,
	    "nothing is told durable before it is, and nobody who puts waits");
	RUN(test_refused_write, "a write that is refused is taken back, told, and done again");
	RUN(test_dead, "when nobody knows what the disk has, nothing more is written");
	RUN(test_refused_segment, "a segment that cannot be begun holds up, and loses nothing");
	RUN(test_refused_removal, "what cannot be removed stays, the newer with the older");
	RUN(test_refused_opening,
	    "a spool that cannot be opened says why, and can be opened later");
	RUN(test_every_cut, "after every power cut all that was told durable is there, once");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
