/*
 * tag.c - tags: keyed hashes by which the tap's listeners tell equal values of a
 * field that they never see.
 *
 * What is hashed is the value's normal form as a blind index has it, so that width,
 * case and blanks make no two values of one. A token has no tag, nor has what is
 * longer than anything that is indexed.
 */
#include "gateway/protect/tag.h"

#include "base/buf.h"
#include "crypto/prim/index.h"
#include "crypto/token/token.h"
#include "gateway/protect/planner.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(TAP_KEY_BYTES == crypto_shorthash_KEYBYTES &&
	TAP_TAG_BYTES == crypto_shorthash_BYTES,
    "SipHash-2-4");

void tag_key_set(struct tag_key *k, const uint8_t key[static TAP_KEY_BYTES])
{
	unsigned next = atomic_load_explicit(&k->turn, memory_order_relaxed) + 1;
	uint64_t half[2];

	memcpy(half, key, sizeof(half));
	atomic_store_explicit(&k->half[next % 2][0], half[0], memory_order_relaxed);
	atomic_store_explicit(&k->half[next % 2][1], half[1], memory_order_relaxed);
	atomic_store_explicit(&k->turn, next, memory_order_release);
	sc_wipe(half, sizeof(half));
}

static bool key_get(const struct tag_key *k, uint64_t half[static 2])
{
	unsigned turn = atomic_load_explicit(&k->turn, memory_order_acquire);

	half[0] = atomic_load_explicit(&k->half[turn % 2][0], memory_order_relaxed);
	half[1] = atomic_load_explicit(&k->half[turn % 2][1], memory_order_relaxed);
	return turn != 0;
}

static bool grow(struct plan *p)
{
	size_t cap = p->cap_tags == 0 ? 4 : p->cap_tags * 2;
	struct plan_tag *v = reallocarray(p->tags, cap, sizeof(*v));

	if (v == NULL)
		return false;
	p->tags = v;
	p->cap_tags = cap;
	return true;
}

/* The tag of VALUE, if it has one. */
static enum sc_err add_tag(struct planner *m, struct sc_span value, uint16_t rule)
{
	uint8_t normal[INDEX_VALUE_MAX + INDEX_WHOLE_SPARE];
	struct plan *p = m->p;
	struct plan_tag *t;
	uint64_t key[2];
	size_t n;

	if (m->t->tag_key == NULL || token_seems(value) || !key_get(m->t->tag_key, key))
		return SC_OK;
	if (p->n_tags == p->cap_tags && !grow(p))
		return SC_NOMEM;
	if ((n = index_whole(value, normal)) == 0)
		return SC_OK;
	t = &p->tags[p->n_tags++];
	t->record = p->record;
	t->rule = rule;
	crypto_shorthash(t->tag, normal, n, (const uint8_t *)key);
	sc_wipe(normal, n + INDEX_WHOLE_SPARE);
	return SC_OK;
}

static enum sc_err add_decoded(struct planner *m, const struct codec_field *f, uint16_t rule)
{
	struct sc_span value;
	enum sc_err err = plan_decode(m, f, &value);

	return err == SC_OK ? add_tag(m, value, rule) : err;
}

enum sc_err plan_add_tag(struct planner *m, const struct codec_field *f, uint16_t rule)
{
	if (f->escaped)
		return add_decoded(m, f, rule);
	return add_tag(m, sc_span(m->doc.p + f->start, f->end - f->start), rule);
}
