/*
 * bench_keys.c - what keeping and forgetting people's keys costs, at a size.
 *
 *	bench_keys DIR [PEOPLE 10000] [SECONDS 2]
 *
 * A store, an epoch file and a log in DIR, which must be on the disk to be measured,
 * as keyd has them, in this process. Writes and flushes of each erasure are counted exactly:
 * the calls go through people/count_writes.c. Decides nothing; prints beside each figure what
 * it should be. PAIRS=N repeats the waits without and with erasures in turns.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "bench/people/count_writes.h"
#include "bench/people/erasure_cost.h"
#include "bench/people/many_people.h"
#include "crypto/keystore/people_int.h"
#include "crypto/prim/vault.h"
#include "crypto/record/record.h"

#include <sodium.h>

#define SAMPLE 1000 /* people who are looked up */
#define BATCH 50    /* new people of one fetch beside erasures */
#define PER_SECOND 5000
#define WAITS 200000

/* ---- what is measured -------------------------------------------------------------------- */

struct bench {
	char dir[400], log_dir[450], url[500], db[450], epoch[450];
	struct sc_name tenant;
	struct sc_secret *root;
	struct keystore *ks;
	struct keyring *kr;
	struct tlog *log;
	struct loop *loop;
	struct loop_wake durable; /* the log has come further */
	struct inbox inbox;
	struct people *pp;
	uint64_t people, next; /* made so far */
	uint64_t sample[SAMPLE];
	size_t n_sample;
	unsigned under_way;
	struct store_job filled;
	bool failed;
	uint32_t *wait_us;
	size_t n_waits;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench_keys: %s failed\n", what);
		exit(1);
	}
}

/* ---- opening ------------------------------------------------------------------------------ */

/* R into the log, as keyd does it. */
static enum sc_err record(struct bench *b, const struct audit_record *r, uint64_t *index)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	if ((err = audit_record_print(r, &text)) == SC_OK)
		err = tlog_append(b->log, sc_buf_span(&text), true, index);
	sc_buf_fini(&text);
	return err;
}

static enum sc_err tell_progress(void *arg, const struct store_progress *p, uint64_t *index)
{
	const struct audit_store store = { p->gen, p->high, p->lease };
	struct audit_record r;

	audit_record_init(&r, AUDIT_ADMIN);
	r.act = "keys.progress";
	r.store = &store;
	return record(arg, &r, index);
}

static enum sc_err tell_erased(void *arg, const struct logged_erasure *x)
{
	(void)arg;
	(void)x;
	return SC_OK;
}

/* As in keyd: who waits for the log sleeps until it calls. */
static void on_durable(void *arg)
{
	struct bench *b = arg;

	loop_wake_post(&b->durable);
}

static void on_wake(struct loop_wake *w)
{
	(void)w;
}

static void open_all(struct bench *b, bool init)
{
	const struct keystore_place at = { .tenant = &b->tenant,
		.store = b->url,
		.epoch = b->epoch,
		.node = "bench.example/keyd" };
	const struct tlog_options o = { .dir = b->log_dir, .origin = "bench.example/keyd" };
	const struct people_log tell = { .progress = tell_progress, .arg = b };
	struct keystore_replay_from from = { .dir = b->log_dir, .erased = tell_erased, .arg = b };
	struct keystore_replayed re;
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	if ((err = keystore_open(&at, b->root, init, &d, &b->ks)) != SC_OK ||
	    (err = keyring_open(keystore_store(b->ks), keystore_ring(b->ks), &b->tenant, init, &d,
		 &b->kr)) != SC_OK ||
	    (err = tlog_open(&o, &d, &b->log)) != SC_OK)
		fprintf(stderr, "bench_keys: %s (%d)\n", d.text, (int)err);
	must(err == SC_OK, "opening");
	from.slot_key = keyring_slot_key(b->kr);
	from.keyring = b->kr;
	from.size = tlog_durable(b->log);
	if ((err = keystore_replay(b->ks, &from, &d, &re)) != SC_OK)
		fprintf(stderr, "bench_keys: %s (%d)\n", d.text, (int)err);
	must(err == SC_OK, "replay");
	must(loop_new(&b->loop) == SC_OK, "loop");
	inbox_init(&b->inbox, b->loop, keystore_store(b->ks));
	must(people_new(b->ks, b->kr, &b->inbox, b->log, &tell, &b->pp) == SC_OK, "people");
	loop_wake_init(b->loop, &b->durable, on_wake);
	must(tlog_on_durable(b->log, on_durable, b) == SC_OK, "watching the log");
}

