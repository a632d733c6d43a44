/*
 * automaton.c - from selectors to one deterministic automaton.
 *
 * A position is (rule, segments matched so far); a `..` segment keeps its
 * position alive. The subset construction makes a state of each reachable set
 * of positions (builder.h, and the steps from one to the next in builder_step.c).
 *
 * A filter is no step: an object whose state has tests to stand gets another state when one
 * of them is known to hold, and the path goes on from there.
 *
 * Shapes cost the scanner nothing: where a strict path goes on to a member, the
 * elements of an array lead to states that remember whose way was lost, and a
 * state where a path goes on selects the scalar that stands there instead.
 */
#include "gateway/codec/builder.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

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
	if ((q = reallocarray(p->pending, cap, sizeof(p->pending[0]))) == NULL)
		return SC_NOMEM;
	p->pending = q;
	b->cap = cap;
	return SC_OK;
}

static uint16_t action_of(const struct builder *b, uint16_t rule)
{
	return rule == NO_RULE ? CODEC_NONE : b->rules[rule].action;
}

/* The tests that an object at SET has to stand. */
static uint64_t tests_of(const struct builder *b, const uint64_t *set)
{
	uint64_t tests = 0;

	for (size_t i = 0; i < b->p->n_tests; i++)
		for (uint32_t at = b->first_of[b->p->first_test + i]; at != 0;
		     at = b->named[at - 1].next)
			if (set_has(set, b->named[at - 1].pos))
				tests |= UINT64_C(1) << i;
	return tests;
}

/* What becomes of a scalar at the new state STATE, whose set is b->scratch. */
static void describe(struct builder *b, size_t state)
{
	struct marks m = set_marks(b, b->scratch);
	uint16_t best = set_best(b, b->scratch), first;
	struct codec_finding *f = &b->p->findings[state];
	struct path_state *s = &b->p->states[state];

	if (set_wants(b, b->scratch, &first) != 0 && m.astray == NO_RULE)
		m.astray = first;
	/* but for its exceptions a rule has taken the place as a whole */
	if (rule_settles(b, best))
		m.astray = NO_RULE;
	b->p->pending[state] = tests_of(b, b->scratch);
	*f = (struct codec_finding){ action_of(b, best), action_of(b, m.astray), m.points };
	*s = (struct path_state){ .action = f->action };
	s->tests = b->p->pending[state] != 0;
	s->names = s->tests;
	s->each = (m.points & b->each) != 0;
	b->p->each |= s->each;
	s->inside = (m.points & UINT32_C(1) << CODEC_POINT_INSIDE) != 0;
	b->p->inside |= s->inside;
	s->selects = best != NO_RULE;
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
	struct marks m = set_marks(b, b->scratch);
	enum sc_err err;

	if (rule_settles(b, m.best))
		m.astray = NO_RULE;
	set_mark(b, b->scratch, m);
	set_finish(b, b->scratch);
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

/* The entries for the symbols that the segment at POS names. */
static enum sc_err expand_named(struct builder *b, size_t state, size_t pos)
{
	const struct segment *seg = b->segment_of[pos];
	struct codec_paths *p = b->p;
	bool name = seg->kind == SEGMENT_NAME;
	enum sc_err err;
	uint16_t to;

	if (seg->kind == SEGMENT_ANY || seg->kind == SEGMENT_TEST)
		return SC_OK;
	for (uint16_t s = seg->symbol; s < seg->symbol_end; s++) {
		if (b->done_for[s] == state + 1)
			continue;
		b->done_for[s] = (uint32_t)state + 1;
		step_symbol(b, set_at(b, state), name ? b->other_key : b->other_index, s);
		if ((err = state_of(b, &to)) != SC_OK)
			return err;
		p->next[state * p->n_symbols + s] = to;
	}
	p->states[state].names |= name;
	p->states[state].indices |= !name;
	return SC_OK;
}

/* The entries for the tests that an object at STATE stands: each by itself, and all of a sibling. */
static enum sc_err expand_tests(struct builder *b, size_t state)
{
	struct codec_paths *p = b->p;
	enum sc_err err;
	uint16_t to;

	for (size_t s = p->first_test; s < p->n_symbols; s++) {
		const struct path_sibling *sibling = path_sibling_of(p, s);

		if ((p->pending[state] & sibling->tests) == 0) {
			p->next[state * p->n_symbols + s] = (uint16_t)state;
			continue;
		}
		step_test(b, set_at(b, state), sibling, (uint16_t)s);
		if ((err = state_of(b, &to)) != SC_OK)
			return err;
		p->next[state * p->n_symbols + s] = to;
	}
	return SC_OK;
}

/* The entries of the row of STATE for members, or elements, that no segment names. */
static enum sc_err expand_others(struct builder *b, size_t state, bool elements)
{
	struct codec_paths *p = b->p;
	uint16_t *row;
	size_t s = elements ? p->other_index : 0, end = elements ? p->first_test : p->other_index;
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
	uint8_t wants = set_wants(b, set_at(b, state), &first);
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
	return expand_tests(b, state);
}

bool path_begin(const struct codec_paths *p, uint16_t state, uint32_t at, struct codec_fields *out)
{
	if (out->n == out->cap && !codec_fields_grow(out))
		return false;
	out->v[out->n++] = (struct codec_field){ .start = at,
		.end = at,
		.action = p->states[state].action,
		.kind = CODEC_BEGIN };
	return true;
}

/* The state where the rules [FROM, TO) begin, and all that it leads to. */
static enum sc_err build_from(struct builder *b, size_t from, size_t to, uint16_t *start)
{
	struct codec_paths *p = b->p;
	size_t s = p->n_states;
	enum sc_err err;

	memset(b->scratch, 0, b->words * sizeof(b->scratch[0]));
	step_first(b, from, to);
	for (err = state_of(b, start); err == SC_OK && s < p->n_states; s++)
		err = expand(b, s);
	return err;
}

/* The same for who has no arrays. That there are too many states is theirs to know. */
static enum sc_err build_flat(struct builder *b)
{
	enum sc_err err;

	b->p->n_nested = b->p->n_states;
	b->p->flat = b->p->start;
	if (b->n_flat == 0)
		return SC_OK;
	b->max_states += b->p->n_states;
	err = build_from(b, b->n_rules - b->n_flat, b->n_rules, &b->p->flat);
	if (err != SC_LIMIT)
		return err;
	b->p->flat = 0;
	b->p->too_flat = true;
	return SC_OK;
}

enum sc_err automaton_build(struct codec_paths *p, const struct path_rule *rules, size_t n,
    size_t n_flat, size_t max_states)
{
	struct builder b = { .p = p,
		.rules = rules,
		.n_rules = n + n_flat,
		.n_flat = n_flat,
		.max_states = max_states };
	enum sc_err err;
	uint16_t dead;

	p->n_states = 0;
	if ((err = builder_number(&b)) != SC_OK)
		goto out;
	set_mark(&b, b.scratch, (struct marks){ NO_RULE, NO_RULE, 0 });
	if ((err = state_of(&b, &dead)) != SC_OK)
		goto out;
	if ((err = expand(&b, 0)) != SC_OK)
		goto out;
	if ((err = build_from(&b, 0, n, &p->start)) == SC_OK)
		err = build_flat(&b);
out:
	free(b.base);
	free(b.except);
	free(b.rule_of);
	free(b.segment_of);
	free(b.then);
	free(b.wants);
	free(b.named);
	free(b.first_of);
	free(b.done_for);
	free(b.scratch);
	free(b.sets);
	free(b.buckets);
	return err;
}
