/*
 * webhook.h - Standard Webhooks: signing what we send, checking what we get.
 *
 * The content that is signed is "id.timestamp.body" (§ Signature scheme);
 * symmetric signatures are "v1," and base64 of HMAC-SHA256 under the bytes that
 * "whsec_" and base64 spell.
 */
#ifndef GATEWAY_PHONE_WEBHOOK_H
#define GATEWAY_PHONE_WEBHOOK_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/prim/hash.h"

#define WEBHOOK_TOLERANCE_S 300
#define WEBHOOK_SIGNATURE_MAX 48 /* "v1," and 44 characters, NUL-ended */

struct webhook_secret {
	struct hmac_key key;
};
/* Read a secret from the file at PATH, which nobody else may read. Fails with SC_IO, SC_SYNTAX; D says why. */
SC_CHECKED enum sc_err webhook_secret_load(const char *path, struct sc_diag *d,
    struct webhook_secret *out);
SC_CHECKED enum sc_err webhook_secret_parse(struct sc_span text, struct webhook_secret *out);
void webhook_secret_fini(struct webhook_secret *s);

void webhook_sign(const struct webhook_secret *s, struct sc_span id, uint64_t timestamp,
    struct sc_span body, char out[static WEBHOOK_SIGNATURE_MAX]);
/*
 * Is one of the space-separated SIGNATURES a v1 signature of it, and TIMESTAMP
 * within WEBHOOK_TOLERANCE_S of NOW? Constant time in what is secret.
 */
bool webhook_verify(const struct webhook_secret *s, struct sc_span id, struct sc_span timestamp,
    struct sc_span signatures, struct sc_span body, uint64_t now);

#endif
