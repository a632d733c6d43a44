/*
 * attack_read.c - the cube's file, as a stranger's: any bytes may be in it. Read-only, in
 * no transaction, tables alone; a table or a column that the attacker does not know is refused,
 * as he could not say what it tells.
 */
#include "analytics/cube/attack_private.h"
#include "base/grow.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIT_PREFIX "segment_"
#define COLUMNS_MAX 12
#define STEPS 1000000 /* of SQLite's machine, between two looks */
#define LOOKS_MAX 100000
#define NUMBER_MAX (INT64_C(1) << 53)
#define OTHERS 4

/* A table: its columns, and of which sets its numbers of people are. */
struct table_shape {
	const char *name, *period, *dims[ATTACK_DIMS], *people[3], *others[OTHERS];
	enum attack_set sets[3];
};

static const struct table_shape tables[] = {
	{ "week", "week", { NULL }, { "visitors", "buyers", "bought_before" },
	    { "orders", "revenue" }, { ATTACK_VISITORS, ATTACK_BUYERS, ATTACK_BEFORE } },
	{ "visitors_category", "week", { "category" }, { "visitors" }, { "folded" },
	    { ATTACK_VISITORS_CATEGORY } },
	{ "buyers_category", "week", { "category" }, { "buyers" },
	    { "folded", "orders", "revenue" }, { ATTACK_BUYERS_CATEGORY } },
	{ "buyers_band", "week", { "band" }, { "buyers" }, { "folded", "lines" },
	    { ATTACK_BUYERS_BAND } },
	{ "visitors_hour", "week", { "channel", "hour" }, { "visitors" }, { "folded" },
	    { ATTACK_VISITORS_HOUR } },
	{ "buyers_weekday", "week", { "weekday" }, { "buyers" }, { "folded" },
	    { ATTACK_BUYERS_WEEKDAY } },
	{ "segments", "week", { "segment" }, { "people", "buyers" },
	    { "folded", "orders", "revenue" }, { ATTACK_SEGMENT_PEOPLE, ATTACK_SEGMENT_BUYERS } },
	{ "segment_channel", "week", { "segment", "channel" }, { "people" }, { "folded" },
	    { ATTACK_SEGMENT_CHANNEL } },
	{ "cohorts", NULL, { "first_month", "month" }, { "buyers" }, { "folded" },
	    { ATTACK_COHORT } },
	{ "month_category_band", "month", { "category", "band" }, { "buyers" }, { "folded" },
	    { ATTACK_MONTH_CELL } },
	{ "quarters", "quarter", { "segment" }, { "people", "buyers" }, { "folded", "orders" },
	    { ATTACK_QUARTER_PEOPLE, ATTACK_QUARTER_BUYERS } },
};
static const struct table_shape trait_table = { TRAIT_PREFIX, "week", { "segment", "value" },
	{ "people" }, { "folded" }, { ATTACK_SEGMENT_TRAIT } };
/* Of nobody. */
static const char *const asides[] = { "caps", "calendar", "dictionary" };

void attack_book_fini(struct attack_book *b)
{
	for (size_t i = 0; i < ATTACK_DIM_END; i++)
		attack_members_fini(&b->dims[i]);
	free(b->lists);
	free(b->rows);
	free(b->cells);
	free(b->cell_slots);
	free(b->pairs);
	free(b->told);
	attack_system_fini(&b->system);
	sc_arena_fini(&b->arena);
	*b = (struct attack_book){ 0 };
}

/* ---- opening ------------------------------------------------------------------------ */

static int enough(void *arg)
{
	unsigned *looks = arg;

	return ++*looks > LOOKS_MAX;
}

/* PATH as a URI: whatever is in it stands for itself. */
static enum sc_err uri_of(const char *path, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "file:");

	for (const char *p = path; *p != '\0'; p++) {
		if (n + 32 > size)
			return SC_LIMIT;
		n += (size_t)snprintf(out + n, size - n, "%%%02x", (unsigned char)*p);
	}
	snprintf(out + n, size - n, "?mode=ro&immutable=1");
	return SC_OK;
}

static enum sc_err err_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return SC_OK;
	case SQLITE_NOMEM: return SC_NOMEM;
	case SQLITE_TOOBIG:
	case SQLITE_INTERRUPT: return SC_LIMIT;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_IOERR: return SC_IO;
	default: return SC_SYNTAX;
	}
}

