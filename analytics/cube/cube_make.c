/*
 * cube_make.c - a release of the cube, in this order:
 *
 *	open	the release before it, held against its manifest
 *	count	all weeks again, for who people were; rows of the new ones
 *	write	what was published, byte for byte, then what is new
 *	attack	the database as it will be published
 *	finish	or, where something was found, fold more there, count and write again
 */
#include "analytics/cube/attack.h"
#include "analytics/cube/cube_private.h"
#include "base/weak.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "The weekly cube: people by what they did, none in a cell of fewer than ten."
#define TITLE_ZH "每周数据立方：按行为统计人数，任何单元格不少于十人。"

struct make {
	struct cube *c;
	const struct cube_order *o;
	struct cube_before before;
	struct cube_out out;
	uint32_t first, last; /* new weeks */
	struct cube_strict strict[CUBE_STRICTS];
	size_t n_strict;
	struct sc_diag found; /* the last finding */
};

/* ---- which weeks ----------------------------------------------------------------------------- */

/* The last that had ended by the shop's clock when the snapshot was taken. */
static uint32_t last_whole_week(const struct cube *c)
{
	const int64_t s = (int64_t)(c->settings.last_ms / 1000) + c->newest_offset * 900;

	return s < 4 * CUBE_DAY_S ? 0 : cube_week_of_day(s / CUBE_DAY_S) - 1;
}

static enum sc_err find_weeks(struct make *m, struct sc_diag *d)
{
	const bool first_of_all = m->o->previous == NULL;

	if (first_of_all && m->c->n == 0) {
		sc_diag_set(d, "nobody who agreed did anything yet: there is no week to publish");
		return SC_STALE;
	}
	m->first = first_of_all ? m->c->first_week : cube_week_of_day(m->before.next_day);
	m->last = last_whole_week(m->c);
	if (m->last < m->first) {
		sc_diag_set(d,
		    "no week has ended since the last release: make one after Sunday, "
		    "and a snapshot");
		return SC_STALE;
	}
	if (first_of_all)
		m->before.first_day = cube_monday(m->first);
	return SC_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum sc_err add_calendar(struct make *m)
{
	char from[CUBE_DATE_BYTES], to[CUBE_DATE_BYTES], made[CUBE_DATE_BYTES],
	    next[CUBE_DATE_BYTES];
	const struct cube_value v[CUBE_TABLE_COLUMNS] = { CUBE_NUMBER(m->o->number),
		CUBE_TEXT(cube_day_name(cube_monday(m->first), from)),
		CUBE_TEXT(cube_day_name(cube_monday(m->last) + 6, to)),
		CUBE_TEXT(cube_day_name((int64_t)(m->o->made_ms / 1000 / CUBE_DAY_S), made)),
		CUBE_TEXT(cube_day_name(cube_monday(m->last + 2), next)) };

	return cube_row(&m->out, CUBE_CALENDAR, v);
}

static enum sc_err make_rows(struct make *m)
{
	struct cube_run r = { .c = m->c,
		.key = m->o->key,
		.before = &m->before,
		.out = &m->out,
		.strict = m->strict,
		.n_strict = m->n_strict,
		.first = m->first,
		.last = m->last };
	const size_t n_then = m->before.n_then;
	enum sc_err err;

