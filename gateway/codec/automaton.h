/*
 * automaton.h - the compiled form of selectors, as the scanner walks it.
 *
 *	symbol    0          another key than those in use
 *	          1 .. N     the names in use
 *	          N+1        the indices below the first bound
 *	          N+2 ..     those from each bound on, up to the next
 *	          T ..       a test that an object stands, each by itself
 *	          A ..       all tests of a sibling, where it stands twice
 *
 *	next[state * n_symbols + symbol] is the state of the child; of the tests it is
 *	what the state of the object itself becomes.
 *
 * State 0 is dead: nothing at or beneath it is selected. Keys and indices are
 * different alphabets, so $.a[0] does not match the member "0".
 *
 * Who has no arrays begins at FLAT, among states of its own: there the selectors are without the
 * brackets that take elements.
 */
#ifndef GATEWAY_CODEC_AUTOMATON_H
#define GATEWAY_CODEC_AUTOMATON_H

#include "gateway/codec/codec.h"
#include "gateway/codec/keys.h"
#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

struct path_state {
	uint16_t action; /* of a scalar here, when SELECTS, as codec_field has it */
	bool selects;
	bool names;   /* some name leads elsewhere than another key does */
	bool indices; /* the same for an index */
	bool each;    /* an object or array is told where it begins */
	bool tests;   /* an object has tests to stand: see pending */
	bool inside;  /* a text is JSON: the path goes on in it */
};

#define PATH_TESTS_MAX 64 /* a bit for each */

/* What must stand at a member of an object. */
struct path_test {
	uint16_t name;          /* the member's symbol */
	uint8_t kind;           /* CODEC_TEXT or CODEC_NUMBER */
	struct sc_span literal; /* in the names */
};

/* A member that tests look at. */
struct path_sibling {
	uint16_t name;  /* its symbol */
	uint16_t all;   /* the symbol of: all of them hold */
	uint64_t tests; /* which, a bit each */
};

struct codec_paths {
	uint16_t *next;
	struct path_state *states;
	struct codec_finding *findings; /* by state; asked where action says so */
	size_t n_states, n_symbols;
	size_t n_nested; /* of the states: those that are not only of FLAT */
	uint16_t start, flat;
	bool too_flat;        /* FLAT is none: its states would be too many */
	bool each, inside;    /* some state says so */
	uint16_t other_index; /* the symbol */
	uint16_t first_test;  /* the symbol */
	struct key_table keys;
	uint64_t
	    *bounds; /* of indices, ascending; from the first on it is symbol other_index + 1 */
	size_t n_bounds;
	struct path_test *tests;
	size_t n_tests;
	struct path_sibling *siblings;
	size_t n_siblings;
	uint64_t *pending;   /* by state: the tests that an object there has to stand, a bit each */
	struct sc_buf names; /* what the key table borrows */
};

/* The symbol of element I of an array. */
static inline uint16_t path_index(const struct codec_paths *p, uint64_t i)
{
	size_t low = 0, high = p->n_bounds;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->bounds[mid] <= i)
			low = mid + 1;
		else
			high = mid;
	}
	return (uint16_t)(p->other_index + low);
}

/* The sibling that SYMBOL, of a test or of all tests of one, is about. */
static inline const struct path_sibling *path_sibling_of(const struct codec_paths *p, size_t symbol)
{
	size_t i = symbol - p->first_test;
	const struct path_sibling *s = p->siblings;

	if (i >= p->n_tests)
		return s + (i - p->n_tests);
	while ((s->tests >> i & 1) == 0)
		s++;
	return s;
}

/* Selects nothing: for a document that is only to be checked. */
extern const struct codec_paths codec_nothing;

/*
 * A codec walks from p->start: the state of the member whose unescaped name is
 * the N bytes at NAME (8 of which are readable), and of element I.
 */
static inline __attribute__((always_inline)) uint16_t path_member(const struct codec_paths *p,
    uint16_t state, const uint8_t *name, size_t n)
{
	uint16_t symbol = p->states[state].names ? key_find(&p->keys, name, n) : 0;

	return p->next[state * p->n_symbols + symbol];
}

static inline __attribute__((always_inline)) uint16_t path_element(const struct codec_paths *p,
    uint16_t state, uint64_t i)
{
	uint16_t symbol = p->states[state].indices ? path_index(p, i) : p->other_index;

	return p->next[state * p->n_symbols + symbol];
}

/* The scalar FIELD stands at STATE: note it if some path selects it. False: no memory. */
static inline __attribute__((always_inline)) bool path_emit(const struct codec_paths *p,
    uint16_t state, const struct codec_field *field, struct codec_fields *out)
{
	const struct path_state *ps = &p->states[state];
	struct codec_field *to;

	if (!ps->selects)
		return true;
	if (out->n == out->cap && !codec_fields_grow(out))
		return false;
	to = &out->v[out->n++];
	to->start = field->start;
	to->end = field->end;
	to->action = ps->action;
	to->before = field->before;
	to->after = field->after;
	to->kind = field->kind;
	to->nest = field->nest;
	to->escaped = field->escaped;
	return true;
}

/* What begins at AT has STATE, which says EACH: note it. False: no memory. */
bool path_begin(const struct codec_paths *p, uint16_t state, uint32_t at, struct codec_fields *out);

/* Where an object began that has tests to stand, and those that it stood. */
struct codec_held {
	uint32_t at;
	uint64_t tests;
};

/* Note the object at AT in OUT, which has stood none yet. False: no memory. */
bool path_ask(uint32_t at, struct codec_fields *out);

/*
 * The tests, of those that an object at STATE has to stand, that RAW proves: the value of its
 * member SYMBOL, a text or number as it is written, quotes and all. A bit each.
 */
uint64_t path_test(const struct codec_paths *p, uint16_t state, uint16_t symbol,
    struct sc_span raw);
/* What becomes of STATE, an object's, when it has stood the tests HELD, of any state. */
uint16_t path_held(const struct codec_paths *p, uint16_t state, uint64_t held);

/* One parsed selector, its segments' symbols filled in. */
struct path_rule {
	const struct segment *seg;
	size_t n;
	const struct path_rule
	    *except; /* at and beneath these it does not apply, one after another */
	size_t from; /* its number in the caller's list */
	uint16_t action;
	uint8_t how; /* CODEC_* */
};

/*
 * RULES[0..N-1] once more, in *OUT and *SEG, to free(): each without the brackets that take
 * elements, as who has no arrays reads it. NULL: none has any. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err path_flatten(const struct path_rule *rules, size_t n, struct path_rule **out,
    struct segment **seg);

/*
 * Fill next, states, findings, n_states, start and flat of P, whose alphabet is
 * complete, from RULES: points first, then the one that wins first. Behind the N rules stand
 * N_FLAT, of the same order, for who has no arrays; none: the same are for them. Fails with
 * SC_LIMIT past MAX_STATES, but for those; SC_NOMEM.
 */
SC_CHECKED enum sc_err automaton_build(struct codec_paths *p, const struct path_rule *rules,
    size_t n, size_t n_flat, size_t max_states);

#endif
