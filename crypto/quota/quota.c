/*
 * quota.c - open-addressing sets of 64-bit subject ids, one a principal and day.
 */
#include "crypto/quota/quota.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256

struct quota_book {
	struct quota_book *next;
	const struct quota_day *of;
	struct sc_name principal;
	uint64_t *slots; /* 0: free */
	uint32_t cap, n; /* n of them named */
	uint32_t unnamed;
};

struct quota_day {
	const struct quota *of;
	uint64_t day;
	size_t n_books;
	struct quota_book *buckets[BUCKETS];
};

struct quota {
	quota_added_fn *added;
	void *arg;
	struct quota_day *days[QUOTA_DAYS_MAX]; /* NULL: free */
};

enum sc_err quota_new(quota_added_fn *added, void *arg, struct quota **out)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return SC_NOMEM;
	(*out)->added = added;
	(*out)->arg = arg;
	return SC_OK;
}

static void day_free(struct quota_day *d)
{
	struct quota_book *next;

	for (unsigned i = 0; d != NULL && i < BUCKETS; i++)
		for (struct quota_book *b = d->buckets[i]; b != NULL; b = next) {
			next = b->next;
			free(b->slots);
			free(b);
		}
	free(d);
}

void quota_free(struct quota *q)
{
	if (q == NULL)
		return;
	for (unsigned i = 0; i < QUOTA_DAYS_MAX; i++)
		day_free(q->days[i]);
	free(q);
}

/* Where DAY is; -1: nowhere. */
static int place_of(const struct quota *q, uint64_t day)
{
	for (int i = 0; i < QUOTA_DAYS_MAX; i++)
		if (q->days[i] != NULL && q->days[i]->day == day)
			return i;
	return -1;
}

bool quota_has_day(const struct quota *q, uint64_t day)
{
	return place_of(q, day) >= 0;
}

/* Room for DAY, which is not there; what is old goes. */
static struct quota_day **make_room(struct quota *q, uint64_t day)
{
	struct quota_day **room = NULL;

	for (unsigned i = 0; i < QUOTA_DAYS_MAX; i++) {
		/* its rows stay: were the clock set back, they would be read again */
		if (q->days[i] != NULL && q->days[i]->day + QUOTA_DAYS_KEPT <= day) {
			day_free(q->days[i]);
			q->days[i] = NULL;
		}
		if (q->days[i] == NULL)
			room = &q->days[i];
	}
	return room;
}

uint64_t quota_time(const _Atomic uint64_t *clock)
{
	return clock == NULL ? clock_unix_ms() : atomic_load(clock);
}

enum sc_err quota_open_day(struct quota *q, uint64_t day)
{
	struct quota_day **room;

	if (quota_has_day(q, day))
		return SC_OK;
	if ((room = make_room(q, day)) == NULL)
		return SC_LIMIT;
	if ((*room = calloc(1, sizeof(**room))) == NULL)
		return SC_NOMEM;
	(*room)->day = day;
	(*room)->of = q;
	return SC_OK;
}

enum sc_err quota_move_day(struct quota *to, struct quota *from, uint64_t day)
{
	int at = place_of(from, day);
	struct quota_day **room;

	if (at < 0 || quota_has_day(to, day))
		return SC_BUG;
	if ((room = make_room(to, day)) == NULL)
		return SC_LIMIT;
	*room = from->days[at];
	from->days[at] = NULL;
	(*room)->of = to;
	return SC_OK;
}

/* FNV-1a: principals come from configuration, nobody chooses them to collide. */
static unsigned bucket_of(const struct sc_name *n)
{
	uint32_t h = 2166136261u;

	for (const char *p = n->s; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	return h % BUCKETS;
}

enum sc_err quota_book(struct quota *q, const struct sc_name *principal, uint64_t now_ms,
    struct quota_book **out)
{
	int at = place_of(q, now_ms / QUOTA_DAY_MS);
	unsigned i = bucket_of(principal);
	struct quota_day *d;
	struct quota_book *b;

	*out = NULL;
	if (at < 0)
		return SC_AGAIN;
	d = q->days[at];
	for (b = d->buckets[i]; b != NULL; b = b->next)
		if (strcmp(b->principal.s, principal->s) == 0) {
			*out = b;
			return SC_OK;
		}
	if (d->n_books == QUOTA_PRINCIPALS_MAX)
		return SC_LIMIT;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return SC_NOMEM;
	b->of = d;
	b->principal = *principal;
	b->next = d->buckets[i];
	d->buckets[i] = b;
	d->n_books++;
	*out = b;
	return SC_OK;
}

/* Where SUBJECT is, or would go. */
static uint64_t *slot_of(uint64_t *slots, uint32_t cap, uint64_t subject)
{
	uint64_t i = subject * 0x9e3779b97f4a7c15u >> 32;

	while (slots[i & (cap - 1)] != 0 && slots[i & (cap - 1)] != subject)
		i++;
	return &slots[i & (cap - 1)];
}

static uint64_t named(uint64_t subject)
{
	return subject == 0 ? 1 : subject;
}

static bool has(const struct quota_book *b, uint64_t subject)
{
	return b->cap > 0 && *slot_of(b->slots, b->cap, named(subject)) != 0;
}

uint32_t quota_count(const struct quota_book *b)
{
	return b->n + b->unnamed;
}

uint32_t quota_count_with(const struct quota_book *b, uint64_t subject)
{
	return quota_count(b) + !has(b, subject);
}

static enum sc_err grow(struct quota_book *b)
{
	uint32_t cap = b->cap == 0 ? 16 : b->cap * 2;
	uint64_t *slots = calloc(cap, sizeof(*slots));

	if (slots == NULL)
		return SC_NOMEM;
	for (uint32_t i = 0; i < b->cap; i++)
		if (b->slots[i] != 0)
			*slot_of(slots, cap, b->slots[i]) = b->slots[i];
	free(b->slots);
	b->slots = slots;
	b->cap = cap;
	return SC_OK;
}

void quota_fill_unnamed(struct quota_book *b, uint64_t n)
{
	b->unnamed = n >= UINT32_MAX / 2 - b->unnamed ? UINT32_MAX / 2 : b->unnamed + (uint32_t)n;
}

/* *TOLD: what SUBJECT was counted as, 0: as one that nobody can name; not called a second time. */
static enum sc_err add(struct quota_book *b, uint64_t subject, uint64_t *told)
{
	enum sc_err err;

	*told = 0;
	if (b->n >= QUOTA_SUBJECTS_MAX) {
		quota_fill_unnamed(b, 1);
		return SC_OK;
	}
	if (b->n * 2 >= b->cap && (err = grow(b)) != SC_OK)
		return err;
	*told = named(subject);
	*slot_of(b->slots, b->cap, *told) = *told;
	b->n++;
	return SC_OK;
}

enum sc_err quota_fill(struct quota_book *b, uint64_t subject)
{
	uint64_t told;

	return has(b, subject) ? SC_OK : add(b, subject, &told);
}

enum sc_err quota_add(struct quota_book *b, uint64_t subject)
{
	const struct quota *q = b->of->of;
	uint64_t told;
	enum sc_err err;

	if (has(b, subject))
		return SC_OK;
	if ((err = add(b, subject, &told)) == SC_OK && q->added != NULL)
		q->added(q->arg, b->of->day, &b->principal, told);
	return err;
}
