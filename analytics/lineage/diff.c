/*
 * diff.c - counts rows of two releases by the cells that both have, with one query over both.
 */
#include "analytics/lineage/diff.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX (64u << 10) /* bytes */
#define PATH_BYTES 4096

struct differing {
	const struct shelf_release *of[2];
	const struct shelf_table *table[2];
	sqlite3 *db;
	struct sc_buf sql, names;
	diff_cells_fn *each;
	void *arg;
	struct release_diff *out;
};

/* ---- columns ------------------------------------------------------------------------------ */

static const struct shelf_column *find(const struct shelf_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

static const struct shelf_table *generalised(const struct shelf_manifest *m)
{
	for (size_t t = 0; t < m->n_tables; t++)
		for (size_t c = 0; c < m->tables[t].n_columns; c++)
			if (m->tables[t].columns[c].role == SHELF_QUASI)
				return &m->tables[t];
	return NULL;
}

static void add(struct release_diff *out, const char *name, enum diff_where where)
{
	out->columns[out->n_columns++] = (struct diff_column){ name, where };
	out->danger |= where == DIFF_OPEN;
}

static void compare_columns(struct differing *v)
{
	const struct shelf_table *a = v->table[0], *b = v->table[1];

	for (size_t i = 0; i < a->n_columns; i++) {
		const struct shelf_column *x = &a->columns[i], *y = find(b, x->name);

		if (y == NULL)
			add(v->out, x->name, DIFF_FIRST);
		else if (x->role == SHELF_QUASI && y->role == SHELF_QUASI)
			add(v->out, x->name, DIFF_BOTH);
		else if (x->role == SHELF_QUASI || y->role == SHELF_QUASI)
			add(v->out, x->name, DIFF_OPEN);
	}
	for (size_t i = 0; i < b->n_columns; i++)
		if (find(a, b->columns[i].name) == NULL)
			add(v->out, b->columns[i].name, DIFF_SECOND);
}

/* ---- the query ------------------------------------------------------------------------------ */

/* "age","region", of the columns that both generalise; "" where none is. */
static enum sc_err put_names(struct differing *v)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < v->out->n_columns && err == SC_OK; i++)
		if (v->out->columns[i].where == DIFF_BOTH)
			err = sc_buf_printf(&v->names, "\"%s\",", v->out->columns[i].name);
	return err != SC_OK ? err : sc_buf_put(&v->names, "", 1);
}

static enum sc_err put_query(struct differing *v)
{
	const char *names = (const char *)v->names.p;
	const int n = (int)v->names.n - 1;
	enum sc_err err;

	/* names of a manifest are of [a-z0-9_]: nothing in them needs an escape */
	err = sc_buf_printf(&v->sql,
	    "SELECT %ssum(a),sum(b) FROM (SELECT %scount(*) a,0 b FROM main.\"%s\"%s%.*s UNION ALL "
	    "SELECT %s0,count(*) FROM other.\"%s\"%s%.*s)%s%.*s%s%.*s",
	    names, names, v->table[0]->name, n > 0 ? " GROUP BY " : "", n > 0 ? n - 1 : 0, names,
	    names, v->table[1]->name, n > 0 ? " GROUP BY " : "", n > 0 ? n - 1 : 0, names,
	    n > 0 ? " GROUP BY " : "", n > 0 ? n - 1 : 0, names, n > 0 ? " ORDER BY " : "",
	    n > 0 ? n - 1 : 0, names);
	return err != SC_OK ? err : sc_buf_put(&v->sql, "", 1);
}

static enum sc_err failed(struct differing *v, struct sc_diag *d)
{
	sc_diag_set(d, "a release's database cannot be read: %s",
	    v->db == NULL ? "no memory" : sqlite3_errmsg(v->db));
	return SC_IO;
}

static enum sc_err open_both(struct differing *v, struct sc_diag *d)
{
	char path[2][PATH_BYTES];
	sqlite3_stmt *attach = NULL;
	bool ok;

	for (size_t i = 0; i < 2; i++)
		if (snprintf(path[i], PATH_BYTES, "%s/" SHELF_DB, v->of[i]->folder) >= PATH_BYTES) {
			sc_diag_set(d, "a release's folder has too long a path");
			return SC_IO;
		}
	ok = sqlite3_open_v2(path[0], &v->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(v->db, "ATTACH ? AS other", -1, &attach, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(attach, 1, path[1], -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(attach) == SQLITE_DONE;
	sqlite3_finalize(attach);
	return ok ? SC_OK : failed(v, d);
}

/* ---- counts ----------------------------------------------------------------------------------- */

static void take(struct differing *v, sqlite3_stmt *q)
{
	const char *text[SHELF_COLUMNS_MAX];
	struct diff_cells c = { .text = text, .n = (size_t)sqlite3_column_count(q) - 2 };
	struct release_diff *out = v->out;

	for (size_t i = 0; i < c.n; i++) {
		const unsigned char *s = sqlite3_column_text(q, (int)i);

		text[i] = s == NULL ? "" : (const char *)s;
	}
	c.first = (uint64_t)sqlite3_column_int64(q, (int)c.n);
	c.second = (uint64_t)sqlite3_column_int64(q, (int)c.n + 1);
	const uint64_t by = c.first > c.second ? c.first - c.second : c.second - c.first;

	out->stayed += by == 0;
	out->appeared += c.first == 0 && by > 0;
	out->vanished += c.second == 0 && by > 0;
	out->changed += c.first > 0 && c.second > 0 && by > 0;
	if (by == 0 || by >= out->k)
		return;
	out->dangerous++;
	out->danger = true;
	if (v->each != NULL)
		v->each(v->arg, &c);
}

static enum sc_err run(struct differing *v, struct sc_diag *d)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(v->db, (const char *)v->sql.p, -1, &q, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		if ((rc = sqlite3_step(q)) == SQLITE_ROW)
			take(v, q);
	}
	const enum sc_err err = rc == SQLITE_DONE ? SC_OK : failed(v, d);

	sqlite3_finalize(q);
	return err;
}

enum sc_err diff_releases(const struct shelf_release *a, const struct shelf_release *b,
    diff_cells_fn *each, void *arg, struct sc_diag *d, struct release_diff *out)
{
	struct differing v = { .of = { a, b },
		.table = { generalised(&a->manifest), generalised(&b->manifest) },
		.each = each,
		.arg = arg,
		.out = out };
	enum sc_err err;

	*out = (struct release_diff){
		.same_dataset = strcmp(a->manifest.dataset.s, b->manifest.dataset.s) == 0 &&
		    strcmp(a->manifest.tenant.s, b->manifest.tenant.s) == 0,
		.k = a->manifest.k > b->manifest.k ? a->manifest.k : b->manifest.k,
	};
	if (v.table[0] == NULL || v.table[1] == NULL) {
		sc_diag_set(d,
		    "release %s has no table of people: a cube is held against all others "
		    "when it is made",
		    v.table[0] == NULL ? a->manifest.dataset.s : b->manifest.dataset.s);
		return SC_SYNTAX;
	}
	sc_buf_init(&v.sql, SQL_MAX);
	sc_buf_init(&v.names, SQL_MAX);
	compare_columns(&v);
	if ((err = put_names(&v)) == SC_OK && (err = put_query(&v)) == SC_OK &&
	    (err = open_both(&v, d)) == SC_OK)
		err = run(&v, d);
	sqlite3_close(v.db);
	sc_buf_fini(&v.sql);
	sc_buf_fini(&v.names);
	return err;
}
