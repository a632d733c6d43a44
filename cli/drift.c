/*
 * drift.c - `scrim drift`: what appeared where no rule speaks, since when, how often, and the
 * lines that would declare it.
 */
#include "audit/review/drift.h"
#include "cli/drift_line.h"
#include "cli/logs.h"
#include "cli/text_table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define COLUMNS 8
#define OUT_MAX (256u << 20)

/* "2026-11-21 20:14:03" */
static struct sc_span print_time(uint64_t ms, char out[static 24])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, 24, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		strcpy(out, "?");
	return sc_span_str(out);
}

/* What an entry says, for who reads it. */
static const char *by_word(const char *by)
{
	return strcmp(by, "name") == 0 ? "its name" :
	    strcmp(by, "clear") == 0   ? "in clear" :
	    strcmp(by, "text") == 0    ? "in a text" :
					 "its form";
}

static const char *did_word(const char *did)
{
	return strcmp(did, "seal") == 0 ? "sealed" :
	    strcmp(did, "mask") == 0    ? "masked" :
	    strcmp(did, "refuse") == 0  ? "refused" :
					  "passed";
}

/* The texts of a row live as long as this. */
struct row {
	char since[24], last[24], times[24];
	struct text_cell v[COLUMNS];
};

static const struct text_cell *row_of(const struct audit_drift_place *p, struct row *r)
{
	snprintf(r->times, sizeof(r->times), "%llu", (unsigned long long)p->n);
	r->v[0] = (struct text_cell){ print_time(p->first_ms, r->since), false };
	r->v[1] = (struct text_cell){ print_time(p->last_ms, r->last), false };
	r->v[2] = (struct text_cell){ sc_span_str(p->route), false };
	r->v[3] = (struct text_cell){ sc_span_str(p->place), false };
	r->v[4] = (struct text_cell){ sc_span_str(p->class_name), false };
	r->v[5] = (struct text_cell){ sc_span_str(by_word(p->by)), false };
	r->v[6] = (struct text_cell){ sc_span_str(did_word(p->did)), false };
	r->v[7] = (struct text_cell){ sc_span_str(r->times), true };
	return r->v;
}

static enum sc_err put_table(const struct audit_drift *d, struct sc_buf *out)
{
	static const struct text_cell names[COLUMNS] = { { SC_LIT("since"), false },
		{ SC_LIT("last"), false }, { SC_LIT("route"), false }, { SC_LIT("place"), false },
		{ SC_LIT("class"), false }, { SC_LIT("seen by"), false },
		{ SC_LIT("became"), false }, { SC_LIT("times"), true } };
	struct text_table t = { .n_columns = 0 };
	enum sc_err err;
	struct row r;

	text_table_measure(&t, names, COLUMNS);
	for (size_t i = 0; i < d->n; i++)
		text_table_measure(&t, row_of(&d->v[i], &r), COLUMNS);
	err = text_table_print(&t, names, COLUMNS, out);
	for (size_t i = 0; i < d->n && err == SC_OK; i++)
		err = text_table_print(&t, row_of(&d->v[i], &r), COLUMNS, out);
	return err;
}

static enum sc_err put_line(const struct audit_drift_place *p, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out, "  ");

	if (err == SC_OK)
		err = drift_line(p->place, p->class_name, strcmp(p->by, "text") == 0, out);
	return err == SC_OK ? sc_buf_put_str(out, ",\n") : err;
}

/* Is it of an answer, at a place that has its rule already? */
static bool has_rule(const struct audit_drift_place *p)
{
	return strcmp(p->by, "clear") == 0;
}

/* Was the place of number I said already, as of another class or fate? */
static bool said(const struct audit_drift *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!has_rule(&d->v[j]) && strcmp(d->v[j].place, d->v[i].place) == 0 &&
		    strcmp(d->v[j].route, d->v[i].route) == 0)
			return true;
	return false;
}

static bool route_before(const struct audit_drift *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!has_rule(&d->v[j]) && strcmp(d->v[j].route, d->v[i].route) == 0)
			return true;
	return false;
}

static enum sc_err put_lines(const struct audit_drift *d, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < d->n && err == SC_OK; i++) {
		if (has_rule(&d->v[i]) || route_before(d, i))
			continue;
		err = sc_buf_printf(out,
		    "\nin \"request\" of route \"%s\"; {\"at\": ..., \"do\": \"pass\"} for what is "
		    "nobody's:\n",
		    d->v[i].route);
		for (size_t j = i; j < d->n && err == SC_OK; j++)
			if (!has_rule(&d->v[j]) && strcmp(d->v[j].route, d->v[i].route) == 0 &&
			    drift_line_leads(d->v[j].place) && !said(d, j))
				err = put_line(&d->v[j], out);
	}
	return err;
}

static void put_json(const struct audit_drift *d, struct jsonw *w)
{
	jsonw_array(w);
	for (size_t i = 0; i < d->n; i++) {
		const struct audit_drift_place *p = &d->v[i];

		jsonw_object(w);
		jsonw_kstr(w, "route", p->route);
		jsonw_kstr(w, "place", p->place);
		jsonw_kstr(w, "class", p->class_name);
		jsonw_kstr(w, "by", p->by);
		jsonw_kstr(w, "did", p->did);
		jsonw_ku64(w, "times", p->n);
		jsonw_ku64(w, "first_ms", p->first_ms);
		jsonw_ku64(w, "last_ms", p->last_ms);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static int tell(const struct audit_drift *d, bool json)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	int rc = CLI_DONE;

	sc_buf_init(&out, OUT_MAX);
	if (json) {
		put_json(d, &w);
		return cli_out_json(&w);
	}
	if (d->n == 0)
		printf("nothing personal has stood where no rule speaks\n");
	else if (put_table(d, &out) != SC_OK || put_lines(d, &out) != SC_OK)
		rc = cli_fail(CLI_NO, "out of memory");
	else
		fwrite(out.p, 1, out.n, stdout);
	sc_buf_fini(&out);
	return cli_flush(rc);
}

int cli_drift(const struct cli_call *c)
{
	struct sc_diag d = { .line = 0 };
	struct audit_drift found;
	char dir[FILE_PATH_MAX];
	int rc = logs_choose(c, dir);
	enum sc_err err;

	if (rc != CLI_GO_ON)
		return rc;
	err = audit_drift(dir, c->route, &d, &found);
	rc = err == SC_OK ? tell(&found, c->json) : cli_fail_err(err, &d);
	audit_drift_fini(&found);
	return rc;
}