enum sc_err attack_db_open(const char *path, unsigned *looks, struct sc_diag *d, sqlite3 **out)
{
	static const int on[] = { SQLITE_DBCONFIG_DEFENSIVE };
	static const int off[] = { SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
		SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION };
	char uri[4096];
	enum sc_err err = uri_of(path, uri, sizeof(uri));
	int rc = SQLITE_OK;

	*out = NULL;
	if (err == SC_OK)
		rc = sqlite3_open_v2(uri, out,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW |
			SQLITE_OPEN_PRIVATECACHE,
		    NULL);
	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(on) / sizeof(on[0]); i++)
		rc = sqlite3_db_config(*out, on[i], 1, NULL);
	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(off) / sizeof(off[0]); i++)
		rc = sqlite3_db_config(*out, off[i], 0, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_limit(*out, SQLITE_LIMIT_LENGTH, 1 << 20);
		sqlite3_limit(*out, SQLITE_LIMIT_ATTACHED, 0);
		sqlite3_limit(*out, SQLITE_LIMIT_COLUMN, 64);
		sqlite3_progress_handler(*out, STEPS, enough, looks);
		rc = sqlite3_exec(*out, "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON", NULL, NULL,
		    NULL);
	}
	if (err == SC_OK && (err = err_of(rc)) != SC_OK)
		sc_diag_set(d, "the cube cannot be opened: %s", sqlite3_errstr(rc));
	return err;
}

/* ---- rows --------------------------------------------------------------------------- */

/* Where each column of a table is in what SQLite answers. */
struct columns {
	int period, dims[ATTACK_DIMS], people[3], folded;
};

struct reader {
	struct attack_book *b;
	const struct table_shape *shape;
	const char *name;
	unsigned trait;
	struct columns at;
	sqlite3_stmt *st;
	uint64_t row; /* from 1 */
	struct sc_diag *d;
};

static enum sc_err bad(const struct reader *r, const char *what)
{
	sc_diag_set(r->d, "the cube's table %.64s, row %llu: %s", r->name,
	    (unsigned long long)r->row, what);
	return SC_SYNTAX;
}

static int find_column(sqlite3_stmt *st, const char *name)
{
	for (int i = 0; name != NULL && i < sqlite3_column_count(st); i++)
		if (strcmp(sqlite3_column_name(st, i), name) == 0)
			return i;
	return -1;
}

/* Each column of the table is one that the shape has, and the other way about. */
static enum sc_err find_columns(struct reader *r)
{
	const struct table_shape *t = r->shape;
	const char *names[COLUMNS_MAX];
	int n = 0;

	names[n++] = t->period;
	for (size_t i = 0; i < ATTACK_DIMS; i++)
		names[n++] = t->dims[i];
	for (size_t i = 0; i < 3; i++)
		names[n++] = t->people[i];
	for (size_t i = 0; i < OTHERS; i++)
		names[n++] = t->others[i];
	for (int i = 0, want = 0; i < n; i++) {
		if (names[i] != NULL && find_column(r->st, names[i]) < 0)
			return bad(r, "a column is missing");
		want += names[i] != NULL;
		if (i + 1 == n && sqlite3_column_count(r->st) != want)
			return bad(r, "there is a column that the attacker does not know");
	}
	r->at.period = find_column(r->st, t->period);
	for (size_t i = 0; i < ATTACK_DIMS; i++)
		r->at.dims[i] = find_column(r->st, t->dims[i]);
	for (size_t i = 0; i < 3; i++)
		r->at.people[i] = find_column(r->st, t->people[i]);
	r->at.folded = find_column(r->st, "folded");
	return SC_OK;
}

static bool text_at(const struct reader *r, int column, struct sc_span *out)
{
	if (sqlite3_column_type(r->st, column) != SQLITE_TEXT)
		return false;
	*out = sc_span(sqlite3_column_text(r->st, column),
	    (size_t)sqlite3_column_bytes(r->st, column));
	return out->p != NULL;
}

static bool number_at(const struct reader *r, int column, int64_t most, int64_t *out)
{
	if (sqlite3_column_type(r->st, column) != SQLITE_INTEGER)
		return false;
	*out = sqlite3_column_int64(r->st, column);
	return *out >= 0 && *out <= most;
}

