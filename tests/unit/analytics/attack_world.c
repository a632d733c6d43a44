/*
 * attack_world.c - made-up people and the honest cube of them. Rows are folded along the order
 * of their members until each has people enough; what is left over joins the last.
 */
#include "attack_world.h"

#include "base/civil.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DAY 20094 /* Monday, 2025-01-06, of 2025-W02 */
#define SEGMENTS 7
#define WEEKS_MAX 120
#define MONTHS_MAX 30
#define CELLS_MAX 2048
#define QUARTER 13

static const char *const segment_names[SEGMENTS] = { "champions", "loyal", "promising", "new",
	"at_risk", "asleep", "looking" };

/* What one person did in a week, at most one visit and one order a week in two categories. */
struct doing {
	bool visits, buys;
	uint16_t category[2], band[2], lines;
	uint8_t channel, hour, day; /* DAY: from Monday */
};

struct person {
	struct doing weeks[WEEKS_MAX];
	uint8_t segment[WEEKS_MAX]; /* at its end */
	uint8_t trait[2];
	int first_order; /* day; -1: none */
};

struct writing {
	const struct attack_world *w;
	sqlite3 *db;
	struct person *p;
	uint64_t state;
	uint8_t *marks; /* PEOPLE x cells */
	unsigned week;
	unsigned groups[WEEKS_MAX][SEGMENTS + 1],
	    n_groups[WEEKS_MAX]; /* of segments: first of each */
};

static unsigned roll(struct writing *g, unsigned n)
{
	g->state = g->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((g->state >> 33) % n);
}

/* Fewer for the later ones, as with real categories. */
static uint16_t pick(struct writing *g, unsigned n)
{
	const unsigned a = roll(g, n), b = roll(g, n);

	return (uint16_t)(a < b ? a : b);
}

static void run_sql(struct writing *g, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(g->db, sql, NULL, NULL, &why) != SQLITE_OK) {
		printf("Bail out! attack_world: %s\n", why);
		exit(1);
	}
}

/* ---- living ------------------------------------------------------------------------- */

static uint8_t segment_at(const struct person *p, unsigned week)
{
	unsigned orders = 0, since = 99;

	for (unsigned i = 0; i <= week && i < 40; i++)
		if (p->weeks[week - i].buys) {
			since = orders++ == 0 ? i : since;
		}
	if (orders == 0)
		return 6;
	if (since >= 13)
		return orders >= 3 ? 4 : 5;
	return orders >= 4 && since < 8 ? 0 : orders >= 3 ? 1 : orders == 2 ? 2 : 3;
}

static void live(struct writing *g, struct person *p)
{
	const struct attack_world *w = g->w;
	const unsigned likes = 1 + roll(g, 100);

	p->first_order = -1;
	for (unsigned t = 0; t < 2; t++)
		p->trait[t] = (uint8_t)pick(g, w->values + 1); /* the last: not known */
	for (unsigned i = 0; i < w->weeks; i++) {
		struct doing *d = &p->weeks[i];

		d->visits = roll(g, 5000) < w->visit_percent * likes;
		d->buys = d->visits && roll(g, 100) < w->buy_percent;
		d->lines = (uint16_t)(1 + roll(g, 2));
		for (unsigned k = 0; k < 2; k++) {
			d->category[k] = pick(g, w->categories);
			d->band[k] = pick(g, w->bands);
		}
		d->channel = (uint8_t)pick(g, w->channels);
		d->hour = (uint8_t)roll(g, 24);
		d->day = (uint8_t)roll(g, 7);
		if (d->buys && p->first_order < 0)
			p->first_order = (int)(FIRST_DAY + 7 * i + d->day);
		p->segment[i] = segment_at(p, i);
	}
}

/* ---- counting ----------------------------------------------------------------------- */

/* Who is in which of N cells. */
typedef void mark_fn(const struct writing *g, const struct person *p, uint8_t *cells);

static void mark_all(struct writing *g, mark_fn *mark, unsigned n)
{
	memset(g->marks, 0, (size_t)g->w->people * n);
	for (unsigned i = 0; i < g->w->people; i++)
		mark(g, &g->p[i], g->marks + (size_t)i * n);
}

/* People of cells FIRST to LAST of N. */
static unsigned count(const struct writing *g, unsigned n, unsigned first, unsigned last)
{
	unsigned people = 0;

	for (unsigned i = 0; i < g->w->people; i++)
		people += memchr(g->marks + (size_t)i * n + first, 1, last - first + 1) != NULL;
	return people;
}

