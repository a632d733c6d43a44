/*
 * builder.h - inside of the automaton's builder: positions, sets of them, and the steps from
 * set to set.
 *
 * A position is a segment of a rule that waits for its child; the choices of one bracket are a
 * position each, and come and go together. A rule with exceptions has those' segments as
 * positions too, and two more: KEPT, from where it matched on, and GONE, where one of its
 * exceptions did. It forgets nothing of the rules behind it, and what is GONE is all forgotten.
 */
#ifndef GATEWAY_CODEC_BUILDER_H
#define GATEWAY_CODEC_BUILDER_H

#include "gateway/codec/automaton.h"

#define NO_RULE UINT16_MAX
#define WORD_BITS 64

#define WANTS_OBJECT 0x01
#define WANTS_ARRAY 0x02

/* Where the segment at a position leads, beside the number of the next one. */
#define THEN_MATCHED UINT32_MAX
#define THEN_GONE (UINT32_MAX - 1)

/* Sets stand in one array, each of `words` words: the positions, then marks. */
struct marks {
	uint16_t best;   /* the best rule without exceptions that matched here or above */
	uint16_t astray; /* the rule that lost its way above */
	uint32_t points; /* a bit for each point that is here */
};

/* A position among those of a symbol. */
struct position_of {
	uint32_t pos, next; /* NEXT: number of another, + 1 */
};

struct builder {
	struct codec_paths *p;
	const struct path_rule *rules;
	size_t n_rules, max_states, n_flat; /* N_FLAT of the rules are the last */
	size_t *base;                       /* of each rule: its first position; then the end */
	uint16_t *except;                   /* the rules that have exceptions, best first */
	size_t n_except;
	uint16_t *rule_of; /* of each position */
	const struct segment **segment_of;
	uint32_t *then;     /* of each position */
	uint8_t *wants;     /* of each position: WANTS_*, when its rule is strict */
	uint32_t *first_of; /* of each symbol: the first of its positions, + 1 */
	struct position_of *named;
	uint32_t *done_for; /* of each symbol: the last state expanded on it, + 1 */
	uint64_t *sets;
	uint64_t *scratch;     /* one set, the argument of state_of() */
	uint64_t *other_key;   /* where a member leads that no segment names */
	uint64_t *other_index; /* the same for an element */
	size_t words, cap;
	uint32_t each;     /* the points that are told where what is there begins */
	uint32_t *buckets; /* hash of sets: state + 1 */
	size_t n_buckets;
};

/* Number all positions and make room. Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err builder_number(struct builder *b);

static inline bool set_has(const uint64_t *set, size_t pos)
{
	return set[pos / WORD_BITS] >> pos % WORD_BITS & 1;
}

static inline void set_add(uint64_t *set, size_t pos)
{
	set[pos / WORD_BITS] |= (uint64_t)1 << pos % WORD_BITS;
}

static inline void set_remove(uint64_t *set, size_t pos)
{
	set[pos / WORD_BITS] &= ~((uint64_t)1 << pos % WORD_BITS);
}

/* Of a rule with exceptions: where it matched; where it does not apply. */
static inline size_t kept_at(const struct builder *b, uint16_t rule)
{
	return b->base[rule + 1] - 2;
}

static inline size_t gone_at(const struct builder *b, uint16_t rule)
{
	return b->base[rule + 1] - 1;
}

struct marks set_marks(const struct builder *b, const uint64_t *set);
/* M are SET's: what loses against its best rule, and what is GONE, is forgotten. */
void set_mark(const struct builder *b, uint64_t *set, struct marks m);
/* SET, when no step is under way: the rules that are GONE need not be known any longer. */
void set_finish(const struct builder *b, uint64_t *set);
/* The best rule that SET's place is, or lies beneath; NO_RULE: none. */
uint16_t set_best(const struct builder *b, const uint64_t *set);
/* What strict rules expect of the value at SET; *FIRST is one that does. */
uint8_t set_wants(const struct builder *b, const uint64_t *set, uint16_t *first);
/* Does the match of RULE leave nothing to expect of other rules beneath it? */
bool rule_settles(const struct builder *b, uint16_t rule);

/*
 * The set of the rules [FROM, TO) before anything was read, into b->scratch, which has nothing
 * in it.
 */
void step_first(struct builder *b, size_t from, size_t to);
/* Where the set FROM goes on a child that no segment names, into TO. LOST: nothing is at home there. */
void step_other(const struct builder *b, const uint64_t *from, uint64_t *to, bool lost);
/* The same for SYMBOL, given OTHER, where it goes otherwise; into b->scratch. */
void step_symbol(struct builder *b, const uint64_t *from, const uint64_t *other, uint16_t symbol);
/* What FROM is when the tests of SYMBOL, which are of SIBLING's, hold; into b->scratch. */
void step_test(struct builder *b, const uint64_t *from, const struct path_sibling *sibling,
    uint16_t symbol);

#endif
