/*
 * cube_before.c - the release before this one: which days it ends with, and rows that are
 * copied as they are.
 */
#include "analytics/cube/cube_private.h"

#include "base/grow.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 1100
#define SQL_BYTES 2048

static enum sc_err damaged(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "the release before this one %s; restore it before another is made", what);
	return SC_CORRUPT;
}

static enum sc_err prepare(const struct cube_before *b, const char *sql, sqlite3_stmt **out,
    struct sc_diag *d)
{
	return sqlite3_prepare_v2(b->db, sql, -1, out, NULL) == SQLITE_OK ?
	    SC_OK :
	    damaged(d, "is no cube of ours");
}

/* Rows of SQL, one after the other, to EACH. */
typedef enum sc_err row_fn(struct cube_before *b, sqlite3_stmt *s, struct sc_diag *d);

static enum sc_err each_row(struct cube_before *b, const char *sql, row_fn *each, struct sc_diag *d)
{
	sqlite3_stmt *s = NULL;
	enum sc_err err = prepare(b, sql, &s, d);
	int rc = SQLITE_DONE;

	while (err == SC_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
		err = each(b, s, d);
	if (err == SC_OK && rc != SQLITE_DONE)
		err = damaged(d, "cannot be read");
	sqlite3_finalize(s);
	return err;
}

static const char *text_of(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text == NULL ? "" : text;
}

/* The week that NAME names; false: none. */
static bool week_of(const char *name, uint32_t *week)
{
	char text[CUBE_DATE_BYTES];
	int64_t day;

	if (strlen(name) != 8 || strspn(name, "0123456789") != 4 || strncmp(name + 4, "-W", 2) != 0)
		return false;
	snprintf(text, sizeof(text), "%.4s-01-04", name);
	if (!cube_day_parse(text, &day) || strspn(name + 6, "0123456789") != 2)
		return false;
	*week = cube_week_of_day(day) + (uint32_t)((name[6] - '0') * 10 + name[7] - '0') - 1;
	return strcmp(cube_week_name(*week, text), name) == 0;
}

static enum sc_err take_days(struct cube_before *b, sqlite3_stmt *s, struct sc_diag *d)
{
	int64_t to;

	if (!cube_day_parse(text_of(s, 0), &b->first_day) || !cube_day_parse(text_of(s, 1), &to))
		return damaged(d, "has no calendar");
	b->next_day = to + 1;
	return SC_OK;
}

static enum sc_err take_cap(struct cube_before *b, sqlite3_stmt *s, struct sc_diag *d)
{
	uint32_t week;

	if (!week_of(text_of(s, 0), &week) || sqlite3_column_int64(s, 1) <= 0)
		return damaged(d, "has a cap that is none");
	if (b->n_caps == b->cap_caps) {
		const size_t cap = sc_grown(b->cap_caps);
		struct cube_cap *v = reallocarray(b->caps, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		b->caps = v;
		b->cap_caps = cap;
	}
	b->caps[b->n_caps++] =
	    (struct cube_cap){ .week = week, .cents = (uint64_t)sqlite3_column_int64(s, 1) };
	return SC_OK;
}

struct cube_then *cube_then_add(struct cube_before *b, uint32_t week)
{
	if (b->n_then == b->cap_then) {
		const size_t cap = sc_grown(b->cap_then);
		struct cube_then *v = reallocarray(b->then, cap, sizeof(*v));

		if (v == NULL)
			return NULL;
		b->then = v;
		b->cap_then = cap;
	}
	b->then[b->n_then] = (struct cube_then){ .week = week };
	return &b->then[b->n_then++];
}

/* The segment that the N bytes at S name; CUBE_SEGMENTS: none. */
static uint16_t segment_named(const char *s, size_t n)
{
	uint16_t i = 0;

	while (i < CUBE_SEGMENTS && !sc_span_is(sc_span(s, n), cube_segment_names[i]))
		i++;
	return i;
}

static bool take_members(struct cube_then *t, const char *text)
{
	size_t *n = &t->n_members[t->n];

	for (;;) {
		const char *end = strstr(text, CUBE_SEPARATOR);
		const size_t bytes = end == NULL ? strlen(text) : (size_t)(end - text);
		const uint16_t s = segment_named(text, bytes);

		if (s == CUBE_SEGMENTS || *n == CUBE_SEGMENTS)
			return false;
		t->members[t->n][(*n)++] = s;
		if (end == NULL)
			return true;
		text = end + strlen(CUBE_SEPARATOR);
	}
}

static enum sc_err take_segment(struct cube_before *b, sqlite3_stmt *s, struct sc_diag *d)
{
	struct cube_then *t = b->n_then == 0 ? NULL : &b->then[b->n_then - 1];
	uint32_t week;

