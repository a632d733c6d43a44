/*
 * token.c - a token's text and its parts, and what binds it to its place.
 *
 * Reading is strict: one text is one token and one token is one text, up to
 * letter case. Finding tokens in free text is in find.c.
 */
#include "crypto/token/token.h"

#include "base/bytes.h"
#include "crypto/prim/crockford.h"
#include "crypto/prim/siv.h"
#include "crypto/token/shape.h"

#include <string.h>
#include <strings.h>

_Static_assert(TOKEN_TEXT_MIN == TOKEN_PREFIX_BYTES + ((TOKEN_HEAD_BYTES + SIV_BYTES) * 8 + 4) / 5,
    "shortest text");

bool token_flags_ok(uint8_t flags)
{
	return (flags & ~TOKEN_FLAGS) == 0 && (flags & TOKEN_KIND_MASK) <= TOKEN_LITERAL;
}

static size_t nonce_bytes(uint8_t flags)
{
	return (flags & TOKEN_RANDOM) != 0 ? TOKEN_NONCE_BYTES : 0;
}

size_t token_body_min(uint8_t flags)
{
	return TOKEN_HEAD_BYTES + nonce_bytes(flags) + SIV_BYTES;
}

size_t token_text_length(size_t plain_n, uint8_t flags)
{
	return TOKEN_PREFIX_BYTES + crockford_length(token_body_min(flags) + plain_n) +
	    ((flags & TOKEN_EMAIL_SHAPE) != 0 ? TOKEN_SUFFIX_BYTES : 0);
}

/* From the SIV's first whole group of base32 digits on, which begins a byte before it. */
#define MARK_AT (TOKEN_PREFIX_BYTES + 16)
#define MARK_DIGITS 16
_Static_assert(TOKEN_HEAD_BYTES == 16 * 5 / 8 + 1, "one byte before the SIV");

uint64_t token_mark(struct sc_span text)
{
	uint8_t bytes[MARK_DIGITS * 5 / 8];

	if (text.n < TOKEN_TEXT_MIN ||
	    !crockford_decode(sc_span(text.p + MARK_AT, MARK_DIGITS), bytes))
		return 0;
	return sc_be64_load(bytes + 1);
}

bool token_seems(struct sc_span text)
{
	return text.n >= TOKEN_TEXT_MIN &&
	    strncasecmp((const char *)text.p, TOKEN_PREFIX, TOKEN_PREFIX_BYTES) == 0;
}

/* Write the binary form at AT, which has room for it. */
static void put_body(const struct token_parts *t, uint8_t *at)
{
	*at++ = t->flags;
	*at++ = t->class_id;
	*at++ = t->tier;
	sc_be64_store(at, t->key_id);
	at += 8;
	if (t->nonce.n != 0)
		memcpy(at, t->nonce.p, t->nonce.n);
	at += t->nonce.n;
	memcpy(at, t->siv_ct.p, t->siv_ct.n);
}

enum sc_err token_print(const struct token_parts *t, struct sc_buf *out)
{
	size_t plain_n, body_n;
	uint8_t *text, *end;
	enum sc_err err;

	if (!token_flags_ok(t->flags) || t->nonce.n != nonce_bytes(t->flags) ||
	    t->siv_ct.n < SIV_BYTES)
		return SC_BUG;
	plain_n = t->siv_ct.n - SIV_BYTES;
	if (plain_n > CRYPTO_VALUE_MAX)
		return SC_LIMIT;
	body_n = token_body_min(t->flags) + plain_n;
	if ((err = sc_buf_grow(out, token_text_length(plain_n, t->flags), &text)) != SC_OK)
		return err;
	memcpy(text, TOKEN_PREFIX, TOKEN_PREFIX_BYTES);
	text += TOKEN_PREFIX_BYTES;
	/* the bytes lie at the end of where their digits go: no second buffer */
	end = text + crockford_length(body_n);
	put_body(t, end - body_n);
	crockford_encode(end - body_n, body_n, (char *)text);
	if ((t->flags & TOKEN_EMAIL_SHAPE) != 0)
		memcpy(end, TOKEN_EMAIL_SUFFIX, TOKEN_SUFFIX_BYTES);
	return SC_OK;
}

/* Split a token's bytes; false when the parts do not fit together. */
static bool split(struct sc_span body, struct token_parts *t)
{
	struct sc_reader r = sc_reader(body);

	t->flags = sc_read_u8(&r);
	t->class_id = sc_read_u8(&r);
	t->tier = sc_read_u8(&r);
	t->key_id = sc_read_u64(&r);
	if (r.bad || !token_flags_ok(t->flags) || body.n < token_body_min(t->flags))
		return false;
	t->nonce = sc_read_bytes(&r, nonce_bytes(t->flags));
	t->siv_ct = sc_span(r.p, (size_t)(r.end - r.p));
	return true;
}

enum sc_err token_parse(struct sc_span text, struct sc_buf *scratch, struct token_parts *out)
{
	struct token_parts t;
	struct sc_span digits;
	bool email = false;
	enum sc_err err;
	uint8_t *body;

	memset(out, 0, sizeof(*out));
	sc_buf_clear(scratch);
	if (!token_seems(text) || text.n > TOKEN_TEXT_MAX)
		return SC_SYNTAX;
	digits = sc_span_from(text, TOKEN_PREFIX_BYTES);
	if (digits.n > TOKEN_SUFFIX_BYTES &&
	    token_suffix_at(digits, digits.n - TOKEN_SUFFIX_BYTES)) {
		email = true;
		digits.n -= TOKEN_SUFFIX_BYTES;
	}
	if ((err = sc_buf_grow(scratch, crockford_bytes(digits.n), &body)) != SC_OK)
		return err;
	if (!crockford_decode(digits, body) || !split(sc_buf_span(scratch), &t) ||
	    email != ((t.flags & TOKEN_EMAIL_SHAPE) != 0) ||
	    t.siv_ct.n > SIV_BYTES + CRYPTO_VALUE_MAX) {
		sc_buf_clear(scratch);
		return SC_SYNTAX;
	}
	*out = t;
	return SC_OK;
}

enum sc_err token_aad(const struct token_parts *t, struct sc_span tenant,
    uint8_t out[static TOKEN_AAD_MAX], size_t *n)
{
	static const uint8_t label[7] = { 6, 's', 'c', 'r', 'i', 'm', '1' };
	uint8_t *at = out;

	*n = 0;
	if (tenant.n > TOKEN_TENANT_MAX)
		return SC_LIMIT;
	memcpy(at, label, sizeof(label));
	at += sizeof(label);
	*at++ = (uint8_t)tenant.n;
	if (tenant.n != 0)
		memcpy(at, tenant.p, tenant.n);
	at += tenant.n;
	*at++ = t->class_id;
	*at++ = t->tier;
	*at++ = t->flags & (uint8_t)~TOKEN_EMAIL_SHAPE;
	sc_be64_store(at, t->key_id);
	*n = (size_t)(at - out) + 8;
	return SC_OK;
}