static void turn_until_done(struct bench *b, unsigned at_most)
{
	while (b->under_way > at_most)
		must(loop_turn_once(b->loop, 100) == SC_OK, "the loop");
}

static void close_all(struct bench *b)
{
	turn_until_done(b, 0);
	people_free(b->pp);
	tlog_close(b->log);
	keyring_free(b->kr);
	keystore_close(b->ks);
	loop_wake_fini(&b->durable);
	inbox_fini(&b->inbox);
	loop_free(b->loop);
}

/* ---- new people ----------------------------------------------------------------------------- */

struct order {
	struct bench *b;
	uint64_t began;
	bool waits; /* how long it takes counts */
};

static void handle_of(const struct bench *b, uint64_t i, uint8_t h[HANDLE_BYTES])
{
	char name[32];

	snprintf(name, sizeof(name), "cust-%llu", (unsigned long long)i);
	people_handle(b->pp, sc_span_str(name), h);
}

static void on_made(void *owner, enum sc_err err)
{
	struct order *o = owner;
	struct bench *b = o->b;

	b->under_way--;
	b->failed = b->failed || err != SC_OK;
	if (o->waits && b->n_waits < WAITS)
		b->wait_us[b->n_waits++] = (uint32_t)(now_us() - o->began);
	free(o);
}

static void make_people(struct bench *b, uint64_t n, bool waits)
{
	struct order *o = calloc(1, sizeof(*o));
	uint8_t h[HANDLE_BYTES];
	struct key_fetch *f;

	must(o != NULL && key_fetch_new(b->pp, &f) == SC_OK, "fetch");
	*o = (struct order){ .b = b, .waits = waits };
	for (uint64_t i = 0; i < n; i++) {
		handle_of(b, b->next++, h);
		must(key_fetch_handle(f, h) == SC_OK, "fetch");
	}
	o->began = now_us();
	b->under_way++;
	people_fetch(f, o, on_made);
}

static void handle_for(void *arg, uint64_t slot, uint8_t out[HANDLE_BYTES])
{
	handle_of(arg, slot, out);
}

/* What stands in memory follows what was put down. */
static enum sc_err follow(struct store_job *j, struct store_tx *tx)
{
	const struct bench *b = loop_owner(j, struct bench, filled);
	struct keystore *ks = b->ks;
	const struct tree_rows rows = store_rows_boxes(tx);

	ks->now.high = ks->now.lease = ks->now.people = b->people;
	ks->changed = true;
	return tree_open(ks->tree, &rows, epoch_file_key(ks->file, ks->now.epoch));
}

static void sample(struct bench *b)
{
	for (b->n_sample = 0; b->n_sample < SAMPLE; b->n_sample++)
		must(slot_id_of(b->pp->loop.ids, b->n_sample * (b->people / SAMPLE),
			 &b->sample[b->n_sample]) == SC_OK,
		    "ids");
}

static void fill(struct bench *b)
{
	const uint64_t t = now_us();
	const struct many_people m = { .store = keystore_store(b->ks),
		.tenant = sc_span_str(b->tenant.s),
		.store_id = b->ks->id,
		.epoch_key = epoch_file_key(b->ks->file, b->ks->now.epoch),
		.ring_key = keystore_ring(b->ks),
		.n = b->people,
		.week = (uint32_t)(clock_unix_ms() / WEEK_MS),
		.handle = handle_for,
		.arg = b };
	struct stat st;

	b->filled = (struct store_job){ .run = follow };
	must(many_people_add(&m) == SC_OK && store_run(m.store, &b->filled) == SC_OK, "filling");
	b->next = b->people;
	sample(b);
	close_all(b);
	must(stat(b->db, &st) == 0, "stat");
	printf("%llu people put down in %.1f s\n", (unsigned long long)b->people,
	    (double)(now_us() - t) / 1e6);
	printf("bytes a person, with the week: %.1f (110)\n",
	    (double)st.st_size / (double)b->people);
	open_all(b, false);
}

static void groups(struct bench *b, unsigned seconds)
{
	static const unsigned sizes[] = { 1, 50, 500 };

	for (unsigned i = 0; i < 3; i++) {
		const uint64_t t = now_us(), was = b->next;

		while (now_us() - t < seconds * 500000u) {
			make_people(b, sizes[i], false);
			turn_until_done(b, 0);
		}
		must(!b->failed, "making people");
		printf("new people a second, in groups of %u: %.0f%s\n", sizes[i],
		    (double)(b->next - was) * 1e6 / (double)(now_us() - t),
		    sizes[i] == 50 ? " (25,000)" : "");
	}
}

/* ---- erasures ---------------------------------------------------------------------------------- */

