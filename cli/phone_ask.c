/*
 * phone_ask.c - asking /v1 of scrimd, and reading what it says.
 */
#include "cli/phone_ask.h"

#include <stdio.h>

int phone_ask(const struct cli_call *c, const char *method, const char *path, struct sc_span body,
    struct phone_answer *out)
{
	struct remote *remote = NULL;
	int rc = remote_open(c, "application/json", &remote);

	*out = (struct phone_answer){ .text = { .n = 0 } };
	sc_buf_init(&out->text, REMOTE_ANSWER_MAX);
	if (rc == CLI_GO_ON)
		rc = remote_ask(remote, method, path, body, &out->text);
	remote_close(remote);
	/* nothing may be all there is to say */
	if (rc == CLI_GO_ON && out->text.n > 0 &&
	    doc_load(&out->arena, sc_buf_span(&out->text), NULL, NULL, &out->doc) != SC_OK)
		rc = cli_fail(CLI_NO, "scrimd's answer is malformed");
	return rc;
}

void phone_answer_fini(struct phone_answer *a)
{
	sc_arena_fini(&a->arena);
	sc_buf_fini(&a->text);
}

/* Of an object, what it is about: a person's number as far as the reader may see it, or why not. */
static const struct doc_node *gist_of(const struct doc_node *node)
{
	const struct doc_node *value = doc_find(node, "value");

	if (value == NULL)
		value = doc_find(node, "status");
	return value != NULL ? value : node;
}

void phone_said(const struct doc *doc, const struct doc_node *node, char *out, size_t n)
{
	const struct doc_node *gist = gist_of(node);
	bool nothing = gist == NULL || gist->kind == DOC_NULL;
	struct sc_span s = nothing ? sc_span("-", 1) : doc_said(doc, gist);
	size_t len = s.n < n ? s.n : n - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : (char)s.p[i];
	out[len] = '\0';
}

void phone_print(const struct doc *doc, const struct doc_node *object)
{
	for (const struct doc_node *it = object->first; it != NULL; it = it->next) {
		char text[256];

		if (it->kind == DOC_NULL ||
		    (it->kind == DOC_LIST && it->n != 0 && it->first->kind == DOC_OBJECT))
			continue;
		phone_said(doc, it, text, sizeof(text));
		printf("%-20.40s  %s\n", it->key, text);
	}
}
