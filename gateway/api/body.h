/*
 * body.h - JSON bodies of API calls as trees.
 *
 * The strict scanner of gateway/codec decides whether a body is JSON; cJSON
 * only builds the tree. Its blocks are wiped when freed, for they hold values.
 */
#ifndef GATEWAY_API_BODY_H
#define GATEWAY_API_BODY_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#include <cjson/cJSON.h>

/* Make cJSON wipe what it frees. Once, before any thread starts. */
void api_body_setup(void);

/*
 * Parse BODY (JSON_PAD zero bytes follow it). Fails with SC_SYNTAX (DIAG, with
 * the offset), SC_NOMEM. *OUT is the caller's, to cJSON_Delete().
 */
SC_CHECKED enum sc_err api_body_parse(struct sc_span body, struct sc_diag *diag, cJSON **out);

/* The string member NAME of OBJECT; false when there is none or it is no string. */
bool api_body_string(const cJSON *object, const char *name, struct sc_span *out);

#endif
