/*
 * phone_lines.c - the numbers that were rented: ranges spelt out, each X once
 * in all pools.
 */
#include "gateway/config/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- as the file has them ------------------------------------------------------- */

/* The last of a range has as many digits as the first: no carry into another country. */
static bool check_range(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct number_range *r = into;
	uint64_t first = strtoull(r->first + 1, NULL, 10), end = 10;

	for (size_t i = 2; r->first[i] != '\0'; i++)
		end *= 10;
	return first + r->count <= end ||
	    shape_wrong(c, doc_find(object, "count"),
		"there are only %llu numbers from %s on with as many digits",
		(unsigned long long)(end - first), r->first);
}

static const char *const state_names[] = { [PHONE_LINE_ACTIVE] = "active",
	[PHONE_LINE_DRAINING] = "draining",
	[PHONE_LINE_SUSPENDED] = "suspended",
	NULL };
static const struct shape_words states = { "state", .list = state_names };

#define AT(field) SHAPE_AT(struct number_range, field)
static const struct shape_row rows[] = {
	{ "number", config_read_e164, AT(first), .need = true, .max = PHONE_E164_MAX },
	{ "count", shape_count, AT(count), .usual = 1, .min = 1, .max = CONFIG_LINES_RANGE_MAX },
	{ "region", shape_name, AT(region) },
	{ "state", shape_word, AT(state), .words = &states },
	{ .key = NULL },
};
const struct shape config_number_shape = { "number", rows, sizeof(struct number_range),
	.check = check_range };

/* ---- each by itself ---------------------------------------------------------------- */

/* Where a line comes from. */
struct line_origin {
	const char *e164;
	const struct doc_node *node; /* its entry in the file */
};

static int by_number(const void *a, const void *b)
{
	const struct line_origin *x = a, *y = b;
	int order = strcmp(x->e164, y->e164);

	return order != 0 ? order : x->node->at < y->node->at ? -1 : 1;
}

/* An X leads to one pool: told once for each entry that repeats some. */
static bool each_once(struct shape_ctx *c, struct line_origin *v, size_t n)
{
	const struct doc_node *told = NULL;
	bool ok = true;

	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(v[i - 1].e164, v[i].e164) != 0 || v[i].node == told)
			continue;
		told = v[i].node;
		ok = shape_wrong(c, doc_find(told, "number"),
		    "%s stands twice: a number is in one pool, once", v[i].e164);
	}
	return ok;
}

/* How many lines R makes: none when its number is none, which was told. */
static uint32_t lines_of(const struct number_range *r)
{
	return r->first == NULL ? 0 : r->count;
}

/* The lines of one range, from L and O on. */
static void spell_out(const struct number_range *r, uint16_t pool, const struct doc_node *node,
    struct phone_line *l, struct line_origin *o)
{
	unsigned long long first = r->first == NULL ? 0 : strtoull(r->first + 1, NULL, 10);

	for (uint32_t i = 0; i < lines_of(r); i++) {
		snprintf(l[i].e164, sizeof(l[i].e164), "+%llu", first + i);
		l[i].region = r->region;
		l[i].pool = pool;
		l[i].state = r->state;
		o[i] = (struct line_origin){ l[i].e164, node };
	}
}

/* How many there are in all; 0, which was told, when they are too many. */
static size_t count_lines(struct shape_ctx *c, const struct doc_node *pools,
    const struct number_ranges *ranges)
{
	const struct doc_node *pool = pools->first;
	size_t n = 0;

	for (size_t p = 0; p < pools->n; p++, pool = pool->next)
		for (size_t i = 0; i < ranges[p].n; i++)
			if ((n += lines_of(&ranges[p].v[i])) > PHONE_LINES_MAX) {
				shape_wrong(c, doc_find(pool, "numbers"),
				    "more than %d numbers in all pools", PHONE_LINES_MAX);
				return 0;
			}
	return n;
}

bool config_lines_make(struct shape_ctx *c, const struct doc_node *pools,
    const struct number_ranges *ranges)
{
	struct phone_settings *s = config_phone_of(c);
	size_t n = count_lines(c, pools, ranges), at = 0;
	const struct doc_node *pool = pools->first, *node;
	struct line_origin *from;

	if (n == 0 || (s->lines = shape_alloc(c, n * sizeof(*s->lines))) == NULL ||
	    (from = shape_alloc(c, n * sizeof(*from))) == NULL)
		return false;
	for (size_t p = 0; p < pools->n; p++, pool = pool->next) {
		node = ranges[p].n == 0 ? NULL : doc_find(pool, "numbers")->first;
		for (size_t i = 0; i < ranges[p].n; i++, node = node->next) {
			spell_out(&ranges[p].v[i], (uint16_t)p, node, s->lines + at, from + at);
			at += lines_of(&ranges[p].v[i]);
		}
	}
	s->n_lines = n;
	return each_once(c, from, n);
}
