/*
 * phone_label.c - `scrim phone label`: a waybill's label as a page for printing.
 *
 * It opens nothing: name and address are what the carrier received. The
 * number is scrimd's, by order or id, or the one in the waybill; a number
 * without an extension that only the waybill tells might be a person's own, and
 * is refused.
 */
#include "cli/file.h"
#include "cli/label.h"
#include "cli/phone_ask.h"
#include "cli/waybill.h"
#include "crypto/prim/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *home_of(const struct cli_call *c, bool chinese)
{
	if (c->phone.home != NULL)
		return c->phone.home;
	return chinese ? "86" : "";
}

/* The number that the waybill has. */
static int take_number(const struct cli_call *c, const struct waybill *w, struct privacy_label *l)
{
	if (w->number.n == 0)
		return cli_fail(CLI_NO, "there is no number in the waybill: give --order or --id");
	if (phone_number_parse(sc_buf_span(&w->number), home_of(c, l->chinese), &l->number) !=
	    SC_OK)
		return cli_fail(CLI_NO,
		    "the waybill's number cannot be dialled (is it masked, or without a calling "
		    "code?): give --order or --id");
	if (l->number.ext == PHONE_NO_EXT && !w->ours)
		return cli_fail(CLI_REFUSED,
		    "the waybill's number has no extension, so it may be a person's own: give "
		    "--order or --id");
	l->until = w->until;
	return CLI_GO_ON;
}

/* The one binding that A tells of, or NULL: said why not, and *RC. */
static const struct doc_node *only_binding(const struct phone_answer *a, int *rc)
{
	const struct doc_node *items = doc_find(a->doc.root, "items");
	const struct doc_node *it = items == NULL ? a->doc.root : items->first, *live = NULL;
	size_t n = 0;

	for (; it != NULL; it = items == NULL ? NULL : it->next) {
		const char *state = doc_find_text(it, "state");

		if (state != NULL && strcmp(state, "live") != 0)
			continue;
		live = it;
		n++;
	}
	if (n == 1)
		return live;
	*rc = n == 0 ?
	    cli_fail(CLI_NO, "there is no binding, or it has ended: `scrim phone bind`") :
	    cli_fail(CLI_NO,
		"that order has %zu bindings: give one of their ids (`scrim phone show`)", n);
	return NULL;
}

/* The number that scrimd has for the order or id. */
static int ask_number(const struct cli_call *c, struct privacy_label *l)
{
	char *path = c->phone.id != NULL ? remote_path("/v1/bindings/", c->phone.id) :
					   remote_path("/v1/bindings?order_ref=", c->phone.order);
	struct phone_answer a = { .text = { .n = 0 } };
	const struct doc_node *b = NULL;
	char x[32], ext[16], until[32], text[64];
	int rc = path == NULL ? cli_fail(CLI_NO, "out of memory") :
				phone_ask(c, "GET", path, sc_span(NULL, 0), &a);

	if (rc == CLI_GO_ON && (b = only_binding(&a, &rc)) != NULL) {
		phone_said(&a.doc, doc_find(b, "x"), x, sizeof(x));
		phone_said(&a.doc, doc_find(b, "ext"), ext, sizeof(ext));
		snprintf(text, sizeof(text), "%s%s%s", x, strcmp(ext, "-") == 0 ? "" : ",",
		    strcmp(ext, "-") == 0 ? "" : ext);
		phone_said(&a.doc, doc_find(b, "expires_at"), until, sizeof(until));
		l->until = waybill_time(sc_span_str(until));
		if (phone_number_parse(sc_span_str(text), "", &l->number) != SC_OK)
			rc = cli_fail(CLI_NO, "scrimd's answer does not fit the question");
	}
	phone_answer_fini(&a);
	free(path);
	return rc;
}

static int write_page(const struct cli_call *c, struct sc_span page)
{
	struct sc_diag d = { .line = 0 };

	if (c->out == NULL || strcmp(c->out, "-") == 0)
		return cli_out(page);
	return file_write(c->out, 0600, true, page, &d) == SC_OK ? CLI_DONE :
								   cli_fail_diag(CLI_NO, &d);
}

static int make_page(const struct cli_call *c, const struct waybill *w, struct privacy_label *l)
{
	struct sc_buf page;
	uint32_t luck;
	enum sc_err err;
	int rc;

	l->name = sc_buf_span(&w->name);
	l->address = sc_buf_span(&w->address);
	l->order = c->phone.order != NULL ? sc_span_str(c->phone.order) : sc_buf_span(&w->order);
	/* at the counter a buyer says the extension, or this: it means nothing, as a real number's
	 * last four digits would */
	random_bytes(&luck, sizeof(luck));
	snprintf(l->code, sizeof(l->code), "%04u", (unsigned)(luck % 10000));
	sc_buf_init(&page, LABEL_PAGE_MAX);
	err = label_print(l, &page);
	if (err == SC_OK)
		rc = write_page(c, sc_buf_span(&page));
	else
		rc = cli_fail(CLI_NO, "%s",
		    err == SC_LIMIT ? "the address is too long for a label" : cli_err_text(err));
	sc_buf_fini(&page);
	return rc;
}

static int read_waybill(const struct cli_call *c, bool chinese, struct waybill *w)
{
	const char *path = c->n_words == 0 ? "-" : c->words[0];
	struct sc_diag d = { .line = 0 };
	struct sc_buf json;
	enum sc_err err;
	int rc = CLI_GO_ON;

	sc_buf_init(&json, WAYBILL_MAX);
	if ((err = file_read(path, &json, &d)) == SC_OK)
		err = waybill_read(sc_buf_span(&json), chinese, &d, w);
	if (err != SC_OK) {
		snprintf(d.file, sizeof(d.file), "%s",
		    strcmp(path, "-") == 0 ? "standard input" : path);
		rc = cli_fail_err(err, &d);
	}
	sc_buf_fini(&json);
	return rc;
}

int cli_phone_label(const struct cli_call *c)
{
	bool english = c->phone.lang != NULL && strcmp(c->phone.lang, "en") == 0;
	struct privacy_label l = { .chinese = !english };
	struct waybill w;
	int rc;

	if (c->phone.lang != NULL && !english && strcmp(c->phone.lang, "zh") != 0)
		return cli_fail(CLI_USAGE, "--lang is zh or en");
	if (c->phone.order != NULL && c->phone.id != NULL)
		return cli_fail(CLI_USAGE, "give --order or --id, not both");
	waybill_init(&w);
	rc = read_waybill(c, l.chinese, &w);
	if (rc == CLI_GO_ON)
		rc = c->phone.order != NULL || c->phone.id != NULL ? ask_number(c, &l) :
								     take_number(c, &w, &l);
	if (rc == CLI_GO_ON)
		rc = make_page(c, &w, &l);
	waybill_fini(&w);
	return rc;
}
