/*
 * token.h - binding a path of ours to its call: a keyed hash of the call's id,
 * the vendor, and what the path is for.
 *
 * So nobody makes one who saw another, and one that was seen is good for nothing
 * but its own step of its own call.
 */
#ifndef GATEWAY_TWIML_TOKEN_H
#define GATEWAY_TWIML_TOKEN_H

#include "gateway/phone/service.h"
#include "gateway/twiml/path.h"

/* The token of a path of HOOK at STEP for the call SID of VENDOR. */
void twiml_token(const struct phone_service *s, const struct sc_name *vendor, enum twiml_hook hook,
    unsigned step, struct sc_span sid, char out[static TWIML_TOKEN_MAX + 1]);
/* Is P's token the one of SID? Constant time. */
bool twiml_token_ok(const struct phone_service *s, const struct sc_name *vendor,
    const struct twiml_path *p, struct sc_span sid);

#endif
