/*
 * data.h - all that a page is made of: what queryd answered, table by table, and why a table
 * is not there.
 *
 * Questions are rows of a table (data.c). Whatever comes after this is pure: the same data
 * give the same page.
 */
#ifndef ANALYTICS_MARKET_DATA_H
#define ANALYTICS_MARKET_DATA_H

#include "analytics/market/asker.h"
#include "analytics/market/cell_range.h"
#include "analytics/market/kmeans.h"

#define MARKET_SEGMENTS 7 /* in the cube's order: champions, loyal, promising, new ... */
#define MARKET_TRAITS 9   /* eight of the words, and the channel */
#define MARKET_MEASURES 5

enum market_table {
	MARKET_WEEK,         /* visitors, buyers, orders, revenue, bought_before */
	MARKET_VISITORS,     /* category; visitors */
	MARKET_BUYERS,       /* category; buyers */
	MARKET_BANDS,        /* band; buyers */
	MARKET_HOURS,        /* channel, hour; visitors */
	MARKET_WEEKDAYS,     /* weekday; buyers */
	MARKET_SEGMENT_WEEK, /* segment; people, buyers, orders, revenue */
	MARKET_COHORTS,      /* first_month, month; buyers */
	MARKET_MONTH_BANDS,  /* month, category, band; buyers */
	MARKET_QUARTERS,     /* quarter, segment; people, buyers, orders */
	MARKET_TABLES
};

/* A row of the cube: when, of whom, and its numbers. Revenue is in hundredths. */
struct market_row {
	int64_t at;        /* a week's Monday, or a month; see iso_week.h */
	const char *of[2]; /* groups, group.h; of cohorts the month is `then` */
	int64_t then;
	double v[MARKET_MEASURES];
};

struct market_series {
	const struct market_row *rows; /* ascending by `at` */
	size_t n;
	bool missing;  /* not there: `why` says it */
	char why[192]; /* a sentence in English, for the blank */
};

struct market_trait {
	const char *name;          /* "age"; "channel" */
	struct market_series rows; /* segment, value; people */
};

/* People of the released view, by what was published of them. */
struct market_cell {
	struct cell_range weeks, orders, spent;
	const char *favourite; /* a category, or NULL */
	double people;
};

struct market_view {
	const struct market_cell *cells;
	size_t n;
	bool missing;
	char why[192];
	struct market_manifest manifest;
};

struct market_data {
	struct sc_arena arena;
	int64_t week;  /* Monday of the week that the page is about */
	uint64_t cube; /* release's number */
	bool checked;
	uint32_t floor; /* people of a cell, at least */
	char next[16];  /* day of the next release, or "" */
	struct market_series series[MARKET_TABLES];
	struct market_trait traits[MARKET_TRAITS];
	size_t n_traits;
	struct market_view view;
	struct asker_account account;
};

struct data_wish {
	const char *cube, *view; /* datasets */
	const char *week;        /* "2026-W47"; NULL: the last that is published */
};

/*
 * Ask for all of it. A table that cannot be had is missing, with its reason; without the weeks
 * there is no page. Fails with SC_STALE (the week is not published), and like asker_query() of
 * the first table; *OUT is to be released with market_data_fini() whatever comes of it.
 */
SC_CHECKED enum sc_err market_data_ask(struct market_asker *k, const struct data_wish *w,
    struct sc_diag *d, struct market_data *out);
void market_data_fini(struct market_data *m);

/*
 * Sum of measure V over rows from FROM to TO that lie wholly within the groups A and B (NULL:
 * any). False: a row lies partly within, so it cannot be told. What no row names counts as 0.
 */
bool market_sum(const struct market_series *s, int64_t from, int64_t to, const char *a,
    const char *b, size_t v, double *out);

#endif
