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

/*
 * Seal VALUE and append the token's text. HEAD gives flags, class, tier and
 * key id; with TOKEN_RANDOM a fresh nonce is drawn here, and HEAD's spans are
 * ignored. Fails like token_aad(), siv_seal() and token_print(); OUT is then
 * unchanged.
 */
SC_CHECKED enum sc_err token_seal(struct siv_ctx *siv, const struct token_parts *head,
    struct sc_span tenant, struct sc_span value, struct sc_buf *out);

/*
 * Open a parsed token and append its value. *OK tells whether it verified
 * under this key for TENANT; if not, nothing is appended.
 * Fails like token_aad(), siv_open() and sc_buf_grow(); *OK is then false and
 * OUT unchanged.
 */
SC_CHECKED enum sc_err token_open(struct siv_ctx *siv, const struct token_parts *t,
    struct sc_span tenant, struct sc_buf *out, bool *ok);

#endif
