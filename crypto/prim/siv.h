/*
 * siv.h - AES-256-SIV (RFC 5297): deterministic authenticated encryption.
 *
 * S2V and CTR are written here over OpenSSL's AES, because OpenSSL's own
 * AES-SIV needs 4-6 us for each new key and fails on an empty plaintext.
 * Equal (key, associated data, plaintext) give equal output; for anything
 * else add a nonce as the last associated datum (RFC 5297 §3).
 *
 * A context is for one thread. It holds the key's schedules until the next
 * siv_set_key(), siv_clear() or siv_ctx_free().
 */
#ifndef CRYPTO_PRIM_SIV_H
#define CRYPTO_PRIM_SIV_H

#include "base/err.h"
#include "base/span.h"

#define SIV_KEY_BYTES 64         /* CMAC key, then CTR key */
#define SIV_BYTES 16             /* what sealing adds */
#define SIV_ADS_MAX 126          /* RFC 5297 §7 */
#define SIV_PLAIN_MAX (1u << 30) /* bytes; CTR has room for more */

struct siv_ctx;

/* A context without a key. Fails with SC_NOMEM; *OUT is then NULL. */
SC_CHECKED enum sc_err siv_ctx_new(struct siv_ctx **out);
void siv_ctx_free(struct siv_ctx *c); /* wipes; NULL is fine */

/* Use KEY from now on (it is not kept). Fails with SC_BUG if OpenSSL does. */
SC_CHECKED enum sc_err siv_set_key(struct siv_ctx *c, const uint8_t key[static SIV_KEY_BYTES]);
/* Forget the key: the next seal or open fails with SC_BUG. */
void siv_clear(struct siv_ctx *c);

/*
 * Write SIV || C, SIV_BYTES + PLAIN.n bytes, at OUT. PLAIN may be empty and
 * may lie at OUT + SIV_BYTES, but not overlap otherwise. An empty associated
 * datum differs from none.
 * Fails with SC_LIMIT (SIV_ADS_MAX, SIV_PLAIN_MAX) or SC_BUG (no key); OUT is then
 * of no use.
 */
SC_CHECKED enum sc_err siv_seal(struct siv_ctx *c, const struct sc_span ads[], size_t n_ads,
    struct sc_span plain, uint8_t *out);

/*
 * Open SIV || C into SIV_CT.n - SIV_BYTES bytes at OUT, which may lie at
 * SIV_CT.p + SIV_BYTES. *OK tells whether it verified, compared in constant
 * time; if not, OUT is wiped. Too short a text is merely not ok.
 * Fails like siv_seal(); *OK is then false and OUT is wiped.
 */
SC_CHECKED enum sc_err siv_open(struct siv_ctx *c, const struct sc_span ads[], size_t n_ads,
    struct sc_span siv_ct, uint8_t *out, bool *ok);

#endif
