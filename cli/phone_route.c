/*
 * phone_route.c - `scrim phone route`: what telephony would be told of a call.
 *
 * It is a call like any other: charged, recorded, and its id is used up.
 */
#include "cli/phone_ask.h"

#include <stdio.h>
#include <string.h>

static bool put_question(const struct cli_call *c, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_kstr(&w, "x", c->words[0]);
	if (c->n_words > 1)
		jsonw_kstr(&w, "ext", c->words[1]);
	jsonw_kstr(&w, "caller", c->phone.caller == NULL ? "" : c->phone.caller); /* withheld */
	jsonw_kstr(&w, "kind", c->phone.kind == NULL ? "INVITE" : c->phone.kind);
	jsonw_kstr(&w, "call", c->phone.call);
	jsonw_object_end(&w);
	return w.err == SC_OK;
}

/* "connect  answer connect  to +447700900123  display +441632960001 ..." */
static int print_answer(const struct phone_answer *a)
{
	static const char *const keys[] = { "answer", "to", "display", "max_secs", "sip",
		"reason" };
	const char *action = doc_find_text(a->doc.root, "action");

	if (action == NULL)
		return cli_fail(CLI_NO, "scrimd's answer does not fit the question");
	printf("%.20s", action);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct doc_node *v = doc_find(a->doc.root, keys[i]);
		char text[160];

		if (v == NULL || v->kind == DOC_NULL)
			continue;
		phone_said(&a->doc, v, text, sizeof(text));
		printf("  %s %s", keys[i], text);
	}
	putchar('\n');
	return cli_flush(strcmp(action, "reject") == 0 ? CLI_NO : CLI_DONE);
}

int cli_phone_route(const struct cli_call *c)
{
	struct phone_answer a = { .text = { .n = 0 } };
	struct sc_buf body;
	int rc;

	if (c->phone.call == NULL)
		return cli_fail(CLI_USAGE,
		    "give --call ID: a call has one answer, known by its id");
	if ((c->cert == NULL) != (c->cert_key == NULL))
		return cli_fail(CLI_USAGE, "--cert and --cert-key go together");
	if (c->socket == NULL && c->cert == NULL)
		return cli_fail(CLI_USAGE,
		    "only the telephony peer may ask: give its --socket, or --cert and --cert-key");
	sc_buf_init(&body, 4096);
	if (!put_question(c, &body))
		rc = cli_fail(CLI_USAGE, "a number is not that long");
	else
		rc = phone_ask(c, "POST", "/v1/route", sc_buf_span(&body), &a);
	if (rc == CLI_GO_ON)
		rc = c->json ? cli_out(sc_buf_span(&a.text)) : print_answer(&a);
	phone_answer_fini(&a);
	sc_buf_fini(&body);
	return rc;
}
