/*
 * paths.c - compiling a list of selectors: parse, number the alphabet, build.
 */
#include "gateway/codec/paths.h"

#include "gateway/codec/automaton.h"
#include "gateway/codec/tests.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX ((size_t)CODEC_SELECTORS_MAX * CODEC_SELECTOR_BYTES_MAX)
#define SYMBOLS_MAX 4096 /* names, and bounds of indices, in use */

struct compile {
	const struct codec_selector *sel;
	size_t n;
	struct path_rule *rules; /* in the order of SEL while parsing */
	struct segment *seg;     /* of all rules, one after another */
	size_t n_seg;
	struct path_rule *flat; /* the rules without what takes elements; NULL: the same */
	struct segment *flat_seg;
	struct sc_diag *d;
};

/* "selector 3 `$.a[`: ..." in front of what D says. */
static void name_selector(struct sc_diag *d, size_t i, const char *text)
{
	char why[sizeof(d->text)];

	if (d == NULL)
		return;
	memcpy(why, d->text, sizeof(why));
	sc_diag_set(d, "selector %zu `%.100s`: %.120s", i + 1, text, why);
}

static bool is_sound(const struct codec_selector *s)
{
	if ((s->how & (CODEC_POINT | CODEC_EACH | CODEC_INSIDE)) == 0)
		return true;
	return (s->how & CODEC_POINT) != 0 && (s->how & CODEC_EXCEPT) == 0 &&
	    ((s->how & CODEC_INSIDE) != 0 ? s->action == CODEC_POINT_INSIDE :
					    s->action < CODEC_POINTS_MAX);
}

static bool has_test(const struct path_rule *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->seg[i].kind == SEGMENT_TEST)
			return true;
	return false;
}

static enum sc_err parse_one(struct compile *c, size_t i, struct sc_buf *names)
{
	struct sc_span text = sc_span_str(c->sel[i].text);
	enum sc_err err;

	c->rules[i].seg = c->seg + c->n_seg;
	if (!is_sound(&c->sel[i]))
		return SC_BUG;
	if (text.n > CODEC_SELECTOR_BYTES_MAX) {
		sc_diag_set(c->d, "longer than %d bytes", CODEC_SELECTOR_BYTES_MAX);
		err = SC_LIMIT;
	} else {
		err = selector_parse(text, c->seg + c->n_seg, CODEC_SEGMENTS_MAX, &c->rules[i].n,
		    names, c->d);
	}
	if (err == SC_OK && (c->sel[i].how & CODEC_POINT) != 0 && has_test(&c->rules[i])) {
		sc_diag_set(c->d,
		    "a filter does not lead to whom or what a document is about, nor inside");
		err = SC_SYNTAX;
	}
	if (err != SC_OK) {
		name_selector(c->d, i, text.n == 0 ? "" : c->sel[i].text);
		return err;
	}
	while ((c->sel[i].how & CODEC_EACH) != 0 && c->rules[i].n > 0 &&
	    c->rules[i].seg[c->rules[i].n - 1].kind != SEGMENT_ANY)
		c->rules[i].n--;
	c->rules[i].action = c->sel[i].action;
	c->rules[i].how = c->sel[i].how;
	c->n_seg += c->rules[i].n;
	return SC_OK;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where indices begin to be others for some segment, ascending. */
static enum sc_err collect_bounds(const struct compile *c, struct codec_paths *p)
{
	size_t n = 0, out = 0;