typedef void row_fn(struct writing *g, const char *at, unsigned first, unsigned last,
    unsigned people);

/* Cells FIRST to END of N, folded: each row to ROW, with AT in front of it. */
static void fold(struct writing *g, unsigned n, unsigned first, unsigned end, const char *at,
    row_fn *row)
{
	unsigned from = first, begins[CELLS_MAX], rows = 0;

	for (unsigned c = first; c < end; c++)
		if (count(g, n, from, c) >= g->w->floor) {
			begins[rows++] = from;
			from = c + 1;
		}
	for (unsigned i = 0; i < rows; i++) {
		const unsigned last = i + 1 == rows ? end - 1 : begins[i + 1] - 1;

		row(g, at, begins[i] - first, last - first, count(g, n, begins[i], last));
	}
}

static void put_members(char *out, size_t size, const char *prefix, unsigned first, unsigned last)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned m = first; m <= last; m++)
		n += (size_t)snprintf(out + n, size - n, "%s%s%u", m == first ? "" : " | ", prefix,
		    m);
}

static const char *week_name(unsigned week)
{
	static char name[16];
	const int64_t day = FIRST_DAY + 7 * (int64_t)week + 3;
	const struct civil_date date = civil_of_days(day);
	const int64_t first = civil_days(
	    (struct civil_date){ .year = date.year, .month = 1, .day = 1 });

	snprintf(name, sizeof(name), "%04u-W%02u", (unsigned)date.year % 10000,
	    (unsigned)((day - first) / 7 + 1) % 100);
	return name;
}

static unsigned month_of(int64_t day)
{
	const struct civil_date date = civil_of_days(day);

	return (unsigned)(date.year - 2025) * 12 + date.month - 1;
}

static const char *month_name(unsigned month)
{
	static char name[16];

	snprintf(name, sizeof(name), "%04u-%02u", 2025 + month / 12, month % 12 + 1);
	return name;
}

/* ---- a week's tables ---------------------------------------------------------------- */

static void insert(struct writing *g, const char *table, const char *at, const char *prefix,
    unsigned first, unsigned last, const char *numbers)
{
	static char sql[65536], members[32768];

	put_members(members, sizeof(members), prefix, first, last);
	snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES(%s,'%s',%u,%s)", table, at, members,
	    last - first + 1, numbers);
	run_sql(g, sql);
}

#define ROW(name, table, prefix, format, ...) \
	static void name(struct writing *g, const char *at, unsigned first, unsigned last, \
	    unsigned people) \
	{ \
		char numbers[64]; \
\
		snprintf(numbers, sizeof(numbers), format, __VA_ARGS__); \
		insert(g, table, at, prefix, first, last, numbers); \
	}
ROW(row_visitors, "visitors_category", "c", "%u", people)
ROW(row_buyers, "buyers_category", "c", "%u,%u,%u", people, people, people)
ROW(row_band, "buyers_band", "b", "%u,%u", people, people)
ROW(row_hour, "visitors_hour", "", "%u", people)
ROW(row_day, "buyers_weekday", "d", "%u", people)
ROW(row_month, "month_category_band", "b", "%u", people)

static void mark_category(const struct writing *g, const struct person *p, uint8_t *cells)
{
	const struct doing *d = &p->weeks[g->week];

	for (unsigned k = 0; d->visits && k < 2; k++)
		cells[d->category[k]] = 1;
}

static void mark_bought(const struct writing *g, const struct person *p, uint8_t *cells)
{
	const struct doing *d = &p->weeks[g->week];

	for (unsigned k = 0; d->buys && k < d->lines; k++)
		cells[d->category[k]] = 1;
}

static void mark_band(const struct writing *g, const struct person *p, uint8_t *cells)
{
	const struct doing *d = &p->weeks[g->week];

	for (unsigned k = 0; d->buys && k < d->lines; k++)
		cells[d->band[k]] = 1;
}

static void mark_hour(const struct writing *g, const struct person *p, uint8_t *cells)
{
	const struct doing *d = &p->weeks[g->week];

	if (d->visits)
		cells[d->channel * 24u + d->hour] = 1;
}

static void mark_day(const struct writing *g, const struct person *p, uint8_t *cells)
{
	if (p->weeks[g->week].buys)
		cells[p->weeks[g->week].day] = 1;
}

