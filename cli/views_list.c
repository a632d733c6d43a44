/*
 * views_list.c - `scrim views list`: what is published, by the manifests.
 *
 * A release whose receipt does not hold is told as that: whoever serves releases would not
 * serve it.
 */
#include "analytics/query/receipt.h"
#include "cli/logs.h"
#include "cli/views.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX (16u << 20) /* bytes of JSON */

struct listing {
	const struct cli_call *call;
	struct views_places places;
	const char *dataset;
	char *vkey; /* NULL: there is none to check receipts with */
	struct sc_buf out;
	struct jsonw w;
	uint64_t n;
	int rc;
};

static const char *const kinds[] = { [SHELF_VIEW] = "view", [SHELF_CUBE] = "cube" };

static uint64_t rows(const struct shelf_manifest *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n_tables; i++)
		n += m->tables[i].rows;
	return n;
}

/* "2026-11-16..2026-11-22", or "-". */
static const char *days(const struct shelf_manifest *m, char out[static 24])
{
	snprintf(out, 24, "%.10s..%.10s", m->from, m->to);
	return m->from[0] == '\0' ? "-" : out;
}

static void put_line(const struct shelf_manifest *m, const char *receipt)
{
	char text[24];

	printf("%-20s %6" PRIu64 "  %-4s  %-22s  k %-4" PRIu32 "  %9" PRIu64 " rows  %s\n",
	    m->dataset.s, m->number, kinds[m->kind], days(m, text), m->k, rows(m), receipt);
}

static void put_json(struct jsonw *w, const struct shelf_release *r, const char *receipt)
{
	const struct shelf_manifest *m = &r->manifest;

	jsonw_object(w);
	jsonw_kstr(w, "dataset", m->dataset.s);
	jsonw_ku64(w, "number", m->number);
	jsonw_kstr(w, "kind", kinds[m->kind]);
	jsonw_kstr(w, "from", m->from);
	jsonw_kstr(w, "to", m->to);
	jsonw_ku64(w, "made_ms", m->made_ms);
	jsonw_kstr(w, "title", m->title);
	jsonw_ku64(w, "k", m->k);
	jsonw_ku64(w, "tables", m->n_tables);
	jsonw_ku64(w, "rows", rows(m));
	jsonw_key(w, "manifest_sha256");
	jsonw_hex(w, r->sha256, SHELF_SHA_BYTES);
	jsonw_kstr(w, "receipt", receipt);
	jsonw_object_end(w);
}

static const char *receipt_of(struct listing *l, const struct shelf_release *r)
{
	struct sc_diag d;

	if (!r->has_receipt)
		return "missing";
	if (l->vkey == NULL)
		return "not checked";
	if (receipt_check(r, l->vkey, &d) == SC_OK)
		return "holds";
	l->rc = CLI_NO;
	return "does not hold";
}

static void take_number(void *arg, uint64_t number)
{
	struct listing *l = arg;
	struct sc_diag d = { .line = 0 };
	struct shelf_release r;
	char path[FILE_PATH_MAX];
	const char *receipt;
	enum sc_err err;

	if (shelf_path(l->places.published, l->dataset, number, path, sizeof(path)) != SC_OK)
		return;
	if ((err = shelf_release_look(path, &d, &r)) != SC_OK) {
		l->rc = cli_fail_err(err, &d);
		return;
	}
	receipt = receipt_of(l, &r);
	if (l->call->json)
		put_json(&l->w, &r, receipt);
	else
		put_line(&r.manifest, receipt);
	l->n++;
	shelf_release_fini(&r);
}

static void take_dataset(void *arg, const char *dataset)
{
	struct listing *l = arg;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;

	l->dataset = dataset;
	err = shelf_numbers(l->places.published, dataset, take_number, l, &d);
	if (err != SC_OK)
		l->rc = cli_fail_err(err, &d);
}

static int list(struct listing *l)
{
	const struct cli_call *c = l->call;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	bool own;

	if ((l->rc = logs_vkey(l->places.log, c->vkey, &l->vkey, &own)) != CLI_GO_ON)
		return l->rc;
	l->rc = CLI_DONE;
	if (c->n_words > 0)
		take_dataset(l, c->words[0]);
	else if ((err = shelf_datasets(l->places.published, take_dataset, l, &d)) != SC_OK)
		return cli_fail_err(err, &d);
	if (l->n == 0 && !c->json)
		printf("nothing is published in %s\n", l->places.published);
	return l->rc;
}

int cli_views_list(const struct cli_call *c)
{
	struct listing l = { .call = c };
	int rc = views_find(c, &l.places);

	if (rc != CLI_GO_ON)
		return rc;
	sc_buf_init(&l.out, LIST_MAX);
	l.w = jsonw(&l.out);
	jsonw_array(&l.w);
	rc = list(&l);
	jsonw_array_end(&l.w);
	if (c->json && cli_out_json(&l.w) != CLI_DONE)
		rc = CLI_NO;
	sc_buf_fini(&l.out);
	free(l.vkey);
	return cli_flush(rc);
}
