/*
 * body.h - JSON bodies of API calls, walked over member by member.
 *
 * The strict scanner of gateway/codec looks at all of a body first; the walk
 * only says where things stand in it. Nothing is built or copied, so a number
 * keeps its own spelling, and a member nobody asked about is still seen.
 */
#ifndef GATEWAY_CODEC_BODY_H
#define GATEWAY_CODEC_BODY_H

#include "base/buf.h"
#include "base/diag.h"

enum body_kind {
	BODY_NONE, /* there is nothing */
	BODY_STRING,
	BODY_NUMBER,
	BODY_TRUE,
	BODY_FALSE,
	BODY_NULL,
	BODY_OBJECT,
	BODY_ARRAY,
};

/* RAW borrows the body: of a string what stands between the quotes, else all of it. */
struct body_value {
	enum body_kind kind;
	struct sc_span raw;
};

/*
 * Is BODY (CODEC_PAD zero bytes follow it) JSON without a NUL character in its
 * strings? *ROOT is then its value. Fails with SC_SYNTAX (DIAG, with the
 * offset), SC_NOMEM.
 */
SC_CHECKED enum sc_err body_check(struct sc_span body, struct sc_diag *diag,
    struct body_value *root);

/* What is left of an object or an array; of anything else, nothing. */
struct sc_span body_inside(const struct body_value *v);
/* The next element of an array's inside; false at the end. */
bool body_element(struct sc_span *rest, struct body_value *out);
/* The next member of an object's inside, its NAME as it stands; false at the end. */
bool body_member(struct sc_span *rest, struct sc_span *name, struct body_value *out);

/* Is the member's name, RAW as it stands, WANT? Names are compared after unescaping. */
bool body_name_is(struct sc_span raw, const char *want);

/*
 * The text of a string, unescaped into SCRATCH when it must be: SCRATCH has
 * room already, as much as the body is long, so that it never moves. A
 * number's own spelling. LONE (may be NULL) tells of half a surrogate pair.
 * False for any other kind.
 */
bool body_text(const struct body_value *v, struct sc_buf *scratch, struct sc_span *out, bool *lone);

#endif
