/*
 * token.h - the text that stands in the place of a value.
 *
 *	sct1-<base32>			or, with TOKEN_EMAIL_SHAPE,
 *	sct1-<59 of them>@<the others>.scrim.example.com	(address.c)
 *
 * <base32> is lower-case Crockford (crypto/prim/crockford.h) of
 *
 *	 0      1      2      3 .. 10   [11 .. 26]   16 bytes  the rest
 *	+------+------+------+---------+------------+---------+----------+
 *	|flags |class |tier  |key id   |nonce       |SIV      |ciphertext|
 *	+------+------+------+---------+------------+---------+----------+
 *	                      u64 BE    TOKEN_RANDOM
 *
 * The ciphertext is of one of few sizes for its class, whatever the value's length
 * was (pad.c): a token's length tells class and size and nothing else.
 *
 * A parsed token is merely well-formed: that it is ours, and for which
 * tenant, class and tier, is known only when token_open() (seal.h) verifies.
 */
#ifndef CRYPTO_TOKEN_TOKEN_H
#define CRYPTO_TOKEN_TOKEN_H

#include "base/buf.h"
#include "base/name.h"
#include "base/weak.h"
#include "crypto/limits.h"

#define TOKEN_PREFIX "sct1-"

#define TOKEN_KIND_MASK 0x03 /* of the flags: what the value was */
#define TOKEN_STRING 0x00
#define TOKEN_NUMBER 0x01      /* a JSON number, in its own spelling */
#define TOKEN_LITERAL 0x02     /* true or false */
#define TOKEN_CLASS_KEY 0x04   /* key id names a class key, not a subject key */
#define TOKEN_RANDOM 0x08      /* has a nonce: equal values differ */
#define TOKEN_EMAIL_SHAPE 0x10 /* written as an address; of class email only */
#define TOKEN_FLAGS 0x1f       /* others are refused */

#define TOKEN_NONCE_BYTES 16
#define TOKEN_HEAD_BYTES 11
#define TOKEN_BYTES_MAX (TOKEN_HEAD_BYTES + TOKEN_NONCE_BYTES + 16 + CRYPTO_VALUE_MAX)
#define TOKEN_TEXT_MIN 61
#define TOKEN_TEXT_MAX (5 + (TOKEN_BYTES_MAX * 8 + 4) / 5)

/* Of an address' domain: two labels or more, of letters and digits, and hyphens inside. */
#define TOKEN_DOMAIN_MIN 4
#define TOKEN_DOMAIN_MAX (TOKEN_DOMAIN_MIN + 31)
#define TOKEN_DOMAIN "scrim.example.com" /* where none was chosen */

#define TOKEN_TENANT_MAX SC_NAME_MAX
#define TOKEN_AAD_MAX (7 + 1 + TOKEN_TENANT_MAX + 3 + 8)

struct token_parts {
	uint8_t flags, class_id, tier;
	uint64_t key_id;
	struct sc_span nonce;  /* TOKEN_NONCE_BYTES with TOKEN_RANDOM, else empty */
	struct sc_span siv_ct; /* SIV || ciphertext */
	struct sc_span domain; /* with TOKEN_EMAIL_SHAPE, else empty */
};

/*
 * Append the token's text. Fails like sc_buf_put(), with SC_LIMIT when the
 * value is too long, and SC_BUG when the parts do not agree, or a shape does not
 * fit them; OUT is then unchanged. T's spans may not borrow OUT.
 */
SC_CHECKED enum sc_err token_print(const struct token_parts *t, struct sc_buf *out);

/*
 * Take apart TEXT, which must be one token and nothing else, in any letter
 * case. OUT's spans borrow SCRATCH, whose former content is dropped, and its domain TEXT.
 * Fails with SC_SYNTAX for anything that is not a well-formed token, or
 * like sc_buf_grow(); *OUT is then empty.
 */
SC_CHECKED enum sc_err token_parse(struct sc_span text, struct sc_buf *scratch,
    struct token_parts *out);

/* Does TEXT begin like a token? Cheap; proves nothing. */
bool token_seems(struct sc_span text);

/* Does anything in TEXT? It may be a document, as its codec has it. */
bool token_hinted(struct sc_span text);

/*
 * The next well-formed token in TEXT that begins at or after FROM. It may
 * follow anything, also another token, but is as long as its base32 digits
 * go on: a token with letters written against its end is not found.
 * HIT borrows TEXT.
 */
bool token_find(struct sc_span text, size_t from, struct sc_span *hit);

/*
 * Length of the text for a value of VALUE_N bytes of the class and flags in T, and its
 * domain. A shape that does not fit is left out, as by token_seal().
 */
size_t token_text_length(const struct token_parts *t, size_t value_n);

/* The smallest size of each class, and of any class the one for N bytes above that. */
extern const uint8_t token_size_first[256];
size_t token_size_above(size_t n);

/* How many bytes are sealed for a value of N bytes of that class: N, or some more. */
static inline size_t token_padded(uint8_t class_id, size_t n)
{
	size_t first = token_size_first[class_id];

	if (WEAK("pads-nothing"))
		return n;
	return n <= first ? first : token_size_above(n);
}

/* May tokens be written as addresses of that domain? */
bool token_domain_ok(struct sc_span domain);

/*
 * The associated data that binds a token to its place: each part behind its
 * length in one byte, "scrim1" and the tenant, then class, tier, flags (all
 * but TOKEN_EMAIL_SHAPE) and the key id. The nonce is an associated datum of
 * its own, after this one. *N tells the length.
 * Fails with SC_LIMIT when TENANT is longer than TOKEN_TENANT_MAX.
 */
SC_CHECKED enum sc_err token_aad(const struct token_parts *t, struct sc_span tenant,
    uint8_t out[static TOKEN_AAD_MAX], size_t *n);

#endif