static void write_week_row(struct writing *g, const char *at)
{
	unsigned visitors = 0, buyers = 0, before = 0;
	char sql[256];

	for (unsigned i = 0; i < g->w->people; i++) {
		const struct person *p = &g->p[i];

		visitors += p->weeks[g->week].visits;
		buyers += p->weeks[g->week].buys;
		before += p->weeks[g->week].buys && p->first_order < (int)(FIRST_DAY + 7 * g->week);
	}
	snprintf(sql, sizeof(sql), "INSERT INTO week VALUES(%s,%u,%u,%u,%u,%u)", at, visitors,
	    buyers, buyers, buyers, before);
	run_sql(g, sql);
}

static void write_margins(struct writing *g, const char *at)
{
	const struct attack_world *w = g->w;

	mark_all(g, mark_category, w->categories);
	fold(g, w->categories, 0, w->categories, at, row_visitors);
	mark_all(g, mark_bought, w->categories);
	fold(g, w->categories, 0, w->categories, at, row_buyers);
	mark_all(g, mark_band, w->bands);
	fold(g, w->bands, 0, w->bands, at, row_band);
	mark_all(g, mark_day, 7);
	fold(g, 7, 0, 7, at, row_day);
	mark_all(g, mark_hour, w->channels * 24);
	for (unsigned c = 0; c < w->channels; c++) {
		char channel[64];

		snprintf(channel, sizeof(channel), "%s,'ch%u'", at, c);
		fold(g, w->channels * 24, c * 24, c * 24 + 24, channel, row_hour);
	}
}

/* ---- segments ----------------------------------------------------------------------- */

static void segment_text(unsigned first, unsigned last, char out[static 128])
{
	size_t n = 0;

	for (unsigned s = first; s <= last; s++)
		n += (size_t)snprintf(out + n, 128 - n, "%s%s", s == first ? "" : " | ",
		    segment_names[s]);
}

static unsigned count_segment(const struct writing *g, unsigned at, unsigned first, unsigned last,
    unsigned from, unsigned to)
{
	unsigned people = 0;

	for (unsigned i = 0; i < g->w->people; i++) {
		const struct person *p = &g->p[i];
		bool buys = from > to;

		for (unsigned k = from; k <= to; k++)
			buys = buys || p->weeks[k].buys;
		people += p->segment[at] >= first && p->segment[at] <= last && buys;
	}
	return people;
}

static void group_segments(struct writing *g)
{
	unsigned *begins = g->groups[g->week], n = 0, from = 0;

	for (unsigned s = 0; s < SEGMENTS; s++)
		if (count_segment(g, g->week, from, s, 1, 0) >= g->w->floor) {
			begins[n++] = from;
			from = s + 1;
		}
	begins[n] = SEGMENTS;
	g->n_groups[g->week] = n;
}

/* Cells by value: those whose trait is not known are in none. */
static void write_trait(struct writing *g, const char *at, unsigned trait, unsigned first,
    unsigned last)
{
	unsigned counts[64] = { 0 }, from = 0, begins[64], rows = 0, people = 0;
	char segment[128], table[32], where[256], number[32];

	for (unsigned i = 0; i < g->w->people; i++)
		if (g->p[i].segment[g->week] >= first && g->p[i].segment[g->week] <= last)
			counts[g->p[i].trait[trait]]++;
	segment_text(first, last, segment);
	snprintf(table, sizeof(table), "segment_%s", trait == 0 ? "age" : "sex");
	for (unsigned v = 0; v < g->w->values; v++)
		if ((people += counts[v]) >= g->w->floor) {
			begins[rows++] = from;
			from = v + 1;
			people = 0;
		}
	for (unsigned i = 0; i < rows; i++) {
		const unsigned end = i + 1 == rows ? g->w->values : begins[i + 1];
		char members[2048];
		char sql[4096];

		people = 0;
		for (unsigned v = begins[i]; v < end; v++)
			people += counts[v];
		put_members(members, sizeof(members), "v", begins[i], end - 1);
		snprintf(number, sizeof(number), "%u,%u", (end - begins[i]) * (last - first + 1),
		    people);
		snprintf(where, sizeof(where), "%s,'%s'", at, segment);
		snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES(%s,'%s',%s)", table, where,
		    members, number);
		run_sql(g, sql);
	}
}

