/*
 * report.h - what is told of a finished view: report.json for programs, report.html for people.
 *
 * Figures of the whole release and texts of its spec, nothing of a person. Everything is
 * borrowed: it lives as long as who made it says.
 */
#ifndef ANALYTICS_VIEWS_REPORT_H
#define ANALYTICS_VIEWS_REPORT_H

#include "analytics/lineage/lineage.h"
#include "analytics/recode/measure.h"
#include "analytics/shelf/manifest.h"

#define VIEW_SIZES_MAX 24 /* bars of the histogram of class sizes */

/* By what a column is generalised. */
enum view_rule_kind { VIEW_HIERARCHY, VIEW_GRID, VIEW_DATES, VIEW_PREFIXES };

/* A quasi-identifier; its figures are measures.columns[] at the same place. */
struct view_report_column {
	const char *name, *means, *means_zh, *unit; /* unit "" where it has none */
	enum view_rule_kind kind;
	size_t leaves; /* values that it could have */
	/* at_level[0 .. n_levels - 1] of its measures can be other than 0; of a grid, level I is 2^I steps at most */
	size_t n_levels;
	const char
	    *why; /* one sentence, English: which rows are generalised, and for what reason */
};

/* A sensitive column; its figures are measures.sensitive[] at the same place. */
struct view_report_sensitive {
	const char *name, *means, *means_zh, *unit;
	struct recode_rule wants;     /* 0: nothing of the kind */
	const struct sc_span *values; /* in their order; each is followed by a NUL */
	const uint64_t *rows;         /* released, of each value */
	size_t n_values;
};

struct view_report_plain {
	const char *name, *means, *means_zh, *unit;
};

/* Classes of FROM to TO people. */
struct view_report_size {
	uint64_t from, to;
	uint64_t classes, people;
};

struct view_report {
	const char *tenant, *dataset, *title, *title_zh;
	uint64_t number, made_ms;
	const char *from, *to; /* days, or "" */
	const char *profile;   /* "fast", "standard", "quality" */
	uint32_t k, suppression_ppm;
	const char *seed; /* SHA-256 of the key that ties fell by: 64 hexadecimal digits */

	struct release_measures measures;
	const struct view_report_column *columns;
	const struct view_report_sensitive *sensitive;
	const struct view_report_plain *plain; /* as they were */
	size_t n_columns, n_sensitive, n_plain;
	uint64_t dropped; /* columns of the source that the spec does not name or says to drop */
	struct view_report_size
	    sizes[VIEW_SIZES_MAX]; /* ascending, without gaps; 0 classes may be */
	size_t n_sizes;

	/* What the independent checker counted in the finished file, which it agrees with. */
	uint64_t checked_rows, checked_classes, checked_min_people;
	uint32_t checked_min_distinct[RELEASE_SENSITIVE_MAX];

	bool has_lineage; /* it may stand beside all that was published before of the same people */
	uint32_t m;       /* sensitive values that stay possible over all of it */
	struct lineage_figures lineage;
};

/* Append report.json (docs/view-report.schema.json). Fails like sc_buf_put(). */
SC_CHECKED enum sc_err view_report_json(const struct view_report *r, struct sc_buf *out);
/* Append report.html: one file that needs nothing. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err view_report_page(const struct view_report *r, struct sc_buf *out);

#endif