	if (!week_of(text_of(s, 0), &week))
		return damaged(d, "has a week that is none");
	if ((t == NULL || t->week != week) && (t = cube_then_add(b, week)) == NULL)
		return SC_NOMEM;
	if (t->n == CUBE_SEGMENTS || !take_members(t, text_of(s, 1)))
		return damaged(d, "has a segment that is none");
	t->people[t->n++] = (uint64_t)sqlite3_column_int64(s, 2);
	return SC_OK;
}

static enum sc_err read_all(struct cube_before *b, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = each_row(b,
		 "SELECT (SELECT from_day FROM calendar ORDER BY number LIMIT 1), to_day "
		 "FROM calendar ORDER BY number DESC LIMIT 1",
		 take_days, d)) != SC_OK ||
	    (err = each_row(b, "SELECT week, cap FROM caps ORDER BY rowid", take_cap, d)) != SC_OK)
		return err;
	if (b->next_day == 0)
		return damaged(d, "has no calendar");
	return each_row(b, "SELECT week, segment, people FROM segments ORDER BY rowid",
	    take_segment, d);
}

static enum sc_err open_release(const char *folder, struct sc_diag *d, struct cube_before *out)
{
	char path[PATH_BYTES];
	enum sc_err err = shelf_release_open(folder, d, &out->release);

	if (err == SC_SYNTAX)
		return SC_CORRUPT; /* our own file */
	if (err != SC_OK)
		return err;
	if (snprintf(path, sizeof(path), "%s/%s", folder, SHELF_DB) >= (int)sizeof(path))
		return SC_LIMIT;
	if (sqlite3_open_v2(path, &out->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return damaged(d, "cannot be opened");
	return SC_OK;
}

enum sc_err cube_before_open(const char *folder, const char *dataset, uint64_t number,
    struct sc_diag *d, struct cube_before *out)
{
	const struct shelf_manifest *m = &out->release.manifest;
	enum sc_err err = open_release(folder, d, out);

	if (err != SC_OK)
		return err;
	if (m->kind != SHELF_CUBE || m->number != number || strcmp(m->dataset.s, dataset) != 0)
		return damaged(d, "is another dataset's, or has another number");
	return read_all(out, d);
}

void cube_before_fini(struct cube_before *b)
{
	(void)sqlite3_close(b->db);
	shelf_release_fini(&b->release);
	free(b->caps);
	free(b->then);
	memset(b, 0, sizeof(*b));
}

bool cube_before_cap(const struct cube_before *b, uint32_t week, uint64_t *cents)
{
	for (size_t i = 0; i < b->n_caps; i++) {
		if (b->caps[i].week != week)
			continue;
		*cents = b->caps[i].cents;
		return true;
	}
	return false;
}

/* ---- copying -------------------------------------------------------------------------------- */

static bool had_table(const struct cube_before *b, const char *name)
{
	const struct shelf_manifest *m = &b->release.manifest;

	for (size_t i = 0; i < m->n_tables; i++)
		if (strcmp(m->tables[i].name, name) == 0)
			return true;
	return false;
}

static enum sc_err select_all(const struct cube_before *b, const struct shelf_table *t,
    sqlite3_stmt **out, struct sc_diag *d)
{
	struct sc_buf sql;
	enum sc_err err = SC_OK;

	sc_buf_init(&sql, SQL_BYTES);
	for (size_t i = 0; i < t->n_columns && err == SC_OK; i++)
		err = sc_buf_printf(&sql, "%s\"%s\"", i == 0 ? "SELECT " : ",", t->columns[i].name);
	if (err == SC_OK)
		err = sc_buf_printf(&sql, " FROM \"%s\" ORDER BY rowid", t->name);
	if (err == SC_OK)
		err = sc_buf_put(&sql, "", 1);
	if (err == SC_OK)
		err = prepare(b, (const char *)sql.p, out, d);
	sc_buf_fini(&sql);
	return err;
}

static struct shelf_value value_of(sqlite3_stmt *s, int i, enum shelf_type type)
{
	if (type == SHELF_INTEGER)
		return (struct shelf_value){ .number = sqlite3_column_int64(s, i) };
	return (struct shelf_value){ .text = sc_span(sqlite3_column_text(s, i),
					 (size_t)sqlite3_column_bytes(s, i)) };
}

enum sc_err cube_before_copy(const struct cube_before *b, const struct shelf_table *t,
    struct shelf_writer *w, struct sc_diag *d)
{
	struct shelf_value v[SHELF_COLUMNS_MAX];
	sqlite3_stmt *s = NULL;
	int rc = SQLITE_DONE;
	enum sc_err err = SC_OK;

	if (b->db == NULL || !had_table(b, t->name) || (err = select_all(b, t, &s, d)) != SC_OK)
		return err;
	while (err == SC_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		for (size_t i = 0; i < t->n_columns; i++)
			v[i] = value_of(s, (int)i, t->columns[i].type);
		err = shelf_row(w, v, d);
	}
	if (err == SC_OK && rc != SQLITE_DONE)
		err = damaged(d, "cannot be read");
	sqlite3_finalize(s);
	return err;
}
