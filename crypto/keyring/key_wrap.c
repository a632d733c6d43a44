/*
 * key_wrap.c - keys under keys: what each is bound to, and what is derived of it.
 */
#include "base/bytes.h"
#include "crypto/keyring/keyring_int.h"

#include <string.h>

static const char row_label[] = "scrim1 key";
#define BINDING_MAX (sizeof(row_label) + 1 + SC_NAME_MAX + 16 + 4)

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

/* Everything that R's wrapped key is bound to: the tenant, and what else R says. */
static struct sc_span bound(const struct keyring *kr, const struct key_row *r,
    uint8_t out[static BINDING_MAX])
{
	const uint8_t kind[] = { r->kind, r->class_id, r->tier, r->epoch };
	const size_t t = strlen(kr->tenant.s);
	size_t n = sizeof(row_label);

	memcpy(out, row_label, n);
	out[n++] = (uint8_t)t;
	memcpy(out + n, kr->tenant.s, t);
	n += t;
	sc_be64_store(out + n, r->id);
	sc_be64_store(out + n + 8, r->parent);
	memcpy(out + n + 16, kind, sizeof(kind));
	return sc_span(out, n + 16 + sizeof(kind));
}

enum sc_err key_row_wrap(const struct keyring *kr, struct siv_ctx *kek, struct key_row *r,
    const uint8_t key[static KEY_BYTES])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, r, aad);

	return kek == NULL ? SC_BUG : siv_seal(kek, &ad, 1, sc_span(key, KEY_BYTES), r->wrapped);
}

enum sc_err key_row_unwrap(const struct keyring *kr, struct siv_ctx *kek, const struct key_row *r,
    uint8_t key[static KEY_BYTES])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, r, aad);
	bool ok = false;
	enum sc_err err;

	if (kek == NULL)
		return SC_CORRUPT;
	err = siv_open(kek, &ad, 1, sc_span(r->wrapped, KEY_WRAPPED), key, &ok);
	return err != SC_OK ? err : ok ? SC_OK : SC_AUTH;
}
