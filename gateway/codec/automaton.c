/*
 * automaton.c - from selectors to one deterministic automaton.
 *
 * A position is (rule, segments matched so far); a `..` segment keeps its
 * position alive. The subset construction makes a state of each reachable set
 * of positions. Beneath a selected node everything is selected too, so a set
 * also remembers the best rule that has matched; positions of rules that lose
 * against it are dropped, which keeps `$..a $..b $..c` from making a state of
 * every combination.
 *
 * Shapes cost the scanner nothing: where a strict path goes on to a member, the
 * elements of an array lead to states that remember whose way was lost, and a
 * state where a path goes on selects the scalar that stands there instead.
 */
#include "gateway/codec/automaton.h"

#include "base/grow.h"
#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

#define NO_RULE UINT16_MAX
#define WORD_BITS 64

#define WANTS_OBJECT 0x01
#define WANTS_ARRAY 0x02

/* Sets stand in one array, each of `words` words: the positions, then marks. */
struct marks {
	uint16_t best;   /* the best rule that matched here or above */
	uint16_t astray; /* the rule that lost its way above */
	uint32_t points; /* a bit for each point that is here */
};

struct builder {
	struct codec_paths *p;
	const struct path_rule *rules;
	size_t n_rules, max_states;
	size_t *base;      /* of each rule: its first position; then the end */
	uint16_t *rule_of; /* of each position */
	const struct segment **segment_of;
	uint8_t *wants;     /* of each position: WANTS_*, when its rule is strict */
	uint32_t *first_of; /* of each symbol: a position that names it, + 1 */
	uint32_t *next_of;  /* of each position: another of its symbol, + 1 */
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

static struct marks marks_of(const struct builder *b, const uint64_t *set)
{
	uint64_t w = set[b->words - 1];

