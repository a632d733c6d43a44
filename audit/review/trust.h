/*
 * trust.h - what an auditor keeps of logs, in a file of their own: the key that signs each, and
 * the newest head they have seen of it. Public, but nobody else's to write.
 *
 *	scrim.audit/trust@v1
 *	demo/scrimd+6f5a1b2c+AVv... 1742 qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=
 *	...                         vkey, whose name is the log's origin; entries; root
 */
#ifndef AUDIT_REVIEW_TRUST_H
#define AUDIT_REVIEW_TRUST_H

#include "base/buf.h"
#include "crypto/tlog/note.h"

#define TRUST_LOGS_MAX 64
#define TRUST_BYTES_MAX 32768

struct trust_row {
	struct note_key key;
	struct note_head head; /* its origin is the key's name */
};

struct trust {
	size_t n;
	struct trust_row v[TRUST_LOGS_MAX];
};

/* The file's whole text, strict: it prints as it was read. SC_SYNTAX, SC_NOMEM; D has the line. */
SC_CHECKED enum sc_err trust_parse(struct sc_span text, struct trust *out, struct sc_diag *d);
SC_CHECKED enum sc_err trust_print(const struct trust *t, struct sc_buf *out);

/* The row of the log ORIGIN; NULL: there is none. */
const struct trust_row *trust_find(const struct trust *t, const char *origin);
/* Put ROW in, in place of one of the same origin. SC_LIMIT: there are too many. */
SC_CHECKED enum sc_err trust_put(struct trust *t, const struct trust_row *row);

#endif