	if ((p->bounds = calloc(2 * c->n_seg + 1, sizeof(p->bounds[0]))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < c->n_seg; i++) {
		const struct segment *s = &c->seg[i];

		if (s->kind != SEGMENT_INDEX && s->kind != SEGMENT_SLICE)
			continue;
		p->bounds[n++] = s->index;
		if (s->kind == SEGMENT_INDEX)
			p->bounds[n++] = s->index + 1;
		else if (s->end != SELECTOR_END_NONE)
			p->bounds[n++] = s->end;
	}
	qsort(p->bounds, n, sizeof(p->bounds[0]), by_value);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || p->bounds[i] != p->bounds[i - 1])
			p->bounds[out++] = p->bounds[i];
	p->n_bounds = out;
	return SC_OK;
}

/* The symbols of what S, an index or a slice, takes. */
static void number_elements(const struct codec_paths *p, struct segment *s)
{
	s->symbol = path_index(p, s->index);
	if (s->kind == SEGMENT_INDEX)
		s->symbol_end = (uint16_t)(s->symbol + 1);
	else
		s->symbol_end = s->end == SELECTOR_END_NONE ? p->first_test : path_index(p, s->end);
}

struct named {
	struct sc_span name;
	struct segment *seg;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return key_compare(x->name, y->name);
}

/* Give names one symbol that are equal in letters of either case, from 1 to N, and hash them. */
static enum sc_err number_names(const struct compile *c, struct codec_paths *p)
{
	struct named *all = calloc(c->n_seg + 1, sizeof(*all));
	struct sc_span *distinct = calloc(c->n_seg + 1, sizeof(*distinct));
	size_t n = 0, out = 0;
	enum sc_err err = SC_NOMEM;

	if (all == NULL || distinct == NULL)
		goto out;
	for (size_t i = 0; i < c->n_seg; i++) {
		struct segment *s = &c->seg[i];

		if (s->kind == SEGMENT_NAME || s->kind == SEGMENT_TEST)
			all[n++] = (struct named){ sc_span(p->names.p + s->name_at, s->name_n), s };
	}
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || key_compare(all[i].name, all[i - 1].name) != 0)
			distinct[out++] = all[i].name;
		all[i].seg->symbol = (uint16_t)(out <= SYMBOLS_MAX ? out : 0);
		all[i].seg->symbol_end = (uint16_t)(all[i].seg->symbol + 1);
	}
	err = SC_LIMIT;
	if (out + p->n_bounds > SYMBOLS_MAX) {
		sc_diag_set(c->d, "more than %d different names and indices", SYMBOLS_MAX);
		goto out;
	}
	p->other_index = (uint16_t)(out + 1);
	p->first_test = (uint16_t)(out + 2 + p->n_bounds);
	p->n_symbols = p->first_test;
	err = key_table_init(&p->keys, distinct, out);
	if (err == SC_LIMIT)
		sc_diag_set(c->d, "no perfect hash for the names was found");
out:
	free(all);
	free(distinct);
	return err;
}

/* Is A to stand before B? Points, which nothing beats, then the higher rank. */
static bool goes_before(const struct codec_selector *a, const struct codec_selector *b)
{
	bool point_a = (a->how & CODEC_POINT) != 0, point_b = (b->how & CODEC_POINT) != 0;

	return point_a != point_b ? point_a : a->rank > b->rank;
}

/* The exceptions among the first N selectors, each of all rules that have its action. */
static void link_exceptions(const struct compile *c, struct path_rule *rules, size_t n,
    struct path_rule *sorted, size_t n_sorted)
{
	for (size_t i = 0; i < n; i++) {
		if ((c->sel[i].how & CODEC_EXCEPT) == 0)
			continue;
		for (size_t k = 0; k < n_sorted; k++) {
			if (sorted[k].action != c->sel[i].action ||
			    (sorted[k].how & CODEC_POINT) != 0)
				continue;
			rules[i].except = sorted[k].except;
			sorted[k].except = &rules[i];
		}
	}
}

/* RULES, best first; of equals the earlier. How many there are. */
static size_t sort_rules(const struct compile *c, struct path_rule *rules, size_t n,
    struct path_rule *out)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = used;

		if ((c->sel[i].how & CODEC_EXCEPT) != 0)
			continue;
		used++;
		while (at > 0 && goes_before(&c->sel[i], &c->sel[out[at - 1].from])) {
			out[at] = out[at - 1];
			at--;
		}
		out[at] = rules[i];
		out[at].from = i;
	}
	link_exceptions(c, rules, n, out, used);
	return used;
}

static enum sc_err build(const struct compile *c, struct codec_paths *p, size_t n)
{
	struct path_rule *sorted = calloc(2 * n + 1, sizeof(*sorted));
	size_t used, flat = 0;
	enum sc_err err;

