/*
 * test_phone_service.c - what the service answers is on disk, and what could not
 * be kept is taken back.
 */
#include "phone_rig.h"
#include "tap.h"

static struct phone_rig rig;
static uint16_t pool;

static struct phone_want want_of(const char *order, uint32_t a)
{
	return rig_want(pool, order, a, 0);
}

static uint64_t free_slots(uint16_t of)
{
	struct book_stats stats;

	phone_pool_stats(rig.s, of, &stats);
	return stats.free;
}

static bool same_binding(const struct phone_binding *a, const struct phone_binding *b)
{
	return memcmp(a->id, b->id, PHONE_ID_BYTES) == 0 && a->line == b->line &&
	    a->ext == b->ext && a->expires_at == b->expires_at && a->version == b->version &&
	    a->state == b->state && a->directions == b->directions && a->channels == b->channels &&
	    a->a_party == b->a_party && a->b_party == b->b_party && a->ended_at == b->ended_at &&
	    a->made_at == b->made_at && a->refs == b->refs;
}

static void begin(enum phone_mode mode, uint8_t digits, size_t lines)
{
	rig_init(&rig);
	pool = rig_pool(&rig, mode, digits, lines);
	if (!rig_open(&rig))
		exit(1);
}

static void reopen(void)
{
	rig_close(&rig);
	if (!rig_open(&rig))
		exit(1);
}

static void end(void)
{
	rig_fini(&rig);
}

/* ---- making --------------------------------------------------------------------------- */

static void test_bind(void)
{
	struct phone_want want = want_of("SO-1", 1), again = want_of("SO-1", 1);
	struct phone_list list;

	begin(PHONE_AXE, 4, 2);
	NEED(rig_bind_one(&rig, &want));
	CHECK(want.got == PHONE_BOUND_NEW && want.binding.state == BOOK_LIVE);
	CHECK(want.binding.version == 1 && want.binding.ext < 10000 && want.binding.line < 2);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_CONNECT);
	NEED(rig_bind_one(&rig, &again));
	CHECK(again.got == PHONE_BOUND_SAME && same_binding(&again.binding, &want.binding));
	NEED(rig_list(&rig, "SO-1", &list) == 1);
	CHECK(strcmp(list.v[0].order_ref, "SO-1") == 0 && list.v[0].b[0] == '\0');
	CHECK(strcmp(list.v[0].a, rig_token(1)) == 0);
	CHECK(same_binding(&list.v[0].binding, &want.binding) && list.v[0].cool_until == 0);
	CHECK(rig_list(&rig, "SO-2", &list) == 0);
	end();
}

static void test_batch(void)
{
	struct phone_want v[PHONE_BATCH_MAX];
	char orders[PHONE_BATCH_MAX][16];

	begin(PHONE_AXE, 4, 1);
	for (size_t i = 0; i < PHONE_BATCH_MAX; i++) {
		snprintf(orders[i], sizeof(orders[i]), "SO-%zu", i);
		v[i] = want_of(orders[i], (uint32_t)i + 1);
	}
	/* the token texts of the rig are eight at a time */
	for (size_t i = 0; i < PHONE_BATCH_MAX; i += 8) {
		for (size_t k = 0; k < 8; k++)
			v[i + k].a = sc_span_str(rig_token((uint32_t)(i + k) + 1));
		CHECK(rig_bind(&rig, &v[i], 8) == SC_OK);
	}
	for (size_t i = 0; i < PHONE_BATCH_MAX; i++)
		for (size_t k = 0; k < i; k++)
			CHECK(v[i].binding.ext != v[k].binding.ext);
	CHECK(rig_bind(&rig, v, PHONE_BATCH_MAX + 1) == SC_LIMIT);
	CHECK(rig_bind(&rig, v, 0) == SC_OK);
	end();
}

