/*
 * hierarchy_rule.c - hierarchies that a rule makes: a grid of numbers, dates, prefixes.
 */
#include "analytics/release/hierarchy_private.h"
#include "base/civil.h"
#include "base/text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRID_VALUE_MAX (INT64_C(1) << 52) /* of numbers and steps, either way */
#define DECIMALS_MAX 9

static enum sc_err refuse(struct sc_diag *d, enum sc_err err, const char *what)
{
	sc_diag_set(d, "%s", what);
	return err;
}

/* ---- grids --------------------------------------------------------------------------- */

static bool grid_is_sound(const struct hierarchy_grid *g)
{
	const int64_t most = GRID_VALUE_MAX;

	return g->min <= g->max && g->min >= -most && g->max <= most && g->step >= 1 &&
	    g->step <= most && g->origin >= -most && g->origin <= most &&
	    g->decimals <= DECIMALS_MAX;
}

/* Level L merges 2^L steps, counted from the origin. */
static enum sc_err put_grid_levels(struct hierarchy *h)
{
	uint16_t *node = calloc(h->n_leaves, sizeof(*node));
	enum sc_err err = node == NULL ? SC_NOMEM : SC_OK;

	for (size_t l = 0; err == SC_OK && l < HIERARCHY_LEVELS_MAX - 1; l++) {
		const int64_t by = INT64_C(1) << l, first = civil_floor(h->first, by);

		for (size_t i = 0; i < h->n_leaves; i++)
			node[i] = (uint16_t)(civil_floor(h->first + (int64_t)i, by) - first);
		err = hierarchy_put_level(h, l, node);
		h->n_levels = l + 1;
		/* two steps on both sides of the origin never meet: "*" joins them */
		if (h->level[l].n <= 2)
			break;
	}
	free(node);
	return err;
}

enum sc_err hierarchy_of_grid(const struct hierarchy_grid *rule, struct sc_diag *d,
    struct hierarchy **out)
{
	struct hierarchy *h;
	enum sc_err err;

	*out = NULL;
	if (!grid_is_sound(rule))
		return refuse(d, SC_SYNTAX, "a grid needs min <= max and a step of at least 1");
	const int64_t first = civil_floor(rule->min - rule->origin, rule->step);
	const int64_t n = civil_floor(rule->max - rule->origin, rule->step) - first + 1;

	if (n > HIERARCHY_LEAVES_MAX)
		return refuse(d, SC_LIMIT, "a grid of more than 32000 steps: take a larger step");
	if ((h = hierarchy_new(HIERARCHY_GRID, (size_t)n, 1)) == NULL)
		return SC_NOMEM;
	h->grid = *rule;
	h->first = first;
	if ((err = put_grid_levels(h)) != SC_OK || (err = hierarchy_finish(h)) != SC_OK) {
		hierarchy_free(h);
		return err;
	}
	*out = h;
	return SC_OK;
}

/* "-12.50" in units of 10^-DECIMALS; more digits than those must be zeros. */
static bool read_number(struct sc_span s, uint8_t decimals, int64_t *out)
{
	const bool minus = s.n > 0 && s.p[0] == '-';
	int64_t v = 0;
	size_t i = minus, digits = 0, behind = 0;
	bool point = false;

	for (; i < s.n; i++) {
		if (s.p[i] == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9' || v > GRID_VALUE_MAX)
			return false;
		digits++;
		behind += point;
		if (behind <= decimals)
			v = v * 10 + (s.p[i] - '0');
		else if (s.p[i] != '0')
			return false;
	}
	for (; behind < decimals && v <= GRID_VALUE_MAX; behind++)
		v *= 10;
	*out = minus ? -v : v;
	return digits > 0 && (!point || behind > 0) && v <= GRID_VALUE_MAX;
}

static bool find_in_grid(const struct hierarchy *h, struct sc_span value, uint16_t *leaf)
{
	const struct hierarchy_grid *g = &h->grid;
	int64_t v;

	if (!read_number(value, g->decimals, &v) || v < g->min || v > g->max)
		return false;
	*leaf = (uint16_t)(civil_floor(v - g->origin, g->step) - h->first);
	return true;
}

/* ---- dates --------------------------------------------------------------------------- */

static bool read_date(struct sc_span s, int64_t *days)
{
	uint64_t y, m, day;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !sc_span_u64(sc_span(s.p, 4), &y) ||
	    !sc_span_u64(sc_span(s.p + 5, 2), &m) || !sc_span_u64(sc_span(s.p + 8, 2), &day) ||
	    m < 1 || m > 12 || day < 1 || day > civil_month_days((int64_t)y, (uint8_t)m))
		return false;
	*days = civil_days((struct civil_date){ (int64_t)y, (uint8_t)m, (uint8_t)day });
	return true;
}