static enum sc_err read_period(const struct reader *r, struct attack_row *row)
{
	const enum attack_period kind = attack_set_shape(r->shape->sets[0])->period;
	struct sc_span text;

	row->period = 0;
	if (kind == ATTACK_ALWAYS)
		return SC_OK;
	if (!text_at(r, r->at.period, &text) ||
	    !(kind == ATTACK_WEEK ? attack_week_parse(text, &row->period) :
				    attack_month_parse(text, &row->period)))
		return bad(r, "that is no week, or no month");
	return SC_OK;
}

static enum sc_err read_dim(const struct reader *r, size_t dim, struct attack_row *row)
{
	struct attack_book *b = r->b;
	const enum attack_dim of =
	    attack_set_dim(r->shape->sets[0] + (enum attack_set)r->trait, dim);
	uint16_t *lists, list[ATTACK_MEMBERS_MAX] = { 0 };
	struct sc_span text;
	size_t n = 0;

	row->members[dim] = b->n_lists;
	row->n[dim] = 1;
	if (r->shape->dims[dim] != NULL) {
		if (!text_at(r, r->at.dims[dim], &text) ||
		    !attack_members_parse(&b->dims[of], &b->arena, text, list, &n,
			ATTACK_MEMBERS_MAX))
			return bad(r, "its members cannot be read");
		for (size_t i = 0; of == ATTACK_MONTHS && i < n; i++)
			if (b->dims[of].v[list[i]].month == 0)
				return bad(r, "a member is no month");
		row->n[dim] = (uint16_t)n;
	}
	while (b->n_lists + row->n[dim] > b->cap_lists) {
		if ((lists = realloc(b->lists, sc_grown(b->cap_lists) * sizeof(*lists))) == NULL)
			return SC_NOMEM;
		b->lists = lists;
		b->cap_lists = (uint32_t)sc_grown(b->cap_lists);
	}
	memcpy(b->lists + b->n_lists, list, row->n[dim] * sizeof(*list));
	b->n_lists += row->n[dim];
	return SC_OK;
}

static enum sc_err keep_row(struct attack_book *b, const struct attack_row *row)
{
	struct attack_row *rows;

	if (b->n_rows >= ATTACK_ROWS_MAX)
		return SC_LIMIT;
	if (b->n_rows == b->cap_rows) {
		if ((rows = realloc(b->rows, sc_grown(b->cap_rows) * sizeof(*rows))) == NULL)
			return SC_NOMEM;
		b->rows = rows;
		b->cap_rows = (uint32_t)sc_grown(b->cap_rows);
	}
	b->rows[b->n_rows++] = *row;
	return SC_OK;
}

static enum sc_err check_numbers(const struct reader *r, const struct attack_row *row)
{
	int64_t number;

	if (r->at.folded >= 0 &&
	    (!number_at(r, r->at.folded, NUMBER_MAX, &number) ||
		number != (int64_t)row->n[0] * row->n[1]))
		return bad(r, "`folded` is not the number of its cells");
	for (size_t i = 0; i < OTHERS; i++)
		if (r->shape->others[i] != NULL &&
		    !number_at(r, find_column(r->st, r->shape->others[i]), NUMBER_MAX, &number))
			return bad(r, "a number cannot be read");
	return SC_OK;
}

static enum sc_err read_row(const struct reader *r)
{
	struct attack_row row = { 0 };
	enum sc_err err;

