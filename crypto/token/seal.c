/*
 * seal.c - a value into a token's text, and back. What is sealed is the value filled up
 * to one of few sizes (pad.c).
 */
#include "crypto/token/seal.h"

#include "base/bytes.h"
#include "crypto/prim/random.h"
#include "crypto/token/shape.h"

#include <string.h>

#define SMALL_VALUE 512 /* bytes sealed on the stack */

/* The associated data of T: its place, then its nonce if it has one. */
static enum sc_err place(const struct token_parts *t, struct sc_span tenant,
    uint8_t aad[static TOKEN_AAD_MAX], struct sc_span ads[static 2], size_t *n_ads)
{
	enum sc_err err;
	size_t n;

	if ((err = token_aad(t, tenant, aad, &n)) != SC_OK)
		return err;
	ads[0] = sc_span(aad, n);
	ads[1] = t->nonce;
	*n_ads = t->nonce.n != 0 ? 2 : 1;
	return SC_OK;
}

/* An address that is too long for one of ours is sealed all the same, without the shape. */
static void keep_shape_if_fits(struct token_parts *t, size_t padded_n)
{
	if ((t->flags & TOKEN_EMAIL_SHAPE) == 0 ||
	    address_length(token_body_min(t->flags) + padded_n, t->domain.n) == 0) {
		t->flags &= (uint8_t)~TOKEN_EMAIL_SHAPE;
		t->domain = sc_span(NULL, 0);
	}
}

enum sc_err token_seal_marked(struct siv_ctx *siv, const struct token_parts *head,
    struct sc_span tenant, struct sc_span value, struct sc_buf *out, uint64_t *mark)
{
	uint8_t aad[TOKEN_AAD_MAX], nonce[TOKEN_NONCE_BYTES];
	struct token_parts t = *head;
	uint8_t small[SIV_BYTES + SMALL_VALUE]; /* nearly every value: no allocation */
	struct sc_span ads[2];
	struct sc_buf large;
	enum sc_err err;
	size_t n_ads, n;
	uint8_t *at = small;

	sc_buf_init(&large, SIV_BYTES + CRYPTO_VALUE_MAX);
	t.nonce = sc_span(NULL, 0);
	if ((t.flags & TOKEN_RANDOM) != 0) {
		random_bytes(nonce, sizeof(nonce));
		t.nonce = sc_span(nonce, sizeof(nonce));
	}
	if (value.n > CRYPTO_VALUE_MAX)
		return SC_LIMIT;
	if (!token_value_ok(value))
		return SC_SYNTAX;
	n = token_padded(t.class_id, value.n);
	keep_shape_if_fits(&t, n);
	if ((err = place(&t, tenant, aad, ads, &n_ads)) != SC_OK)
		return err;
	if (n > SMALL_VALUE && (err = sc_buf_grow(&large, SIV_BYTES + n, &at)) != SC_OK)
		return err;
	if (value.n != 0)
		memcpy(at + SIV_BYTES, value.p, value.n);
	memset(at + SIV_BYTES + value.n, TOKEN_FILL, n - value.n);
	if ((err = siv_seal(siv, ads, n_ads, sc_span(at + SIV_BYTES, n), at)) != SC_OK) {
		sc_wipe(at, SIV_BYTES + n);
		goto out;
	}
	*mark = sc_be64_load(at);
	t.siv_ct = sc_span(at, SIV_BYTES + n);
	err = token_print(&t, out);
out:
	sc_buf_fini(&large);
	return err;
}

enum sc_err token_seal(struct siv_ctx *siv, const struct token_parts *head, struct sc_span tenant,
    struct sc_span value, struct sc_buf *out)
{
	uint64_t mark;

	return token_seal_marked(siv, head, tenant, value, out, &mark);
}

/* Take off what filled the N bytes at AT up. *OK false: nobody who seals fills so much. */
static size_t unfill(const struct token_parts *t, const uint8_t *at, size_t n, bool *ok)
{
	size_t value_n = token_unpadded(sc_span(at, n));

	*ok = token_padded(t->class_id, value_n) == n;
	return value_n;
}

enum sc_err token_open(struct siv_ctx *siv, const struct token_parts *t, struct sc_span tenant,
    struct sc_buf *out, bool *ok)
{
	uint8_t aad[TOKEN_AAD_MAX];
	struct sc_span ads[2];
	size_t n_ads, n, before = out->n;
	uint8_t *at = NULL;
	enum sc_err err;

	*ok = false;
	if (t->siv_ct.n < SIV_BYTES)
		return SC_OK;
	n = t->siv_ct.n - SIV_BYTES;
	if ((err = place(t, tenant, aad, ads, &n_ads)) != SC_OK)
		return err;
	if (n != 0 && (err = sc_buf_grow(out, n, &at)) != SC_OK)
		return err;
	err = siv_open(siv, ads, n_ads, t->siv_ct, at, ok);
	if (*ok)
		out->n = before + unfill(t, at, n, ok); /* what goes is no secret */
	if (!*ok)
		sc_buf_truncate(out, before);
	return err;
}
