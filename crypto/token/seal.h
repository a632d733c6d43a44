/*
 * seal.h - a value into a token's text, and back, under a key that the
 * caller has put into a SIV context.
 *
 * Which key, and whether the value may be seen at all, is decided before
 * these are called. Only the key process calls them.
 */
#ifndef CRYPTO_TOKEN_SEAL_H
#define CRYPTO_TOKEN_SEAL_H

#include "crypto/prim/siv.h"
#include "crypto/token/token.h"

/* Can VALUE be sealed? Not, if it ends in a byte that no text has and that fills values up. */
bool token_value_ok(struct sc_span value);

/*
 * Seal VALUE and append the token's text. HEAD gives flags, class, tier and
 * key id, and the domain with TOKEN_EMAIL_SHAPE, which is left out when the address
 * would be too long; with TOKEN_RANDOM a fresh nonce is drawn here, and HEAD's other
 * spans are ignored. Fails like token_aad(), siv_seal() and token_print(), and with
 * SC_SYNTAX when not token_value_ok(); OUT is then unchanged.
 */
SC_CHECKED enum sc_err token_seal(struct siv_ctx *siv, const struct token_parts *head,
    struct sc_span tenant, struct sc_span value, struct sc_buf *out);

/*
 * The same. *MARK: what tells the token, if it has no nonce, from those of other values under
 * the same key: eight bytes of its SIV.
 */
SC_CHECKED enum sc_err token_seal_marked(struct siv_ctx *siv, const struct token_parts *head,
    struct sc_span tenant, struct sc_span value, struct sc_buf *out, uint64_t *mark);

/*
 * Open a parsed token and append its value. *OK tells whether it verified
 * under this key for TENANT; if not, nothing is appended.
 * Fails like token_aad(), siv_open() and sc_buf_grow(); *OK is then false and
 * OUT unchanged.
 */
SC_CHECKED enum sc_err token_open(struct siv_ctx *siv, const struct token_parts *t,
    struct sc_span tenant, struct sc_buf *out, bool *ok);

#endif