	if (sorted == NULL)
		return SC_NOMEM;
	used = sort_rules(c, c->rules, n, sorted);
	if (c->flat != NULL)
		flat = sort_rules(c, c->flat, n, sorted + used);
	err = automaton_build(p, sorted, used, flat, CODEC_STATES_MAX);
	free(sorted);
	return err;
}

/* Too many states: find the first selector without which it would have fitted. */
static void blame(const struct compile *c, struct codec_paths *p)
{
	size_t fits = 0, breaks = c->n;

	if (c->d == NULL)
		return;
	while (breaks - fits > 1) {
		size_t mid = fits + (breaks - fits) / 2;

		if (build(c, p, mid) == SC_OK)
			fits = mid;
		else
			breaks = mid;
	}
	sc_diag_set(c->d,
	    "with this one the paths need more than %d states; "
	    "use fewer .. and * before a name",
	    CODEC_STATES_MAX);
	name_selector(c->d, breaks - 1, c->sel[breaks - 1].text);
}

static enum sc_err compile(struct compile *c, struct codec_paths *p)
{
	enum sc_err err;

	if ((c->rules = calloc(c->n + 1, sizeof(c->rules[0]))) == NULL ||
	    (c->seg = calloc((c->n + 1) * CODEC_SEGMENTS_MAX, sizeof(c->seg[0]))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < c->n; i++)
		if ((err = parse_one(c, i, &p->names)) != SC_OK)
			return err;
	if ((err = collect_bounds(c, p)) != SC_OK)
		return err;
	if ((err = number_names(c, p)) != SC_OK)
		return err;
	for (size_t i = 0; i < c->n_seg; i++)
		if (c->seg[i].kind == SEGMENT_INDEX || c->seg[i].kind == SEGMENT_SLICE)
			number_elements(p, &c->seg[i]);
	if ((err = tests_number(p, c->seg, c->n_seg, c->d)) != SC_OK)
		return err;
	if ((err = path_flatten(c->rules, c->n, &c->flat, &c->flat_seg)) != SC_OK)
		return err;
	if ((err = build(c, p, c->n)) == SC_LIMIT)
		blame(c, p);
	return err;
}

enum sc_err codec_paths_new(const struct codec_selector *sel, size_t n, struct sc_diag *d,
    struct codec_paths **out)
{
	struct compile c = { .sel = sel, .n = n, .d = d };
	struct codec_paths *p = NULL;
	enum sc_err err;

	*out = NULL;
	if (n > CODEC_SELECTORS_MAX) {
		sc_diag_set(d, "more than %d selectors", CODEC_SELECTORS_MAX);
		return SC_LIMIT;
	}
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return SC_NOMEM;
	sc_buf_init(&p->names, NAMES_MAX);
	/* so that an empty name, too, has an address */
	if ((err = sc_buf_reserve(&p->names, 1)) != SC_OK)
		goto out;
	if ((err = compile(&c, p)) != SC_OK)
		goto out;
	*out = p;
	p = NULL;
out:
	free(c.rules);
	free(c.seg);
	free(c.flat);
	free(c.flat_seg);
	codec_paths_free(p);
	return err;
}

void codec_paths_free(struct codec_paths *p)
{
	if (p == NULL)
		return;
	free(p->next);
	free(p->states);
	free(p->findings);
	free(p->pending);
	free(p->bounds);
	free(p->tests);
	free(p->siblings);
	key_table_fini(&p->keys);
	sc_buf_fini(&p->names);
	free(p);
}

static uint16_t nowhere[2];
static struct path_state dead;

const struct codec_paths codec_nothing = {
	.next = nowhere,
	.states = &dead,
	.n_states = 1,
	.n_nested = 1,
	.n_symbols = 2,
	.other_index = 1,
	.first_test = 2,
};

struct codec_finding codec_paths_finding(const struct codec_paths *p, uint16_t action)
{
	return p->findings[action & ~CODEC_FINDING];
}

size_t codec_paths_states(const struct codec_paths *p)
{
	return p->n_nested;
}
