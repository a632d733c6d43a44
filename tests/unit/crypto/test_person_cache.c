/*
 * test_person_cache.c - the cache of wrapped keys and the quota books, each beside
 * a naive model.
 */
#include "tap.h"

#include "crypto/keystore/person_cache.h"
#include "crypto/quota/quota.h"

#define CAPACITY 8
#define IDS 24

static uint64_t seed = 12345;

static uint32_t roll(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Alive and the newest of its person's, alive and an older one, or gone. */
enum how { NEWEST, OLDER, GONE };

static struct person_key key_of(uint64_t id, enum how how)
{
	struct person_key k = { .id = id,
		.state = how == GONE ? PERSON_GONE : PERSON_LIVE,
		.newest = how == NEWEST };

	if (how != GONE) {
		memset(k.handle, (int)id, sizeof(k.handle));
		k.wrapped[0] = (uint8_t)id;
	}
	return k;
}

/* Field by field: what pads a struct is nobody's. */
static bool same_key(const struct person_key *a, const struct person_key *b)
{
	return a->id == b->id && a->state == b->state && a->newest == b->newest &&
	    a->week == b->week && memcmp(a->handle, b->handle, sizeof(a->handle)) == 0 &&
	    memcmp(a->wrapped, b->wrapped, sizeof(a->wrapped)) == 0;
}

/* The model: a list, newest first. */
static struct person_key model[CAPACITY];
static size_t n_model;

static void model_front(size_t i)
{
	struct person_key k = model[i];

	memmove(&model[1], &model[0], i * sizeof(k));
	model[0] = k;
}

static struct person_key *model_find(uint64_t id, bool by_handle)
{
	for (size_t i = 0; i < n_model; i++)
		if (model[i].id == id &&
		    !(by_handle && (model[i].state == PERSON_GONE || !model[i].newest))) {
			model_front(i);
			return &model[0];
		}
	return NULL;
}

static void model_put(const struct person_key *k)
{
	const struct person_key *old = model_find(k->id, false);
	bool newest = k->newest ||
	    (old != NULL && k->state == PERSON_LIVE && old->state == PERSON_LIVE && old->newest);
	/* what was sealed since the row was read counts */
	uint32_t week = old != NULL && k->state == PERSON_LIVE && old->week > k->week ? old->week :
											k->week;

	if (old == NULL) {
		if (n_model < CAPACITY)
			n_model++;
		model_front(n_model - 1);
	}
	model[0] = *k;
	model[0].newest = newest;
	model[0].week = week;
}

static void model_forget(uint64_t id)
{
	if (model_find(id, false) == NULL)
		return;
	n_model--;
	memmove(&model[0], &model[1], n_model * sizeof(model[0]));
}

/* Nobody is used by being written to: their places in the list stay. */
static void model_seal(uint64_t id, uint32_t week)
{
	for (size_t i = 0; i < n_model; i++)
		if (model[i].id == id)
			model[i].week = week;
}

static bool differs(const struct person_key *got, const struct person_key *want)
{
	return (got == NULL) != (want == NULL) || (got != NULL && !same_key(got, want));
}

static void test_cache(void)
{
	struct person_key k, gone;
	struct person_cache *c;
	size_t differ = 0;

	NEED(person_cache_new(CAPACITY, &c) == SC_OK);
	for (uint32_t i = 0; i < 200000; i++) {
		uint64_t id = 1 + roll(IDS);

		k = key_of(id, (enum how)roll(3));
		gone = key_of(id, GONE);
		switch (roll(6)) {
		case 0:
			person_cache_put(c, &k);
			model_put(&k);
			break;
		case 1: differ += differs(person_cache_by_id(c, id), model_find(id, false)); break;
		case 2:
			k = key_of(id, NEWEST);
			differ +=
			    differs(person_cache_by_handle(c, k.handle), model_find(id, true));
			break;
		case 3:
			person_cache_forget(c, id);
			model_forget(id);
			break;
		case 4:
			person_cache_seal(c, id, i);
			model_seal(id, i);
			break;
		default:
			if (model_find(id, false) != NULL)
				model_put(&gone);
			person_cache_drop(c, id);
		}
	}
	CHECK(differ == 0);
	person_cache_free(c);
}

static void count_told(void *arg, uint64_t day, const struct sc_name *who, uint64_t subject)
{
	uint32_t *told = arg;

	CHECK(day == 5 && subject != 0 && (strcmp(who->s, "a") == 0 || strcmp(who->s, "b") == 0));
	++*told;
}

static void test_quota(void)
{
	uint32_t told = 0;
	static bool seen[2][4097];
	const struct sc_name who[2] = { { "a" }, { "b" } };
	uint32_t count[2] = { 0, 0 };
	struct quota_book *b;
	struct quota *q;
	size_t differ = 0;
	int i;

	NEED(quota_new(count_told, &told, &q) == SC_OK && quota_open_day(q, 5) == SC_OK);
	for (i = 0; i < 20000; i++) {
		uint32_t p = roll(2),
			 s = 1 + roll(4096); /* ids are halves of hashes: 0 counts as 1 */

		NEED(quota_book(q, &who[p], 86400000u * 5 + (uint32_t)i, &b) == SC_OK);
		differ += quota_count_with(b, s) != count[p] + !seen[p][s];
		if (roll(2) == 0) {
			CHECK(quota_add(b, s) == SC_OK);
			count[p] += !seen[p][s];
			seen[p][s] = true;
		}
		differ += quota_count(b) != count[p];
	}
	CHECK(differ == 0 && told == count[0] + count[1]);
	/* what was counted before is not told again */
	NEED(quota_fill(b, 100000) == SC_OK && quota_fill(b, 100000) == SC_OK);
	CHECK(quota_count_with(b, 100000) == quota_count(b) && told == count[0] + count[1]);
	quota_fill_unnamed(b, 3);
	i = (int)quota_count(b);
	CHECK(quota_count_with(b, 99999) == (uint32_t)i + 1);
	/* a new day is a new book, once it is open */
	CHECK(quota_book(q, &who[0], 86400000u * 6ull, &b) == SC_AGAIN && b == NULL);
	NEED(quota_open_day(q, 6) == SC_OK);
	NEED(quota_book(q, &who[0], 86400000u * 6ull, &b) == SC_OK);
	CHECK(quota_count(b) == 0);
	quota_free(q);
}

static uint32_t count_on(struct quota *q, uint64_t ms)
{
	static const struct sc_name who = { "a" };
	struct quota_book *b;

	return quota_book(q, &who, ms, &b) == SC_OK ? quota_count(b) : 999;
}

static void test_quota_days(void)
{
	const uint64_t day = QUOTA_DAY_MS;
	const struct sc_name who = { "a" };
	struct quota_book *b;
	struct quota *q, *other;

	NEED(quota_new(NULL, NULL, &q) == SC_OK && quota_new(NULL, NULL, &other) == SC_OK);
	NEED(quota_open_day(q, 5) == SC_OK && quota_open_day(q, 4) == SC_OK);
	NEED(quota_book(q, &who, day * 5, &b) == SC_OK && quota_add(b, 7) == SC_OK);
	CHECK(count_on(q, day * 6 - 1) == 1); /* the last millisecond of the day */
	CHECK(count_on(q, day * 6) == 999);
	CHECK(count_on(q, day * 4) == 0); /* yesterday has books of its own */
	CHECK(count_on(q, day * 5) == 1); /* forth and back */
	/* opened again it is as it was */
	CHECK(quota_open_day(q, 5) == SC_OK && count_on(q, day * 5) == 1);
	/* what is 8 days old goes when a day comes */
	CHECK(quota_open_day(q, 12) == SC_OK && count_on(q, day * 5) == 1);
	CHECK(!quota_has_day(q, 4));
	CHECK(quota_open_day(q, 13) == SC_OK && count_on(q, day * 5) == 999);
	/* a day that was made elsewhere */
	NEED(quota_open_day(other, 5) == SC_OK && quota_book(other, &who, day * 5, &b) == SC_OK &&
	    quota_fill(b, 7) == SC_OK && quota_fill(b, 8) == SC_OK);
	CHECK(quota_move_day(q, other, 6) == SC_BUG);
	CHECK(quota_move_day(q, other, 5) == SC_OK && count_on(q, day * 5) == 2);
	CHECK(!quota_has_day(other, 5) && quota_move_day(other, q, 5) == SC_OK);
	/* days without end are refused, until some are old */
	for (uint64_t i = 14; i < 14 + QUOTA_DAYS_MAX; i++)
		CHECK(quota_open_day(other, 1000 - i) == SC_OK);
	CHECK(quota_open_day(other, 500) == SC_LIMIT);
	CHECK(quota_open_day(other, 2000) == SC_OK && quota_open_day(other, 2001) == SC_OK);
	quota_free(q);
	quota_free(other);
}

/* Names without end are refused at the ceiling, not counted together. */
static void test_quota_principals(void)
{
	struct quota_book *b;
	struct sc_name who;
	struct quota *q;
	unsigned i;

	NEED(quota_new(NULL, NULL, &q) == SC_OK && quota_open_day(q, 1) == SC_OK &&
	    quota_open_day(q, 2) == SC_OK);
	for (i = 0; i < QUOTA_PRINCIPALS_MAX; i++) {
		snprintf(who.s, sizeof(who.s), "p%u", i);
		NEED(quota_book(q, &who, 86400000, &b) == SC_OK && b != NULL);
		NEED(quota_count(b) == 0 && quota_add(b, 0) == SC_OK && quota_count(b) == 1);
	}
	snprintf(who.s, sizeof(who.s), "one-too-many");
	CHECK(quota_book(q, &who, 86400000, &b) == SC_LIMIT && b == NULL);
	snprintf(who.s, sizeof(who.s), "p0");
	NEED(quota_book(q, &who, 86400000, &b) == SC_OK);
	CHECK(quota_count(b) == 1 && quota_count_with(b, 0) == 1 && quota_count_with(b, 1) == 1);
	quota_fill_unnamed(b, UINT32_MAX - 1);
	quota_fill_unnamed(b, UINT32_MAX - 1);
	CHECK(quota_count(b) >= UINT32_MAX / 2); /* it never turns over */
	snprintf(who.s, sizeof(who.s), "one-too-many");
	CHECK(quota_book(q, &who, 2 * 86400000, &b) == SC_OK); /* room again the next day */
	quota_free(q);
}

int main(void)
{
	RUN(test_cache, "the cache does what a list of the newest would");
	RUN(test_quota, "a book counts each person once a day");
	RUN(test_quota_days, "a day ends with its last millisecond, and comes again as it was");
	RUN(test_quota_principals,
	    "a principal past the ceiling is refused, and counts do not turn over");
	return tap_done();
}
