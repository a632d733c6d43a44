/*
 * callers.h - whom keyd knows: principals and gateways of keyd.json, as one policy means them.
 *
 * A gateway is believed no more than its row says. Who proved an API key on its connection
 * is that principal, whatever a frame tells; for those who cannot (certificates, sockets,
 * webhooks) a gateway may ask only under the roles that it asserts, and only as somebody
 * who stands in the file.
 */
#ifndef CRYPTO_KEYD_CALLERS_H
#define CRYPTO_KEYD_CALLERS_H

#include "crypto/keyd/session.h"
#include "crypto/settings/settings.h"
#include "policy/decide/decide.h"

struct caller_gateway {
	const struct settings_gateway *row;
	bool asserts[256]; /* by policy role id */
};

struct callers;

/*
 * Read them from the file at PATH, by P's names. Fails as settings_load() does, and with
 * SC_AUTH when P lacks a role or purpose; ALL (empty) tells. *OUT is the caller's.
 */
SC_CHECKED enum sc_err callers_load(const char *path, const struct policy *p, struct sc_diags *all,
    struct callers **out);
void callers_free(struct callers *c); /* NULL is fine */

/* Is UID a gateway's? */
bool callers_has_uid(const struct callers *c, uint32_t uid);
/* Is that the digest of a gateway's key, of one on another host? */
bool callers_has_key(const struct callers *c, const uint8_t spki[static 32]);
/* The gateway NODE, when UID may be it, or (SPKI not NULL) who has proved that key; else NULL. */
const struct caller_gateway *callers_gateway(const struct callers *c, const struct sc_name *node,
    uint32_t uid, const uint8_t *spki);

/* Who is called NAME, or NULL. */
const struct policy_principal *callers_named(const struct callers *c, const struct sc_name *name);
/* Whose key that is, at the gateway NODE; NULL: nobody's there. */
const struct policy_principal *callers_by_key(const struct callers *c, struct sc_span key,
    const struct sc_name *node);

/*
 * May A, whose numbers are the policy's, be asked by G with what S knows? Sets A's auth. Fails
 * with SC_AUTH; SC_STALE when its session is none, or is over.
 */
SC_CHECKED enum sc_err callers_judge(const struct callers *c, const struct caller_gateway *g,
    const struct sessions *s, struct asking *a);

#endif
