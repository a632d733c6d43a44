/*
 * key_wrap.c - keys under keys: what each is bound to, and what is derived of it.
 */
#include "base/bytes.h"
#include "crypto/keystore/keyring_int.h"

#include <string.h>

#define BINDING_MAX (32 + 1 + SC_NAME_MAX + 16 + KEY_BINDING_REST)
#define ROW_REST 4

enum sc_err key_siv_new(const uint8_t key[static KEY_BYTES], const char *label,
    struct siv_ctx **out)
{
	uint8_t wide[SIV_KEY_BYTES];
	enum sc_err err;

	if ((err = siv_ctx_new(out)) != SC_OK)
		return err;
	if ((err = hkdf_sha256(sc_span(key, KEY_BYTES), sc_span(NULL, 0), sc_span_str(label), wide,
		 sizeof(wide))) == SC_OK)
		err = siv_set_key(*out, wide);
	sc_wipe(wide, sizeof(wide));
	if (err != SC_OK) {
		siv_ctx_free(*out);
		*out = NULL;
	}
	return err;
}

/* Everything a wrapped key is bound to. */
static struct sc_span bound(const struct keyring *kr, const struct key_binding *b,
    uint8_t out[static BINDING_MAX])
{
	size_t n = strlen(b->label) + 1, t = strlen(kr->tenant.s);

	memcpy(out, b->label, n);
	out[n++] = (uint8_t)t;
	memcpy(out + n, kr->tenant.s, t);
	n += t;
	sc_be64_store(out + n, b->id);
	sc_be64_store(out + n + 8, b->parent);
	memcpy(out + n + 16, b->rest.p, b->rest.n);
	return sc_span(out, n + 16 + b->rest.n);
}

enum sc_err keyring_wrap(const struct keyring *kr, struct siv_ctx *kek, const struct key_binding *b,
    const uint8_t key[static KEY_BYTES], uint8_t out[static KEY_WRAPPED])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, b, aad);

	return kek == NULL ? SC_BUG : siv_seal(kek, &ad, 1, sc_span(key, KEY_BYTES), out);
}

enum sc_err keyring_unwrap(const struct keyring *kr, struct siv_ctx *kek,
    const struct key_binding *b, const uint8_t wrapped[static KEY_WRAPPED],
    uint8_t key[static KEY_BYTES])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, b, aad);
	bool ok = false;
	enum sc_err err;

	if (kek == NULL)
		return SC_CORRUPT;
	err = siv_open(kek, &ad, 1, sc_span(wrapped, KEY_WRAPPED), key, &ok);
	return err != SC_OK ? err : ok ? SC_OK : SC_AUTH;
}

static struct key_binding binding_of(const struct key_row *r, uint8_t rest[static ROW_REST])
{
	rest[0] = r->kind;
	rest[1] = r->class_id;
	rest[2] = r->tier;
	rest[3] = r->epoch;
	return (struct key_binding){ "scrim1 key", r->id, r->parent, sc_span(rest, ROW_REST) };
}

enum sc_err key_row_wrap(const struct keyring *kr, struct siv_ctx *kek, struct key_row *r,
    const uint8_t key[static KEY_BYTES])
{
	uint8_t rest[ROW_REST];
	const struct key_binding b = binding_of(r, rest);

	return keyring_wrap(kr, kek, &b, key, r->wrapped);
}

enum sc_err key_row_unwrap(const struct keyring *kr, struct siv_ctx *kek, const struct key_row *r,
    uint8_t key[static KEY_BYTES])
{
	uint8_t rest[ROW_REST];
	const struct key_binding b = binding_of(r, rest);

	return keyring_unwrap(kr, kek, &b, r->wrapped, key);
}