/* What is too long or no token is refused before anything is taken. */
static void test_refused(void)
{
	static const char long_text[PHONE_ORDER_REF_MAX + 1] = "";
	struct phone_want two[2] = { want_of("SO-1", 1), want_of("SO-2", 2) };
	uint64_t before;

	begin(PHONE_AXE, 4, 1);
	before = free_slots(pool);
	two[1].order_ref = sc_span(long_text, PHONE_ORDER_REF_MAX + 1);
	CHECK(rig_bind(&rig, two, 2) == SC_LIMIT);
	two[1].order_ref = sc_span_str("");
	CHECK(rig_bind(&rig, two, 2) == SC_LIMIT);
	two[1].order_ref = sc_span(long_text, PHONE_ORDER_REF_MAX);
	two[1].key = sc_span(long_text, PHONE_KEY_MAX + 1);
	CHECK(rig_bind(&rig, two, 2) == SC_LIMIT);
	two[1].key = sc_span(NULL, 0);
	two[1].a = sc_span_str("+447700900123");
	CHECK(rig_bind(&rig, two, 2) == SC_SYNTAX);
	CHECK(free_slots(pool) == before && phone_store_ok(rig.s));
	end();
}

static void test_ladder(void)
{
	struct phone_want want = want_of("SO", 1);
	struct phone_binding seen[3];
	struct phone_counts counts;
	uint16_t next;
	char order[16];

	rig_init(&rig);
	pool = rig_pool(&rig, PHONE_AXN, 0, 1);
	next = rig_pool(&rig, PHONE_AXN, 0, 1);
	rig.pools[pool].next = next;
	rig.pools[next].ttl_max_s = 3600;
	NEED(rig_open(&rig));
	for (uint32_t i = 0; i < 3; i++) {
		snprintf(order, sizeof(order), "SO-%u", i);
		want = want_of(order, i + 1);
		NEED(rig_bind_one(&rig, &want));
		seen[i] = want.binding;
		CHECK(want.got == (i < 2 ? PHONE_BOUND_NEW : PHONE_BOUND_EXHAUSTED));
	}
	CHECK(seen[0].pool == pool && seen[1].pool == next && seen[0].line != seen[1].line);
	/* what the first pool would have granted, the second does not */
	CHECK(seen[1].expires_at == phone_now_s(rig.s) + 3600);
	CHECK(want.retry_at == 0);
	phone_pool_counts(rig.s, pool, &counts);
	CHECK(counts.exhausted == 2 && counts.bound == 1);
	/* the first that will be free is told of */
	CHECK(rig_end_order(&rig, "SO-0", false) == 1);
	NEED(rig_bind_one(&rig, &want));
	CHECK(want.got == PHONE_BOUND_EXHAUSTED);
	CHECK(want.retry_at == seen[0].expires_at + rig.pools[pool].cooldown_s);
	end();
}

static void test_named(void)
{
	struct phone_want want = want_of("SO-1", 1), other = want_of("SO-2", 2);

	begin(PHONE_AXE, 4, 2);
	want.line = other.line = 1;
	want.ext = other.ext = 427;
	NEED(rig_bind_one(&rig, &want) && rig_bind_one(&rig, &other));
	CHECK(want.got == PHONE_BOUND_NEW && want.binding.line == 1 && want.binding.ext == 427);
	CHECK(other.got == PHONE_BOUND_TAKEN);
	end();
}

/* ---- keys ----------------------------------------------------------------------------- */

static void test_keys(void)
{
	struct phone_want first = want_of("SO-1", 1), same, other;

	begin(PHONE_AXE, 4, 1);
	first.key = sc_span_str("k1");
	NEED(rig_bind_one(&rig, &first));
	for (size_t round = 0; round < 2; round++) {
		rig_pass(60);
		/* a day from now is the same content, although it is another second */
		same = want_of("SO-1", 1);
		same.key = sc_span_str("k1");
		NEED(rig_bind_one(&rig, &same));
		CHECK(same.got == PHONE_BOUND_SAME);
		CHECK(same_binding(&same.binding, &first.binding));
		for (size_t i = 0; i < 5; i++) {
			other = want_of(i == 0 ? "SO-2" : "SO-1", i == 1 ? 2 : 1);
			other.key = sc_span_str("k1");
			other.ttl_s = i == 2 ? 60 : i == 3 ? 0 : other.ttl_s;
			other.directions = i == 4 ? PHONE_TO_A : other.directions;
			NEED(rig_bind_one(&rig, &other));
			CHECK(other.got == PHONE_BOUND_KEY);
		}
		reopen();
	}
	/* a key that is said later for the same order and person is kept as well */
	same = want_of("SO-1", 1);
	same.key = sc_span_str("k2");
	NEED(rig_bind_one(&rig, &same));
	CHECK(same.got == PHONE_BOUND_SAME);
	reopen();
	other = want_of("SO-3", 1);
	other.key = sc_span_str("k2");
	NEED(rig_bind_one(&rig, &other));
	CHECK(other.got == PHONE_BOUND_KEY);
	end();
}

