/*
 * cube_rows.c - margins, folded, as rows of their tables.
 */
#include "analytics/cube/cube_private.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

enum row_measure { ROW_END, ROW_PEOPLE, ROW_BUYERS, ROW_ORDERS, ROW_REVENUE, ROW_LINES };

/* A table's columns: its period, members of its axes, measures, `folded`. */
static const struct row_shape {
	uint8_t axes;
	bool period_last; /* behind the members */
	uint8_t measures[5];
} shapes[CUBE_SEGMENT_TRAIT] = {
	[CUBE_VISITORS_CATEGORY] = { 1, false, { ROW_PEOPLE } },
	[CUBE_BUYERS_CATEGORY] = { 1, false, { ROW_PEOPLE, ROW_ORDERS, ROW_REVENUE } },
	[CUBE_BUYERS_BAND] = { 1, false, { ROW_PEOPLE, ROW_LINES } },
	[CUBE_VISITORS_HOUR] = { 2, false, { ROW_PEOPLE } },
	[CUBE_BUYERS_WEEKDAY] = { 1, false, { ROW_PEOPLE } },
	[CUBE_SEGMENTS_TABLE] = { 1, false, { ROW_PEOPLE, ROW_BUYERS, ROW_ORDERS, ROW_REVENUE } },
	[CUBE_SEGMENT_CHANNEL] = { 2, false, { ROW_PEOPLE } },
	[CUBE_COHORTS] = { 1, true, { ROW_PEOPLE } },
	[CUBE_MONTH_CATEGORY_BAND] = { 2, false, { ROW_PEOPLE } },
	[CUBE_QUARTERS] = { 1, false, { ROW_PEOPLE, ROW_BUYERS, ROW_ORDERS } },
};
static const struct row_shape trait_shape = { 2, false, { ROW_PEOPLE } };

enum sc_err cube_row(struct cube_out *out, size_t t, const struct cube_value *v)
{
	struct cube_rows *rows = &out->rows[t];
	const size_t n = out->tables[t].n_columns;

	if (rows->n + n > rows->cap) {
		const size_t cap = sc_grown(rows->cap) * 4;
		struct shelf_value *more = reallocarray(rows->v, cap, sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		rows->v = more;
		rows->cap = cap;
	}
	for (size_t i = 0; i < n; i++) {
		const char *text =
		    v[i].text == NULL ? NULL : sc_arena_copy(&out->arena, sc_span_str(v[i].text));

		if (v[i].text != NULL && text == NULL)
			return SC_NOMEM;
		rows->v[rows->n + i] = (struct shelf_value){ .text = sc_span_str(text),
			.number = (int64_t)v[i].number };
	}
	rows->n += n;
	return SC_OK;
}

void cube_out_fini(struct cube_out *out)
{
	for (size_t t = 0; t < CUBE_TABLES; t++)
		free(out->rows[t].v);
	sc_arena_fini(&out->arena);
	memset(out, 0, sizeof(*out));
}

static uint64_t measure(const struct cube_stats *s, unsigned which)
{
	switch (which) {
	case ROW_PEOPLE: return s->people;
	case ROW_BUYERS: return s->buyers;
	case ROW_ORDERS: return s->orders;
	case ROW_REVENUE: return s->revenue;
	default: return s->lines;
	}
}

static enum sc_err emit_row(struct cube_run *r, size_t t, const char *period,
    const struct cube_folded_row *row, size_t base)
{
	const struct row_shape *shape = t < CUBE_SEGMENT_TRAIT ? &shapes[t] : &trait_shape;
	const struct feed_words *w = r->c->settings.words;
	const size_t cells = row->cells.n_a * (shape->axes == 2 ? row->cells.n_b : 1);
	struct cube_value v[CUBE_TABLE_COLUMNS];
	size_t n = 0;

	if (!shape->period_last)
		v[n++] = CUBE_TEXT(period);
	v[n++] = CUBE_TEXT(cube_members(r->out, w, t, 0, row->cells.a, row->cells.n_a, base));
	if (shape->axes == 2)
		v[n++] = CUBE_TEXT(cube_members(r->out, w, t, 1, row->cells.b, row->cells.n_b, 0));
	if (v[n - 1].text == NULL || v[shape->period_last ? 0 : 1].text == NULL)
		return SC_NOMEM;
	if (shape->period_last)
		v[n++] = CUBE_TEXT(period);
	for (size_t i = 0; shape->measures[i] != ROW_END; i++)
		v[n++] = CUBE_NUMBER(measure(&row->stats, shape->measures[i]));
	v[n] = CUBE_NUMBER(cells);
	if (cells == 1)
		r->out->own++;
	else
		r->out->folded++;
	return cube_row(r->out, t, v);
}

enum sc_err cube_emit_rows(struct cube_run *r, size_t t, const char *period,
    const struct cube_folded *folded, size_t base)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < folded->n && err == SC_OK; i++)
		err = emit_row(r, t, period, &folded->v[i], base);
	return err;
}

uint32_t cube_floor(const struct cube_run *r, size_t t, const char *period)
{
	unsigned level = 0;

	for (size_t i = 0; i < r->n_strict; i++) {
		const struct cube_strict *s = &r->strict[i];

		if ((s->table == t || s->table == CUBE_TABLES) &&
		    (s->period[0] == '\0' || strcmp(s->period, period) == 0) && s->level > level)
			level = s->level;
	}
	return level + 1 >= CUBE_STRICT_MAX ? 0 : (uint32_t)CUBE_FLOOR << level;
}

enum sc_err cube_emit(struct cube_run *r, size_t t, const char *period, struct cube_rule rule,
    const struct cube_axes *axes)
{
	struct cube_folded *folded = &r->folded[t];
	enum sc_err err;

	*folded = (struct cube_folded){ 0 };
	rule.floor = cube_floor(r, t, period);
	if (rule.floor == 0)
		return SC_OK;
	if ((err = margin_close(&r->margins[t])) != SC_OK ||
	    (err = cube_fold(r->c, &r->margins[t], &rule, axes, r->key, &r->arena, folded)) !=
		SC_OK)
		return err;
	return cube_emit_rows(r, t, period, folded, t == CUBE_COHORTS ? r->base_month : 0);
}
