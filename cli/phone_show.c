/*
 * phone_show.c - `scrim phone show|end|complete`: bindings by id or order.
 */
#include "cli/phone_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path for the one binding or the order that the command line names; NULL: said why not. */
static char *path_of(const struct cli_call *c, int *rc)
{
	const char *id = c->n_words > 0 ? c->words[0] : NULL;
	char *path;

	if ((id == NULL) == (c->phone.order == NULL)) {
		*rc = cli_fail(CLI_USAGE, "give a binding's ID, or --order REF");
		return NULL;
	}
	path = id != NULL ? remote_path("/v1/bindings/", id) :
			    remote_path("/v1/bindings?order_ref=", c->phone.order);
	if (path == NULL)
		*rc = cli_fail(CLI_NO, "out of memory");
	return path;
}

static int print_bindings(const struct phone_answer *a)
{
	const struct doc_node *items = doc_find(a->doc.root, "items");

	if (items == NULL)
		phone_print(&a->doc, a->doc.root);
	else if (items->n == 0)
		return cli_fail(CLI_NO, "that order has no binding");
	for (const struct doc_node *it = items == NULL ? NULL : items->first; it != NULL;
	     it = it->next) {
		phone_print(&a->doc, it);
		if (it->next != NULL)
			putchar('\n');
	}
	return cli_flush(CLI_DONE);
}

int cli_phone_show(const struct cli_call *c)
{
	struct phone_answer a;
	int rc = CLI_NO;
	char *path = path_of(c, &rc);

	if (path == NULL)
		return rc;
	rc = phone_ask(c, "GET", path, sc_span(NULL, 0), &a);
	if (rc == CLI_GO_ON)
		rc = c->json ? cli_out(sc_buf_span(&a.text)) : print_bindings(&a);
	phone_answer_fini(&a);
	free(path);
	return rc;
}

/* "ended: 2". None is no failure, for ending twice is ending once; but a mistyped order looks alike. */
static int tell(const struct cli_call *c, const struct phone_answer *a)
{
	char status[40], count[24];

	if (c->json)
		return cli_out(sc_buf_span(&a->text));
	phone_said(&a->doc, doc_find(a->doc.root, "status"), status, sizeof(status));
	phone_said(&a->doc, doc_find(a->doc.root, "count"), count, sizeof(count));
	printf("%s: %s\n", status, count);
	if (strcmp(count, "0") == 0)
		cli_fail(CLI_NO,
		    "nothing was live: it has ended before, or the order has another name");
	return cli_flush(CLI_DONE);
}

int cli_phone_end(const struct cli_call *c)
{
	struct phone_answer a;
	int rc = CLI_NO;
	char *path = path_of(c, &rc);

	if (path == NULL)
		return rc;
	rc = phone_ask(c, "DELETE", path, sc_span(NULL, 0), &a);
	if (rc == CLI_GO_ON)
		rc = tell(c, &a);
	phone_answer_fini(&a);
	free(path);
	return rc;
}

int cli_phone_complete(const struct cli_call *c)
{
	struct phone_answer a;
	struct sc_buf body;
	struct jsonw w;
	int rc;

	if (c->phone.order == NULL)
		return cli_fail(CLI_USAGE, "give --order REF");
	sc_buf_init(&body, 4096);
	w = jsonw(&body);
	jsonw_object(&w);
	jsonw_kstr(&w, "order_ref", c->phone.order);
	jsonw_object_end(&w);
	if (w.err != SC_OK) {
		sc_buf_fini(&body);
		return cli_fail(CLI_USAGE, "an order's reference is not that long");
	}
	rc = phone_ask(c, "POST", "/v1/bindings/complete", sc_buf_span(&body), &a);
	if (rc == CLI_GO_ON)
		rc = tell(c, &a);
	phone_answer_fini(&a);
	sc_buf_fini(&body);
	return rc;
}
