/*
 * put_back.h - the answer of a recipient: what it was shown for this request is the caller's
 * to have as the token that it came from, wherever it stands.
 */
#ifndef GATEWAY_PROTECT_PUT_BACK_H
#define GATEWAY_PROTECT_PUT_BACK_H

#include "gateway/protect/lent.h"
#include "gateway/protect/plan.h"

/*
 * BODY (with CODEC_PAD zero bytes behind it), a body of C, searched for all of L: *OUT is
 * BODY itself when nothing was found, else it is in SPACE, padded, with *N tokens put in.
 * What stands in a member's name, or is spelled with escapes within a text, cannot be put
 * back: there the field becomes null, or the body does not pass.
 * Not PROTECT_DONE: PROTECT_MALFORMED, PROTECT_FORBIDDEN (at *AT), PROTECT_TOO_LARGE,
 * PROTECT_FAILED, and nothing of the body may be used.
 */
enum protect_outcome put_back(const struct lent *l, const struct codec *c, struct sc_span body,
    struct sc_buf *space, struct sc_span *out, size_t *n, size_t *at);

#endif
