/*
 * data.c - the questions that a page asks, a row each.
 */
#include "analytics/market/data.h"

#include "analytics/market/group.h"
#include "analytics/market/iso_week.h"
#include "base/civil.h"

#include <stdio.h>
#include <string.h>

#define SQL_BYTES 512
/* A year and a quarter, for the season; what is drawn is shorter. */
#define WEEKS_BACK 66

enum question_when { BY_WEEK, BY_MONTH };

struct question {
	const char *table, *when;
	enum question_when kind;
	const char *of[2], *then; /* columns; NULL: none */
	const char *v[MARKET_MEASURES];
	unsigned back; /* how many weeks or months before the page's */
};

static const struct question questions[MARKET_TABLES] = {
	[MARKET_WEEK] = { "week", "week", BY_WEEK, { NULL }, NULL,
	    { "visitors", "buyers", "orders", "revenue", "bought_before" }, WEEKS_BACK },
	[MARKET_VISITORS] = { "visitors_category", "week", BY_WEEK, { "category" }, NULL,
	    { "visitors" }, 26 },
	[MARKET_BUYERS] = { "buyers_category", "week", BY_WEEK, { "category" }, NULL, { "buyers" },
	    13 },
	[MARKET_BANDS] = { "buyers_band", "week", BY_WEEK, { "band" }, NULL, { "buyers" }, 13 },
	[MARKET_HOURS] = { "visitors_hour", "week", BY_WEEK, { "channel", "hour" }, NULL,
	    { "visitors" }, 4 },
	[MARKET_WEEKDAYS] = { "buyers_weekday", "week", BY_WEEK, { "weekday" }, NULL, { "buyers" },
	    13 },
	[MARKET_SEGMENT_WEEK] = { "segments", "week", BY_WEEK, { "segment" }, NULL,
	    { "people", "buyers", "orders", "revenue" }, 13 },
	[MARKET_COHORTS] = { "cohorts", "first_month", BY_MONTH, { NULL }, "month", { "buyers" },
	    12 },
	[MARKET_MONTH_BANDS] = { "month_category_band", "month", BY_MONTH, { "category", "band" },
	    NULL, { "buyers" }, 3 },
	[MARKET_QUARTERS] = { "quarters", "quarter", BY_WEEK, { "segment" }, NULL,
	    { "people", "buyers", "orders" }, WEEKS_BACK },
};

static const struct question trait_question = { NULL, "week", BY_WEEK, { "segment", "value" }, NULL,
	{ "people" }, 1 };
static const struct question channel_question = { NULL, "week", BY_WEEK, { "segment", "channel" },
	NULL, { "people" }, 1 };

/* ---- from answers to rows ------------------------------------------------------------ */

static bool when_of(const struct answer_value *v, enum question_when kind, int64_t *out)
{
	const struct sc_span text = sc_span_str(v->text);

	if (v->text == NULL)
		return false;
	return kind == BY_WEEK ? iso_week_parse(text, out) : iso_month_parse(text, out);
}

/* A row of the answer, whose columns stand as make_sql() asked for them. */
static bool row_of(const struct question *q, const struct answer_value *v, struct market_row *out)
{
	if (!when_of(v++, q->kind, &out->at))
		return false;
	for (size_t i = 0; i < 2 && q->of[i] != NULL; i++, v++) {
		if ((out->of[i] = v->text) == NULL)
			return false;
	}
	if (q->then != NULL && !when_of(v++, q->kind, &out->then))
		return false;
	for (size_t i = 0; i < MARKET_MEASURES && q->v[i] != NULL; i++, v++) {
		if (v->text != NULL || v->null || v->number < 0)
			return false;
		out->v[i] = v->number;
	}
	return true;
}

static size_t columns_of(const struct question *q)
{
	size_t n = 1 + (q->then != NULL);

	for (size_t i = 0; i < 2; i++)
		n += q->of[i] != NULL;
	for (size_t i = 0; i < MARKET_MEASURES; i++)
		n += q->v[i] != NULL;
	return n;
}

static bool is_group(const struct answer_value *v)
{
	return v->text != NULL && group_size(v->text) > 1;
}

static enum sc_err rows_of(struct sc_arena *a, const struct question *q,
    const struct market_answer *answer, struct sc_diag *d, struct market_series *out)
{
	struct market_row *rows = sc_arena_alloc(a, answer->n_rows * sizeof(*rows));
	size_t n = 0;

	if (rows == NULL)
		return SC_NOMEM;
	if (answer->cut) {
		sc_diag_set(d, "the table is longer than the server answers at once");
		return SC_LIMIT;
	}
	if (answer->n_columns != columns_of(q)) {
		sc_diag_set(d, "the server's answer has other columns than were asked for");
		return SC_SYNTAX;
	}
	for (size_t i = 0; i < answer->n_rows; i++) {
		const struct answer_value *v = answer->values + i * answer->n_columns;

		/* months that were folded: what is of several stands in no field of a table of one */
		if (is_group(&v[0]) || (q->then != NULL && is_group(&v[1])))
			continue;
		if (row_of(q, v, &rows[n]) && (n == 0 || rows[n - 1].at <= rows[n].at)) {
			n++;
			continue;
		}
		sc_diag_set(d, "row %zu of the server's answer is not what was asked for", i + 1);
		return SC_SYNTAX;
	}
	out->rows = rows;
	out->n = n;
	return SC_OK;
}

