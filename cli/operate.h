/*
 * operate.h - asking keyd by its operators' socket, which keyd.json beside the
 * configuration names.
 */
#ifndef CLI_OPERATE_H
#define CLI_OPERATE_H

#include "base/text/doc.h"
#include "cli/cli.h"
#include "crypto/wire/wire.h"

/* What keyd said; zeroed at birth. */
struct operate_answer {
	struct sc_buf text; /* its JSON, whole */
	struct sc_arena arena;
	struct doc doc;
};

/*
 * Ask VERB of WORDS. CLI_GO_ON with the answer, or what to exit with: it was said that
 * keyd is not there, takes nobody like this user, or refuses, and why. OUT is to be given to
 * operate_fini() either way.
 */
int operate_ask(const struct cli_call *c, enum wire_verb verb, const char *words,
    struct operate_answer *out);
void operate_fini(struct operate_answer *a);

/* Is there a socket for operators which this user may ask by? Says nothing. */
bool operate_may(const struct cli_call *c);

#endif
