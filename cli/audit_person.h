/*
 * audit_person.h - what a log calls a person, year by year, as keyd tells its operators.
 */
#ifndef CLI_AUDIT_PERSON_H
#define CLI_AUDIT_PERSON_H

#include "cli/cli.h"

#include <stdbool.h>
#include <stddef.h>

#define AUDIT_YEARS_MAX 256
#define AUDIT_HANDLE_TEXT 33 /* its digits, and a comma */

struct audit_person {
	char handles[AUDIT_YEARS_MAX * AUDIT_HANDLE_TEXT + 1]; /* of all years that have a key */
	unsigned gone[AUDIT_YEARS_MAX];                        /* those whose key was destroyed */
	size_t n_gone;
};

/* Ask of C->person. CLI_GO_ON, or a code (said). keyd records it. */
int audit_person_ask(const struct cli_call *c, struct audit_person *out);
/*
 * Say of which years that C asks about nobody knows any more whose the entries are. True: there are
 * some.
 */
bool audit_person_tell(const struct cli_call *c, const struct audit_person *p);

#endif
