/*
 * cube_naive.c - every published row counted again, from all events, row by row: the C
 * library's calendar, and for each row one look at everybody.
 */
#include "unit/analytics/cube_kit.h"

#include "tap.h"

#include <time.h>

/* An event as the rows name it. */
struct seen_event {
	char week[12], month[12], hour[4], weekday[4];
	int64_t second, number; /* of the shop's clock; of the week */
	const struct feed_event *e;
};

struct naive {
	struct kit_shop *k;
	struct seen_event *v;
	size_t n;
	uint64_t cap; /* of the row's week */
	struct {
		bool in;
		uint32_t orders, lines;
		uint64_t spend;
	} who[KIT_PEOPLE];
};

static struct naive *naive;

static int64_t week_number(int64_t second)
{
	return (second / 86400 + 3) / 7;
}

static void see_all(uint64_t last_ms)
{
	const struct kit_shop *k = naive->k;

	naive->v = calloc(k->n + 1, sizeof(*naive->v));
	if (naive->v == NULL)
		abort();
	for (size_t i = 0; i < k->n; i++) {
		const struct feed_event *e = &k->v[i];
		struct seen_event *s = &naive->v[naive->n];
		const time_t t = (time_t)(e->at_ms / 1000) + e->offset * 900;
		struct tm tm;

		if (e->kind == 0 || e->kind == FEED_EXPOSURE || e->kind == FEED_REFUND ||
		    e->at_ms > last_ms)
			continue;
		gmtime_r(&t, &tm);
		strftime(s->week, sizeof(s->week), "%G-W%V", &tm);
		strftime(s->month, sizeof(s->month), "%Y-%m", &tm);
		strftime(s->hour, sizeof(s->hour), "%H", &tm);
		strftime(s->weekday, sizeof(s->weekday), "%a", &tm);
		s->second = t;
		s->number = week_number(t);
		s->e = e;
		naive->n++;
	}
}

/* Is MEMBER among those that LIST holds? */
static bool among(const char *list, const char *member)
{
	const size_t n = strlen(member);

	for (;;) {
		const char *end = strstr(list, CUBE_SEPARATOR);

		if (strncmp(list, member, n) == 0 && (list[n] == '\0' || list + n == end))
			return true;
		if (end == NULL)
			return false;
		list = end + 3;
	}
}

static const char *word(const struct feed_list *l, unsigned i)
{
	return i == 0 || i > l->n ? "(other)" : l->v[i - 1];
}

static const char *band(uint32_t price)
{
	return price == 0 ? "(unknown)" :
	    price <= 50   ? "0-50" :
	    price <= 200  ? "50-200" :
	    price <= 500  ? "200-500" :
			    "500+";
}

static bool in_period(const struct seen_event *s, const char *period)
{
	return strcmp(period[5] == 'W' ? s->week : s->month, period) == 0;
}

/* Has who did S an order in PERIOD; one without lines at that second, or with? */
static bool ordered(const struct seen_event *s, const char *period)
{
	for (size_t i = 0; i < naive->n; i++)
		if (naive->v[i].e->person == s->e->person && in_period(&naive->v[i], period) &&
		    naive->v[i].e->kind == FEED_PURCHASE)
			return true;
	return false;
}

static bool has_lines(const struct seen_event *s)
{
	for (size_t i = 0; i < naive->n; i++)
		if (naive->v[i].e->person == s->e->person && naive->v[i].second == s->second &&
		    naive->v[i].e->kind == FEED_ITEM)
			return true;
	return false;
}

static void add(const struct seen_event *s, uint32_t order, uint64_t spend, uint32_t lines)
{
	naive->who[s->e->person].in = true;
	naive->who[s->e->person].orders += order;
	naive->who[s->e->person].spend += spend;
	naive->who[s->e->person].lines += lines;
}