static void test_key_life(void)
{
	struct phone_want want = want_of("SO-1", 1);

	begin(PHONE_AXE, 4, 1);
	want.key = sc_span_str("k1");
	NEED(rig_bind_one(&rig, &want));
	CHECK(rig_end_order(&rig, "SO-1", false) == 1);
	NEED(rig_bind_one(&rig, &want));
	CHECK(want.got == PHONE_BOUND_SAME && want.binding.state == BOOK_COOLING);
	rig_pass(4 * RIG_DAY);
	phone_tend(rig.s, NULL);
	phone_tend(rig.s, NULL);
	rig_settle(&rig);
	want = want_of("SO-2", 2);
	want.key = sc_span_str("k1");
	NEED(rig_bind_one(&rig, &want));
	CHECK(want.got == PHONE_BOUND_NEW);
	end();
}

static void test_change_keys(void)
{
	struct phone_want want = want_of("SO-1", 1);
	struct phone_patch patch = { .key = SC_LIT("c1"), .change = { .expiry = true } }, other;

	begin(PHONE_AXE, 4, 1);
	NEED(rig_bind_one(&rig, &want));
	memcpy(patch.id, want.binding.id, PHONE_ID_BYTES);
	patch.version = 1;
	patch.change.expires_at = want.binding.expires_at + 100;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++) {
			CHECK(rig_change(&rig, &patch) == SC_OK && patch.got == PHONE_CHANGED);
			CHECK(patch.binding.version == 2);
			CHECK(patch.binding.expires_at == want.binding.expires_at + 100);
		}
		other = patch;
		other.change.expires_at++;
		CHECK(rig_change(&rig, &other) == SC_OK && other.got == PHONE_CHANGED_KEY);
		/* nor for making something */
		want.key = sc_span_str("c1");
		NEED(rig_bind_one(&rig, &want));
		CHECK(want.got == PHONE_BOUND_KEY);
		reopen();
	}
	end();
}

/* ---- changing and ending --------------------------------------------------------------- */

static void test_change(void)
{
	struct phone_want want = want_of("SO-1", 1);
	struct phone_patch p = { .version = 1 };
	struct phone_list list;

	begin(PHONE_AXE, 4, 1);
	NEED(rig_bind_one(&rig, &want));
	CHECK(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED_UNKNOWN);
	memcpy(p.id, want.binding.id, PHONE_ID_BYTES);
	p.change = (struct book_change){ .parties = true,
		.a = sc_span_str(rig_token(2)),
		.a_party = rig_party(2),
		.ways = true,
		.directions = PHONE_TO_A,
		.channels = PHONE_SMS };
	CHECK(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED);
	CHECK(p.binding.version == 2 && p.binding.ext == want.binding.ext);
	CHECK(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED_VERSION);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	reopen();
	NEED(rig_list(&rig, "SO-1", &list) == 1);
	CHECK(strcmp(list.v[0].a, rig_token(2)) == 0);
	CHECK(same_binding(&list.v[0].binding, &p.binding));
	CHECK(rig_end_order(&rig, "SO-1", false) == 1);
	p.version = 0;
	CHECK(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED_ENDED);
	p.change.a = sc_span_str("no token");
	CHECK(rig_change(&rig, &p) == SC_SYNTAX);
	end();
}

