/*
 * consent.h - the words of one person or device, as scrimd tells them: what
 * the files cli/consent*.c share.
 */
#ifndef CLI_CONSENT_H
#define CLI_CONSENT_H

#include "cli/phone_ask.h"

/*
 * Ask METHOD for the words of the id that the command line names, with BODY (JSON; empty:
 * none). CLI_GO_ON and *OUT, or a code (said). *OUT is the caller's to phone_answer_fini()
 * whatever came of it.
 */
int consent_ask(const struct cli_call *c, const char *method, struct sc_span body,
    struct phone_answer *out);
/* The text that OBJECT has under KEY; "" when it has none. */
const char *consent_text(const struct doc_node *object, const char *key);

#endif
