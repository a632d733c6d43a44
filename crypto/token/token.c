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
#include "policy/words/class.h"

#include <string.h>
#include <strings.h>

#define SIZE_LEAST 8 /* bytes sealed, of any class */
_Static_assert(TOKEN_TEXT_MIN ==
	TOKEN_PREFIX_BYTES + ((TOKEN_HEAD_BYTES + SIV_BYTES + SIZE_LEAST) * 8 + 4) / 5,
    "shortest text");

bool token_flags_ok(uint8_t flags, uint8_t class_id)
{
	return (flags & ~TOKEN_FLAGS) == 0 && (flags & TOKEN_KIND_MASK) <= TOKEN_LITERAL &&
	    ((flags & TOKEN_EMAIL_SHAPE) == 0 || class_id == CLASS_EMAIL);
}

static size_t nonce_bytes(uint8_t flags)
{
	return (flags & TOKEN_RANDOM) != 0 ? TOKEN_NONCE_BYTES : 0;
}

size_t token_body_min(uint8_t flags)
{
	return TOKEN_HEAD_BYTES + nonce_bytes(flags) + SIV_BYTES;
}

bool token_body_ok(uint8_t flags, uint8_t class_id, size_t body_n)
{
	size_t min = token_body_min(flags);

	return body_n >= min && body_n - min <= CRYPTO_VALUE_MAX &&
	    token_padded(class_id, body_n - min) == body_n - min;
}

size_t token_text_length(const struct token_parts *t, size_t value_n)
{
	size_t body_n = token_body_min(t->flags) + token_padded(t->class_id, value_n), n = 0;

	if ((t->flags & TOKEN_EMAIL_SHAPE) != 0)
		n = address_length(body_n, t->domain.n);
	return n != 0 ? n : TOKEN_PREFIX_BYTES + crockford_length(body_n);
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
	const bool shaped = (t->flags & TOKEN_EMAIL_SHAPE) != 0;
	size_t body_n, digits_n, text_n;
	uint8_t *text, *end;
	enum sc_err err;

	if (!token_flags_ok(t->flags, t->class_id) || t->nonce.n != nonce_bytes(t->flags) ||
	    t->siv_ct.n < SIV_BYTES)
		return SC_BUG;
	if (t->siv_ct.n - SIV_BYTES > CRYPTO_VALUE_MAX)
		return SC_LIMIT;
	body_n = TOKEN_HEAD_BYTES + t->nonce.n + t->siv_ct.n;
	digits_n = crockford_length(body_n);
	text_n = shaped ? address_length(body_n, t->domain.n) : TOKEN_PREFIX_BYTES + digits_n;
	if (!token_body_ok(t->flags, t->class_id, body_n) || text_n == 0 ||
	    (shaped ? !token_domain_ok(t->domain) : t->domain.n != 0))
		return SC_BUG;
	if ((err = sc_buf_grow(out, text_n, &text)) != SC_OK)
		return err;
	memcpy(text, TOKEN_PREFIX, TOKEN_PREFIX_BYTES);
	/* the bytes lie at the end of where their digits go: no second buffer */
	end = text + TOKEN_PREFIX_BYTES + digits_n;
	put_body(t, end - body_n);
	crockford_encode(end - body_n, body_n, (char *)text + TOKEN_PREFIX_BYTES);
	if (shaped)
		address_write(text, digits_n, t->domain);
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
	if (r.bad || !token_flags_ok(t->flags, t->class_id) ||
	    !token_body_ok(t->flags, t->class_id, body.n))
		return false;
	t->nonce = sc_read_bytes(&r, nonce_bytes(t->flags));
	t->siv_ct = sc_span(r.p, (size_t)(r.end - r.p));
	return true;
}

enum sc_err token_parse(struct sc_span text, struct sc_buf *scratch, struct token_parts *out)
{
	uint8_t gathered[ADDRESS_DIGITS_MAX];
	struct token_parts t = { .flags = 0 };
	struct sc_span digits;
	enum sc_err err;
	uint8_t *body;
	size_t n;

	memset(out, 0, sizeof(*out));
	sc_buf_clear(scratch);
	if (!token_seems(text) || text.n > TOKEN_TEXT_MAX)
		return SC_SYNTAX;
	digits = sc_span_from(text, TOKEN_PREFIX_BYTES);
	if (address_at(text) && address_read(text, gathered, &n, &t.domain) == text.n)
		digits = sc_span(gathered, n);
	if ((err = sc_buf_grow(scratch, crockford_bytes(digits.n), &body)) != SC_OK)
		return err;
	if (!crockford_decode(digits, body) || !split(sc_buf_span(scratch), &t) ||
	    (digits.p == gathered) != ((t.flags & TOKEN_EMAIL_SHAPE) != 0)) {
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