static void test_end(void)
{
	struct phone_want want = want_of("SO-1", 1);
	struct phone_ending e = { .version = 2 };
	struct phone_binding b;
	struct phone_list list;

	begin(PHONE_AXE, 4, 1);
	NEED(rig_bind_one(&rig, &want));
	e.which.id = want.binding.id;
	CHECK(rig_end(&rig, &e) == SC_OK && e.got == PHONE_CHANGED_VERSION && e.n == 0);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_CONNECT);
	e.version = 1;
	CHECK(rig_end(&rig, &e) == SC_OK && e.got == PHONE_CHANGED && e.n == 1);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	CHECK(rig_end(&rig, &e) == SC_OK && e.got == PHONE_CHANGED_ENDED && e.n == 0);
	reopen();
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	NEED(rig_list(&rig, "SO-1", &list) == 1);
	b = list.v[0].binding;
	CHECK(b.state == BOOK_COOLING && b.ended_at != 0 && b.version == 2);
	CHECK(list.v[0].cool_until == b.expires_at + rig.pools[pool].cooldown_s);
	memset(want.binding.id, 7, PHONE_ID_BYTES);
	CHECK(rig_end(&rig, &e) == SC_OK && e.got == PHONE_CHANGED_UNKNOWN);
	end();
}

static void test_complete(void)
{
	struct phone_want want = want_of("SO-1", 1);
	uint64_t until;
	struct phone_binding b;

	begin(PHONE_AXE, 4, 1);
	NEED(rig_bind_one(&rig, &want));
	until = phone_now_s(rig.s) + rig.pools[pool].after_s;
	CHECK(rig_end_order(&rig, "SO-1", true) == 1);
	CHECK(rig_end_order(&rig, "SO-1", true) == 0);
	for (size_t i = 0; i < 2; i++) {
		NEED(phone_find(rig.s, want.binding.id, &b));
		CHECK(b.expires_at >= until && b.expires_at <= until + 5 && b.version == 2);
		CHECK(rig_call(&rig, &want.binding, 99) == PHONE_CONNECT);
		reopen();
	}
	rig_pass(rig.pools[pool].after_s + 5);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	end();
}

static void test_subject(void)
{
	struct phone_want v[3] = { want_of("SO-1", 1), want_of("SO-2", 2), want_of("SO-3", 3) };
	struct phone_ending e = { .which.subject = SC_LIT("c1") };
	struct phone_patch p = { .subject = SC_LIT("c1"), .change = { .parties = true } };

	begin(PHONE_AXE, 4, 1);
	v[0].subject = v[2].subject = sc_span_str("c1");
	v[1].subject = sc_span_str("c2");
	NEED(rig_bind(&rig, v, 3) == SC_OK);
	reopen();
	CHECK(rig_end(&rig, &e) == SC_OK && e.n == 2);
	for (size_t i = 0; i < 3; i++)
		CHECK((rig_call(&rig, &v[i].binding, 99) == PHONE_CONNECT) == (i == 1));
	/* whose number it is now counts */
	memcpy(p.id, v[1].binding.id, PHONE_ID_BYTES);
	p.change.a = sc_span_str(rig_token(1));
	CHECK(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED);
	reopen();
	CHECK(rig_end(&rig, &e) == SC_OK && e.n == 1);
	CHECK(rig_call(&rig, &v[1].binding, 99) == PHONE_NOBODY);
	e.which.subject = sc_span_str("c3");
	CHECK(rig_end(&rig, &e) == SC_OK && e.n == 0);
	end();
}

static void test_pairs(void)
{
	struct phone_want one, two, third;
	struct phone_list list;

	begin(PHONE_AXB, 0, 2);
	one = rig_want(pool, "SO-1", 1, 2);
	two = rig_want(pool, "SO-2", 1, 2);
	NEED(rig_bind_one(&rig, &one) && rig_bind_one(&rig, &two));
	CHECK(two.got == PHONE_BOUND_NEW);
	CHECK(memcmp(one.binding.id, two.binding.id, PHONE_ID_BYTES) == 0 && two.binding.refs == 2);
	/* the same courier, another buyer: another X */
	third = rig_want(pool, "SO-3", 3, 2);
	NEED(rig_bind_one(&rig, &third));
	CHECK(third.binding.line != one.binding.line);
	third = rig_want(pool, "SO-4", 3, 1);
	third.line = one.binding.line;
	NEED(rig_bind_one(&rig, &third));
	CHECK(third.got == PHONE_BOUND_CONFLICT);
	CHECK(rig_end_order(&rig, "SO-1", true) == 1);
	for (size_t i = 0; i < 2; i++) {
		CHECK(rig_call(&rig, &one.binding, 1) == PHONE_CONNECT);
		CHECK(rig_list(&rig, "SO-1", &list) == 0 && rig_list(&rig, "SO-2", &list) == 1);
		CHECK(list.n == 1 && list.v[0].binding.refs == 1);
		reopen();
	}
	CHECK(rig_end_order(&rig, "SO-2", false) == 1);
	CHECK(rig_call(&rig, &one.binding, 1) == PHONE_NOBODY);
	end();
}

