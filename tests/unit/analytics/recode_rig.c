/*
 * recode_rig.c - tables by hand and by lot.
 */
#include "recode_rig.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t lot;

void rig_seed(uint64_t seed)
{
	lot = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint64_t rig_any(uint64_t n)
{
	uint64_t x = lot += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31) % n;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

static struct sc_span keep(struct recode_rig *r, struct sc_span s)
{
	char *copy = sc_arena_copy(&r->arena, s);

	must(copy != NULL, "memory");
	return sc_span(copy, s.n);
}

void rig_init(struct recode_rig *r)
{
	*r = (struct recode_rig){ 0 };
	r->set.k = 2;
	memset(r->set.key, 3, sizeof(r->set.key));
	r->cells =
	    calloc(RIG_ROWS_MAX * (RELEASE_COLUMNS_MAX + RELEASE_SENSITIVE_MAX), sizeof(*r->cells));
	r->released = calloc(RIG_ROWS_MAX * (RELEASE_COLUMNS_MAX + RELEASE_SENSITIVE_MAX),
	    sizeof(*r->released));
	r->persons = calloc(RIG_ROWS_MAX, sizeof(*r->persons));
	r->from = calloc(RIG_ROWS_MAX, sizeof(*r->from));
	r->from_persons = calloc(RIG_ROWS_MAX, sizeof(*r->from_persons));
	must(r->cells != NULL && r->released != NULL && r->persons != NULL && r->from != NULL &&
		r->from_persons != NULL,
	    "memory");
}

void rig_fini(struct recode_rig *r)
{
	recode_result_free(r->result);
	release_table_fini(&r->table);
	for (size_t i = 0; i < RELEASE_COLUMNS_MAX; i++)
		hierarchy_free(r->h[i]);
	free(r->cells);
	free(r->released);
	free(r->persons);
	free(r->from);
	free(r->from_persons);
	sc_arena_fini(&r->arena);
	*r = (struct recode_rig){ 0 };
}

static void add_column(struct recode_rig *r, struct hierarchy *h, struct check_column c)
{
	r->wants.columns[r->shape.n_columns] = c;
	r->h[r->shape.n_columns] = h;
	r->shape.columns[r->shape.n_columns++] = h;
	r->wants.n_columns = r->shape.n_columns;
}

void rig_tree(struct recode_rig *r, const char *text)
{
	const struct sc_span s = keep(r, sc_span_str(text));
	struct sc_diag d = { 0 };
	struct hierarchy *h = NULL;

	must(hierarchy_parse(s, &d, &h) == SC_OK, d.text);
	add_column(r, h, (struct check_column){ .kind = CHECK_TREE, .text = s });
}

void rig_grid(struct recode_rig *r, struct hierarchy_grid g)
{
	struct hierarchy *h = NULL;

	must(hierarchy_of_grid(&g, NULL, &h) == SC_OK, "grid");
	add_column(r, h,
	    (struct check_column){ .kind = CHECK_GRID,
		.step = g.step,
		.origin = g.origin,
		.decimals = g.decimals });
}

void rig_dates(struct recode_rig *r, const char *from, const char *to, enum hierarchy_date finest)
{
	struct hierarchy *h = NULL;

	must(hierarchy_of_dates(sc_span_str(from), sc_span_str(to), finest, NULL, &h) == SC_OK,
	    "dates");
	add_column(r, h, (struct check_column){ .kind = CHECK_DATES, .finest = (uint8_t)finest });
}

void rig_sensitive(struct recode_rig *r, const char *values, struct recode_rule rule)
{
	const size_t s = r->shape.n_sensitive++;
	struct sc_span *v = sc_arena_alloc(&r->arena, 64 * sizeof(*v));
	size_t n = 0;

	must(v != NULL, "memory");
	for (const char *at = values; at != NULL && n < 64; at = strchr(at, ';'), at += at != NULL)
		v[n++] = keep(r, sc_span(at, strcspn(at, ";")));
	if (values != NULL)
		r->shape.sensitive[s] = (struct release_sensitive){ v, n };
	r->set.rules[s] = rule;
	r->wants.rules[s] = (struct check_rule){ .distinct = rule.distinct,
		.entropy_milli = rule.entropy_milli,
		.closeness_ppm = rule.closeness_ppm,
		.share_ppm = rule.share_ppm,
		.order = rule.ordered ? v : NULL,
		.n_order = n };
	r->wants.n_sensitive = r->shape.n_sensitive;
}

void rig_row(struct recode_rig *r, const char *text, uint64_t person)
{
	const size_t width = r->shape.n_columns + r->shape.n_sensitive;

	must(r->n < RIG_ROWS_MAX, "rows");
	for (size_t c = 0; c < width; c++) {
		const size_t n = strcspn(text, ";");

		r->cells[r->n * width + c] = keep(r, sc_span(text, n));
		text += n + (text[n] == ';');
	}
	r->persons[r->n++] = person;
}

enum sc_err rig_recode(struct recode_rig *r, const uint32_t *order, struct sc_diag *d)
{
	const size_t width = r->shape.n_columns + r->shape.n_sensitive;

	recode_result_free(r->result);
	r->result = NULL;
	release_table_fini(&r->table);
	must(release_table_init(&r->table, &r->shape, d) == SC_OK, "shape");
	for (size_t i = 0; i < r->n; i++) {
		const size_t at = order == NULL ? i : order[i];
		const struct sc_span *cells = r->cells + at * width;

		must(release_table_add(&r->table, cells, cells + r->shape.n_columns, r->persons[at],
			 d) == SC_OK,
		    "row");
	}
	return recode_run(&r->table, &r->set, d, &r->result);
}

/* The cells of a class, printed once. */
static const struct sc_span *print_class(struct recode_rig *r, const struct recode_class *c)
{
	struct sc_span *cells = sc_arena_alloc(&r->arena, RELEASE_COLUMNS_MAX * sizeof(*cells));
	struct sc_buf b;

	must(cells != NULL, "memory");
	sc_buf_init(&b, 1024);
	for (size_t a = 0; a < r->shape.n_columns; a++) {
		sc_buf_clear(&b);
		must(hierarchy_print(r->h[a], c->lo[a], c->hi[a], &b) == SC_OK, "print");
		cells[a] = keep(r, sc_buf_span(&b));
	}
	sc_buf_fini(&b);
	return cells;
}

enum sc_err rig_check(struct recode_rig *r, struct check_report *out, struct sc_diag *d)
{
	const size_t m = r->shape.n_columns, width = m + r->shape.n_sensitive;
	const struct sc_span **cells = calloc(r->result->n + 1, sizeof(struct sc_span *));

	must(cells != NULL, "memory");
	for (size_t c = 0; c < r->result->n; c++)
		cells[c] = print_class(r, &r->result->classes[c]);
	r->n_released = 0;
	for (uint32_t i = 0; i < r->n; i++) {
		struct sc_span *to = r->released + r->n_released * width;

		if (r->result->class_of[i] == RECODE_SUPPRESSED)
			continue;
		memcpy(to, cells[r->result->class_of[i]], m * sizeof(*to));
		for (size_t s = m; s < width; s++)
			to[s] = r->cells[i * width + s];
		r->from[r->n_released] = i;
		r->from_persons[r->n_released++] = r->persons[i];
	}
	free(cells);
	r->wants.k = r->set.k;
	r->wants.suppression_ppm = r->set.suppression_ppm;
	return check_release(&r->wants, &(struct check_rows){ r->cells, r->n },
	    &(struct check_rows){ r->released, r->n_released }, r->from, r->from_persons, out, d);
}

/* ---- by lot ----------------------------------------------------------------------------- */

static unsigned random_tree(struct recode_rig *r, char *text, size_t size)
{
	const unsigned n = 2 + (unsigned)rig_any(rig_any(4) == 0 ? 60 : 12);
	const unsigned a = 2 + (unsigned)rig_any(4), b = a * (2 + (unsigned)rig_any(3));
	const bool deep = rig_any(3) > 0;
	size_t at = 0;

	for (unsigned i = 0; i < n; i++)
		at += (size_t)(deep ?
			snprintf(text + at, size - at, "v%u;a%u;b%u;*\n", i, i / a, i / b) :
			snprintf(text + at, size - at, "v%u;*\n", i));
	rig_tree(r, text);
	return n;
}

/* A column by lot. Returns how many values it has; *KIND: 0 v12, 1 a number, 2 a day. */
static unsigned random_column(struct recode_rig *r, unsigned *kind)
{
	char text[4096];

	*kind = (unsigned)rig_any(5);
	if (*kind == 1) {
		const unsigned n = 1 + (unsigned)rig_any(90);

		rig_grid(r,
		    (struct hierarchy_grid){ .min = -20,
			.max = (int64_t)n - 20,
			.step = 1 + (int64_t)rig_any(7),
			.origin = (int64_t)rig_any(3) });
		return n + 1;
	}
	if (*kind == 2) {
		rig_dates(r, "2025-11-20", "2026-03-10", (enum hierarchy_date)rig_any(3));
		return 28;
	}
	*kind = 0;
	return random_tree(r, text, sizeof(text));
}

static void print_cell(char *out, size_t size, unsigned kind, unsigned v)
{
	if (kind == 1)
		snprintf(out, size, "%d", (int)v - 20);
	else if (kind == 2)
		snprintf(out, size, "2026-%02u-%02u", 1 + v % 2, 1 + v);
	else
		snprintf(out, size, "v%u", v);
}

static void random_rules(struct recode_rig *r)
{
	static const char *const orders[] = { "a;b;c;d;e", "e;d;c;b;a;zz", "b;a;d;c;e" };
	const size_t n = (size_t)rig_any(3);

	for (size_t s = 0; s < n; s++) {
		struct recode_rule rule = { 0 };

		if (rig_any(2) == 0)
			rule.distinct = 1 + (uint32_t)rig_any(3);
		if (rig_any(5) == 0)
			rule.entropy_milli = 1000 + (uint32_t)rig_any(1500);
		if (rig_any(3) == 0)
			rule.closeness_ppm = 100000 + (uint32_t)rig_any(900000);
		if (rig_any(4) == 0)
			rule.share_ppm = 400000 + (uint32_t)rig_any(600000);
		rule.ordered = rig_any(2) == 0;
		rig_sensitive(r, rule.ordered || rig_any(2) == 0 ? orders[rig_any(3)] : NULL, rule);
	}
}

void rig_random(struct recode_rig *r, uint64_t seed)
{
	unsigned kinds[RELEASE_COLUMNS_MAX], values[RELEASE_COLUMNS_MAX];

	rig_seed(seed);
	rig_init(r);
	const size_t m = 1 + (size_t)rig_any(rig_any(6) == 0 ? 16 : 6);
	const size_t n = 5 + (size_t)rig_any(rig_any(8) == 0 ? 3000 : 400);
	const uint64_t skew = 1 + rig_any(4), people = rig_any(3) == 0 ? 1 + n / 3 : UINT32_MAX;

	for (size_t a = 0; a < m; a++)
		values[a] = random_column(r, &kinds[a]);
	random_rules(r);
	r->set.k = 2 + (uint32_t)rig_any(rig_any(4) == 0 ? 60 : 10);
	r->set.profile = (enum recode_profile)(rig_any(12) == 0 ? 2 : rig_any(2));
	r->set.suppression_ppm = rig_any(3) == 0 ? (uint32_t)rig_any(300000) : 0;
	for (size_t i = 0; i < n; i++) {
		char text[512];
		size_t at = 0;

		for (size_t a = 0; a < m + r->shape.n_sensitive; a++) {
			uint64_t v = a < m ? rig_any(values[a]) : rig_any(5);

			for (uint64_t j = 0; j < skew; j++)
				v = rig_any(v + 1);
			if (a < m)
				print_cell(text + at, sizeof(text) - at, kinds[a], (unsigned)v);
			else
				snprintf(text + at, sizeof(text) - at, "%c", "abcde"[v]);
			at += strlen(text + at);
			snprintf(text + at, sizeof(text) - at, ";");
			at++;
		}
		text[at - 1] = '\0';
		rig_row(r, text, rig_any(people));
	}
}
