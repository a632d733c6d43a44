/*
 * reason.h - the words a person gives for wanting to see something.
 *
 * The type exists so that logs may carry them: only text in which no personal
 * data was found can become one.
 */
#ifndef POLICY_REASON_H
#define POLICY_REASON_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#define POLICY_REASON_MAX 200 /* bytes */

struct policy_reason {
	char s[POLICY_REASON_MAX + 1]; /* UTF-8, NUL-ended; "" when unset */
};

/*
 * Accept TEXT: 1 to 200 bytes of UTF-8, at least one visible character, no
 * control characters, nothing that detect_disguised() takes for personal data.
 * Otherwise SC_SYNTAX, with D (may be NULL) saying why and never quoting the
 * text; *OUT is "" then. Used for reasons and tickets alike. Allocates nothing.
 */
SC_CHECKED enum sc_err policy_reason_parse(struct sc_span text, struct policy_reason *out,
    struct sc_diag *d);

#endif