	cube_out_fini(&m->out);
	if ((err = cube_tables(m->c->settings.words, &m->out)) == SC_OK &&
	    (err = cube_run_init(&r)) == SC_OK && (err = cube_run_weeks(&r)) == SC_OK)
		err = add_calendar(m);
	cube_run_fini(&r);
	m->before.n_then = n_then; /* the new weeks' are made again where this is */
	return err;
}

/* ---- the attacker ----------------------------------------------------------------------------- */

static size_t table_named(const struct make *m, const char *name)
{
	size_t t = 0;

	while (t < m->out.n_tables && strcmp(m->out.tables[t].name, name) != 0)
		t++;
	return t < m->out.n_tables ? t : CUBE_TABLES;
}

/* The last "2026-W47" (WEEK), or "2026-11", in WHAT; "": none. */
static void period_in(const char *what, bool week, char out[static CUBE_DATE_BYTES])
{
	const size_t all = strlen(what), n = week ? 8 : 7, digits = week ? 6 : 5;

	out[0] = '\0';
	for (size_t i = 0; i + n <= all; i++)
		if (strspn(what + i, "0123456789") == 4 && what[i + 4] == '-' &&
		    (what[i + 5] == 'W') == week && strspn(what + i + digits, "0123456789") >= 2)
			snprintf(out, CUBE_DATE_BYTES, "%.*s", (int)n, what + i);
}

/* Of table T and PERIOD more is to be folded in the next round. */
static void fold_more(struct make *m, size_t t, const char *period)
{
	struct cube_strict s = { .table = t, .raised = true };

	snprintf(s.period, sizeof(s.period), "%s", period);
	for (size_t i = 0; i < m->n_strict; i++) {
		struct cube_strict *old = &m->strict[i];

		if (old->table != t || strcmp(old->period, period) != 0)
			continue;
		old->raised = true;
		return;
	}
	if (m->n_strict == CUBE_STRICTS) { /* too many to tell apart: everywhere */
		s = (struct cube_strict){ .table = CUBE_TABLES, .raised = true };
		m->n_strict = 0;
	}
	m->strict[m->n_strict++] = s;
}

/* Where it helps to fold more when something was found in TABLE: sets that nobody published lie in tables. */
static size_t table_to_fold(const struct make *m, const char *table)
{
	if (strcmp(table, "month_category") == 0 || strcmp(table, "month_band") == 0)
		return CUBE_MONTH_CATEGORY_BAND;
	return strcmp(table, "month") == 0 ? (size_t)CUBE_COHORTS : table_named(m, table);
}

static bool is_monthly(size_t t)
{
	return t == CUBE_COHORTS || t == CUBE_MONTH_CATEGORY_BAND;
}

static void on_found(void *arg, const char *table, const char *what, uint64_t lo, uint64_t hi)
{
	struct make *m = arg;
	const size_t t = table_to_fold(m, table);
	char week[CUBE_DATE_BYTES], month[CUBE_DATE_BYTES];

	period_in(what, true, week);
	period_in(what, false, month);
	sc_diag_set(&m->found, "%.40s: %.120s can be worked out, %" PRIu64 " to %" PRIu64 " people",
	    table, what, lo, hi);
	fold_more(m, t, week[0] == '\0' || (month[0] != '\0' && is_monthly(t)) ? month : week);
	if (t == CUBE_WEEK && month[0] != '\0') /* of the new buyers of a week and a month */
		fold_more(m, CUBE_COHORTS, month);
	if (strcmp(table, "month") == 0) /* of the month's buyers, whom both tables are of */
		fold_more(m, CUBE_MONTH_CATEGORY_BAND, month);
}

static bool go_on(void *arg, unsigned permille)
{
	(void)arg;
	(void)permille;
	return true;
}

static enum sc_err attack(struct make *m, const char *path, bool *solved, struct sc_diag *d)
{
	struct cube_attack a = { 0 };
	char since[CUBE_DATE_BYTES];
	enum sc_err err;

	for (size_t i = 0; i < m->n_strict; i++)
		m->strict[i].raised = false;
	err = cube_attack(path, CUBE_FLOOR, cube_week_name(m->first, since), on_found, go_on, m, d,
	    &a);
	for (size_t i = 0; i < m->n_strict; i++)
		m->strict[i].level += m->strict[i].raised;
	*solved = err == SC_OK && a.solved != 0 && !WEAK("cube-unfolded");
	return err;
}

/* Is all of what was published still as it was, and no more? */
static enum sc_err hold_before(const struct make *m, const char *path, struct sc_diag *d)
{
	char before[4096];
	uint64_t changed = 0;
	enum sc_err err;

