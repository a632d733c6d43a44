/*
 * webhook.c - the symmetric signatures of Standard Webhooks 1.0.0.
 */
#include "gateway/phone/webhook.h"

#include "base/private_file.h"
#include "crypto/tlog/note.h"

#include <openssl/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define KEY_MIN 24 /* bytes, § Signature scheme */
#define KEY_MAX 64
#define FILE_MAX 512
#define ID_MAX 256
#define SCHEME "v1,"
#define SIGNATURES_MAX 16 /* of one header: more are no rotation */

/* ---- secrets ------------------------------------------------------------------------ */

/* The next word of *REST, which is then behind it; empty at the end. */
static struct sc_span take_word(struct sc_span *rest)
{
	struct sc_span word;

	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\n' || rest->p[0] == '\r'))
		*rest = sc_span_from(*rest, 1);
	word = sc_span(rest->p, 0);
	while (rest->n > 0 && rest->p[0] != ' ' && rest->p[0] != '\n' && rest->p[0] != '\r') {
		*rest = sc_span_from(*rest, 1);
		word.n++;
	}
	return word;
}

static enum sc_err parse_one(struct sc_span word, struct hmac_key *out)
{
	uint8_t key[KEY_MAX];
	size_t n = sizeof(key);
	enum sc_err err = SC_SYNTAX;

	if (sc_span_starts(word, "whsec_") &&
	    note_base64_parse(sc_span_from(word, 6), key, &n) == SC_OK && n >= KEY_MIN) {
		hmac_key_init(out, key, n);
		err = SC_OK;
	}
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err webhook_secret_parse(struct sc_span text, struct webhook_secret *out)
{
	struct sc_span word;

	*out = (struct webhook_secret){ .n = 0 };
	while ((word = take_word(&text)).n > 0) {
		if (out->n == WEBHOOK_SECRETS_MAX || parse_one(word, &out->keys[out->n]) != SC_OK)
			goto wrong;
		out->n++;
	}
	if (out->n > 0)
		return SC_OK;
wrong:
	webhook_secret_fini(out);
	return SC_SYNTAX;
}

enum sc_err webhook_secret_load(const char *path, struct sc_diag *d, struct webhook_secret *out)
{
	struct sc_buf text;
	enum sc_err err;

	*out = (struct webhook_secret){ .n = 0 };
	sc_buf_init(&text, FILE_MAX);
	err = private_file_read(path, "webhook secret", &text, d);
	if (err == SC_OK && (err = webhook_secret_parse(sc_buf_span(&text), out)) != SC_OK)
		sc_diag_set(d,
		    "a webhook secret is whsec_ and base64 of 24 to 64 random bytes, such as: "
		    "printf 'whsec_%%s\\n' $(openssl rand -base64 32)");
	sc_buf_fini(&text);
	return err;
}

void webhook_secret_fini(struct webhook_secret *s)
{
	for (size_t i = 0; i < WEBHOOK_SECRETS_MAX; i++)
		hmac_key_fini(&s->keys[i]);
	s->n = 0;
}

/* ---- signatures ------------------------------------------------------------------------ */

static void mac(const struct hmac_key *key, struct sc_span id, struct sc_span timestamp,
    struct sc_span body, uint8_t out[static HASH_BYTES])
{
	const struct sc_span dot = SC_LIT(".");
	const struct sc_span parts[] = { id, dot, timestamp, dot, body };

	hmac_sha256(key, parts, sizeof(parts) / sizeof(parts[0]), out);
}

void webhook_sign(const struct webhook_secret *s, struct sc_span id, uint64_t timestamp,
    struct sc_span body, char out[static WEBHOOK_SIGNATURE_MAX])
{
	uint8_t made[HASH_BYTES];
	char seconds[24];
	size_t at = 0;

	snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)timestamp);
	for (size_t i = 0; i < s->n; i++) {
		mac(&s->keys[i], id, sc_span_str(seconds), body, made);
		at += (size_t)snprintf(out + at, WEBHOOK_SIGNATURE_MAX - at, "%s" SCHEME,
		    i == 0 ? "" : " ");
		sodium_bin2base64(out + at, WEBHOOK_SIGNATURE_MAX - at, made, sizeof(made),
		    sodium_base64_VARIANT_ORIGINAL);
		at += strlen(out + at);
	}
}

/* Is WORD a v1 signature that one of S's keys makes? How long it takes tells no byte of one. */
static bool is_signature(struct sc_span word, const uint8_t made[][HASH_BYTES], size_t n)
{
	uint8_t told[HASH_BYTES];
	size_t len = sizeof(told);
	int same = 0;

	if (!sc_span_starts(word, SCHEME) ||
	    note_base64_parse(sc_span_from(word, strlen(SCHEME)), told, &len) != SC_OK ||
	    len != sizeof(told))
		return false;
	for (size_t i = 0; i < n; i++)
		same |= CRYPTO_memcmp(told, made[i], sizeof(told)) == 0;
	return same != 0;
}

/* A timestamp is what we would write: digits without zeros in front, so that it has one spelling. */
static bool in_time(struct sc_span text, uint64_t now)
{
	uint64_t then;

	if (!sc_span_u64(text, &then) || (text.n > 1 && text.p[0] == '0'))
		return false;
	return then > now ? then - now <= WEBHOOK_TOLERANCE_S : now - then <= WEBHOOK_TOLERANCE_S;
}

bool webhook_verify(const struct webhook_secret *s, struct sc_span id, struct sc_span timestamp,
    struct sc_span signatures, struct sc_span body, uint64_t now)
{
	uint8_t made[WEBHOOK_SECRETS_MAX][HASH_BYTES];
	struct sc_span word;
	bool ok = false;

	/* a dot in the id could move what is behind it from one part to the next */
	if (id.n == 0 || id.n > ID_MAX || memchr(id.p, '.', id.n) != NULL ||
	    !in_time(timestamp, now))
		return false;
	for (size_t i = 0; i < s->n; i++)
		mac(&s->keys[i], id, timestamp, body, made[i]);
	for (size_t i = 0; i < SIGNATURES_MAX && (word = take_word(&signatures)).n > 0; i++)
		ok |= is_signature(word, made, s->n);
	sc_wipe(made, sizeof(made));
	return ok;
}
