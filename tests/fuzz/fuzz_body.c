/*
 * fuzz_body.c - any bytes as the body of an API call: what is accepted is a tree
 * in the order of the body, and what is not says where.
 */
#include "base/text/doc.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

/* NODE lies in [FROM, END), and so does all that is in it; how many nodes that is. */
static size_t walk(const struct doc *doc, const struct doc_node *node, size_t from, size_t end)
{
	size_t n = 1;

	must(node->key_at >= from && node->at >= node->key_at);
	must(node->end > node->at && node->end <= end);
	must(doc_said(doc, node).n <= node->end - node->at);
	must(!node->half || node->kind == DOC_TEXT);
	from = node->at;
	for (const struct doc_node *m = node->first; m != NULL; m = m->next) {
		n += walk(doc, m, from, node->end);
		from = m->end;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_arena arena = { .left = 0 };
	uint8_t *exact = malloc(size);
	struct sc_diag d;
	struct doc doc;
	enum sc_err err;

	must(exact != NULL || size == 0);
	if (size != 0)
		memcpy(exact, data, size);
	err = doc_load_sent(&arena, sc_span(exact, size), NODES_MAX, &d, &doc);
	if (err == SC_OK)
		must(walk(&doc, doc.root, 0, size) <= NODES_MAX + 1);
	else
		must(err == SC_LIMIT || (err == SC_SYNTAX && d.offset <= size));
	must(err == SC_OK || (d.text[0] != '\0' && d.line == 0));
	sc_arena_fini(&arena);
	free(exact);
	return 0;
}
