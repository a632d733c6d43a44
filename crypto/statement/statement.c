/*
 * statement.c - the bytes of a signed statement. Format: statement.h.
 */
#include "crypto/statement/statement.h"

#include "base/bytes.h"

#include <string.h>

#define MAGIC "scrim-statement1"
#define MAGIC_BYTES 16

_Static_assert(CRYPTO_STATEMENT_MAX ==
	MAGIC_BYTES + 1 + 8 * (1 + STATEMENT_FIELD_MAX) + HASH_BYTES + STATEMENT_NONCE_BYTES + 16 +
	    SIGN_BYTES,
    "the longest there is");

/* How long each type may hold; the others are not read yet. */
static const struct kind {
	uint64_t window_ms; /* 0: not taken */
} kinds[STATEMENT_TYPE_END] = {
	[STATEMENT_OPEN] = { STATEMENT_OPEN_MS },
	[STATEMENT_ANEW] = { STATEMENT_ANEW_MS },
};

static bool is_sound(const struct statement *s)
{
	return s->type < STATEMENT_TYPE_END && kinds[s->type].window_ms != 0 &&
	    s->not_after_ms > s->not_before_ms &&
	    s->not_after_ms - s->not_before_ms <= kinds[s->type].window_ms;
}

/* ---- what it is about ---- */

void statement_scope_add(struct statement_scope *s, struct sc_span text)
{
	struct merkle_hash leaf;
	enum sc_err err;

	merkle_leaf(text, &leaf);
	err = merkle_push(&s->leaves, &leaf, NULL, NULL);
	(void)err; /* fails only as a callback does */
}

void statement_scope_root(const struct statement_scope *s, uint8_t out[static HASH_BYTES])
{
	struct merkle_hash root;

	merkle_root(&s->leaves, &root);
	memcpy(out, root.b, HASH_BYTES);
}

/* ---- writing ---- */

static enum sc_err put_fields(struct sc_buf *out, const struct sc_span *v, size_t n)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = v[i].n > STATEMENT_FIELD_MAX ? SC_SYNTAX : sc_buf_put_field8(out, v[i]);
	return err;
}

static enum sc_err encode(const struct statement *s, struct sc_buf *out)
{
	const struct sc_span whose[] = { s->tenant, s->keyd };
	const struct sc_span words[] = { s->words.op, s->words.purpose, s->words.principal,
		s->words.recipient, s->words.reason, s->words.ticket };
	enum sc_err err;

	if (!is_sound(s))
		return SC_SYNTAX;
	if ((err = sc_buf_put(out, MAGIC, MAGIC_BYTES)) != SC_OK ||
	    (err = sc_buf_put_be8(out, s->type)) != SC_OK ||
	    (err = put_fields(out, whose, 2)) != SC_OK ||
	    (err = sc_buf_put(out, s->scope, HASH_BYTES)) != SC_OK ||
	    (err = sc_buf_put(out, s->nonce, STATEMENT_NONCE_BYTES)) != SC_OK ||
	    (err = sc_buf_put_be64(out, s->not_before_ms)) != SC_OK ||
	    (err = sc_buf_put_be64(out, s->not_after_ms)) != SC_OK)
		return err;
	return put_fields(out, words, 6);
}

enum sc_err statement_sign(const struct statement *s, const struct sign_secret *sk,
    struct sc_buf *out)
{
	uint8_t sig[SIGN_BYTES];
	size_t start = out->n;
	enum sc_err err;

	if ((err = encode(s, out)) == SC_OK) {
		sign_detached(sk, sc_span(out->p + start, out->n - start), sig);
		err = sc_buf_put(out, sig, sizeof(sig));
	}
	if (err != SC_OK)
		sc_buf_truncate(out, start);
	return err;
}

/* ---- reading ---- */

static void read_words(struct sc_reader *r, struct statement *s)
{
	struct sc_span *const words[] = { &s->words.op, &s->words.purpose, &s->words.principal,
		&s->words.recipient, &s->words.reason, &s->words.ticket };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		*words[i] = sc_read_field8(r);
}

static void read_exactly(struct sc_reader *r, uint8_t *out, size_t n)
{
	struct sc_span s = sc_read_bytes(r, n);

	if (!r->bad)
		memcpy(out, s.p, n);
}

enum sc_err statement_decode(struct sc_span bytes, struct statement *out)
{
	struct sc_reader r;

	memset(out, 0, sizeof(*out));
	if (bytes.n < MAGIC_BYTES + SIGN_BYTES || memcmp(bytes.p, MAGIC, MAGIC_BYTES) != 0)
		return SC_SYNTAX;
	r = sc_reader(sc_span(bytes.p + MAGIC_BYTES, bytes.n - MAGIC_BYTES - SIGN_BYTES));
	out->type = sc_read_u8(&r);
	out->tenant = sc_read_field8(&r);
	out->keyd = sc_read_field8(&r);
	read_exactly(&r, out->scope, HASH_BYTES);
	read_exactly(&r, out->nonce, STATEMENT_NONCE_BYTES);
	out->not_before_ms = sc_read_u64(&r);
	out->not_after_ms = sc_read_u64(&r);
	read_words(&r, out);
	return sc_reader_done(&r) && is_sound(out) ? SC_OK : SC_SYNTAX;
}

bool statement_is_by(struct sc_span bytes, const struct sign_public *pk)
{
	return bytes.n > SIGN_BYTES &&
	    sign_verify(pk, sc_span(bytes.p, bytes.n - SIGN_BYTES),
		sc_span(bytes.p + bytes.n - SIGN_BYTES, SIGN_BYTES));
}