struct leaver {
	struct bench *b;
	enum { LEAVER_FREE, LEAVER_ASKED, LEAVER_FOUND, LEAVER_TOLD, LEAVER_GOING, LEAVER_GONE } at;
	uint8_t handle[HANDLE_BYTES];
	uint64_t intent, ids[PEOPLE_SLOTS_MAX];
	uint64_t found_at, told_at; /* microseconds */
	size_t n;
};

static void on_erased(void *owner, enum sc_err err, bool found)
{
	struct leaver *l = owner;

	must(err == SC_OK && found, "erasing");
	l->at = LEAVER_GONE;
	l->b->under_way--;
}

static void on_ids(void *owner, enum sc_err err, const uint64_t *ids, size_t n)
{
	struct leaver *l = owner;

	must(err == SC_OK && n > 0, "finding whom to erase");
	memcpy(l->ids, ids, n * sizeof(*ids));
	l->n = n;
	l->at = LEAVER_FOUND;
	l->found_at = now_us();
	l->b->under_way--;
}

/* As keyd does: ids, intent, durable, commit, block. The caller turns the loop between. */
static void leave_step(struct bench *b, struct leaver *l)
{
	struct audit_record r;

	if (l->at == LEAVER_FOUND) {
		audit_record_init(&r, AUDIT_ERASE);
		r.keys = l->ids;
		r.n_keys = l->n;
		people_intend(b->pp);
		must(record(b, &r, &l->intent) == SC_OK, "intent");
		l->at = LEAVER_TOLD;
	} else if (l->at == LEAVER_TOLD && tlog_durable(b->log) > l->intent) {
		b->under_way++;
		l->told_at = now_us();
		l->at = LEAVER_GOING;
		must(people_erase(b->pp, l->ids, l->n, l->intent, l, on_erased) == SC_OK,
		    "people_erase");
	}
}

static void leave_begin(struct bench *b, struct leaver *l, uint64_t who)
{
	memset(l, 0, sizeof(*l));
	l->b = b;
	l->at = LEAVER_ASKED;
	handle_of(b, who, l->handle);
	b->under_way++;
	must(people_ids(b->pp, l->handle, l, on_ids) == SC_OK, "people_ids");
}

static void leave_one(struct bench *b, uint64_t who, struct erasure_cost *out)
{
	struct leaver l;
	uint64_t t;

	count_from_zero();
	t = now_us();
	leave_begin(b, &l, who);
	while (l.at != LEAVER_GONE) {
		must(loop_turn_once(b->loop, 100) == SC_OK, "the loop");
		leave_step(b, &l);
	}
	erasure_cost_take(out, (uint32_t)(l.found_at - t), (uint32_t)(l.told_at - l.found_at),
	    (uint32_t)(now_us() - t));
}

static void erasures(struct bench *b)
{
	static struct erasure_cost c[ERASURES_MAX];
	const size_t n = b->people / 2 < ERASURES_MAX ? (size_t)(b->people / 2) : ERASURES_MAX;

	for (size_t i = 0; i < n; i++)
		leave_one(b, i * (b->people / 2 / n), &c[i]);
	erasure_costs_print(c, n);
}

/* ---- waiting beside erasures ------------------------------------------------------------------- */

#define LEAVERS 32

/* A step for all who leave; WHO begins, where BEGIN says so and there is room. */
static void step_leavers(struct bench *b, struct leaver *l, bool begin, uint64_t who)
{
	for (unsigned i = 0; i < LEAVERS; i++) {
		if (begin && (l[i].at == LEAVER_FREE || l[i].at == LEAVER_GONE)) {
			leave_begin(b, &l[i], who);
			begin = false;
		}
		leave_step(b, &l[i]);
	}
	must(!begin, "room for who leaves");
}

static bool all_left(const struct leaver *l)
{
	for (unsigned i = 0; i < LEAVERS; i++)
		if (l[i].at != LEAVER_FREE && l[i].at != LEAVER_GONE)
			return false;
	return true;
}

