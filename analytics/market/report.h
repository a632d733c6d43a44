/*
 * report.h - the figures of a page, made of published numbers and of nothing else.
 *
 *	market_data -> report_make(): each part a pure function of its own -> findings -> page,
 *	report.json, CSV tables, terminal
 *
 * A blank is never without its reason: `why` of the table, or the word "folded".
 */
#ifndef ANALYTICS_MARKET_REPORT_H
#define ANALYTICS_MARKET_REPORT_H

#include "analytics/market/data.h"
#include "analytics/market/stats.h"

#define REPORT_SPARK 26
#define REPORT_SPARK_CATEGORY 12
#define REPORT_CATEGORIES 1024
#define REPORT_TOP 8 /* of categories, drawn */
#define REPORT_CHANNELS 8
#define REPORT_HOURS 24
#define REPORT_BANDS 8
#define REPORT_BAND_ROWS 7
#define REPORT_MONTHS 12
#define REPORT_AXIS 6
#define REPORT_PORTRAITS 5
#define REPORT_AGREEMENT 0.85 /* of the worst repeat: below it no portraits are offered */
#define REPORT_RATE 0.01      /* false finds among trends */
#define REPORT_CHANGE 0.15    /* a smaller change of share is not told */

enum report_verdict {
	VERDICT_NONE,
	VERDICT_SURE,
	VERDICT_LIKELY,
	VERDICT_CANNOT_TELL,
	VERDICT_NOT_AN_EFFECT,
	VERDICTS
};

/* A value that may be a blank. */
struct report_value {
	bool known;
	double v;
};

struct report_tile {
	double value;
	bool has_change;           /* four weeks before it are published */
	struct stats_range change; /* against their mean, as a ratio less one */
	double p;
	int64_t spark[REPORT_SPARK];
	size_t n_spark;
};
enum report_tiles { TILE_VISITORS, TILE_BUYERS, TILE_ORDERS, TILE_REVENUE, TILES };

/* Buyers who had bought before, as a share of buyers. */
struct report_again {
	bool known, has_change;
	struct stats_range share;
	double points, half; /* change against the four weeks before, and half its 95 % interval */
};

struct report_segment {
	const char *group; /* "champions"; "champions | loyal" where they were folded */
	double people;
	struct report_value change, revenue_share; /* in 4 weeks; of 12 weeks */
	bool has_orders;
	struct stats_range orders; /* expected of a person in the next 13 weeks */
	struct report_traits {
		bool known;
		const char *value; /* most above the others; NULL: like everyone */
		double share, everyone;
	} traits[MARKET_TRAITS];
};

struct report_segments {
	struct report_segment v[MARKET_SEGMENTS];
	size_t n;
	double people, season;
	bool has_season;
};

/* Last order by number of orders, of the released view. */
struct report_heat {
	int64_t row_at[REPORT_AXIS], col_at[REPORT_AXIS]; /* where each begins */
	size_t n_rows, n_cols;
	double v[REPORT_AXIS * REPORT_AXIS];
	double people, crossing; /* all; whose published range crosses a line: counted nowhere */
};

struct report_portrait {
	double people, weeks, orders, spent, share; /* of what was spent */
	size_t name;                                /* of portrait_names[] */
	const char *favourite;                      /* NULL: not clear */
};

struct report_portraits {
	struct report_portrait v[REPORT_PORTRAITS];
	size_t n;         /* 0: none are offered */
	double agreement; /* of these; or the best that was not enough */
	bool tried;
};

struct report_category {
	const char *group;
	double visitors; /* of four weeks */
	int64_t spark[REPORT_SPARK_CATEGORY];
	size_t n_spark;
	bool tested, found;
	struct stats_range change;
	double p;
	bool has_rate;
	struct stats_range rate; /* buyers of a hundred visitors */
};

struct report_categories {
	struct report_category *v; /* most visitors first */
	size_t n, tested, found;
};

struct report_band_row {
	const char *category;       /* NULL: the whole shop */
	double v[REPORT_BANDS + 1]; /* the last: of several bands, folded */
	double all;
};

struct report_bands {
	const char *names[REPORT_BANDS];
	size_t n;
	struct report_band_row rows[REPORT_BAND_ROWS];
	size_t n_rows;
};

struct report_hours {
	const char *channels[REPORT_CHANNELS];
	size_t n;
	struct report_value v[REPORT_CHANNELS][REPORT_HOURS];
	size_t best[REPORT_CHANNELS]; /* REPORT_HOURS: none is known */
	bool sure[REPORT_CHANNELS]; /* it is more than chance above the others but its neighbours */
	double all[REPORT_HOURS];
	size_t folded;
};

struct report_weekdays {
	bool known;
	bool has[7];
	struct stats_range v[7]; /* Monday first, against the mean, as a ratio less one */
};

struct report_cohort {
	int64_t month;
	double size;
	struct report_value share[REPORT_MONTHS]; /* of month 1, 2 ... after */
	size_t n;
};

struct report_cohorts {
	struct report_cohort v[REPORT_MONTHS];
	size_t n;
	bool has_next;
	struct stats_range next; /* share of all who bought again in the month after */
	double low, high;        /* of the months' shares */
};

struct report_text {
	char en[384], zh[384];
};

#define REPORT_FINDINGS 5
struct report_finding {
	enum report_verdict verdict;
	struct report_text text;
};

struct market_report {
	const struct market_data *data;
	struct report_tile tiles[TILES];
	struct report_again again;
	struct report_segments segments;
	struct report_heat heat;
	struct report_portraits portraits;
	struct report_categories categories;
	struct report_bands bands;
	struct report_hours hours;
	struct report_weekdays weekdays;
	struct report_cohorts cohorts;
	struct report_finding findings[REPORT_FINDINGS];
	struct report_text stay; /* who stays, in words */
};

/* All of it. M is borrowed as long as *OUT is used. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err report_make(struct market_data *m, struct market_report *out);

/* The parts, in the order of the page. */
void report_week(const struct market_data *m, struct market_report *r);
void report_segments(const struct market_data *m, struct report_segments *out);
void report_heat(const struct market_data *m, struct report_heat *out);
SC_CHECKED enum sc_err report_portraits(const struct market_data *m, struct report_portraits *out);
SC_CHECKED enum sc_err report_categories(struct market_data *m, struct report_categories *out);
void report_bands(const struct market_data *m, const struct report_categories *top,
    struct report_bands *out);
void report_hours(const struct market_data *m, struct report_hours *out);
void report_weekdays(const struct market_data *m, struct report_weekdays *out);
void report_cohorts(const struct market_data *m, struct report_cohorts *out);
/*
 * Where k-means puts a cell of weeks, orders and spending; an open end is at MOST. Weeks as they
 * are, the others by how many times as much: of five ways that were tried the one whose groups
 * other samples gave again (worst of 20 at 50,000 people: .99, .98, .89 for 5, 4, 3 groups).
 */
void report_place(const struct cell_range *const r[static KMEANS_DIMS],
    const double most[static KMEANS_DIMS], double middle[static KMEANS_DIMS],
    double at[static KMEANS_DIMS]);
/* Of the figures: five sentences, and one of who stays. */
void report_findings(struct market_report *r);

#endif
