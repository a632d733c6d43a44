/*
 * demo_private.h - the configuration that a demo is made for. Private to demo.c and
 * demo_callers.c.
 */
#ifndef CLI_DEMO_PRIVATE_H
#define CLI_DEMO_PRIVATE_H

#include "base/buf.h"
#include "base/text/doc.h"

#include <sys/types.h>

struct demo {
	const char *path; /* of the configuration */
	uid_t gateway;    /* whom scrimd runs as */
	struct sc_buf text;
	struct sc_arena arena;
	struct doc doc;
	struct sc_diag *d;
};

/* Put TEXT where the configuration's own text has the value of KEY. */
SC_CHECKED enum sc_err demo_replace(struct demo *m, const char *key, struct sc_span text);
/* The member KEY of OBJECT as it stands in the configuration's text, quoted; or empty. */
struct sc_span demo_quoted(const struct demo *m, const struct doc_node *object, const char *key);

/*
 * Where the configuration has an empty list of principals: principals.json beside it, with
 * one for each role of the policy at POLICY_PATH and for whomever scrimd asks itself, which is
 * named in the list's place.
 */
SC_CHECKED enum sc_err demo_principals(struct demo *m, const char *policy_path);
/* keyd.json's members "principals" and "gateways", and a comma. */
SC_CHECKED enum sc_err demo_print_callers(const struct demo *m, struct sc_buf *out);

#endif