/* The number of a day's period, counted on without gaps. */
static int64_t period_of(int64_t day, enum hierarchy_date unit)
{
	const struct civil_date c = civil_of_days(day);
	const int64_t month = c.year * 12 + c.month - 1;
	const int64_t by_unit[] = { day, month, civil_floor(month, 3), c.year };

	return by_unit[unit];
}

static void print_period(int64_t day, enum hierarchy_date unit, char out[static 32])
{
	const struct civil_date c = civil_of_days(day);
	const int y = (int)c.year;

	if (unit == HIERARCHY_DAY)
		snprintf(out, 32, "%04d-%02d-%02d", y, c.month, c.day);
	else if (unit == HIERARCHY_MONTH)
		snprintf(out, 32, "%04d-%02d", y, c.month);
	else if (unit == HIERARCHY_QUARTER)
		snprintf(out, 32, "%04d-Q%d", y, (c.month - 1) / 3 + 1);
	else
		snprintf(out, 32, "%04d", y);
}

/* Level L: the periods of FINEST + L, by all days of the domain. */
static enum sc_err put_dates_level(struct hierarchy *h, size_t l, uint16_t *node)
{
	const enum hierarchy_date unit = h->finest + (enum hierarchy_date)l;
	const int64_t first = period_of(h->from_day, unit);
	enum sc_err err;

	for (int64_t day = h->from_day; day <= h->to_day; day++)
		node[period_of(day, h->finest) - h->first] =
		    (uint16_t)(period_of(day, unit) - first);
	if ((err = hierarchy_put_level(h, l, node)) != SC_OK)
		return err;
	for (int64_t day = h->from_day; day <= h->to_day; day++) {
		struct sc_span *label = &h->level[l].label[period_of(day, unit) - first];
		char text[32];

		if (label->p != NULL)
			continue;
		print_period(day, unit, text);
		const char *copy = sc_arena_copy(&h->arena, sc_span_str(text));

		if (copy == NULL)
			return SC_NOMEM;
		*label = sc_span_str(copy);
	}
	return SC_OK;
}

static enum sc_err make_dates(struct hierarchy *h)
{
	uint16_t *node = calloc(h->n_leaves, sizeof(*node));
	enum sc_err err = node == NULL ? SC_NOMEM : SC_OK;

	for (size_t l = 0; err == SC_OK && l < h->n_levels; l++)
		err = put_dates_level(h, l, node);
	free(node);
	return err == SC_OK ? hierarchy_finish(h) : err;
}

enum sc_err hierarchy_of_dates(struct sc_span from, struct sc_span to, enum hierarchy_date finest,
    struct sc_diag *d, struct hierarchy **out)
{
	int64_t first_day, last_day;
	struct hierarchy *h;
	enum sc_err err;

	*out = NULL;
	if (!read_date(from, &first_day) || !read_date(to, &last_day) || first_day > last_day)
		return refuse(d, SC_SYNTAX, "dates need a first and a last day, as 2026-02-28");
	const int64_t first = period_of(first_day, finest);
	const int64_t n = period_of(last_day, finest) - first + 1;

	if (last_day - first_day > 366 * 1000 || n > HIERARCHY_LEAVES_MAX)
		return refuse(d, SC_LIMIT, "more than 32000 days or a thousand years");
	h = hierarchy_new(HIERARCHY_DATES, (size_t)n, (size_t)(HIERARCHY_YEAR - finest) + 1);
	if (h == NULL)
		return SC_NOMEM;
	h->first = first;
	h->finest = finest;
	h->from_day = first_day;
	h->to_day = last_day;
	if ((err = make_dates(h)) != SC_OK) {
		hierarchy_free(h);
		return err;
	}
	*out = h;
	return SC_OK;
}

