/*
 * keys_rotate.c - `scrim keys rotate`: new keys, at once, in the keyd that runs.
 */
#include "cli/operate.h"

#include <stdio.h>
#include <string.h>

static bool is_order(const struct cli_call *c)
{
	static const struct {
		const char *what;
		size_t n_words;
	} orders[] = { { "class", 2 }, { "classes", 1 }, { "tier", 2 }, { "epoch", 1 } };

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(c->words[0], orders[i].what) == 0)
			return c->n_words == orders[i].n_words;
	return false;
}

int cli_keys_rotate(const struct cli_call *c)
{
	struct operate_answer a = { .text = { 0 } };
	char words[256];
	int rc;

	if (!is_order(c))
		return cli_fail(CLI_USAGE,
		    "rotate what: class NAME, classes, tier T0 to T4, or epoch");
	snprintf(words, sizeof(words), "%s%s%s", c->words[0], c->n_words > 1 ? " " : "",
	    c->n_words > 1 ? c->words[1] : "");
	rc = operate_ask(c, WIRE_KEYS_ROTATE, words, &a);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&a.text));
	else if (rc == CLI_GO_ON) {
		const struct doc_node *made = doc_find(a.doc.root, "made");
		const struct sc_span record = doc_said(&a.doc, doc_find(a.doc.root, "record"));

		for (const struct doc_node *k = made == NULL ? NULL : made->first; k != NULL;
		     k = k->next)
			printf("%s is sealed under version %s from now on\n",
			    doc_find_text(k, "class"), doc_find_text(k, "version"));
		printf("done; what was sealed before still opens (entry %.*s of keyd's log)\n",
		    SC_SPAN_ARG(record));
		rc = cli_flush(CLI_DONE);
	}
	operate_fini(&a);
	return rc;
}