/* An order counts once for all categories of the row: by its first line that is of them. */
static bool first_of_order(size_t at, const char *categories)
{
	const struct seen_event *s = &naive->v[at];

	for (size_t i = 0; i < at; i++)
		if (naive->v[i].e->person == s->e->person && naive->v[i].second == s->second &&
		    naive->v[i].e->kind == FEED_ITEM &&
		    among(categories, word(&naive->k->words.categories, naive->v[i].e->category)))
			return false;
	return true;
}

static bool about_goods(const struct feed_event *e)
{
	return e->kind == FEED_PRODUCT || e->kind == FEED_CART_ADD || e->kind == FEED_CART_REMOVE ||
	    (e->category != 0 && e->kind != FEED_PURCHASE && e->kind != FEED_ITEM);
}

/* What event AT adds to a row of TABLE with members A and B. */
static void look(const char *table, size_t at, const char *period, const char *a, const char *b)
{
	const struct seen_event *s = &naive->v[at];
	const struct feed_event *e = s->e;
	const struct feed_words *w = &naive->k->words;
	const char *category = word(&w->categories, e->category);
	const bool buyers = strncmp(table, "buyers", 6) == 0;
	const bool line = e->kind == FEED_ITEM && ordered(s, period);
	const bool lone = e->kind == FEED_PURCHASE && !has_lines(s);

	if (strcmp(table, "week") == 0)
		(void)(e->kind == FEED_ITEM ?
			(void)0 :
			add(s, e->kind == FEED_PURCHASE, e->price * (e->kind == FEED_PURCHASE), 0));
	else if (strstr(table, "_category") == table + strlen(table) - 9 && among(a, category) &&
	    (line || lone || (!buyers && about_goods(e))))
		add(s, lone || (line && first_of_order(at, a)), line || lone ? e->price : 0, 0);
	else if (strcmp(table, "buyers_band") == 0 && line && among(a, band(e->price)))
		add(s, 0, 0, 1);
	else if (strcmp(table, "visitors_hour") == 0 && e->kind != FEED_ITEM &&
	    among(a, word(&w->channels, e->channel)) && among(b, s->hour))
		add(s, 0, 0, 0);
	else if (strcmp(table, "buyers_weekday") == 0 && e->kind == FEED_PURCHASE &&
	    among(a, s->weekday))
		add(s, 0, 0, 0);
	else if (strcmp(table, "month_category_band") == 0 && line && among(a, category) &&
	    among(b, band(e->price)))
		add(s, 0, 0, 0);
}

/* ---- segments ------------------------------------------------------------------------------- */

struct naive_person {
	uint32_t seen, orders, of_week, of_quarter;
	uint64_t spent, of_week_spent;
	int64_t last;
	uint32_t channels[4];
	char first[12]; /* month of the first order */
	int64_t first_week;
};

static struct naive_person *people_at(int64_t week)
{
	struct naive_person *p = calloc(KIT_PEOPLE, sizeof(*p));

	if (p == NULL)
		abort();
	for (size_t i = 0; i < naive->n; i++) {
		const struct seen_event *s = &naive->v[i];
		struct naive_person *of = &p[s->e->person];
		const bool order = s->e->kind == FEED_PURCHASE;

		if (order && (of->first[0] == '\0' || strcmp(s->month, of->first) < 0))
			memcpy(of->first, s->month, sizeof(of->first));
		if (order && (of->first_week == 0 || s->number < of->first_week))
			of->first_week = s->number;
		if (order && s->number > week && s->number <= week + 13)
			of->of_quarter++;
		if (s->e->kind == FEED_ITEM || s->number > week || s->number <= week - 40)
			continue;
		of->seen++;
		of->channels[s->e->channel]++;
		of->orders += order;
		of->spent += order ? s->e->price : 0;
		of->of_week += order && s->number == week;
		of->of_week_spent += order && s->number == week ? s->e->price : 0;
		if (order && s->number > of->last)
			of->last = s->number;
	}
	return p;
}

