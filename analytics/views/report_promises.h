/*
 * report_promises.h - what a release promised, held against what was found in it.
 */
#ifndef ANALYTICS_VIEWS_REPORT_PROMISES_H
#define ANALYTICS_VIEWS_REPORT_PROMISES_H

#include "analytics/views/report.h"
#include "base/page/plot.h"

#define PROMISES_MAX (4 + 4 * RELEASE_SENSITIVE_MAX)
#define PROMISE_WORDS_MAX 320

struct view_promise {
	char en[PROMISE_WORDS_MAX], zh[PROMISE_WORDS_MAX];
	char wanted[48], found[48];
	bool kept;
};

/* All there are of R into OUT; how many. */
size_t view_promises(const struct view_report *r, struct view_promise out[static PROMISES_MAX]);

/* What a column is called: what it means, where that is said. */
struct plot_name report_label(const char *name, const char *means, const char *means_zh);

/* Millionths as a percentage, rounded up: "5.13 %". */
#define PERCENT_MAX 24
void percent_print(uint64_t ppm, char out[static PERCENT_MAX]);

#endif