	if ((err = read_period(r, &row)) != SC_OK)
		return err;
	for (size_t i = 0; i < ATTACK_DIMS; i++)
		if ((err = read_dim(r, i, &row)) != SC_OK)
			return err;
	if ((err = check_numbers(r, &row)) != SC_OK)
		return err;
	for (size_t i = 0; i < 3 && r->shape->people[i] != NULL; i++) {
		row.set = (uint8_t)(r->shape->sets[i] + r->trait);
		if (!number_at(r, r->at.people[i], ATTACK_MOST - 1, &row.people))
			return bad(r, "a number of people cannot be read");
		if ((err = keep_row(r->b, &row)) != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err read_table(struct attack_book *b, sqlite3 *db, const struct table_shape *shape,
    const char *name, unsigned trait, struct sc_diag *d)
{
	struct reader r = { .b = b, .shape = shape, .name = name, .trait = trait, .d = d };
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
	enum sc_err err = sql == NULL ? SC_NOMEM : SC_OK;
	int rc;

	if (err == SC_OK && (rc = sqlite3_prepare_v2(db, sql, -1, &r.st, NULL)) != SQLITE_OK)
		err = err_of(rc);
	if (err == SC_OK)
		err = find_columns(&r);
	while (err == SC_OK && (rc = sqlite3_step(r.st)) != SQLITE_DONE) {
		r.row++;
		err = rc == SQLITE_ROW ? read_row(&r) : err_of(rc);
	}
	if (err != SC_OK && d != NULL && d->text[0] == '\0')
		(void)bad(&r, sqlite3_errmsg(db));
	sqlite3_finalize(r.st);
	sqlite3_free(sql);
	return err;
}

/* ---- tables ------------------------------------------------------------------------- */

static bool is_aside(const char *name)
{
	for (size_t i = 0; i < sizeof(asides) / sizeof(asides[0]); i++)
		if (strcmp(name, asides[i]) == 0)
			return true;
	return false;
}

static enum sc_err read_named(struct attack_book *b, sqlite3 *db, const char *name,
    struct sc_diag *d)
{
	const size_t prefix = strlen(TRAIT_PREFIX);

	if (is_aside(name))
		return SC_OK;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(name, tables[i].name) == 0)
			return read_table(b, db, &tables[i], name, 0, d);
	if (strncmp(name, TRAIT_PREFIX, prefix) != 0 || strlen(name) >= sizeof(b->traits[0])) {
		sc_diag_set(d, "the attacker does not know the table %.64s", name);
		return SC_SYNTAX;
	}
	if (b->n_traits == ATTACK_TRAITS_MAX) {
		sc_diag_set(d, "there are more than %d tables of traits", ATTACK_TRAITS_MAX);
		return SC_LIMIT;
	}
	snprintf(b->traits[b->n_traits], sizeof(b->traits[0]), "%s", name);
	b->n_traits++;
	return read_table(b, db, &trait_table, b->traits[b->n_traits - 1], b->n_traits - 1, d);
}

/* Tables that are tables, and what SQLite makes for itself; nothing that would run. */
static bool is_plain(sqlite3_stmt *st)
{
	const char *type = (const char *)sqlite3_column_text(st, 0);
	const char *name = (const char *)sqlite3_column_text(st, 1);
	const char *sql = (const char *)sqlite3_column_text(st, 2);

	if (type == NULL || name == NULL)
		return false;
	if (strcmp(type, "index") == 0)
		return sql == NULL;
	return strcmp(type, "table") == 0 && sql != NULL &&
	    sqlite3_strnicmp(sql, "CREATE TABLE", 12) == 0;
}

enum sc_err attack_db_tables(sqlite3 *db, attack_table_fn *each, void *arg, struct sc_diag *d)
{
	sqlite3_stmt *st = NULL;
	enum sc_err err = err_of(sqlite3_prepare_v2(db,
	    "SELECT type, name, sql FROM sqlite_schema ORDER BY name", -1, &st, NULL));
	int rc;

	while (err == SC_OK && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		if ((err = err_of(rc)) == SC_OK && !is_plain(st))
			err = SC_SYNTAX;
		else if (err == SC_OK &&
		    strcmp((const char *)sqlite3_column_text(st, 0), "table") == 0)
			err = each(arg, db, (const char *)sqlite3_column_text(st, 1), d);
	}
	if (err == SC_SYNTAX && d != NULL && d->text[0] == '\0')
		sc_diag_set(d,
		    "the file is not a cube: it is no database, or has more than tables");
	sqlite3_finalize(st);
	return err;
}

static enum sc_err read_one(void *arg, sqlite3 *db, const char *name, struct sc_diag *d)
{
	return read_named(arg, db, name, d);
}

enum sc_err attack_read(struct attack_book *b, const char *path, struct sc_diag *d)
{
	unsigned looks = 0;
	sqlite3 *db = NULL;
	enum sc_err err = attack_db_open(path, &looks, d, &db);

	if (d != NULL && err == SC_OK)
		d->text[0] = '\0';
	if (err == SC_OK)
		err = attack_db_tables(db, read_one, b, d);
	if (err == SC_LIMIT && d != NULL && d->text[0] == '\0')
		sc_diag_set(d, "the cube is larger than the attacker reads");
	sqlite3_close(db);
	return err;
}