static const char *segment_of(const struct naive_person *p, int64_t week)
{
	const int64_t since = week - p->last;

	if (p->orders == 0)
		return "looking";
	if (since >= 13)
		return p->orders >= 3 ? "at_risk" : "asleep";
	if (p->orders >= 4 && since < 8 && p->spent >= (uint64_t)naive->k->champion_steps)
		return "champions";
	return p->orders >= 3 ? "loyal" : p->orders == 2 ? "promising" : "new";
}

static const char *channel_of(const struct naive_person *p)
{
	unsigned most = 1;

	for (unsigned i = 2; i < 4; i++)
		if (p->channels[i] > p->channels[most])
			most = i;
	return word(&naive->k->words.channels, p->channels[0] > p->channels[most] ? 0 : most);
}

static const char *value_of(const char *table, const struct naive_person *p, uint64_t person)
{
	static const char *const age[] = { "(unknown)", "<18", "18-29", "30-44", "45-59", "60+" };
	static const char *const sex[] = { "(unknown)", "female", "male" };
	const uint8_t *traits = naive->k->traits[person];

	if (strcmp(table, "segment_channel") == 0)
		return channel_of(p);
	return strcmp(table, "segment_age") == 0 ? age[traits[0]] : sex[traits[1]];
}

static int64_t number_of(const char *week)
{
	for (size_t i = 0; i < naive->n; i++)
		if (strcmp(naive->v[i].week, week) == 0)
			return naive->v[i].number;
	return 0;
}

/* Everybody of a row of segments, of their traits, of quarters. */
static void count_segment(const char *table, const char *period, const char *a, const char *b)
{
	const bool quarter = strcmp(table, "quarters") == 0;
	const int64_t week = number_of(period) - (quarter ? 13 : 0);
	struct naive_person *p = people_at(week);

	for (uint64_t i = 1; i < KIT_PEOPLE; i++) {
		if (p[i].seen == 0 || !among(a, segment_of(&p[i], week)) ||
		    (strncmp(table, "segment_", 8) == 0 && !among(b, value_of(table, &p[i], i))))
			continue;
		naive->who[i].in = true;
		naive->who[i].orders = quarter ? p[i].of_quarter : p[i].of_week;
		naive->who[i].spend = p[i].of_week_spent;
	}
	free(p);
}

static void count_cohort(const char *first, const char *month)
{
	struct naive_person *p = people_at(0);

	for (size_t i = 0; i < naive->n; i++)
		if (naive->v[i].e->kind == FEED_PURCHASE && strcmp(naive->v[i].month, month) == 0 &&
		    among(first, p[naive->v[i].e->person].first))
			naive->who[naive->v[i].e->person].in = true;
	free(p);
}

/* ---- rows -------------------------------------------------------------------------------------- */

struct naive_sums {
	int64_t people, buyers, orders, lines, revenue, before;
};

static void count(const char *table, const char *period, const char *a, const char *b)
{
	memset(naive->who, 0, sizeof(naive->who));
	if (strncmp(table, "segment", 7) == 0 || strcmp(table, "quarters") == 0)
		count_segment(table, period, a, b);
	else if (strcmp(table, "cohorts") == 0)
		count_cohort(a, period);
	else
		for (size_t i = 0; i < naive->n; i++)
			if (in_period(&naive->v[i], period))
				look(table, i, period, a, b);
}

static struct naive_sums sums_of(const char *table, const char *period)
{
	struct naive_person *p = strcmp(table, "week") == 0 ? people_at(0) : NULL;
	struct naive_sums s = { 0 };

	for (uint64_t i = 0; i < KIT_PEOPLE; i++) {
		const uint64_t cents = naive->who[i].spend * naive->k->words.price_step;

		s.people += naive->who[i].in;
		s.buyers += naive->who[i].orders != 0;
		s.orders += naive->who[i].orders;
		s.lines += naive->who[i].lines;
		s.revenue += (int64_t)(cents < naive->cap ? cents : naive->cap);
		s.before += p != NULL && naive->who[i].orders != 0 && p[i].first_week != 0 &&
		    p[i].first_week < number_of(period);
	}
	free(p);
	return s;
}

