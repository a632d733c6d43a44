/*
 * views_input.h - what `scrim views` subcommands share: a spec and a table, opened.
 */
#ifndef CLI_VIEWS_INPUT_H
#define CLI_VIEWS_INPUT_H

#include "analytics/views/source_csv.h"
#include "analytics/views/spec.h"
#include "cli/cli.h"

struct views_input { /* all zero, then views_input_open() and views_input_close() */
	struct view_specs specs;
	const struct view_spec *spec;
	struct view_csv *csv;
};

/* Open TABLE by C's --spec and --dataset. CLI_GO_ON, or a code (said). */
int views_input_open(const struct cli_call *c, const char *table, struct views_input *in);
void views_input_close(struct views_input *in);

/* Columns of the source that are not published, told on standard error where there are any. */
void views_say_dropped(uint64_t n);

/* A progress function: CTX is what is going on, in a word. */
bool views_progress(void *ctx, unsigned permille);

/* N with a comma at every third digit. Valid until the fourth call after it. */
const char *views_count(uint64_t n);
/* Millionths as "0.0758" or, of a whole, as "7.6 %"; likewise. */
const char *views_fraction(uint64_t ppm);
const char *views_percent(uint64_t ppm);

#endif
