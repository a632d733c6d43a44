/*
 * webhook.h - Standard Webhooks: signing what we send, checking what we get.
 *
 * The content that is signed is "id.timestamp.body" (§ Signature scheme);
 * symmetric signatures are "v1," and base64 of HMAC-SHA256 under the bytes that
 * "whsec_" and base64 spell. While a secret is being replaced there are two: we
 * sign by both, and take what either has signed.
 */
#ifndef GATEWAY_PHONE_WEBHOOK_H
#define GATEWAY_PHONE_WEBHOOK_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/prim/hash.h"

#define WEBHOOK_TOLERANCE_S 300
#define WEBHOOK_SECRETS_MAX 2
/* "v1," and 44 characters for each secret, with a space between, NUL-ended */
#define WEBHOOK_SIGNATURE_MAX (48 * WEBHOOK_SECRETS_MAX)

struct webhook_secret {
	struct hmac_key keys[WEBHOOK_SECRETS_MAX];
	size_t n;
};
/*
 * Read a secret from the file at PATH, which nobody else may read: one line, or
 * two while the second is being replaced. Fails with SC_AUTH (others can read
 * it), SC_IO, SC_SYNTAX; D says why.
 */
SC_CHECKED enum sc_err webhook_secret_load(const char *path, struct sc_diag *d,
    struct webhook_secret *out);
/* The same from TEXT. Fails with SC_SYNTAX: not "whsec_" and base64 of 24 to 64 bytes. */
SC_CHECKED enum sc_err webhook_secret_parse(struct sc_span text, struct webhook_secret *out);
void webhook_secret_fini(struct webhook_secret *s); /* wipes */

/*
 * The webhook-signature of BODY, sent at TIMESTAMP (Unix seconds) under ID, in
 * which there must be no dot.
 */
void webhook_sign(const struct webhook_secret *s, struct sc_span id, uint64_t timestamp,
    struct sc_span body, char out[static WEBHOOK_SIGNATURE_MAX]);
/*
 * Is one of the space-separated SIGNATURES a v1 signature of it, and TIMESTAMP
 * within WEBHOOK_TOLERANCE_S of NOW? Constant time in what is secret.
 */
bool webhook_verify(const struct webhook_secret *s, struct sc_span id, struct sc_span timestamp,
    struct sc_span signatures, struct sc_span body, uint64_t now);

#endif