static int64_t measure(const struct naive_sums *s, const char *table, const char *column)
{
	if (strcmp(column, "orders") == 0)
		return s->orders;
	if (strcmp(column, "lines") == 0)
		return s->lines;
	if (strcmp(column, "revenue") == 0)
		return s->revenue;
	if (strcmp(column, "bought_before") == 0)
		return s->before;
	if (strcmp(column, "buyers") == 0 &&
	    (strcmp(table, "week") == 0 || strcmp(table, "segments") == 0 ||
		strcmp(table, "quarters") == 0))
		return s->buyers;
	return s->people;
}

static const char *column(sqlite3_stmt *s, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(s); i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return (const char *)sqlite3_column_text(s, i);
	return NULL;
}

static const char *one_of(sqlite3_stmt *s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (column(s, *names) != NULL)
			return column(s, *names);
	return "";
}

/* Every measure of the row is what was counted; people are ten or more; what is not told is 0. */
static bool same(sqlite3_stmt *s, const char *table, const char *period)
{
	const struct naive_sums sums = sums_of(table, period);

	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *name = sqlite3_column_name(s, i);
		const int64_t n = sqlite3_column_int64(s, i);

		if (sqlite3_column_type(s, i) != SQLITE_INTEGER || strcmp(name, "folded") == 0)
			continue;
		if (n == measure(&sums, table, name) || (n == 0 && strcmp(name, "people") != 0))
			continue;
		printf("# %s %s %s: %lld, counted %lld\n", table, period, name, (long long)n,
		    (long long)measure(&sums, table, name));
		return false;
	}
	if (sums.people >= CUBE_FLOOR)
		return true;
	printf("# %s %s: %lld people\n", table, period, (long long)sums.people);
	return false;
}

static bool row_agrees(sqlite3 *db, sqlite3_stmt *s, const char *table, const char *period)
{
	static const char *const firsts[] = { "category", "band", "channel", "weekday", "segment",
		"first_month", NULL };
	static const char *const seconds[] = { "hour", "value", NULL };
	const bool by_segment = strncmp(table, "segment", 7) == 0;
	const char *a = by_segment ? column(s, "segment") : one_of(s, firsts);
	const char *b = strcmp(table, "segment_channel") == 0 ? column(s, "channel") :
	    strcmp(table, "month_category_band") == 0         ? column(s, "band") :
								one_of(s, seconds);
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT cap FROM caps WHERE week = '%.12s'", period);
	naive->cap = (uint64_t)kit_number(db, sql);
	count(table, period, a, b);
	return same(s, table, period);
}

static bool table_agrees(sqlite3 *db, const char *table, const char *from, const char *to,
    size_t *rows)
{
	static const char *const periods[] = { "week", "month", "quarter", NULL };
	sqlite3_stmt *s = NULL;
	char sql[160];
	bool ok = true;

	snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\"", table);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *period = one_of(s, periods);

		if (strcmp(period, from) < 0 || strcmp(period, to) > 0)
			continue;
		ok = row_agrees(db, s, table, period) && ok;
		(*rows)++;
	}
	sqlite3_finalize(s);
	return ok;
}

bool naive_agrees(struct kit_shop *k, sqlite3 *db, const char *from, const char *to,
    uint64_t last_ms, size_t *rows)
{
	static const char *const tables[] = { "week", "visitors_category", "buyers_category",
		"buyers_band", "visitors_hour", "buyers_weekday", "segments", "segment_age",
		"segment_sex", "segment_channel", "cohorts", "month_category_band", "quarters" };
	bool ok = true;

	*rows = 0;
	naive = calloc(1, sizeof(*naive));
	if (naive == NULL)
		abort();
	naive->k = k;
	see_all(last_ms);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		ok = table_agrees(db, tables[t], from, to, rows) && ok;
	free(naive->v);
	free(naive);
	return ok;
}