/* ---- a store that fails ------------------------------------------------------------------ */

static void test_full_disk(void)
{
	struct phone_want want = want_of("SO-1", 1), lost = want_of("SO-2", 2), again;
	struct phone_patch p = { .change = { .expiry = true } };
	struct phone_ending e = { .version = 0 };
	struct phone_binding b;
	uint64_t before;

	begin(PHONE_AXE, 4, 1);
	NEED(rig_bind_one(&rig, &want));
	before = free_slots(pool);
	lost.key = sc_span_str("k1");
	rig_disk_full(&rig, true);
	CHECK(!rig_bind_one(&rig, &lost) && !phone_store_ok(rig.s));
	CHECK(free_slots(pool) == before && !phone_find(rig.s, lost.binding.id, &b));
	/* look-ups go on */
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_CONNECT);
	memcpy(p.id, want.binding.id, PHONE_ID_BYTES);
	p.change.expires_at = want.binding.expires_at + 7;
	p.key = sc_span_str("c1");
	CHECK(rig_change(&rig, &p) != SC_OK);
	NEED(phone_find(rig.s, want.binding.id, &b));
	CHECK(b.expires_at == want.binding.expires_at);
	/* nor was its key used for anything */
	again = want_of("SO-1", 1);
	again.key = sc_span_str("k2");
	CHECK(!rig_bind_one(&rig, &again));
	/* an end stays one */
	e.which.id = want.binding.id;
	CHECK(rig_end(&rig, &e) != SC_OK);
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	rig_disk_full(&rig, false);
	/* what was not kept was not made, by key and order alike */
	lost = want_of("SO-2", 3);
	lost.key = sc_span_str("k1");
	NEED(rig_bind_one(&rig, &lost));
	CHECK(lost.got == PHONE_BOUND_NEW && phone_store_ok(rig.s));
	again = want_of("SO-4", 4);
	again.key = sc_span_str("k2");
	NEED(rig_bind_one(&rig, &again));
	CHECK(again.got == PHONE_BOUND_NEW);
	CHECK(rig_end(&rig, &e) == SC_OK && e.got == PHONE_CHANGED_ENDED);
	reopen();
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	CHECK(rig_call(&rig, &lost.binding, 99) == PHONE_CONNECT);
	end();
}

/* What rests on something that is not on disk is not there either. */
static void test_rests(void)
{
	struct phone_want one, two;
	struct phone_list list;
	enum sc_err err;

	rig_init(&rig);
	pool = rig_pool(&rig, PHONE_AXB, 0, 1);
	NEED(rig_open(&rig));
	for (size_t shared = 0; shared < 2; shared++) {
		one = rig_want(pool, "SO-1", 1, 2);
		two = rig_want(pool, shared ? "SO-2" : "SO-1", 1, 2);
		rig_disk_full(&rig, true);
		CHECK(rig_bind_both(&rig, &one, &two, &err) != SC_OK && err != SC_OK);
		rig_disk_full(&rig, false);
		CHECK(free_slots(pool) == 1);
		CHECK(rig_list(&rig, "SO-1", &list) == 0 && rig_list(&rig, "SO-2", &list) == 0);
	}
	CHECK(rig_bind_both(&rig, &one, &two, &err) == SC_OK && err == SC_OK);
	CHECK(one.got == PHONE_BOUND_NEW && two.got == PHONE_BOUND_NEW);
	CHECK(two.binding.state == BOOK_LIVE && two.binding.refs == 2);
	end();
}