static bool find_in_dates(const struct hierarchy *h, struct sc_span value, uint16_t *leaf)
{
	int64_t day;

	if (!read_date(value, &day) || day < h->from_day || day > h->to_day)
		return false;
	*leaf = (uint16_t)(period_of(day, h->finest) - h->first);
	return true;
}

/* ---- prefixes ------------------------------------------------------------------------ */

/* The first N characters of S, all where there are fewer. */
static struct sc_span characters(struct sc_span s, size_t n)
{
	size_t at = 0;

	while (n-- > 0 && at < s.n)
		at += utf8_length(sc_span_from(s, at));
	return sc_span(s.p, at);
}

static enum sc_err put_cell(struct sc_buf *b, struct sc_span s, bool cut)
{
	enum sc_err err = sc_buf_put_str(b, "\"");

	for (size_t i = 0; err == SC_OK && i < s.n; i++)
		err = sc_buf_put(b, s.p[i] == '"' ? (const uint8_t *)"\"\"" : s.p + i,
		    s.p[i] == '"' ? 2 : 1);
	return err == SC_OK ? sc_buf_put_str(b, cut ? "*\";" : "\";") : err;
}

/* The rule as the text it stands for: one reader, one set of promises. */
static enum sc_err put_value(struct sc_buf *b, struct sc_span value, const size_t *lengths,
    size_t n_lengths)
{
	enum sc_err err = put_cell(b, value, false);

	for (size_t i = 0; err == SC_OK && i < n_lengths; i++)
		err = put_cell(b, characters(value, lengths[i]), true);
	return err == SC_OK ? sc_buf_put_str(b, "*\n") : err;
}

static int by_bytes(const void *va, const void *vb)
{
	const struct sc_span *a = va, *b = vb;
	const size_t n = a->n < b->n ? a->n : b->n;
	const int c = n == 0 ? 0 : memcmp(a->p, b->p, n);

	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

enum sc_err hierarchy_of_prefixes(const struct sc_span *values, size_t n, const size_t *lengths,
    size_t n_lengths, struct sc_diag *d, struct hierarchy **out)
{
	struct sc_span *sorted = NULL;
	struct sc_buf text;
	enum sc_err err = SC_OK;

	*out = NULL;
	for (size_t i = 0; i < n_lengths; i++)
		if (lengths[i] == 0 || (i > 0 && lengths[i] >= lengths[i - 1]))
			return refuse(d, SC_SYNTAX,
			    "the lengths of prefixes must fall, and end at 1 or more");
	for (size_t i = 0; i < n; i++)
		if (!utf8_valid(values[i]) ||
		    (values[i].n > 0 && memchr(values[i].p, '\n', values[i].n) != NULL))
			return refuse(d, SC_SYNTAX, "a value is not UTF-8, or has a line's end");
	sc_buf_init(&text, HIERARCHY_TEXT_MAX);
	if ((sorted = calloc(n + 1, sizeof(*sorted))) == NULL)
		return SC_NOMEM;
	if (n > 0)
		memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), by_bytes);
	for (size_t i = 0; err == SC_OK && i < n; i++)
		err = put_value(&text, sorted[i], lengths, n_lengths);
	if (err == SC_OK)
		err = hierarchy_parse(sc_buf_span(&text), d, out);
	free(sorted);
	sc_buf_fini(&text);
	return err;
}

/* ---- values -------------------------------------------------------------------------- */

static bool find_in_tree(const struct hierarchy *h, struct sc_span value, uint16_t *leaf)
{
	uint32_t number;

	if (!labels_find(&h->values, value, &number))
		return false;
	*leaf = h->leaf_of[number];
	return true;
}

bool hierarchy_find(const struct hierarchy *h, struct sc_span value, uint16_t *leaf)
{
	static bool (*const find[])(const struct hierarchy *, struct sc_span, uint16_t *) = {
		[HIERARCHY_TREE] = find_in_tree,
		[HIERARCHY_GRID] = find_in_grid,
		[HIERARCHY_DATES] = find_in_dates,
	};

	return find[h->kind](h, value, leaf);
}
