/*
 * name.h - names that configuration gives: routes, principals, roles.
 *
 * The type exists so that logs may carry them: only text of a narrow
 * alphabet, read from configuration, can become one.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include "base/err.h"
#include "base/span.h"

#define SC_NAME_MAX 63
#define SC_PRINCIPALS_MAX 4096 /* of one deployment: configured for scrimd, counted by keyd */

struct sc_name {
	char s[SC_NAME_MAX + 1]; /* [A-Za-z0-9._-]{1,63}, NUL-ended; "" when unset */
};

/* Fails with SC_SYNTAX when TEXT is empty, too long or has another character. */
SC_CHECKED enum sc_err sc_name_parse(struct sc_span text, struct sc_name *out);

#endif
