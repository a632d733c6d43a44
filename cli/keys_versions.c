/*
 * keys_versions.c - a row for each version of each key: since when it is there, and what
 * still uses it.
 */
#include "cli/keys_versions.h"

#include "cli/operate.h"
#include "cli/text_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- each ---- */

/* One answer of keyd's: its keys, and where the next one begins in NEXT ("" when it was the last). */
static int each_of(const struct operate_answer *a, keys_version_fn *one, void *arg, char next[16])
{
	const struct doc_node *keys = doc_find(a->doc.root, "keys");
	const struct doc_node *more = doc_find(a->doc.root, "more");
	int rc = CLI_GO_ON;

	for (const struct doc_node *k = keys == NULL ? NULL : keys->first;
	     k != NULL && rc == CLI_GO_ON; k = k->next)
		rc = one(arg, &a->doc, k);
	snprintf(next, 16, "%s", more == NULL ? "" : more->text);
	return rc;
}

int keys_versions_each(const struct cli_call *c, keys_version_fn *one, keys_version_fn *last,
    void *arg)
{
	char next[16] = "0";
	int rc = CLI_GO_ON;

	while (rc == CLI_GO_ON && next[0] != '\0') {
		struct operate_answer a = { .text = { 0 } };

		if ((rc = operate_ask(c, WIRE_KEYS_STATUS, next, &a)) == CLI_GO_ON)
			rc = each_of(&a, one, arg, next);
		if (rc == CLI_GO_ON && next[0] == '\0' && last != NULL)
			rc = last(arg, &a.doc, a.doc.root);
		operate_fini(&a);
	}
	return rc;
}

/* ---- for people ---- */

#define COLUMNS 8

static const char *const names[COLUMNS] = { "KIND", "NAME", "VERSION", "STATE", "SINCE", "SEALED",
	"OPENED", "LAST OPENED" };

struct version_row {
	char cell[COLUMNS][40];
};

struct version_rows {
	struct version_row *v;
	size_t n, cap;
	char epoch[200]; /* the line below the table */
};

static void put(char cell[40], const struct doc *doc, const struct doc_node *key, const char *name)
{
	const struct doc_node *m = doc_find(key, name);
	const struct sc_span said = m == NULL ? sc_span_str("-") : doc_said(doc, m);

	snprintf(cell, 40, "%.*s", SC_SPAN_ARG(said));
}

/* The day of a time in Unix milliseconds. */
static void put_day(char cell[40], const struct doc_node *key, const char *name)
{
	const struct doc_node *m = doc_find(key, name);
	time_t t = m == NULL ? 0 : (time_t)(strtoull(m->text, NULL, 10) / 1000);
	struct tm tm;

	if (t == 0 || gmtime_r(&t, &tm) == NULL || strftime(cell, 40, "%Y-%m-%d", &tm) == 0)
		snprintf(cell, 40, "-");
}

static int take_row(void *arg, const struct doc *doc, const struct doc_node *key)
{
	struct version_rows *rows = arg;
	struct version_row *r;

	if (rows->n == rows->cap) {
		size_t cap = rows->cap == 0 ? 64 : 2 * rows->cap;
		struct version_row *v = realloc(rows->v, cap * sizeof(*v));

		if (v == NULL)
			return cli_fail(CLI_NO, "there is no memory");
		rows->v = v;
		rows->cap = cap;
	}
	r = &rows->v[rows->n++];
	put(r->cell[0], doc, key, "kind");
	put(r->cell[1], doc, key, "name");
	put(r->cell[2], doc, key, "version");
	put(r->cell[3], doc, key, "state");
	put_day(r->cell[4], key, "since_ms");
	put(r->cell[5], doc, key, "sealed");
	put(r->cell[6], doc, key, "opened");
	put(r->cell[7], doc, key, "last_opened");
	return CLI_GO_ON;
}

static int take_epoch(void *arg, const struct doc *doc, const struct doc_node *root)
{
	const struct doc_node *epoch = doc_find(root, "epoch");
	struct version_rows *rows = arg;
	char number[40], people[40], day[40];

	if (epoch == NULL)
		return CLI_GO_ON;
	put(number, doc, epoch, "number");
	put(people, doc, epoch, "people");
	put_day(day, epoch, "turned_ms");
	if (day[0] == '-')
		snprintf(rows->epoch, sizeof(rows->epoch),
		    "epoch %s: the keys of %s people; it has never turned", number, people);
	else
		snprintf(rows->epoch, sizeof(rows->epoch),
		    "epoch %s: the keys of %s people; turned last %s", number, people, day);
	return CLI_GO_ON;
}

static struct text_cell cell_of(size_t column, const char *text)
{
	return (struct text_cell){ sc_span_str(text), column == 5 || column == 6 };
}

static void cells_of(char cells[COLUMNS][40], struct text_cell out[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		out[i] = cell_of(i, cells[i]);
}

static int print_table(struct version_rows *rows)
{
	struct text_table t = { .n_columns = COLUMNS };
	struct text_cell head[COLUMNS], row[COLUMNS];
	struct sc_buf out;
	enum sc_err err;

	sc_buf_init(&out, 4u << 20);
	for (size_t i = 0; i < COLUMNS; i++)
		head[i] = cell_of(i, names[i]);
	text_table_measure(&t, head, COLUMNS);
	for (size_t i = 0; i < rows->n; i++) {
		cells_of(rows->v[i].cell, row);
		text_table_measure(&t, row, COLUMNS);
	}
	err = text_table_print(&t, head, COLUMNS, &out);
	for (size_t i = 0; i < rows->n && err == SC_OK; i++) {
		cells_of(rows->v[i].cell, row);
		err = text_table_print(&t, row, COLUMNS, &out);
	}
	if (err == SC_OK && fwrite(out.p, 1, out.n, stdout) != out.n)
		err = SC_IO;
	if (err == SC_OK && rows->epoch[0] != '\0')
		printf("%s\n", rows->epoch);
	sc_buf_fini(&out);
	return cli_flush(err == SC_OK ? CLI_DONE : CLI_NO);
}

int keys_versions_table(const struct cli_call *c)
{
	struct version_rows rows = { .v = NULL };
	int rc = keys_versions_each(c, take_row, take_epoch, &rows);

	if (rc == CLI_GO_ON)
		rc = print_table(&rows);
	free(rows.v);
	return rc;
}

/* ---- for programs ---- */

static int copy_row(void *arg, const struct doc *doc, const struct doc_node *key)
{
	jsonw_raw(arg, doc_said(doc, key));
	return CLI_GO_ON;
}

static int copy_epoch(void *arg, const struct doc *doc, const struct doc_node *root)
{
	const struct doc_node *epoch = doc_find(root, "epoch");
	struct jsonw *w = arg;

	jsonw_array_end(w);
	if (epoch != NULL) {
		jsonw_key(w, "epoch");
		jsonw_raw(w, doc_said(doc, epoch));
	}
	return CLI_GO_ON;
}

int keys_versions_json(const struct cli_call *c, struct jsonw *w)
{
	jsonw_key(w, "keys");
	jsonw_array(w);
	return keys_versions_each(c, copy_row, copy_epoch, w);
}
