/*
 * tests.c - which members filters look at, and what must stand there.
 *
 * Tests of one sibling exclude one another, as a member has one value; where an object has it
 * twice all that is equal to any of them holds, and so would every combination: so that the
 * automaton does not have to know them all, two that hold count as all tests of that sibling.
 * More is protected then, never less.
 */
#include "gateway/codec/tests.h"

#include "base/grow.h"
#include "base/text/escape.h"

#include <stdlib.h>
#include <string.h>

/* ---- which there are ------------------------------------------------------------------- */

static struct path_test test_of(const struct codec_paths *p, const struct segment *s)
{
	return (struct path_test){ .name = s->symbol,
		.kind = s->literal_kind,
		.literal = sc_span(p->names.p + s->name_at + s->name_n, s->literal_n) };
}

static bool is_same(const struct path_test *a, const struct path_test *b)
{
	return a->name == b->name && a->kind == b->kind && sc_span_eq(a->literal, b->literal);
}

static size_t find(const struct codec_paths *p, const struct path_test *t)
{
	size_t i = 0;

	while (i < p->n_tests && !is_same(&p->tests[i], t))
		i++;
	return i;
}

static bool collect(struct codec_paths *p, const struct segment *seg, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct path_test t = test_of(p, &seg[i]);

		if (seg[i].kind != SEGMENT_TEST || find(p, &t) != p->n_tests)
			continue;
		if (p->n_tests == PATH_TESTS_MAX)
			return false;
		p->tests[p->n_tests++] = t;
	}
	return true;
}

static void collect_siblings(struct codec_paths *p)
{
	for (size_t i = 0; i < p->n_tests; i++) {
		struct path_sibling *s = p->siblings;

		while (s < p->siblings + p->n_siblings && s->name != p->tests[i].name)
			s++;
		s->name = p->tests[i].name;
		s->tests |= UINT64_C(1) << i;
		if (s == p->siblings + p->n_siblings)
			p->n_siblings++;
	}
	for (size_t i = 0; i < p->n_siblings; i++)
		p->siblings[i].all = (uint16_t)(p->first_test + p->n_tests + i);
}

enum sc_err tests_number(struct codec_paths *p, struct segment *seg, size_t n, struct sc_diag *d)
{
	size_t any = 0;

	for (size_t i = 0; i < n; i++)
		any += seg[i].kind == SEGMENT_TEST;
	if (any == 0)
		return SC_OK;
	p->tests = calloc(PATH_TESTS_MAX, sizeof(p->tests[0]));
	p->siblings = calloc(PATH_TESTS_MAX, sizeof(p->siblings[0]));
	if (p->tests == NULL || p->siblings == NULL)
		return SC_NOMEM;
	if (!collect(p, seg, n)) {
		sc_diag_set(d, "more than %d different filters", PATH_TESTS_MAX);
		return SC_LIMIT;
	}
	collect_siblings(p);
	for (size_t i = 0; i < n; i++) {
		const struct path_test t = test_of(p, &seg[i]);

		if (seg[i].kind != SEGMENT_TEST)
			continue;
		seg[i].symbol = (uint16_t)(p->first_test + find(p, &t));
		seg[i].symbol_end = (uint16_t)(seg[i].symbol + 1);
	}
	p->n_symbols = p->first_test + p->n_tests + p->n_siblings;
	return SC_OK;
}

/* ---- what holds ------------------------------------------------------------------------ */

#define EXPONENT_MAX (1 << 30)

/* A number as its digits, without zeros at either end, and the power of ten of the last. */
struct decimal {
	const uint8_t *p, *end; /* a point may be among them */
	long power;
	bool minus;
};

static long exponent_of(const uint8_t *p, const uint8_t *end)
{
	bool minus = p < end && *p == '-';
	long n = 0;

	p += p < end && (*p == '-' || *p == '+');
	for (; p < end; p++)
		if (n < EXPONENT_MAX)
			n = n * 10 + (*p - '0');
	if (n > EXPONENT_MAX)
		n = EXPONENT_MAX;
	return minus ? -n : n;
}