/* The first write is refused, the second is not: its own rows would stand on nothing. */
static void test_rests_on_refused(void)
{
	struct phone_want one, two;
	struct phone_list list;
	enum sc_err err;

	rig_init(&rig);
	pool = rig_pool(&rig, PHONE_AXB, 0, 1);
	NEED(rig_open(&rig));
	rig_close(&rig);
	rig_alter(&rig,
	    "CREATE TRIGGER no_bindings BEFORE INSERT ON binding"
	    " BEGIN SELECT raise(ABORT, 'no'); END");
	NEED(rig_open(&rig));
	for (size_t shared = 0; shared < 2; shared++) {
		one = rig_want(pool, "SO-1", 1, 2);
		two = rig_want(pool, shared ? "SO-2" : "SO-1", 1, 2);
		two.key = sc_span_str("k");
		CHECK(rig_bind_both(&rig, &one, &two, &err) != SC_OK && err == SC_IO);
		CHECK(free_slots(pool) == 1);
		CHECK(rig_list(&rig, "SO-1", &list) == 0 && rig_list(&rig, "SO-2", &list) == 0);
		CHECK(rig_sql(&rig, "SELECT count(*) FROM order_binding") == 0);
		CHECK(rig_sql(&rig, "SELECT count(*) FROM idem") == 0);
	}
	rig_close(&rig);
	rig_alter(&rig, "DROP TRIGGER no_bindings");
	NEED(rig_open(&rig));
	CHECK(rig_bind_both(&rig, &one, &two, &err) == SC_OK && err == SC_OK);
	CHECK(two.binding.state == BOOK_LIVE && two.binding.refs == 2);
	end();
}

/* ---- recycling ------------------------------------------------------------------------------ */

static void tend(void)
{
	phone_tend(rig.s, NULL);
	rig_settle(&rig);
}

static void test_recycling(void)
{
	struct phone_want want = want_of("SO-1", 1), next = want_of("SO-2", 2);
	struct phone_binding b;

	begin(PHONE_AXN, 0, 1);
	NEED(rig_bind_one(&rig, &want));
	rig_pass(RIG_DAY - 1);
	tend();
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_CONNECT);
	rig_pass(1);
	/* no sweep is needed for it to be over */
	CHECK(rig_call(&rig, &want.binding, 99) == PHONE_NOBODY);
	rig_pass(rig.pools[pool].cooldown_s - 2);
	tend();
	NEED(rig_bind_one(&rig, &next));
	CHECK(next.got == PHONE_BOUND_EXHAUSTED && phone_find(rig.s, want.binding.id, &b));
	rig_pass(3);
	/* a row that cannot go keeps its slot */
	rig_disk_full(&rig, true);
	tend();
	rig_disk_full(&rig, false);
	CHECK(phone_find(rig.s, want.binding.id, &b) && b.state == BOOK_COOLING);
	tend();
	CHECK(!phone_find(rig.s, want.binding.id, &b));
	NEED(rig_bind_one(&rig, &next));
	CHECK(next.got == PHONE_BOUND_NEW);
	reopen();
	CHECK(!phone_find(rig.s, want.binding.id, &b) && phone_find(rig.s, next.binding.id, &b));
	end();
}