static void write_segments(struct writing *g, const char *at)
{
	char segment[128], sql[512];

	group_segments(g);
	for (unsigned i = 0; i < g->n_groups[g->week]; i++) {
		const unsigned first = g->groups[g->week][i];
		const unsigned last =
		    (i + 1 == g->n_groups[g->week] ? SEGMENTS : g->groups[g->week][i + 1]) - 1;

		segment_text(first, last, segment);
		snprintf(sql, sizeof(sql), "INSERT INTO segments VALUES(%s,'%s',%u,%u,%u,%u,%u)",
		    at, segment, last - first + 1, count_segment(g, g->week, first, last, 1, 0),
		    count_segment(g, g->week, first, last, g->week, g->week), 0u, 0u);
		run_sql(g, sql);
		for (unsigned t = 0; t < g->w->traits; t++)
			write_trait(g, at, t, first, last);
	}
}

static void write_quarter(struct writing *g, const char *at)
{
	const unsigned then = g->week - QUARTER;
	char segment[128], sql[512];

	for (unsigned i = 0; i < g->n_groups[then]; i++) {
		const unsigned first = g->groups[then][i];
		const unsigned last =
		    (i + 1 == g->n_groups[then] ? SEGMENTS : g->groups[then][i + 1]) - 1;

		segment_text(first, last, segment);
		snprintf(sql, sizeof(sql), "INSERT INTO quarters VALUES(%s,'%s',%u,%u,%u,%u)", at,
		    segment, last - first + 1, count_segment(g, then, first, last, 1, 0),
		    count_segment(g, then, first, last, then + 1, g->week), 0u);
		run_sql(g, sql);
	}
}

/* ---- months ------------------------------------------------------------------------- */

static unsigned month_now; /* that is being marked */

static void mark_month(const struct writing *g, const struct person *p, uint8_t *cells)
{
	for (unsigned i = 0; i < g->w->weeks; i++) {
		const struct doing *d = &p->weeks[i];

		for (unsigned k = 0; d->buys && k < d->lines; k++)
			if (month_of(FIRST_DAY + 7 * (int64_t)i + d->day) == month_now)
				cells[d->category[k] * g->w->bands + d->band[k]] = 1;
	}
}

static void write_cohort(struct writing *g, unsigned first, unsigned month)
{
	unsigned people = 0;
	char sql[256], name[16];

	for (unsigned i = 0; i < g->w->people; i++) {
		const struct person *p = &g->p[i];
		bool buys = false;

		if (p->first_order < 0 || month_of(p->first_order) != first)
			continue;
		for (unsigned k = 0; k < g->w->weeks; k++)
			buys = buys ||
			    (p->weeks[k].buys &&
				month_of(FIRST_DAY + 7 * (int64_t)k + p->weeks[k].day) == month);
		people += buys;
	}
	if (people < g->w->floor)
		return;
	snprintf(name, sizeof(name), "%s", month_name(first));
	snprintf(sql, sizeof(sql), "INSERT INTO cohorts VALUES('%s','%s',1,%u)", name,
	    month_name(month), people);
	run_sql(g, sql);
}

static void write_month(struct writing *g, unsigned month)
{
	const unsigned cells = g->w->categories * g->w->bands;
	char at[64];

	month_now = month;
	mark_all(g, mark_month, cells);
	for (unsigned c = 0; c < g->w->categories; c++) {
		snprintf(at, sizeof(at), "'%s','c%u'", month_name(month), c);
		fold(g, cells, c * g->w->bands, (c + 1) * g->w->bands, at, row_month);
	}
	for (unsigned first = 0; first <= month; first++)
		write_cohort(g, first, month);
}

void attack_world_write(const struct attack_world *w, sqlite3 *db)
{
	static struct writing g;
	char at[32];

	g = (struct writing){ .w = w, .db = db, .state = w->seed };
	g.p = calloc(w->people, sizeof(*g.p));
	g.marks = malloc((size_t)w->people * CELLS_MAX);
	for (unsigned i = 0; i < w->people; i++)
		live(&g, &g.p[i]);
	run_sql(&g, "BEGIN");
	for (g.week = 0; g.week < w->weeks; g.week++) {
		const int64_t next = FIRST_DAY + 7 * ((int64_t)g.week + 1);

		snprintf(at, sizeof(at), "'%s'", week_name(g.week));
		write_week_row(&g, at);
		write_margins(&g, at);
		write_segments(&g, at);
		if (g.week >= QUARTER)
			write_quarter(&g, at);
		/* a month ends with the week that has its last day; of the first there is no beginning */
		if (month_of(next) != month_of(next - 7) && month_of(next - 7) > 0)
			write_month(&g, month_of(next - 7));
	}
	run_sql(&g, "COMMIT");
	free(g.p);
	free(g.marks);
}
