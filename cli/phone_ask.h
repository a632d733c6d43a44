/*
 * phone_ask.h - one question to scrimd about virtual numbers, and its answer.
 */
#ifndef CLI_PHONE_ASK_H
#define CLI_PHONE_ASK_H

#include "base/text/doc.h"
#include "cli/remote.h"

struct phone_answer { /* all zero: none yet */
	struct sc_buf text;
	struct sc_arena arena;
	struct doc doc;
};

/*
 * Ask METHOD PATH with BODY (JSON; empty: none). CLI_GO_ON and *OUT, or a code
 * (said). *OUT is the caller's to phone_answer_fini() whatever came of it.
 */
int phone_ask(const struct cli_call *c, const char *method, const char *path, struct sc_span body,
    struct phone_answer *out);
void phone_answer_fini(struct phone_answer *a);

/*
 * What scrimd says, without control characters, in at most N - 1 bytes: a text, all else as it is
 * written; of an object its "value" or "status"; "-" when there is nothing.
 */
void phone_said(const struct doc *doc, const struct doc_node *node, char *out, size_t n);
/* "KEY  what it says", a line for each member of OBJECT but lists of objects and nulls. */
void phone_print(const struct doc *doc, const struct doc_node *object);

#endif
