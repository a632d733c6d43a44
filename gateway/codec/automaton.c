/*
 * automaton.c - from selectors to one deterministic automaton.
 *
 * A position is (rule, segments matched so far); a `..` segment keeps its
 * position alive. The subset construction makes a state of each reachable set
 * of positions. Beneath a selected node everything is selected too, so a set
 * also remembers the best rule that has matched; positions of rules that lose
 * against it are dropped, which keeps `$..a $..b $..c` from making a state of
 * every combination.
 */
#include "gateway/codec/automaton.h"

#include <stdlib.h>

#define NO_RULE UINT32_MAX
#define WORD_BITS 64

/* Sets stand in one array, each of `words` words: the positions, then the
 * number of the best rule that matched. */
struct builder {
	struct codec_paths *p;
	const struct path_rule *rules;
	size_t n_rules, max_states;
	size_t *base;		/* of each rule: its first position; then the end */
	uint32_t *rule_of;	/* of each position */
	const struct segment **segment_of;
	uint32_t *first_of;	/* of each symbol: a position that names it, + 1 */
	uint32_t *next_of;	/* of each position: another of its symbol, + 1 */
	uint32_t *done_for;	/* of each symbol: the last state expanded on it, + 1 */
	uint64_t *sets;
	uint64_t *scratch;	/* one set, the argument of state_of() */
	uint64_t *other;	/* where a child leads that no segment names */
	size_t words, cap;
	uint32_t *buckets;	/* hash of sets: state + 1 */
	size_t n_buckets;
};

static uint64_t *set_at(const struct builder *b, size_t state)
{
	return b->sets + state * b->words;
}

static uint64_t set_hash(const uint64_t *set, size_t words)
{
	uint64_t h = 0x9E3779B97F4A7C15u;

	for (size_t i = 0; i < words; i++) {
		h = (h ^ set[i]) * 0xBF58476D1CE4E5B9u;
		h ^= h >> 31;
	}
	return h;
}

static bool has(const uint64_t *set, size_t pos)
{
	return set[pos / WORD_BITS] >> pos % WORD_BITS & 1;
}

static void add(uint64_t *set, size_t pos)
{
	set[pos / WORD_BITS] |= (uint64_t)1 << pos % WORD_BITS;
}

/* Rules stand best first: forget the positions of BEST and of all behind it. */
static void prune(const struct builder *b, uint64_t *set, uint32_t best)
{
	size_t from;

	set[b->words - 1] = best;
	if (best == NO_RULE)
		return;
	from = b->base[best];
	set[from / WORD_BITS] &= ((uint64_t)1 << from % WORD_BITS) - 1;
	for (size_t w = from / WORD_BITS + 1; w + 1 < b->words; w++)
		set[w] = 0;
}

/* The segment at POS took the child: on to the next one, or *BEST matched. */
static void advance(const struct builder *b, uint64_t *to, size_t pos,
    uint32_t *best)
{
	uint32_t r = b->rule_of[pos];

	if (pos + 1 < b->base[r + 1])
		add(to, pos + 1);
	else if (r < *best)
		*best = r;
}

