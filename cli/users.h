/*
 * users.h - whom the daemons of `scrim up` run as, where root starts them.
 *
 * keyd has a user of its own. scrimd has another, and with it those who have nothing that scrimd
 * has not: viewd, to whom it hands every event, and queryd, in whose log it writes signed heads.
 */
#ifndef CLI_USERS_H
#define CLI_USERS_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

enum { USER_KEYD, USER_SCRIMD, USERS };

struct user {
	const char *name, *of; /* "scrim-keyd", and whose it is: "scrim-keyd" */
	uid_t uid;
	gid_t gid;
	bool nameless; /* there is no such name here: a number that nobody has */
};

/*
 * Those who have a name here, else the numbers that are left to them. Fails with SC_AUTH, and D
 * says what to do, where a name is root's or another's, or a number somebody's.
 */
SC_CHECKED enum sc_err users_find(struct user out[static USERS], struct sc_diag *d);

/*
 * For good, in a process that is about to run something else: no group, no capability, no way
 * back. False when any of it is not so; then nothing may be run.
 */
SC_CHECKED bool user_become(const struct user *u);

/* Can U read the file at PATH, through all its folders? Asked as U, by a process of its own. */
bool user_reads(const struct user *u, const char *path);

#endif
