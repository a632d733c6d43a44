/*
 * quota.c - open-addressing sets of 64-bit subject ids, one a principal.
 */
#include "crypto/keyd/quota.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000u
#define BUCKETS 256

struct quota_book {
	struct quota_book *next;
	struct sc_name principal;
	uint64_t *slots; /* 0: free */
	uint32_t cap, n; /* n of them named */
	uint32_t unnamed;
};

struct quota {
	uint64_t day;
	size_t n_books;
	struct quota_book *buckets[BUCKETS];
};

enum sc_err quota_new(struct quota **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? SC_NOMEM : SC_OK;
}

static void forget_all(struct quota *q)
{
	struct quota_book *next;

	for (unsigned i = 0; i < BUCKETS; i++) {
		for (struct quota_book *b = q->buckets[i]; b != NULL; b = next) {
			next = b->next;
			free(b->slots);
			free(b);
		}
		q->buckets[i] = NULL;
	}
	q->n_books = 0;
}

void quota_free(struct quota *q)
{
	if (q == NULL)
		return;
	forget_all(q);
	free(q);
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
	unsigned i = bucket_of(principal);
	struct quota_book *b;

	*out = NULL;
	/* a clock that is set back gives nobody a second day */
	if (now_ms / DAY_MS > q->day) {
		forget_all(q);
		q->day = now_ms / DAY_MS;
	}
	for (b = q->buckets[i]; b != NULL; b = b->next)
		if (strcmp(b->principal.s, principal->s) == 0) {
			*out = b;
			return SC_OK;
		}
	if (q->n_books == QUOTA_PRINCIPALS_MAX)
		return SC_LIMIT;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return SC_NOMEM;
	b->principal = *principal;
	b->next = q->buckets[i];
	q->buckets[i] = b;
	q->n_books++;
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

void quota_add_unnamed(struct quota_book *b, uint32_t n)
{
	b->unnamed = b->unnamed > UINT32_MAX / 2 - n % (UINT32_MAX / 2) ? UINT32_MAX / 2 :
									  b->unnamed + n;
}

enum sc_err quota_add(struct quota_book *b, uint64_t subject)
{
	enum sc_err err;

	if (has(b, subject))
		return SC_OK;
	if (b->n >= QUOTA_SUBJECTS_MAX) {
		quota_add_unnamed(b, 1);
		return SC_OK;
	}
	if (b->n * 2 >= b->cap && (err = grow(b)) != SC_OK)
		return err;
	*slot_of(b->slots, b->cap, named(subject)) = named(subject);
	b->n++;
	return SC_OK;
}