/* ---- asking -------------------------------------------------------------------------- */

static void add(char *sql, const char *before, const char *text)
{
	const size_t n = strlen(sql);

	snprintf(sql + n, SQL_BYTES - n, "%s%s", before, text);
}

/* When the last of it is, by the week of the page, as the cube writes it. */
static void print_when(const struct question *q, int64_t week, unsigned back, char out[static 16])
{
	const struct civil_date date = civil_of_days(week + 6);
	const int64_t month = date.year * 12 + date.month - 1 - back;

	if (q->kind == BY_WEEK)
		iso_week_print(week - 7 * (int64_t)back, out);
	else
		snprintf(out, 16, "%04u-%02u", (unsigned)(month / 12) % 10000,
		    (unsigned)(month % 12) + 1);
}

static void make_sql(const struct question *q, const char *table, int64_t week,
    char sql[static SQL_BYTES])
{
	char from[16], to[16];

	print_when(q, week, q->back, from);
	print_when(q, week, 0, to);
	sql[0] = '\0';
	add(sql, "SELECT ", q->when);
	for (size_t i = 0; i < 2 && q->of[i] != NULL; i++)
		add(sql, ", ", q->of[i]);
	if (q->then != NULL)
		add(sql, ", ", q->then);
	for (size_t i = 0; i < MARKET_MEASURES && q->v[i] != NULL; i++)
		add(sql, ", ", q->v[i]);
	add(sql, " FROM ", table);
	add(sql, " WHERE ", q->when);
	add(sql, " > '", from);
	add(sql, "' AND ", q->then != NULL ? q->then : q->when);
	add(sql, " <= '", to);
	add(sql, "' ORDER BY ", "1, 2");
}

/* What cannot be asked because the server is gone ends it all; what is refused is one blank. */
static bool is_one_blank(enum sc_err err)
{
	return err == SC_SYNTAX || err == SC_LIMIT || err == SC_AUTH || err == SC_STALE;
}

static enum sc_err ask_series(struct market_asker *k, const char *cube, const struct question *q,
    const char *table, struct market_data *m, struct sc_diag *d, struct market_series *out)
{
	struct market_answer answer;
	char sql[SQL_BYTES];
	enum sc_err err;

	make_sql(q, table, m->week, sql);
	if ((err = asker_query(k, cube, sql, &m->arena, d, &answer)) == SC_OK)
		err = rows_of(&m->arena, q, &answer, d, out);
	if (err == SC_OK || !is_one_blank(err))
		return err;
	out->missing = true;
	snprintf(out->why, sizeof(out->why), "%.180s", d->text);
	return SC_OK;
}

static bool has_table(const struct market_manifest *f, const char *name)
{
	for (size_t i = 0; i < f->n_tables; i++)
		if (strcmp(f->tables[i], name) == 0)
			return true;
	return false;
}

/* The week that was wished for, or the last; that there is one is what a page needs. */
static enum sc_err ask_week(struct market_asker *k, const struct data_wish *w, struct sc_diag *d,
    struct market_data *m)
{
	struct market_answer answer;
	enum sc_err err;

	if ((err = asker_query(k, w->cube, "SELECT max(week) FROM week", &m->arena, d, &answer)) !=
	    SC_OK)
		return err;
	if (answer.n_rows != 1 || answer.n_columns != 1 ||
	    !when_of(answer.values, BY_WEEK, &m->week)) {
		sc_diag_set(d, "no week of %s is published yet", w->cube);
		return SC_STALE;
	}
	if (w->week == NULL)
		return SC_OK;
	const int64_t last = m->week;

	if (iso_week_parse(sc_span_str(w->week), &m->week) && m->week <= last)
		return SC_OK;
	sc_diag_set(d, "%s is not published: the last week is %s", w->week, answer.values[0].text);
	return SC_STALE;
}

static enum sc_err ask_cube(struct market_asker *k, const struct data_wish *w,
    const struct market_manifest *f, struct sc_diag *d, struct market_data *m)
{
	enum sc_err err;

	for (size_t i = 0; i < MARKET_TABLES; i++)
		if ((err = ask_series(k, w->cube, &questions[i], questions[i].table, m, d,
			 &m->series[i])) != SC_OK)
			return err;
	for (size_t i = 0; i < f->n_tables && m->n_traits < MARKET_TRAITS; i++) {
		struct market_trait *t = &m->traits[m->n_traits];
		const bool channel = strcmp(f->tables[i], "segment_channel") == 0;

		if (strncmp(f->tables[i], "segment_", 8) != 0)
			continue;
		if ((err = ask_series(k, w->cube, channel ? &channel_question : &trait_question,
			 f->tables[i], m, d, &t->rows)) != SC_OK)
			return err;
		t->name = f->tables[i] + 8;
		m->n_traits++;
	}
	return SC_OK;
}