/* Where the set FROM goes on a child that no segment names, into TO. */
static void step_other(const struct builder *b, const uint64_t *from,
    uint64_t *to)
{
	uint32_t best = (uint32_t)from[b->words - 1];

	memset(to, 0, b->words * sizeof(to[0]));
	for (size_t w = 0; w + 1 < b->words; w++) {
		for (uint64_t left = from[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (b->segment_of[pos]->deep)
				add(to, pos);
			if (b->segment_of[pos]->kind == SEGMENT_ANY)
				advance(b, to, pos, &best);
		}
	}
	prune(b, to, best);
}

/* The same for SYMBOL, given OTHER, where it goes otherwise; into b->scratch. */
static void step_symbol(struct builder *b, const uint64_t *from,
    const uint64_t *other, uint16_t symbol)
{
	uint32_t best = (uint32_t)other[b->words - 1];

	memcpy(b->scratch, other, b->words * sizeof(other[0]));
	for (uint32_t at = b->first_of[symbol]; at != 0; at = b->next_of[at - 1])
		if (has(from, at - 1))
			advance(b, b->scratch, at - 1, &best);
	prune(b, b->scratch, best);
}

static enum sc_err grow(struct builder *b)
{
	struct codec_paths *p = b->p;
	size_t cap = b->cap == 0 ? 64 : b->cap * 2;
	void *q;

	if ((q = reallocarray(b->sets, cap, b->words * sizeof(b->sets[0]))) == NULL)
		return SC_NOMEM;
	b->sets = q;
	if ((q = reallocarray(p->next, cap,
	    p->n_symbols * sizeof(p->next[0]))) == NULL)
		return SC_NOMEM;
	p->next = q;
	if ((q = reallocarray(p->states, cap, sizeof(p->states[0]))) == NULL)
		return SC_NOMEM;
	p->states = q;
	b->cap = cap;
	return SC_OK;
}

/* The state of the set in b->scratch, a new one when it was never seen. */
static enum sc_err state_of(struct builder *b, uint16_t *out)
{
	struct codec_paths *p = b->p;
	size_t at = set_hash(b->scratch, b->words) & (b->n_buckets - 1);
	size_t bytes = b->words * sizeof(b->scratch[0]);
	uint32_t best = (uint32_t)b->scratch[b->words - 1];
	enum sc_err err;

	for (; b->buckets[at] != 0; at = (at + 1) & (b->n_buckets - 1)) {
		if (memcmp(set_at(b, b->buckets[at] - 1), b->scratch, bytes) == 0) {
			*out = (uint16_t)(b->buckets[at] - 1);
			return SC_OK;
		}
	}
	if (p->n_states == b->max_states)
		return SC_LIMIT;
	if (p->n_states == b->cap && (err = grow(b)) != SC_OK)
		return err;
	memcpy(set_at(b, p->n_states), b->scratch, bytes);
	p->states[p->n_states] = (struct path_state){ .selects = best != NO_RULE,
		.action = best == NO_RULE ? 0 : b->rules[best].action };
	*out = (uint16_t)p->n_states;
	b->buckets[at] = (uint32_t)++p->n_states;
	return SC_OK;
}

/* The entry for the symbol that the segment at POS names. */
static enum sc_err expand_named(struct builder *b, size_t state, size_t pos)
{
	const struct segment *seg = b->segment_of[pos];
	struct codec_paths *p = b->p;
	bool name = seg->kind == SEGMENT_NAME;
	enum sc_err err;
	uint16_t to;

	if (seg->kind == SEGMENT_ANY || b->done_for[seg->symbol] == state + 1)
		return SC_OK;
	b->done_for[seg->symbol] = (uint32_t)state + 1;
	step_symbol(b, set_at(b, state), b->other, seg->symbol);
	if ((err = state_of(b, &to)) != SC_OK)
		return err;
	p->next[state * p->n_symbols + seg->symbol] = to;
	p->states[state].names |= name;
	p->states[state].indices |= !name;
	return SC_OK;
}

/* Fill the row of STATE: what is not named, then what is. */
static enum sc_err expand(struct builder *b, size_t state)
{
	struct codec_paths *p = b->p;
	uint16_t other;
	enum sc_err err;

	/* keys and indices that nothing names lead to the same */
	step_other(b, set_at(b, state), b->other);
	memcpy(b->scratch, b->other, b->words * sizeof(b->other[0]));
	if ((err = state_of(b, &other)) != SC_OK)
		return err;
	for (size_t s = 0; s < p->n_symbols; s++)
		p->next[state * p->n_symbols + s] = other;
	for (size_t w = 0; w + 1 < b->words; w++) {
		/* state_of() may move the sets: ask anew each time */
		for (uint64_t left = set_at(b, state)[w]; left != 0;
		    left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if ((err = expand_named(b, state, pos)) != SC_OK)
				return err;
		}
	}
	return SC_OK;
}

/* The set before anything was read: each rule at its beginning. */
static void first_set(struct builder *b)
{
	uint32_t best = NO_RULE;

	memset(b->scratch, 0, b->words * sizeof(b->scratch[0]));
	for (uint32_t r = 0; r < b->n_rules && best == NO_RULE; r++) {
		size_t pos = b->base[r];

		if (b->rules[r].n == 0)
			best = r;
		else
			b->scratch[pos / WORD_BITS] |=
			    (uint64_t)1 << pos % WORD_BITS;
	}
	b->scratch[b->words - 1] = best;
}

static enum sc_err allocate(struct builder *b, size_t positions)
{
	size_t symbols = b->p->n_symbols;

	b->words = (positions + WORD_BITS - 1) / WORD_BITS + 1;
	b->n_buckets = 16;
	while (b->n_buckets < 2 * b->max_states)
		b->n_buckets *= 2;
	b->rule_of = calloc(positions + 1, sizeof(b->rule_of[0]));
	b->segment_of = calloc(positions + 1, sizeof(b->segment_of[0]));
	b->next_of = calloc(positions + 1, sizeof(b->next_of[0]));
	b->first_of = calloc(symbols, sizeof(b->first_of[0]));
	b->done_for = calloc(symbols, sizeof(b->done_for[0]));
	b->scratch = calloc(b->words, sizeof(b->scratch[0]));
	b->other = calloc(b->words, sizeof(b->other[0]));
	b->buckets = calloc(b->n_buckets, sizeof(b->buckets[0]));
	return b->rule_of == NULL || b->segment_of == NULL ||
	    b->next_of == NULL || b->first_of == NULL || b->done_for == NULL ||
	    b->scratch == NULL || b->other == NULL || b->buckets == NULL ?
	    SC_NOMEM : SC_OK;
}

static enum sc_err number_positions(struct builder *b)
{
	size_t total = 0, pos = 0;
	enum sc_err err;

	if ((b->base = calloc(b->n_rules + 1, sizeof(b->base[0]))) == NULL)
		return SC_NOMEM;
	for (size_t r = 0; r < b->n_rules; r++) {
		b->base[r] = total;
		total += b->rules[r].n;
	}
	b->base[b->n_rules] = total;
	if ((err = allocate(b, total)) != SC_OK)
		return err;
	for (uint32_t r = 0; r < b->n_rules; r++) {
		for (size_t i = 0; i < b->rules[r].n; i++, pos++) {
			const struct segment *seg = &b->rules[r].seg[i];

			b->rule_of[pos] = r;
			b->segment_of[pos] = seg;
			if (seg->kind == SEGMENT_ANY)
				continue;
			b->next_of[pos] = b->first_of[seg->symbol];
			b->first_of[seg->symbol] = (uint32_t)pos + 1;
		}
	}
	return SC_OK;
}

enum sc_err automaton_build(struct codec_paths *p,
    const struct path_rule *rules, size_t n, size_t max_states)
{
	struct builder b = { .p = p, .rules = rules, .n_rules = n,
		.max_states = max_states };
	enum sc_err err;
	uint16_t dead;

	p->n_states = 0;
	if ((err = number_positions(&b)) != SC_OK)
		goto out;
	b.scratch[b.words - 1] = NO_RULE;
	if ((err = state_of(&b, &dead)) != SC_OK)
		goto out;
	first_set(&b);
	if ((err = state_of(&b, &p->start)) != SC_OK)
		goto out;
	for (size_t s = 0; s < p->n_states; s++)
		if ((err = expand(&b, s)) != SC_OK)
			goto out;
out:
	free(b.base);
	free(b.rule_of);
	free(b.segment_of);
	free(b.next_of);
	free(b.first_of);
	free(b.done_for);
	free(b.scratch);
	free(b.other);
	free(b.sets);
	free(b.buckets);
	return err;
}