static double waits(struct bench *b, unsigned seconds, unsigned erasures_a_second, uint64_t *who)
{
	static struct leaver l[LEAVERS];
	const uint64_t start = now_us(), end = start + seconds * 1000000u;
	const uint64_t every = 1000000u * BATCH / PER_SECOND;
	uint64_t next = start, next_leave = start, t;
	double p50, p99;

	memset(l, 0, sizeof(l));
	b->n_waits = 0;
	while ((t = now_us()) < end) {
		bool leave = erasures_a_second > 0 && t >= next_leave;

		/* late ones are made up for, as customers do not wait to come */
		for (; next <= t; next += every)
			make_people(b, BATCH, true);
		step_leavers(b, l, leave, leave ? ++*who : 0);
		if (leave)
			next_leave += 1000000u / erasures_a_second;
		must(loop_turn_once(b->loop, 1) == SC_OK, "the loop");
	}
	while (b->under_way > 0 || !all_left(l)) {
		step_leavers(b, l, false, 0);
		must(loop_turn_once(b->loop, 1) == SC_OK, "the loop");
	}
	must(!b->failed, "making people");
	p50 = part_ms(b->wait_us, b->n_waits, 500);
	p99 = part_ms(b->wait_us, b->n_waits, 990);
	printf("batch of %d at %d new people a second, %u erasures: p50 %.1f ms, p99 %.1f ms\n",
	    BATCH, PER_SECOND, erasures_a_second, p50, p99);
	return p99;
}

static void beside_erasures(struct bench *b, unsigned seconds)
{
	const char *pairs = getenv("PAIRS");
	const unsigned n = pairs == NULL ? 1 : (unsigned)strtoul(pairs, NULL, 10);
	uint64_t who = b->people / 2;

	for (unsigned i = 0; i < n; i++) {
		const double alone = waits(b, seconds, 0, &who),
			     beside = waits(b, seconds, 10, &who);

		printf("p99 beside erasures / without: %.2f (2)\n", beside / alone);
	}
}

/* ---- looking up and starting --------------------------------------------------------------------- */

static void forget_cache(const struct bench *b)
{
	const int fd = open(b->db, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 && fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0,
	    "dropping the cache");
	close(fd);
}

static void on_found(void *owner, enum sc_err err)
{
	struct bench *b = owner;

	b->failed = b->failed || err != SC_OK;
	b->under_way--;
}

static void look_up_all(struct bench *b, const char *what)
{
	uint32_t us[SAMPLE];

	for (size_t i = 0; i < b->n_sample; i++) {
		const uint64_t t = now_us();
		struct key_fetch *f;

		must(key_fetch_new(b->pp, &f) == SC_OK && key_fetch_id(f, b->sample[i]) == SC_OK,
		    "fetch");
		b->under_way++;
		people_fetch(f, b, on_found);
		turn_until_done(b, 0);
		us[i] = (uint32_t)(now_us() - t);
	}
	must(!b->failed, "looking up");
	printf("look-up %s, loop and store's thread included: p50 %.3f ms, p99 %.3f ms\n", what,
	    part_ms(us, b->n_sample, 500), part_ms(us, b->n_sample, 990));
}

static void starting(struct bench *b)
{
	struct rusage ru;
	uint64_t t;

	close_all(b);
	forget_cache(b);
	t = now_us();
	open_all(b, false);
	printf("start, cold: %.1f ms (1,000)\n", (double)(now_us() - t) / 1e3);
	look_up_all(b, "cold");
	close_all(b);
	open_all(b, false);
	look_up_all(b, "warm");
	getrusage(RUSAGE_SELF, &ru);
	printf("resident at most: %.0f MB\n", (double)ru.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	const unsigned seconds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2;
	struct sc_diag d = { .text = "" };
	uint8_t key[32] = { 1, 2, 3 };
	bool locked;

	if (argc < 2 || b == NULL) {
		fputs("usage: bench_keys DIR [PEOPLE] [SECONDS]\n", stderr);
		return 2;
	}
	log_setup("bench_keys", LOG_ERROR);
	must(vault_open((size_t)64 << 20, &locked, &d) == SC_OK && sodium_init() >= 0, "vault");
	b->people = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000;
	b->wait_us = calloc(WAITS, sizeof(*b->wait_us));
	snprintf(b->dir, sizeof(b->dir), "%s", argv[1]);
	snprintf(b->log_dir, sizeof(b->log_dir), "%s/log", b->dir);
	snprintf(b->db, sizeof(b->db), "%s/keyd.db", b->dir);
	snprintf(b->url, sizeof(b->url), "sqlite:%s", b->db);
	snprintf(b->epoch, sizeof(b->epoch), "%s/keyd.epoch", b->dir);
	must(b->wait_us != NULL && sc_name_parse(sc_span_str("bench"), &b->tenant) == SC_OK &&
		sc_secret_new_take(key, sizeof(key), &b->root) == SC_OK,
	    "setup");
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_all(b, true);
	fill(b);
	groups(b, seconds);
	erasures(b);
	beside_erasures(b, seconds);
	starting(b);
	close_all(b);
	sc_secret_free(b->root);
	free(b->wait_us);
	free(b);
	return 0;
}
