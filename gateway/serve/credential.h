/*
 * credential.h - one credential a request, and none of Scrim's that goes any further.
 */
#ifndef GATEWAY_SERVE_CREDENTIAL_H
#define GATEWAY_SERVE_CREDENTIAL_H

#include "gateway/serve/served.h"

/*
 * The field that an API key is looked for in, Scrim-Key, or else Authorization, to *OUT; NULL:
 * neither. False: one of them is there twice, so two readers may take two callers for one.
 */
bool credential_find(const struct http_head *h, const struct http_field **out);

/*
 * Does a key of Scrim's stand anywhere in RQ's head but in SHOWN, the field that the caller is
 * known by (NULL: by none)? Its own key of 8 bytes and more, others' of 16, and in Authorization
 * those of any length. What has no word so long costs a look at every sixteenth byte; else each of
 * its words is hashed at most twice.
 */
bool credential_stray(const struct served_request *rq, const struct http_field *shown);

#endif
