/*
 * views_diff.c - `scrim views diff`: what somebody who has two releases sees.
 */
#include "analytics/lineage/diff.h"
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

#define DIFF_MAX (16u << 20) /* bytes of JSON */
#define DIFF_LINES 20u       /* of cells, for people */

struct difference {
	struct shelf_release of[2];
	struct release_diff diff;
	struct sc_buf cells; /* JSON, or lines */
	struct jsonw w;      /* of cells */
	bool json;
	uint64_t lines;
};

static const char *const where_words[] = { [DIFF_BOTH] = "generalised in both",
	[DIFF_FIRST] = "in the first alone",
	[DIFF_SECOND] = "in the second alone",
	[DIFF_OPEN] = "generalised in one, and as it was in the other" };
static const char *const where_names[] = { [DIFF_BOTH] = "both",
	[DIFF_FIRST] = "first",
	[DIFF_SECOND] = "second",
	[DIFF_OPEN] = "open" };

static void take_json(void *arg, const struct diff_cells *c)
{
	struct jsonw *w = &((struct difference *)arg)->w;

	jsonw_object(w);
	jsonw_key(w, "cells");
	jsonw_array(w);
	for (size_t i = 0; i < c->n; i++)
		jsonw_str(w, c->text[i]);
	jsonw_array_end(w);
	jsonw_ku64(w, "first", c->first);
	jsonw_ku64(w, "second", c->second);
	jsonw_object_end(w);
}

/* A cell is text of whoever made the release: nothing of it steers a terminal. */
static enum sc_err put_cell(struct sc_buf *b, const char *s)
{
	enum sc_err err = SC_OK;

	for (; *s != '\0' && err == SC_OK; s++)
		err = sc_buf_put(b, (unsigned char)*s < ' ' || *s == 0x7f ? "?" : s, 1);
	return err;
}

static void take_line(void *arg, const struct diff_cells *c)
{
	struct difference *v = arg;
	enum sc_err err = v->w.err;

	if (v->lines++ >= DIFF_LINES)
		return;
	if (err == SC_OK)
		err = sc_buf_put_str(&v->cells, "  ");
	for (size_t i = 0; i < c->n && err == SC_OK; i++) {
		if (i > 0)
			err = sc_buf_put_str(&v->cells, " | ");
		if (err == SC_OK)
			err = put_cell(&v->cells, c->text[i]);
	}
	if (err == SC_OK)
		err = sc_buf_printf(&v->cells, "%s: %" PRIu64 " rows, then %" PRIu64 "\n",
		    c->n == 0 ? "all" : "", c->first, c->second);
	v->w.err = err;
}

static void put_release(struct jsonw *w, const char *key, const struct shelf_manifest *m)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kstr(w, "dataset", m->dataset.s);
	jsonw_ku64(w, "number", m->number);
	jsonw_object_end(w);
}

static int print_json(struct difference *v)
{
	const struct release_diff *d = &v->diff;
	struct sc_buf b;
	struct jsonw w = jsonw(&b);
	int rc;

	sc_buf_init(&b, DIFF_MAX + (1u << 20));
	jsonw_object(&w);
	put_release(&w, "first", &v->of[0].manifest);
	put_release(&w, "second", &v->of[1].manifest);
	jsonw_key(&w, "same_dataset");
	jsonw_bool(&w, d->same_dataset);
	jsonw_ku64(&w, "k", d->k);
	jsonw_key(&w, "columns");
	jsonw_array(&w);
	for (size_t i = 0; i < d->n_columns; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "name", d->columns[i].name);
		jsonw_kstr(&w, "where", where_names[d->columns[i].where]);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_ku64(&w, "stayed", d->stayed);
	jsonw_ku64(&w, "changed", d->changed);
	jsonw_ku64(&w, "appeared", d->appeared);
	jsonw_ku64(&w, "vanished", d->vanished);
	jsonw_key(&w, "dangerous");
	jsonw_raw(&w, sc_buf_span(&v->cells));
	jsonw_key(&w, "danger");
	jsonw_bool(&w, d->danger);
	jsonw_object_end(&w);
	rc = cli_out_json(&w);
	sc_buf_fini(&b);
	return rc;
}

static int print_text(const struct difference *v)
{
	const struct release_diff *d = &v->diff;

	printf("%s %" PRIu64 " and %s %" PRIu64 ", k %" PRIu32 "%s\n", v->of[0].manifest.dataset.s,
	    v->of[0].manifest.number, v->of[1].manifest.dataset.s, v->of[1].manifest.number, d->k,
	    d->same_dataset ? "" : ": two datasets, by the columns that both generalise");
	for (size_t i = 0; i < d->n_columns; i++)
		if (d->columns[i].where != DIFF_BOTH)
			printf("column %s: %s%s\n", d->columns[i].name,
			    where_words[d->columns[i].where],
			    d->columns[i].where == DIFF_OPEN ? ": DANGER" : "");
	printf("classes: %" PRIu64 " have as many rows, %" PRIu64 " more or fewer, %" PRIu64
	       " appeared, %" PRIu64 " vanished\n",
	    d->stayed, d->changed, d->appeared, d->vanished);
	if (d->dangerous > 0)
		printf("DANGER: %" PRIu64 " differ by fewer than %" PRIu32 " rows%s\n%.*s",
		    d->dangerous, d->k, v->lines > DIFF_LINES ? "; the first of them:" : ":",
		    SC_SPAN_ARG(sc_buf_span(&v->cells)));
	return CLI_DONE;
}

static int compare(struct difference *v)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	v->w = jsonw(&v->cells);
	if (v->json)
		jsonw_array(&v->w);
	err = diff_releases(&v->of[0], &v->of[1], v->json ? take_json : take_line, v, &d, &v->diff);
	if (v->json)
		jsonw_array_end(&v->w);
	if (err == SC_OK)
		err = v->w.err;
	if (err != SC_OK)
		return cli_fail_err(err, &d);
	rc = v->json ? print_json(v) : print_text(v);
	return rc == CLI_DONE && v->diff.danger ? CLI_NO : rc;
}

int cli_views_diff(const struct cli_call *c)
{
	struct difference v = { .json = c->json };
	struct sc_diag d = { .line = 0 };
	enum sc_err err = SC_OK;
	int rc = CLI_NO;

	sc_buf_init(&v.cells, DIFF_MAX);
	for (size_t i = 0; i < 2 && err == SC_OK; i++)
		err = shelf_release_open(c->words[i], &d, &v.of[i]);
	if (err == SC_OK)
		rc = compare(&v);
	else
		rc = cli_fail_err(err, &d);
	for (size_t i = 0; i < 2; i++)
		shelf_release_fini(&v.of[i]);
	sc_buf_fini(&v.cells);
	return cli_flush(rc);
}
