/*
 * views_input.c - a spec and a table, opened, and how figures are told.
 */
#include "cli/views_input.h"

#include <stdio.h>

/* ---- opening -------------------------------------------------------------------------- */

/* The names of all datasets, for who has to choose. */
static int choose(const struct cli_call *c, const struct view_specs *specs)
{
	char names[400] = "";

	for (size_t i = 0, at = 0; i < specs->n && at < sizeof(names); i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", i == 0 ? "" : ", ",
		    specs->v[i].name);
	return c->views.dataset == NULL ?
	    cli_fail(CLI_USAGE, "%s has several datasets: say which by --dataset (%s)",
		c->views.spec, names) :
	    cli_fail(CLI_NO, "%s has no dataset of that name: it has %s", c->views.spec, names);
}

int views_input_open(const struct cli_call *c, const char *table, struct views_input *in)
{
	struct sc_diags all = { .n = 0 };
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	if (c->views.spec == NULL)
		return cli_fail(CLI_USAGE,
		    "--spec FILE is missing: it says what each column is (docs/VIEWS.md)");
	if ((err = view_specs_load(c->views.spec, &all, &in->specs)) != SC_OK) {
		if (all.v[0].text[0] == '\0')
			sc_diag_set(&all.v[0], "%s", cli_err_text(err));
		return cli_fail_diags(CLI_NO, &all);
	}
	if ((in->spec = view_specs_find(&in->specs, c->views.dataset)) == NULL)
		return choose(c, &in->specs);
	if (in->spec->from != VIEW_CSV)
		return cli_fail(CLI_NO,
		    "dataset %s is made of the shop's own features: scrim-viewd releases it",
		    in->spec->name);
	err = view_csv_open(table, in->spec->separator, in->spec->person, &d, &in->csv);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

void views_input_close(struct views_input *in)
{
	view_csv_close(in->csv);
	view_specs_fini(&in->specs);
	*in = (struct views_input){ .spec = NULL };
}

/* ---- telling -------------------------------------------------------------------------- */

void views_say_dropped(uint64_t n)
{
	if (n > 0)
		fprintf(stderr,
		    "scrim: %llu column%s of the table %s not published: the spec does not name "
		    "%s, or drops %s\n",
		    (unsigned long long)n, n == 1 ? "" : "s", n == 1 ? "is" : "are",
		    n == 1 ? "it" : "them", n == 1 ? "it" : "them");
}

bool views_progress(void *ctx, unsigned permille)
{
	cli_progress("%s %u %%", (const char *)ctx, permille / 10);
	return true;
}

#define TEXTS 4
#define TEXT_BYTES 32

static char *text(void)
{
	static char texts[TEXTS][TEXT_BYTES];
	static unsigned at;

	return texts[at++ % TEXTS];
}

const char *views_count(uint64_t n)
{
	char digits[24], *out = text(), *to = out;
	const int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return out;
}

const char *views_fraction(uint64_t ppm)
{
	char *out = text();

	snprintf(out, TEXT_BYTES, "%llu.%04llu", (unsigned long long)((ppm + 50) / 1000000),
	    (unsigned long long)((ppm + 50) % 1000000 / 100));
	return out;
}

const char *views_percent(uint64_t ppm)
{
	char *out = text();

	snprintf(out, TEXT_BYTES, "%llu.%llu %%", (unsigned long long)((ppm + 500) / 10000),
	    (unsigned long long)((ppm + 500) % 10000 / 1000));
	return out;
}
