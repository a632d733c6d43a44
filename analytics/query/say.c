/*
 * say.c - what is said of a statement that is refused: what is wrong, where, and what there
 * is instead. Never how SQLite or the file look inside.
 */
#include "analytics/query/private.h"
#include "analytics/query/words.h"

#include "base/text/shape_near.h"

#include <stdio.h>
#include <string.h>

void say_place(struct sc_span sql, size_t at, struct sc_diag *d)
{
	if (d == NULL)
		return;
	d->offset = at;
	d->line = d->column = 0;
	if (at >= sql.n)
		return;
	d->line = d->column = 1;
	for (size_t i = 0; i < at; i++) {
		const bool end = sql.p[i] == '\n';

		d->line += end;
		d->column = end ? 1 : d->column + 1;
	}
}

/* ---- names ------------------------------------------------------------------------------- */

static const char *table_name(const void *arg, unsigned i)
{
	const struct query_file *f = arg;

	return i < f->n_tables ? f->tables[i].name : NULL;
}

/* Of the tables that the statement read until then; of all, when it is none. */
static const char *column_name(const void *arg, unsigned i)
{
	const struct query_file *f = arg;
	bool any = false;

	for (size_t t = 0; t < f->n_tables; t++)
		any = any || f->tables[t].read;
	for (size_t t = 0; t < f->n_tables; t++) {
		if (any && !f->tables[t].read)
			continue;
		if (i < f->tables[t].n_columns)
			return f->tables[t].columns[i];
		i -= (unsigned)f->tables[t].n_columns;
	}
	return NULL;
}

static const struct shape_words tables = { .what = "table", .name = table_name };
static const struct shape_words columns = { .what = "column", .name = column_name };
static const struct shape_words calls = { .what = "function", .name = allow_function };

static void say_unknown(const struct query_file *f, const struct shape_words *w, const char *name,
    struct sc_span sql, struct sc_diag *d)
{
	const char *dot = strrchr(name, '.');
	const size_t at = sql_find_name(sql, dot == NULL ? name : dot + 1);

	if (d == NULL)
		return;
	shape_near_print(w, f, dot == NULL ? name : dot + 1, d->text, sizeof(d->text));
	say_place(sql, at, d);
	if (w == &columns && at < sql.n && sql.p[at] == '"')
		sc_diag_set(d, "there is no column of that name; text stands in 'single quotes'");
}

static enum sc_err say_denied(const struct query_file *f, struct sc_span sql, struct sc_diag *d)
{
	const struct query_denial *n = &f->denial;

	switch (n->what) {
	case DENIED_TABLE: say_unknown(f, &tables, n->name, sql, d); break;
	case DENIED_COLUMN: say_unknown(f, &columns, n->name, sql, d); break;
	case DENIED_CALL: say_unknown(f, &calls, n->name, sql, d); break;
	case DENIED_ACT:
	case DENIED_NOTHING:
		sc_diag_set(d, "only SELECT is answered%s%s",
		    n->name[0] == '\0' ? "" : ", and without ", n->name);
		say_place(sql, n->name[0] == '\0' ? sql.n : sql_find_name(sql, n->name), d);
		break;
	}
	return SC_AUTH;
}

/* ---- what SQLite says --------------------------------------------------------------------- */

static const struct {
	const char *prefix;
	const struct shape_words *words;
} unknowns[] = {
	{ "no such table: ", &tables },
	{ "no such column: ", &columns },
	{ "no such function: ", &calls },
};

/* SQLite's own words of what is wrong with a statement name what stands in it, and no more. */
static enum sc_err say_wrong(const struct query_file *f, struct sc_span sql, struct sc_diag *d)
{
	const char *said = sqlite3_errmsg(f->db);
	const int at = sqlite3_error_offset(f->db);

	for (size_t i = 0; i < sizeof(unknowns) / sizeof(unknowns[0]); i++) {
		const size_t n = strlen(unknowns[i].prefix);

		if (strncmp(said, unknowns[i].prefix, n) == 0) {
			say_unknown(f, unknowns[i].words, said + n, sql, d);
			return SC_SYNTAX;
		}
	}
	sc_diag_set(d, "%s", said);
	say_place(sql, at < 0 ? sql.n : (size_t)at, d);
	return SC_SYNTAX;
}

static const char *const ran_out[] = {
	[METER_STEPS_OUT] = "it takes too many steps; ask for less, or narrow it with WHERE",
	[METER_TIME_OUT] = "it takes too long; ask for less, or narrow it with WHERE",
	[METER_MEMORY_OUT] = "it needs too much memory; group or sort fewer rows",
};

enum sc_err say_refused(const struct query_file *f, const struct query_meter *m, int rc,
    struct sc_span sql, struct sc_diag *d)
{
	if (m->end == METER_TOLD)
		return m->told;
	if (m->end != METER_GOES) {
		sc_diag_set(d, "%s", ran_out[m->end]);
		return SC_LIMIT;
	}
	switch (rc & 0xff) {
	case SQLITE_AUTH: return say_denied(f, sql, d);
	case SQLITE_NOMEM: return SC_NOMEM;
	case SQLITE_TOOBIG:
		sc_diag_set(d, "a value gets longer than 64 KiB, or the statement is too long");
		return SC_LIMIT;
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
		if (f->denial.what != DENIED_NOTHING)
			return say_denied(f, sql, d);
		return say_wrong(f, sql, d);
	default: sc_diag_set(d, "the release cannot be read"); return SC_IO;
	}
}
