/*
 * test_phone_crash.c - whatever was answered is there after a crash at any point,
 * no slot is two people's, clocks may jump, and many threads may ask at once.
 */
#include "phone_rig.h"
#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#define PEOPLE 400

static struct phone_rig rig;
static uint16_t pool, pairs;
static uint64_t seed;

static uint32_t draw(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void begin(void)
{
	rig_init(&rig);
	pool = rig_pool(&rig, PHONE_AXE, 3, 2);
	pairs = rig_pool(&rig, PHONE_AXB, 0, 8);
	if (!rig_open(&rig))
		exit(1);
}

/* ---- all that there is ---------------------------------------------------------------- */

/* What has been answered of an order's binding, by the number of the order. */
struct answered {
	bool bound, ended;
	struct phone_binding b;
};
static struct answered known[PEOPLE];

static void order_of(uint32_t i, char out[static 16])
{
	snprintf(out, 16, "SO-%u", i);
}

/* Is what R knows of the order as it was answered? It is gone when its cooldown is over. */
static bool as_answered(struct phone_rig *r, uint32_t i)
{
	const struct answered *k = &known[i];
	struct phone_binding b;

	if (!k->bound)
		return true;
	if (!phone_find(r->s, k->b.id, &b))
		return phone_now_s(r->s) >= k->b.expires_at + r->pools[k->b.pool].cooldown_s;
	return b.line == k->b.line && b.ext == k->b.ext && b.expires_at == k->b.expires_at &&
	    b.version == k->b.version && b.directions == k->b.directions &&
	    (b.ended_at != 0) == k->ended;
}

static size_t count_wrong(struct phone_rig *r)
{
	size_t wrong = 0;

	for (uint32_t i = 0; i < PEOPLE; i++)
		wrong += !as_answered(r, i);
	return wrong;
}

/* ---- one step of a story ----------------------------------------------------------------- */

static void step_bind(uint32_t i)
{
	bool pair = i % 3 == 0;
	struct phone_want want;
	char order[16];

	order_of(i, order);
	want = rig_want(pair ? pairs : pool, order, i + 1, pair ? 1000 + i % 7 : 0);
	if (rig_bind_one(&rig, &want) &&
	    (want.got == PHONE_BOUND_NEW || want.got == PHONE_BOUND_SAME)) {
		known[i].bound = true;
		known[i].ended = want.binding.ended_at != 0;
		known[i].b = want.binding;
	}
}

static void step_change(uint32_t i)
{
	struct phone_patch p = { .version = known[i].b.version };

	if (!known[i].bound)
		return;
	memcpy(p.id, known[i].b.id, PHONE_ID_BYTES);
	p.change = (struct book_change){ .ways = true, .directions = 1, .channels = 1 };
	p.change.expiry = draw(2) == 0;
	p.change.expires_at = known[i].b.expires_at + draw(1000);
	if (rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED)
		known[i].b = p.binding;
}

static void step_end(uint32_t i)
{
	struct phone_ending e = { .which.id = known[i].b.id };

	if (!known[i].bound || rig_end(&rig, &e) != SC_OK || e.got != PHONE_CHANGED)
		return;
	known[i].ended = true;
	known[i].b.version++;
}

static void step(void)
{
	uint32_t i = draw(PEOPLE);

	switch (draw(5)) {
	case 0: step_change(i); break;
	case 1: step_end(i); break;
	default:
		if (!known[i].bound)
			step_bind(i);
	}
}

/* ---- crashes ------------------------------------------------------------------------------- */

static void test_crashes(void)
{
	struct phone_rig after;

	begin();
	memset(known, 0, sizeof(known));
	seed = 1;
	for (size_t i = 0; i < 600; i++) {
		step();
		if (i % 15 != 0)
			continue;
		rig_copy(&rig, &after);
		NEED(rig_open(&after));
		CHECK(count_wrong(&after) == 0);
		rig_fini(&after);
	}
	CHECK(count_wrong(&rig) == 0);
	rig_fini(&rig);
}

static _Atomic bool stop;

/* Binds until told, outside of what is known. */
static void *bind_on(void *arg)
{
	struct phone_want want;
	uint32_t *made = arg;
	char order[16];

	while (!stop) {
		snprintf(order, sizeof(order), "T-%u", *made);
		want = rig_want(pool, order, 5000 + *made, 0);
		if (rig_bind_one(&rig, &want) && want.got == PHONE_BOUND_EXHAUSTED)
			break;
		++*made;
	}
	return NULL;
}

/* A copy in the middle of a commit: what was answered before it began is there, and it opens. */
static void test_torn(void)
{
	struct phone_rig after;
	uint32_t made = 0;
	pthread_t thread;

	begin();
	memset(known, 0, sizeof(known));
	seed = 2;
	for (size_t i = 0; i < 100; i++)
		step();
	stop = false;
	if (pthread_create(&thread, NULL, bind_on, &made) != 0)
		exit(1);
	for (size_t i = 0; i < 25; i++) {
		rig_copy(&rig, &after);
		CHECK(rig_open(&after));
		CHECK(after.s == NULL || count_wrong(&after) == 0);
		rig_fini(&after);
	}
	stop = true;
	pthread_join(thread, NULL);
	CHECK(made > 0);
	rig_fini(&rig);
}

/* A year in half-days, with stops, for numbers that come and go. */
static void test_restarts(void)
{
	begin();
	memset(known, 0, sizeof(known));
	seed = 3;
	for (size_t i = 0; i < 200; i++) {
		for (size_t k = 0; k < 5; k++)
			step();
		rig_pass(draw(RIG_DAY / 2));
		phone_tend(rig.s, NULL);
		rig_settle(&rig);
		if (i % 10 != 0)
			continue;
		rig_close(&rig);
		NEED(rig_open(&rig));
		CHECK(count_wrong(&rig) == 0);
	}
	rig_fini(&rig);
}

/* ---- numbers that the configuration does not have --------------------------------------------- */

static void test_left_out(void)
{
	struct phone_want want[2];
	struct phone_binding b;
	char gone[PHONE_E164_MAX + 1];

	begin();
	for (uint32_t i = 0; i < 2; i++) {
		want[i] = rig_want(pool, i == 0 ? "SO-1" : "SO-2", i + 1, 0);
		want[i].line = i;
		want[i].ext = 427;
	}
	NEED(rig_bind(&rig, want, 2) == SC_OK);
	rig_close(&rig);
	memcpy(gone, rig.lines[1].e164, sizeof(gone));
	memcpy(rig.lines[1].e164, "+441632960999", sizeof("+441632960999"));
	NEED(rig_open(&rig));
	CHECK(phone_find(rig.s, want[0].binding.id, &b));
	CHECK(!phone_find(rig.s, want[1].binding.id, &b));
	rig_close(&rig);
	/* an X of another pool and mode is no longer the one that stands on labels */
	memcpy(rig.lines[1].e164, gone, sizeof(gone));
	rig.lines[1].pool = pairs;
	NEED(rig_open(&rig));
	CHECK(!phone_find(rig.s, want[1].binding.id, &b));
	rig_close(&rig);
	rig.lines[1].pool = pool;
	NEED(rig_open(&rig));
	CHECK(phone_find(rig.s, want[1].binding.id, &b) && b.line == 1 && b.ext == 427);
	rig_fini(&rig);
}

/* ---- clocks -------------------------------------------------------------------------------------- */

static void test_clock_back(void)
{
	struct phone_want want, other;
	struct phone_binding b;

	begin();
	want = rig_want(pool, "SO-1", 1, 0);
	NEED(rig_bind_one(&rig, &want));
	rig_pass(RIG_DAY + 1);
	CHECK(rig_call(&rig, &want.binding, 9) == PHONE_NOBODY);
	/* set back while it runs, and before the next start */
	rig_wall_ms = 0;
	CHECK(rig_call(&rig, &want.binding, 9) == PHONE_NOBODY);
	rig_close(&rig);
	NEED(rig_open(&rig));
	CHECK(phone_now_s(rig.s) >= RIG_NOON + RIG_DAY + 1);
	CHECK(rig_call(&rig, &want.binding, 9) == PHONE_NOBODY);
	/* what is made now lives, and as long as it should */
	other = rig_want(pool, "SO-2", 2, 0);
	other.expires_at = phone_now_s(rig.s) + 100;
	NEED(rig_bind_one(&rig, &other));
	CHECK(rig_call(&rig, &other.binding, 9) == PHONE_CONNECT);
	rig_pass(101);
	CHECK(rig_call(&rig, &other.binding, 9) == PHONE_NOBODY);
	CHECK(phone_find(rig.s, want.binding.id, &b));
	rig_fini(&rig);
}

/* A clock that was years ahead for a moment ends nothing for good, and frees nothing. */
static void test_clock_ahead(void)
{
	struct phone_want want, ended;
	struct phone_binding b;

	begin();
	want = rig_want(pool, "SO-1", 1, 0);
	ended = rig_want(pool, "SO-2", 2, 0);
	NEED(rig_bind_one(&rig, &want) && rig_bind_one(&rig, &ended));
	CHECK(rig_end_order(&rig, "SO-2", false) == 1);
	rig_wall_ms = (int64_t)1000 * 400 * RIG_DAY;
	CHECK(rig_call(&rig, &want.binding, 9) == PHONE_NOBODY);
	phone_tend(rig.s, NULL);
	rig_settle(&rig);
	CHECK(phone_find(rig.s, ended.binding.id, &b));
	rig_wall_ms = 0;
	rig_close(&rig);
	NEED(rig_open(&rig));
	CHECK(phone_find(rig.s, ended.binding.id, &b) && b.state == BOOK_COOLING);
	CHECK(rig_call(&rig, &want.binding, 9) == PHONE_CONNECT);
	rig_fini(&rig);
}

/* ---- many at once ---------------------------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS 60

static _Atomic unsigned refused;

/* A thread's own orders: bound, looked at, changed, ended. */
static void *live(void *arg)
{
	unsigned id = *(const unsigned *)arg;
	struct phone_patch p = { .change = { .ways = true, .directions = 3, .channels = 3 } };
	struct phone_ending e = { .version = 0 };
	struct phone_want want;
	char order[16];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		snprintf(order, sizeof(order), "T%u-%u", id, i);
		want = rig_want(pool, order, 10000 * (id + 1) + i, 0);
		if (!rig_bind_one(&rig, &want) || want.got != PHONE_BOUND_NEW ||
		    rig_call(&rig, &want.binding, 9) != PHONE_CONNECT)
			refused++;
		memcpy(p.id, want.binding.id, PHONE_ID_BYTES);
		if (rig_change(&rig, &p) != SC_OK || p.got != PHONE_CHANGED)
			refused++;
		e.which.id = want.binding.id;
		if (i % 2 == 0 && (rig_end(&rig, &e) != SC_OK || e.n != 1))
			refused++;
		if (i % 2 == 0 && rig_call(&rig, &want.binding, 9) != PHONE_NOBODY)
			refused++;
	}
	return NULL;
}