static void test_again(void)
{
	struct phone_want want = want_of("SO-1", 1), again = want_of("SO-2", 1),
			  stranger = want_of("SO-3", 2);
	struct phone_binding b;
	struct phone_list list;

	begin(PHONE_AXN, 0, 1);
	NEED(rig_bind_one(&rig, &want));
	CHECK(rig_end_order(&rig, "SO-1", false) == 1);
	NEED(rig_bind_one(&rig, &stranger) && rig_bind_one(&rig, &again));
	CHECK(stranger.got == PHONE_BOUND_EXHAUSTED && again.got == PHONE_BOUND_NEW);
	CHECK(memcmp(want.binding.id, again.binding.id, PHONE_ID_BYTES) != 0);
	for (size_t i = 0; i < 2; i++) {
		CHECK(!phone_find(rig.s, want.binding.id, &b));
		CHECK(rig_call(&rig, &again.binding, 99) == PHONE_CONNECT);
		CHECK(rig_list(&rig, "SO-1", &list) == 0 && rig_list(&rig, "SO-2", &list) == 1);
		reopen();
	}
	/* when it cannot be kept, the slot cools on for who had it */
	CHECK(rig_end_order(&rig, "SO-2", false) == 1);
	rig_disk_full(&rig, true);
	want = want_of("SO-4", 1);
	CHECK(!rig_bind_one(&rig, &want));
	rig_disk_full(&rig, false);
	CHECK(phone_find(rig.s, again.binding.id, &b) && b.state == BOOK_COOLING);
	NEED(rig_bind_one(&rig, &stranger));
	CHECK(stranger.got == PHONE_BOUND_EXHAUSTED);
	end();
}

/* ---- calls ------------------------------------------------------------------------------------ */

static enum phone_answer type_in(const struct phone_binding *b, uint32_t ext, uint32_t caller)
{
	const struct phone_asked q = { b->line, ext, rig_party(caller), PHONE_VOICE, true };
	struct phone_decision d;

	phone_decide(rig.s, &q, &d);
	CHECK(d.bound == (d.answer == PHONE_CONNECT) && (d.to[0] != '\0') == d.bound);
	CHECK(d.answer != PHONE_CONNECT || strcmp(d.to, rig_token(1)) == 0);
	return d.answer;
}

static void test_guesses(void)
{
	struct phone_want want = want_of("SO-1", 1);
	struct phone_counts c;

	begin(PHONE_AXE, 4, 1);
	want.line = 0;
	want.ext = 4711;
	NEED(rig_bind_one(&rig, &want));
	/* who is right pays nothing, however often */
	for (size_t i = 0; i < 20; i++)
		CHECK(type_in(&want.binding, 4711, 7) == PHONE_CONNECT);
	for (size_t i = 0; i < 3; i++)
		CHECK(type_in(&want.binding, 4712, 7) == PHONE_NOBODY);
	/* the right one too is refused now, unseen */
	CHECK(type_in(&want.binding, 4711, 7) == PHONE_BLOCKED);
	CHECK(type_in(&want.binding, 4711, 8) == PHONE_CONNECT);
	CHECK(type_in(&want.binding, PHONE_NO_EXT, 7) == PHONE_COLLECT);
	phone_pool_counts(rig.s, pool, &c);
	CHECK(c.misses == 3 && c.blocked == 1);
	want.binding.line = 77;
	CHECK(rig_call(&rig, &want.binding, 7) == PHONE_NOBODY);
	end();
}

int main(void)
{
	RUN(test_bind, "a binding is live when it is durable, and the same order gets the same");
	RUN(test_batch, "a batch has a slot each, and a ceiling");
	RUN(test_refused, "what is too long, or no token, takes no slot");
	RUN(test_ladder, "an exhausted pool is followed by its next, and then by nothing");
	RUN(test_named, "a slot that was named is had, or not at all");
	RUN(test_keys, "a key gives the same answer for the same content, and none for other");
	RUN(test_key_life, "a key lives as long as its binding");
	RUN(test_change_keys, "a change has a key too");
	RUN(test_change, "a change is of one version, live, and on disk");
	RUN(test_end, "an end is one at once, once, and on disk");
	RUN(test_complete, "what is complete lives on for a while, and no longer");
	RUN(test_subject, "a person's bindings end together, those changed to them too");
	RUN(test_pairs, "a pair serves all its orders, and ends with the last");
	RUN(test_full_disk, "what cannot be kept is taken back, but an end stays one");
	RUN(test_rests, "what rests on something that was not kept is not kept");
	RUN(test_rests_on_refused,
	    "and when only the first write failed, the second fails with it");
	RUN(test_recycling, "a slot is nobody's until its cooldown is over and its row is gone");
	RUN(test_again, "a person who orders again gets the slot that cools for them");
	RUN(test_guesses, "guesses are charged before they are compared");
	return tap_done();
}