static struct decimal decimal_of(struct sc_span s)
{
	struct decimal d = { .p = s.p, .end = s.p + s.n, .minus = s.p[0] == '-' };
	const uint8_t *e, *point = NULL;

	d.p += d.minus;
	for (e = d.p; e < d.end && (*e | 0x20) != 'e'; e++)
		if (*e == '.')
			point = e;
	if (e < d.end)
		d.power = exponent_of(e + 1, d.end);
	d.end = e;
	if (point != NULL)
		d.power -= e - point - 1;
	while (d.p < d.end && (*d.p == '0' || *d.p == '.'))
		d.p++;
	while (d.p < d.end && (d.end[-1] == '0' || d.end[-1] == '.')) {
		d.power += d.end[-1] == '0';
		d.end--;
	}
	if (d.p == d.end)
		d = (struct decimal){ .p = d.p, .end = d.p };
	return d;
}

static bool is_same_number(struct sc_span a, struct sc_span b)
{
	struct decimal x = decimal_of(a), y = decimal_of(b);

	if (x.power != y.power || x.minus != y.minus)
		return false;
	for (;; x.p++, y.p++) {
		if (x.p < x.end && *x.p == '.')
			x.p++;
		if (y.p < y.end && *y.p == '.')
			y.p++;
		if (x.p == x.end || y.p == y.end)
			return x.p == x.end && y.p == y.end;
		if (*x.p != *y.p)
			return false;
	}
}

/* Is RAW, the inside of a text as it is written, LITERAL? */
static bool is_text(struct sc_span raw, struct sc_span literal)
{
	uint8_t plain[6 * SELECTOR_NAME_MAX];
	size_t n;

	if (raw.n > 6 * literal.n || raw.n < literal.n)
		return false;
	if (raw.n == 0 || memchr(raw.p, '\\', raw.n) == NULL)
		return sc_span_eq(raw, literal);
	return escape_decode(raw, plain, &n, NULL, NULL) && sc_span_eq(sc_span(plain, n), literal);
}

static bool holds(const struct path_test *t, struct sc_span raw)
{
	if (t->kind == CODEC_TEXT)
		return raw.p[0] == '"' && is_text(sc_span(raw.p + 1, raw.n - 2), t->literal);
	return (raw.p[0] == '-' || (raw.p[0] >= '0' && raw.p[0] <= '9')) &&
	    is_same_number(raw, t->literal);
}

uint64_t path_test(const struct codec_paths *p, uint16_t state, uint16_t symbol, struct sc_span raw)
{
	uint64_t held = 0;

	for (uint64_t left = p->pending[state]; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);

		if (p->tests[i].name == symbol && holds(&p->tests[i], raw))
			held |= UINT64_C(1) << i;
	}
	return held;
}

bool path_ask(uint32_t at, struct codec_fields *out)
{
	size_t cap = sc_grown(out->cap_held);
	struct codec_held *v;

	if (out->n_held == out->cap_held) {
		if ((v = reallocarray(out->held, cap, sizeof(*v))) == NULL)
			return false;
		out->held = v;
		out->cap_held = cap;
	}
	out->held[out->n_held++] = (struct codec_held){ .at = at };
	return true;
}

uint16_t path_held(const struct codec_paths *p, uint16_t state, uint64_t held)
{
	for (size_t i = 0; i < p->n_siblings; i++) {
		const struct path_sibling *s = &p->siblings[i];
		uint64_t of = held & s->tests & p->pending[state];
		size_t symbol = s->all;

		if (of == 0)
			continue;
		if ((of & (of - 1)) == 0)
			symbol = p->first_test + (size_t)__builtin_ctzll(of);
		state = p->next[state * p->n_symbols + symbol];
	}
	return state;
}