/* All of them want the same pair, and the same order. */
static void *crowd(void *arg)
{
	unsigned id = *(const unsigned *)arg;
	struct phone_want v[2];
	char order[16];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		snprintf(order, sizeof(order), "P%u", i % 5);
		v[0] = rig_want(pairs, order, 1 + i % 3, 900);
		v[1] = rig_want(pool, "one order", 77, 0);
		if (rig_bind(&rig, v, 2) != SC_OK || v[0].got > PHONE_BOUND_SAME ||
		    v[1].got > PHONE_BOUND_SAME)
			refused++;
		if ((i + id) % 7 == 0)
			phone_tend(rig.s, NULL);
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[2 * THREADS];
	unsigned ids[2 * THREADS];
	struct book_stats before, after;

	begin();
	refused = 0;
	for (unsigned i = 0; i < 2 * THREADS; i++) {
		ids[i] = i;
		if (pthread_create(&threads[i], NULL, i < THREADS ? live : crowd, &ids[i]) != 0)
			exit(1);
	}
	for (unsigned i = 0; i < 2 * THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(refused == 0);
	phone_pool_stats(rig.s, pool, &before);
	CHECK(before.live == THREADS * ROUNDS / 2 + 1 && before.cooling == THREADS * ROUNDS / 2);
	rig_close(&rig);
	/* two that share a slot would not be loaded */
	NEED(rig_open(&rig));
	phone_pool_stats(rig.s, pool, &after);
	CHECK(after.live == before.live && after.cooling == before.cooling);
	CHECK(after.free == before.free);
	phone_pool_stats(rig.s, pairs, &after);
	CHECK(after.live == 3);
	rig_fini(&rig);
}

/* Changes of one binding, all under way at once, while the disk takes none. */
static void *change_on(void *arg)
{
	const struct phone_want *want = arg;
	struct phone_patch p = { .change = { .expiry = true } };

	memcpy(p.id, want->binding.id, PHONE_ID_BYTES);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		p.change.expires_at = want->binding.expires_at + i + 1;
		if (rig_change(&rig, &p) == SC_OK)
			refused++;
	}
	return NULL;
}

static void test_taken_back(void)
{
	pthread_t threads[THREADS];
	struct phone_want want;
	struct phone_binding b;

	begin();
	refused = 0;
	want = rig_want(pool, "SO-1", 1, 0);
	NEED(rig_bind_one(&rig, &want));
	rig_disk_full(&rig, true);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, change_on, &want) != 0)
			exit(1);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	rig_disk_full(&rig, false);
	CHECK(refused == 0);
	NEED(phone_find(rig.s, want.binding.id, &b));
	CHECK(b.expires_at == want.binding.expires_at);
	rig_fini(&rig);
}

int main(void)
{
	RUN(test_crashes, "what was answered is there after a crash, as it was answered");
	RUN(test_torn, "also when the crash tears a commit");
	RUN(test_restarts, "and after stops, while time goes on");
	RUN(test_left_out, "numbers that were taken out come back with their bindings");
	RUN(test_clock_back, "a clock set back revives nobody");
	RUN(test_clock_ahead, "a clock ahead for a moment ends nothing for good");
	RUN(test_threads, "no two share a slot, however many ask at once");
	RUN(test_taken_back, "changes that are not kept leave what was before the first");
	return tap_done();
}
