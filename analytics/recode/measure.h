/*
 * measure.h - what a release lost and what it still shows: the figures of its report.
 *
 * Shares, losses and distances in millionths, rounded towards the worse. A suppressed row
 * counts as lost in every column.
 */
#ifndef ANALYTICS_RELEASE_MEASURE_H
#define ANALYTICS_RELEASE_MEASURE_H

#include "analytics/recode/recode.h"

/* Why cells of a column are generalised: rows. */
enum measure_why {
	MEASURE_EXACT,    /* they are not */
	MEASURE_RARE,     /* fewer than k rows of the whole table have the value */
	MEASURE_TOGETHER, /* fewer than k of its class do, whose other cells would tell them apart */
	MEASURE_REST, /* enough do, but the others of the class, or its sensitive values, would not be safe */
	MEASURE_WHYS
};

struct measure_column {
	uint32_t ncp_ppm;                        /* normalised certainty penalty */
	uint64_t at_level[HIERARCHY_LEVELS_MAX]; /* rows; of a grid: by 1, 2, 4... steps */
	uint64_t why[MEASURE_WHYS];              /* rows */
};

struct measure_sensitive {
	uint32_t min_distinct;      /* of a class */
	uint32_t min_entropy_milli; /* 2^entropy, in thousandths */
	uint32_t max_equal_ppm;     /* t by equality */
	uint32_t max_ordered_ppm;   /* t by the values' order */
	uint32_t max_share_ppm;     /* of one value */
	uint64_t homogeneous;       /* rows of classes with one value alone */
};

struct release_measures {
	uint64_t rows, suppressed, people; /* of the table; not released; released */
	uint64_t classes;
	uint64_t min_people, min_rows; /* of a class */
	uint32_t gcp_ppm;
	uint64_t dm;                         /* sum of squares of rows; suppressed ones times all */
	uint64_t c_avg_milli;                /* rows / (classes * k) */
	uint32_t risk_max_ppm, risk_avg_ppm; /* to be found among the people of a class */
	struct measure_column columns[RELEASE_COLUMNS_MAX];
	struct measure_sensitive sensitive[RELEASE_SENSITIVE_MAX];
};

/* Measure R, made of T with K. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err measure_release(const struct release_table *t, const struct recode_result *r,
    uint32_t k, struct release_measures *out);

/* Append why COLUMN is as it is, in words: one sentence. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err measure_why_print(const struct release_measures *m, size_t column,
    uint32_t k, struct sc_buf *out);

#endif
