/*
 * web_form.h - the body of a webhook: application/x-www-form-urlencoded, strictly.
 *
 *	name=value&name=value	+ is a blank, %XX a byte, the whole is UTF-8
 *
 * What two readers could understand differently is refused: a bad percent, a
 * raw ';', blank, control or '#', a pair without '=' or without a name. What is left has one
 * meaning, which is what the vendor signed.
 */
#ifndef GATEWAY_TWIML_WEB_FORM_H
#define GATEWAY_TWIML_WEB_FORM_H

#include "base/arena.h"
#include "base/err.h"

#define WEB_FORM_FIELDS_MAX 200
#define WEB_FORM_BODY_MAX (64u << 10)

struct web_field {
	struct sc_span name, value; /* decoded */
};

/* Fields by the bytes of their names; those of one name as they were sent. */
struct web_form {
	struct web_field *v;
	size_t n;
};

/*
 * Read BODY; what OUT points to is A's, which wipes it at its end. Fails with
 * SC_SYNTAX, SC_LIMIT (more than WEB_FORM_FIELDS_MAX fields or WEB_FORM_BODY_MAX bytes), SC_NOMEM.
 */
SC_CHECKED enum sc_err web_form_parse(struct sc_span body, struct sc_arena *a,
    struct web_form *out);

/* The first field called NAME, or NULL; *N (may be NULL) is how many are. */
const struct web_field *web_form_find(const struct web_form *f, const char *name, size_t *n);

#endif