static enum sc_err ask_calendar(struct market_asker *k, const struct data_wish *w,
    struct sc_diag *d, struct market_data *m)
{
	struct market_answer answer;
	const enum sc_err err = asker_query(k, w->cube,
	    "SELECT next FROM calendar ORDER BY number DESC LIMIT 1", &m->arena, d, &answer);

	if (err != SC_OK)
		return is_one_blank(err) ? SC_OK : err;
	if (answer.n_rows == 1 && answer.n_columns == 1 && answer.values[0].text != NULL)
		snprintf(m->next, sizeof(m->next), "%.15s", answer.values[0].text);
	return SC_OK;
}

/* ---- the released view --------------------------------------------------------------- */

static bool range_of(const struct answer_value *v, struct cell_range *out)
{
	if (v->text != NULL)
		return cell_range_parse(sc_span_str(v->text), out);
	*out = (struct cell_range){ v->number, v->number, false, false };
	return !v->null;
}

static enum sc_err cells_of(const struct market_answer *answer, struct sc_diag *d,
    struct market_data *m)
{
	const size_t n = answer->n_columns == 5 ? answer->n_rows : 0;
	struct market_cell *cells = sc_arena_alloc(&m->arena, n * sizeof(*cells));

	if (cells == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct answer_value *v = answer->values + i * 5;

		if (!range_of(v, &cells[i].weeks) || !range_of(v + 1, &cells[i].orders) ||
		    !range_of(v + 2, &cells[i].spent) || v[4].text != NULL || v[4].number < 1) {
			sc_diag_set(d, "the view's cells are no ranges of numbers");
			return SC_SYNTAX;
		}
		cells[i].favourite = v[3].text;
		cells[i].people = v[4].number;
	}
	m->view.cells = cells;
	m->view.n = n;
	return SC_OK;
}

static enum sc_err ask_cells(struct market_asker *k, const struct data_wish *w, struct sc_diag *d,
    struct market_data *m)
{
	struct market_answer answer;
	char sql[SQL_BYTES];
	enum sc_err err;

	if ((err = asker_manifest(k, w->view, &m->arena, d, &m->view.manifest)) != SC_OK)
		return err;
	if (m->view.manifest.n_tables == 0) {
		sc_diag_set(d, "the released view has no table");
		return SC_SYNTAX;
	}
	snprintf(sql, sizeof(sql),
	    "SELECT weeks_since_order, orders, spent, favourite_category, count(*) FROM %s "
	    "GROUP BY 1, 2, 3, 4",
	    m->view.manifest.tables[0]);
	if ((err = asker_query(k, w->view, sql, &m->arena, d, &answer)) != SC_OK)
		return err;
	if (answer.cut) {
		sc_diag_set(d, "the view has more cells than the server answers at once");
		return SC_LIMIT;
	}
	return cells_of(&answer, d, m);
}

static enum sc_err ask_view(struct market_asker *k, const struct data_wish *w, struct sc_diag *d,
    struct market_data *m)
{
	const enum sc_err err = ask_cells(k, w, d, m);

	if (err == SC_OK || !is_one_blank(err))
		return err;
	m->view.missing = true;
	snprintf(m->view.why, sizeof(m->view.why), "%.180s", d->text);
	return SC_OK;
}

enum sc_err market_data_ask(struct market_asker *k, const struct data_wish *w, struct sc_diag *d,
    struct market_data *out)
{
	struct market_manifest f;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = asker_manifest(k, w->cube, &out->arena, d, &f)) != SC_OK ||
	    (err = ask_week(k, w, d, out)) != SC_OK)
		return err;
	out->cube = f.number;
	out->floor = f.k;
	out->checked = f.checked;
	if (!has_table(&f, "week")) {
		sc_diag_set(d, "%s is no weekly cube: it has no table of weeks", w->cube);
		return SC_SYNTAX;
	}
	if ((err = ask_cube(k, w, &f, d, out)) == SC_OK &&
	    (err = ask_calendar(k, w, d, out)) == SC_OK)
		err = ask_view(k, w, d, out);
	out->account = asker_account_of(k);
	return err;
}

void market_data_fini(struct market_data *m)
{
	sc_arena_fini(&m->arena);
	memset(m, 0, sizeof(*m));
}

/* ---- sums ---------------------------------------------------------------------------- */

bool market_sum(const struct market_series *s, int64_t from, int64_t to, const char *a,
    const char *b, size_t v, double *out)
{
	const char *const sets[2] = { a, b };

	*out = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct market_row *r = &s->rows[i];
		bool within = true, meets = true;

		for (size_t g = 0; g < 2 && r->at >= from && r->at <= to; g++) {
			within = within && (sets[g] == NULL || group_within(r->of[g], sets[g]));
			meets = meets && (sets[g] == NULL || group_meets(r->of[g], sets[g]));
		}
		if (r->at < from || r->at > to || !meets)
			continue;
		if (!within)
			return false;
		*out += r->v[v];
	}
	return true;
}
