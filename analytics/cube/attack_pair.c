/*
 * attack_pair.c - two releases of a cube beside each other, table by table, row by row, as
 * text: whoever made them promised that the older one's rows are all in the newer one.
 */
#include "analytics/cube/attack_private.h"
#include "base/buf.h"
#include "base/grow.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1u << 20) /* of a row */

/* A table's rows as text, sorted; and what each of them is of. */
struct text_row {
	char *text, *period;
};

struct text_rows {
	struct text_row *v;
	size_t n, cap;
};

struct comparing {
	sqlite3 *after;
	attack_found_fn *found;
	void *arg;
	uint64_t changed;
};

static void rows_fini(struct text_rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].text);
		free(r->v[i].period);
	}
	free(r->v);
	*r = (struct text_rows){ 0 };
}

/* Each column's type, length and bytes: nothing in them reads as another column's. */
static enum sc_err put_row(sqlite3_stmt *st, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	sc_buf_clear(out);
	for (int i = 0; err == SC_OK && i < sqlite3_column_count(st); i++) {
		const int type = sqlite3_column_type(st, i);
		const char *text = (const char *)sqlite3_column_text(st, i);
		const size_t n = text == NULL ? 0 : (size_t)sqlite3_column_bytes(st, i);
		char *head = sqlite3_mprintf("%s %d %d ", sqlite3_column_name(st, i), type,
		    sqlite3_column_bytes(st, i));

		err = head == NULL ? SC_NOMEM : sc_buf_put(out, head, strlen(head));
		if (err == SC_OK && n > 0)
			err = memchr(text, '\0', n) != NULL ? SC_SYNTAX : sc_buf_put(out, text, n);
		sqlite3_free(head);
	}
	return err == SC_OK ? sc_buf_put(out, "", 1) : err;
}

static enum sc_err add_row(struct text_rows *r, const char *text, size_t n, const char *period)
{
	struct text_row *v;

	if (r->n >= ATTACK_ROWS_MAX)
		return SC_LIMIT;
	if (r->n == r->cap) {
		if ((v = realloc(r->v, sc_grown(r->cap) * sizeof(*v))) == NULL)
			return SC_NOMEM;
		r->v = v;
		r->cap = sc_grown(r->cap);
	}
	v = &r->v[r->n];
	v->text = malloc(n);
	v->period = strdup(period);
	r->n++;
	if (v->text == NULL || v->period == NULL)
		return SC_NOMEM;
	memcpy(v->text, text, n);
	return SC_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct text_row *)a)->text, ((const struct text_row *)b)->text);
}

static int by_period(const void *a, const void *b)
{
	return strcmp(((const struct text_row *)a)->period, ((const struct text_row *)b)->period);
}

/* The column that says what a row is about: a week before a month, a month before a number. */
static int period_column(sqlite3_stmt *st)
{
	static const char *const names[] = { "week", "quarter", "month", "number" };

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		for (int i = 0; i < sqlite3_column_count(st); i++)
			if (strcmp(sqlite3_column_name(st, i), names[n]) == 0)
				return i;
	return 0;
}

/* All rows of TABLE; of one that is not there, none. */
static enum sc_err read_rows(sqlite3 *db, const char *table, struct text_rows *out)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
	sqlite3_stmt *st = NULL;
	struct sc_buf text;
	enum sc_err err = SC_OK;
	int rc = SQLITE_DONE;

	sc_buf_init(&text, TEXT_MAX);
	if (sql == NULL)
		err = SC_NOMEM;
	else if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK)
		while (err == SC_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
			const char *period =
			    (const char *)sqlite3_column_text(st, period_column(st));

			if ((err = put_row(st, &text)) == SC_OK)
				err = add_row(out, (const char *)sc_buf_span(&text).p,
				    sc_buf_span(&text).n, period == NULL ? "" : period);
		}
	if (err == SC_OK && rc != SQLITE_DONE)
		err = rc == SQLITE_NOMEM ? SC_NOMEM : SC_SYNTAX;
	sc_buf_fini(&text);
	sqlite3_finalize(st);
	sqlite3_free(sql);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), by_text);
	return err;
}

static void tell(struct comparing *c, const char *table, const char *period, const char *what)
{
	char *text = sqlite3_mprintf("%s: %s", period, what);

	c->changed++;
	if (c->found != NULL && text != NULL)
		c->found(c->arg, table, text, 0, 0);
	sqlite3_free(text);
}

/* Every row of X is in Y, as often; those of Y that X lacks are of periods that X has nothing of. */
static void compare(struct comparing *c, const char *table, const struct text_rows *x,
    const struct text_row *sorted, const struct text_rows *y)
{
	size_t at = 0;

	for (size_t i = 0; i < x->n || at < y->n;) {
		const int order = i == x->n ? 1 : at == y->n ? -1 : by_text(&x->v[i], &y->v[at]);

		if (order < 0)
			tell(c, table, x->v[i].period, "a row is not as it was published");
		else if (order > 0 && bsearch(&y->v[at], sorted, x->n, sizeof(*sorted), by_period))
			tell(c, table, y->v[at].period, "a row came to what had been told");
		i += order <= 0;
		at += order >= 0;
	}
}

static enum sc_err compare_table(void *arg, sqlite3 *before, const char *name, struct sc_diag *d)
{
	struct comparing *c = arg;
	struct text_rows x = { 0 }, y = { 0 };
	struct text_row *sorted = NULL;
	enum sc_err err;

	if (strcmp(name, "dictionary") == 0)
		return SC_OK;
	if ((err = read_rows(before, name, &x)) == SC_OK &&
	    (err = read_rows(c->after, name, &y)) == SC_OK &&
	    (sorted = malloc((x.n + 1) * sizeof(*sorted))) == NULL)
		err = SC_NOMEM;
	if (err == SC_OK) {
		memcpy(sorted, x.v == NULL ? sorted : x.v, x.n * sizeof(*sorted));
		qsort(sorted, x.n, sizeof(*sorted), by_period);
		compare(c, name, &x, sorted, &y);
	} else {
		sc_diag_set(d, "the cube's table %.64s cannot be read", name);
	}
	free(sorted);
	rows_fini(&x);
	rows_fini(&y);
	return err;
}

enum sc_err cube_attack_pair(const char *before, const char *after, attack_found_fn *found,
    void *arg, struct sc_diag *d, uint64_t *changed)
{
	struct comparing c = { .found = found, .arg = arg };
	unsigned looks[2] = { 0 };
	sqlite3 *db = NULL;
	enum sc_err err;

	if ((err = attack_db_open(before, &looks[0], d, &db)) == SC_OK &&
	    (err = attack_db_open(after, &looks[1], d, &c.after)) == SC_OK)
		err = attack_db_tables(db, compare_table, &c, d);
	*changed = c.changed;
	sqlite3_close(db);
	sqlite3_close(c.after);
	return err;
}