	return (struct marks){ (uint16_t)w, (uint16_t)(w >> 16), (uint32_t)(w >> 32) };
}

/* Does the match of RULE leave nothing to expect of other rules beneath it? */
static bool settles(const struct builder *b, uint16_t rule)
{
	const struct path_rule *r;

	if (rule == NO_RULE)
		return false;
	r = &b->rules[rule];
	if ((r->how & CODEC_STRICT) == 0)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (r->seg[i].deep)
			return (r->how & CODEC_PARTIAL) == 0;
	return true;
}

/* Rules stand best first: forget the positions of the best and of all behind it. */
static void mark(const struct builder *b, uint64_t *set, struct marks m)
{
	size_t from;

	set[b->words - 1] = m.best | (uint64_t)m.astray << 16 | (uint64_t)m.points << 32;
	if (m.best == NO_RULE)
		return;
	from = b->base[m.best];
	if (from / WORD_BITS + 1 < b->words)
		set[from / WORD_BITS] &= ((uint64_t)1 << from % WORD_BITS) - 1;
	for (size_t w = from / WORD_BITS + 1; w + 1 < b->words; w++)
		set[w] = 0;
}

/* RULE has come to its end. */
static void matched(const struct builder *b, uint16_t rule, struct marks *m)
{
	const struct path_rule *r = &b->rules[rule];

	if ((r->how & CODEC_POINT) != 0)
		m->points |= UINT32_C(1) << r->action;
	else if (rule < m->best)
		m->best = rule;
}

/* The segment at POS took the child: on to the next one, or its rule matched. */
static void advance(const struct builder *b, uint64_t *to, size_t pos, struct marks *m)
{
	uint16_t r = b->rule_of[pos];

	if (pos + 1 < b->base[r + 1])
		add(to, pos + 1);
	else
		matched(b, r, m);
}

/* What strict rules expect of the value at SET; *FIRST is one that does. */
static uint8_t wants_of(const struct builder *b, const uint64_t *set, uint16_t *first)
{
	uint8_t wants = 0;

	*first = NO_RULE;
	if (settles(b, marks_of(b, set).best))
		return 0;
	for (size_t w = 0; w + 1 < b->words; w++)
		for (uint64_t left = set[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (b->wants[pos] != 0 && *first == NO_RULE)
				*first = b->rule_of[pos];
			wants |= b->wants[pos];
		}
	return wants;
}

/* Where the set FROM goes on a child that no segment names, into TO. */
static void step_other(const struct builder *b, const uint64_t *from, uint64_t *to, bool lost)
{
	struct marks m = marks_of(b, from);
	uint16_t first;

	if (lost && m.astray == NO_RULE) {
		wants_of(b, from, &first);
		m.astray = first;
	}
	if (!WEAK("subject-beneath"))
		m.points = 0;
	memset(to, 0, b->words * sizeof(to[0]));
	for (size_t w = 0; w + 1 < b->words; w++) {
		for (uint64_t left = from[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (b->segment_of[pos]->deep)
				add(to, pos);
			if (b->segment_of[pos]->kind == SEGMENT_ANY)
				advance(b, to, pos, &m);
		}
	}
	mark(b, to, m);
}

/* The same for SYMBOL, given OTHER, where it goes otherwise; into b->scratch. */
static void step_symbol(struct builder *b, const uint64_t *from, const uint64_t *other,
    uint16_t symbol)
{
	struct marks m = marks_of(b, other);

	memcpy(b->scratch, other, b->words * sizeof(other[0]));
	for (uint32_t at = b->first_of[symbol]; at != 0; at = b->next_of[at - 1])
		if (has(from, at - 1))
			advance(b, b->scratch, at - 1, &m);
	mark(b, b->scratch, m);
}

static enum sc_err grow(struct builder *b)
{
	struct codec_paths *p = b->p;
	size_t cap = sc_grown(b->cap);
	void *q;

	if ((q = reallocarray(b->sets, cap, b->words * sizeof(b->sets[0]))) == NULL)
		return SC_NOMEM;
	b->sets = q;
	if ((q = reallocarray(p->next, cap, p->n_symbols * sizeof(p->next[0]))) == NULL)
		return SC_NOMEM;
	p->next = q;
	if ((q = reallocarray(p->states, cap, sizeof(p->states[0]))) == NULL)
		return SC_NOMEM;
	p->states = q;
	if ((q = reallocarray(p->findings, cap, sizeof(p->findings[0]))) == NULL)
		return SC_NOMEM;
	p->findings = q;
	b->cap = cap;
	return SC_OK;
}

static uint16_t action_of(const struct builder *b, uint16_t rule)
{
	return rule == NO_RULE ? CODEC_NONE : b->rules[rule].action;
}

/* What becomes of a scalar at the new state STATE, whose set is b->scratch. */
static void describe(struct builder *b, size_t state)
{
	struct marks m = marks_of(b, b->scratch);
	struct codec_finding *f = &b->p->findings[state];
	struct path_state *s = &b->p->states[state];
	uint16_t first;

	if (wants_of(b, b->scratch, &first) != 0 && m.astray == NO_RULE)
		m.astray = first;
	*f = (struct codec_finding){ action_of(b, m.best), action_of(b, m.astray), m.points };
	*s = (struct path_state){ .action = f->action };
	s->each = (m.points & b->each) != 0;
	b->p->each |= s->each;
	s->selects = m.best != NO_RULE;
	if (m.astray != NO_RULE || m.points != 0) {
		s->selects = true;
		s->action = (uint16_t)(CODEC_FINDING | state);
	}
}

/* The state of the set in b->scratch, a new one when it was never seen. */
static enum sc_err state_of(struct builder *b, uint16_t *out)
{
	struct codec_paths *p = b->p;
	size_t bytes = b->words * sizeof(b->scratch[0]), at;
	struct marks m = marks_of(b, b->scratch);
	enum sc_err err;

	if (settles(b, m.best))
		m.astray = NO_RULE;
	mark(b, b->scratch, m);
	at = set_hash(b->scratch, b->words) & (b->n_buckets - 1);
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
	describe(b, p->n_states);
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
	step_symbol(b, set_at(b, state), name ? b->other_key : b->other_index, seg->symbol);
	if ((err = state_of(b, &to)) != SC_OK)
		return err;
	p->next[state * p->n_symbols + seg->symbol] = to;
	p->states[state].names |= name;
	p->states[state].indices |= !name;
	return SC_OK;
}

/* The entries of the row of STATE for members, or elements, that no segment names. */
static enum sc_err expand_others(struct builder *b, size_t state, bool elements)
{
	struct codec_paths *p = b->p;
	uint16_t *row;
	size_t s = elements ? p->other_index : 0, end = elements ? p->n_symbols : p->other_index;
	uint16_t other;
	enum sc_err err;

	memcpy(b->scratch, elements ? b->other_index : b->other_key,
	    b->words * sizeof(b->scratch[0]));
	if ((err = state_of(b, &other)) != SC_OK)
		return err;
	row = p->next + state * p->n_symbols; /* which state_of() may have moved */
	for (; s < end; s++)
		row[s] = other;
	return SC_OK;
}

/* Fill the row of STATE: what is not named, then what is. */
static enum sc_err expand(struct builder *b, size_t state)
{
	uint16_t first;
	uint8_t wants = wants_of(b, set_at(b, state), &first);
	enum sc_err err;

	step_other(b, set_at(b, state), b->other_key, wants == WANTS_ARRAY);
	step_other(b, set_at(b, state), b->other_index, wants == WANTS_OBJECT);
	if ((err = expand_others(b, state, false)) != SC_OK ||
	    (err = expand_others(b, state, true)) != SC_OK)
		return err;
	for (size_t w = 0; w + 1 < b->words; w++) {
		/* state_of() may move the sets: ask anew each time */
		for (uint64_t left = set_at(b, state)[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if ((err = expand_named(b, state, pos)) != SC_OK)
				return err;
		}
	}
	return SC_OK;
}

/* The set before anything was read: each rule at its beginning. b->scratch holds the dead set. */
static void first_set(struct builder *b)
{
	struct marks m = { NO_RULE, NO_RULE, 0 };

	for (uint16_t r = 0; r < b->n_rules; r++)
		if (b->rules[r].n == 0)
			matched(b, r, &m);
		else
			add(b->scratch, b->base[r]);
	mark(b, b->scratch, m);
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
	b->wants = calloc(positions + 1, sizeof(b->wants[0]));
	b->next_of = calloc(positions + 1, sizeof(b->next_of[0]));
	b->first_of = calloc(symbols, sizeof(b->first_of[0]));
	b->done_for = calloc(symbols, sizeof(b->done_for[0]));
	b->buckets = calloc(b->n_buckets, sizeof(b->buckets[0]));
	/* the three sets beside those of the states, in one piece */
	if ((b->scratch = calloc(3 * b->words, sizeof(b->scratch[0]))) == NULL)
		return SC_NOMEM;
	b->other_key = b->scratch + b->words;
	b->other_index = b->other_key + b->words;
	return b->rule_of == NULL || b->segment_of == NULL || b->wants == NULL ||
		b->next_of == NULL || b->first_of == NULL || b->done_for == NULL ||
		b->buckets == NULL ?
	    SC_NOMEM :
	    SC_OK;
}

/* What each position of the rule R, the first of them POS, expects. */
static void number_wants(struct builder *b, const struct path_rule *r, size_t pos)
{
	static const uint8_t wants[] = {
		[SEGMENT_NAME] = WANTS_OBJECT,
		[SEGMENT_INDEX] = WANTS_ARRAY,
		[SEGMENT_ANY] = WANTS_OBJECT | WANTS_ARRAY,
	};

	if ((r->how & CODEC_STRICT) == 0)
		return;
	for (size_t i = 0; i < r->n && !r->seg[i].deep; i++)
		b->wants[pos + i] = wants[r->seg[i].kind];
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
	for (uint16_t r = 0; r < b->n_rules; r++) {
		if ((b->rules[r].how & CODEC_EACH) != 0)
			b->each |= UINT32_C(1) << b->rules[r].action;
		number_wants(b, &b->rules[r], pos);
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

bool path_begin(const struct codec_paths *p, uint16_t state, uint32_t at, struct codec_fields *out)
{
	if (out->n == out->cap && !codec_fields_grow(out))
		return false;
	out->v[out->n++] =
	    (struct codec_field){ at, at, p->states[state].action, CODEC_BEGIN, false };
	return true;
}

enum sc_err automaton_build(struct codec_paths *p, const struct path_rule *rules, size_t n,
    size_t max_states)
{
	struct builder b = { .p = p, .rules = rules, .n_rules = n, .max_states = max_states };
	enum sc_err err;
	uint16_t dead;

	p->n_states = 0;
	if ((err = number_positions(&b)) != SC_OK)
		goto out;
	mark(&b, b.scratch, (struct marks){ NO_RULE, NO_RULE, 0 });
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
	free(b.wants);
	free(b.next_of);
	free(b.first_of);
	free(b.done_for);
	free(b.scratch);
	free(b.sets);
	free(b.buckets);
	return err;
}