	if (m->o->previous == NULL)
		return SC_OK;
	if (snprintf(before, sizeof(before), "%s/" SHELF_DB, m->o->previous) >= (int)sizeof(before))
		return SC_LIMIT;
	err = cube_attack_pair(before, path, NULL, NULL, d, &changed);
	if (err != SC_OK || changed == 0)
		return err;
	sc_diag_set(d,
	    "%" PRIu64 " rows of what was published before would be others: nothing is published",
	    changed);
	return SC_CORRUPT;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static enum sc_err write_and_attack(struct make *m, struct shelf_writer **w, bool *solved,
    struct sc_diag *d)
{
	const char *path = NULL;
	enum sc_err err;

	if ((err = make_rows(m)) != SC_OK ||
	    (err = shelf_begin(m->o->root, m->o->dataset, m->o->number, d, w)) != SC_OK ||
	    (err = cube_write_tables(&m->before, &m->out, *w, d)) != SC_OK ||
	    (err = shelf_close_tables(*w, d, &path)) != SC_OK ||
	    (err = hold_before(m, path, d)) != SC_OK)
		return err;
	return attack(m, path, solved, d);
}

/* *W is what nothing can be solved of. */
static enum sc_err make_sure(struct make *m, struct shelf_writer **w, struct sc_diag *d)
{
	bool solved = true;
	enum sc_err err = SC_OK;

	for (unsigned round = 0; round < CUBE_ROUNDS && solved && err == SC_OK; round++) {
		shelf_abandon(*w);
		*w = NULL;
		err = write_and_attack(m, w, &solved, d);
	}
	if (err == SC_OK && solved) {
		sc_diag_set(d, "%s, whatever is folded: nothing is published", m->found.text);
		return SC_CORRUPT;
	}
	return err;
}

static enum sc_err fill_manifest(const struct make *m, struct cube_made *out,
    struct shelf_manifest *f)
{
	enum sc_err err;

	cube_day_name(cube_monday(m->first), out->from);
	cube_day_name(cube_monday(m->last) + 6, out->to);
	*f = (struct shelf_manifest){ .kind = SHELF_CUBE,
		.number = m->o->number,
		.from = out->from,
		.to = out->to,
		.made_ms = m->o->made_ms,
		.title = TITLE,
		.title_zh = TITLE_ZH,
		.k = CUBE_FLOOR,
		.profile = "cube",
		.checked = true };
	if ((err = sc_name_parse(sc_span_str(m->o->tenant), &f->tenant)) != SC_OK ||
	    (err = sc_name_parse(sc_span_str(m->o->dataset), &f->dataset)) != SC_OK)
		return err;
	crypto_hash_sha256(f->seed, m->o->key, sizeof(m->o->key));
	memcpy(f->previous, m->before.release.sha256, sizeof(f->previous));
	return SC_OK;
}

static void tell(const struct make *m, struct cube_made *out)
{
	out->weeks = m->last - m->first + 1;
	out->own = m->out.own;
	out->folded = m->out.folded;
	for (size_t t = 0; t < m->out.n_tables; t++)
		out->rows += m->out.rows[t].n / m->out.tables[t].n_columns;
}

static enum sc_err make_release(struct make *m, struct sc_diag *d, struct cube_made *out)
{
	struct shelf_writer *w = NULL;
	struct shelf_manifest f = { 0 };
	enum sc_err err = make_sure(m, &w, d);

	if (err == SC_OK && (err = fill_manifest(m, out, &f)) == SC_OK) {
		tell(m, out);
		err = shelf_finish(w, &f, d, out->sha256);
		w = NULL;
	}
	shelf_abandon(w);
	shelf_manifest_fini(&f);
	return err;
}

enum sc_err cube_make(struct cube *c, const struct cube_order *o, struct sc_diag *d,
    struct cube_made *out)
{
	struct make *m = calloc(1, sizeof(*m));
	enum sc_err err = SC_OK;

	memset(out, 0, sizeof(*out));
	if (m == NULL)
		return SC_NOMEM;
	m->c = c;
	m->o = o;
	if (o->previous != NULL)
		err = cube_before_open(o->previous, o->dataset, o->number - 1, d, &m->before);
	if (err == SC_OK && (err = cube_sort(c)) == SC_OK && (err = find_weeks(m, d)) == SC_OK)
		err = make_release(m, d, out);
	cube_out_fini(&m->out);
	cube_before_fini(&m->before);
	free(m);
	return err;
}
