/*
 * signed.c - verifying a caller's statement, and remembering those that were used.
 *
 * Two sets take turns: what is used goes into the present one, and a minute later that
 * becomes the last one, which is looked into as well. No statement is good for longer than
 * a minute, so none outlives both.
 */
#include "crypto/keyd/signed.h"

#include "base/bytes.h"
#include "base/weak.h"
#include "crypto/prim/hash.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * SIGNED_MAX) /* a power of two */
#define MARK_BYTES 16

struct used_set {
	uint8_t (*marks)[MARK_BYTES]; /* SLOTS; all zero: free */
	size_t n;
};

struct signed_used {
	struct used_set present, last;
	uint64_t since_ms; /* when the present one began */
	uint64_t from_ms;  /* what was signed before it is not taken */
	uint64_t latest_ms;
};

enum sc_err signed_used_new(uint64_t now_ms, struct signed_used **out)
{
	struct signed_used *u = calloc(1, sizeof(*u));

	*out = NULL;
	if (u == NULL)
		return SC_NOMEM;
	/* pages that are never used cost nothing */
	u->present.marks = calloc(SLOTS, MARK_BYTES);
	u->last.marks = calloc(SLOTS, MARK_BYTES);
	u->since_ms = u->from_ms = u->latest_ms = now_ms;
	if (u->present.marks == NULL || u->last.marks == NULL) {
		signed_used_free(u);
		return SC_NOMEM;
	}
	*out = u;
	return SC_OK;
}

void signed_used_free(struct signed_used *u)
{
	if (u == NULL)
		return;
	free(u->present.marks);
	free(u->last.marks);
	free(u);
}

/* ---- what was used ---- */

static void forget(struct used_set *s)
{
	if (s->n != 0)
		memset(s->marks, 0, (size_t)SLOTS * MARK_BYTES);
	s->n = 0;
}

/* The clock as far as it goes forward; sets that are too old are emptied by it. */
static uint64_t turn(struct signed_used *u, uint64_t now_ms)
{
	struct used_set old = u->last;

	if (now_ms > u->latest_ms)
		u->latest_ms = now_ms;
	if (u->latest_ms - u->since_ms < STATEMENT_OPEN_MS)
		return u->latest_ms;
	u->last = u->present;
	u->present = old;
	forget(&u->present);
	if (u->latest_ms - u->since_ms >= 2 * STATEMENT_OPEN_MS)
		forget(&u->last);
	u->since_ms = u->latest_ms;
	return u->latest_ms;
}

/* A nonce is its signer's own: nobody can use up another's. */
static void mark_of(const struct statement *s, const struct sign_public *key,
    uint8_t out[static MARK_BYTES])
{
	uint8_t both[SIGN_PUBLIC_BYTES + STATEMENT_NONCE_BYTES], hash[HASH_BYTES];

	memcpy(both, key->b, SIGN_PUBLIC_BYTES);
	memcpy(both + SIGN_PUBLIC_BYTES, s->nonce, STATEMENT_NONCE_BYTES);
	hash_sha256(sc_span(both, sizeof(both)), hash);
	memcpy(out, hash, MARK_BYTES);
	out[0] |= 1; /* never that of a free slot */
}

/* Where MARK is, or would go. */
static uint8_t *find(const struct used_set *s, const uint8_t mark[static MARK_BYTES])
{
	size_t i = sc_be32_load(mark + 4);

	for (;; i++) {
		uint8_t *at = s->marks[i & (SLOTS - 1)];

		if (at[0] == 0 || memcmp(at, mark, MARK_BYTES) == 0)
			return at;
	}
}

static bool was_used(const struct signed_used *u, const struct statement *s,
    const struct sign_public *key)
{
	uint8_t mark[MARK_BYTES];

	mark_of(s, key, mark);
	return find(&u->present, mark)[0] != 0 || find(&u->last, mark)[0] != 0;
}

bool signed_use(struct signed_used *u, const struct statement *s, const struct sign_public *key)
{
	uint8_t mark[MARK_BYTES];

	if (u->present.n >= SIGNED_MAX)
		return false;
	mark_of(s, key, mark);
	memcpy(find(&u->present, mark), mark, MARK_BYTES);
	u->present.n++;
	return true;
}

/* ---- is it good? ---- */

static bool is_name(struct sc_span said, const struct sc_name *name)
{
	return sc_span_is(said, name == NULL ? "" : name->s);
}

static bool is_words(struct sc_span said, const struct policy_reason *words)
{
	return sc_span_is(said, words == NULL ? "" : words->s);
}

static bool is_of_us(const struct signed_question *q, const struct statement *s)
{
	return is_name(s->tenant, q->tenant) && sc_span_is(s->keyd, q->keyd);
}

/* Does it say what the gateway says, for whom and why? */
static bool is_of_the_question(const struct signed_question *q, const struct statement *s)
{
	const struct asking *a = q->asking;
	const char *op = policy_op_name(a->op);

	return op != NULL && sc_span_is(s->words.op, op) &&
	    is_name(s->words.purpose, policy_purpose_name(q->policy, a->purpose)) &&
	    is_name(s->words.principal, a->principal) &&
	    is_name(s->words.recipient, a->recipient) && is_words(s->words.reason, a->reason) &&
	    is_words(s->words.ticket, a->ticket) && a->role == q->role;
}

static const char *wrong_time(struct signed_used *u, const struct statement *s, uint64_t now_ms)
{
	uint64_t now = turn(u, now_ms);

	if (now_ms == 0)
		return "the clock failed";
	if (s->not_before_ms < u->from_ms)
		return "the statement is from before the start of keyd";
	if (s->not_before_ms > now)
		return "the statement is not good yet";
	return s->not_after_ms <= now ? "the statement is too old" : NULL;
}

static const char *wrong_scope(const struct signed_question *q, const struct statement *s)
{
	uint8_t root[HASH_BYTES];

	if (WEAK("statement-for-other-tokens"))
		return NULL;
	statement_scope_root(q->scope, root);
	return memcmp(root, s->scope, HASH_BYTES) == 0 ? NULL : "the statement is of other tokens";
}

const char *signed_check(struct signed_used *u, const struct signed_question *q,
    struct statement *out)
{
	const char *why;

	if (statement_decode(q->asking->statement, out) != SC_OK || out->type != STATEMENT_OPEN)
		return "no statement that is understood";
	if (!is_of_us(q, out))
		return "the statement is for another keyd";
	if (q->key == NULL)
		return "the principal has no key to sign with";
	if (!statement_is_by(q->asking->statement, q->key))
		return "the signature does not hold";
	if (!is_of_the_question(q, out))
		return "the statement is of another question";
	if ((why = wrong_time(u, out, q->asking->now_ms)) != NULL ||
	    (why = wrong_scope(q, out)) != NULL)
		return why;
	if (was_used(u, out, q->key) && !WEAK("statement-replayed"))
		return "the statement was used already";
	return u->present.n >= SIGNED_MAX ? "too many statements at once" : NULL;
}
