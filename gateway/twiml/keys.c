/*
 * keys.c - reading vendors' keys.
 */
#include "gateway/twiml/keys.h"

#include "base/private_file.h"
#include "crypto/tlog/note.h"

#include <string.h>

#define KEY_MAX 512

/* The one line in TEXT, without its end; empty when it is no key's. */
static struct sc_span key_line(const struct sc_buf *text)
{
	size_t n = text->n;

	if (n != 0 && text->p[n - 1] == '\n')
		n--;
	for (size_t i = 0; i < n; i++)
		if (text->p[i] <= ' ' || text->p[i] >= 0x7f)
			n = 0;
	return sc_span(text->p, n);
}

/* What LINE means for KIND; false when it is no such key. */
static bool take_key(struct sc_span line, enum twiml_key_kind kind, struct twiml_key *out)
{
	uint8_t raw[KEY_MAX];
	size_t n = sizeof(raw);

	if (kind == TWIML_KEY_SHA1)
		hmac_sha1_key_init(&out->u.sha1, line.p, line.n);
	else if (kind == TWIML_KEY_SHA256)
		hmac_key_init(&out->u.sha256, line.p, line.n);
	else if (note_base64_parse(line, raw, &n) != SC_OK || n != SIGN_PUBLIC_BYTES)
		return false;
	else
		memcpy(out->u.ed25519.b, raw, SIGN_PUBLIC_BYTES);
	out->there = true;
	return true;
}

static enum sc_err load_key(const char *path, enum twiml_key_kind kind, struct sc_diag *d,
    struct twiml_key *out)
{
	enum sc_err err;
	struct sc_buf text;

	sc_buf_init(&text, KEY_MAX + 1);
	err = private_file_read(path, "vendor's key", &text, d);
	if (err == SC_OK && key_line(&text).n == 0) {
		sc_diag_set(d, "a vendor's key is one line without blanks");
		err = SC_SYNTAX;
	} else if (err == SC_OK && !take_key(key_line(&text), kind, out)) {
		sc_diag_set(d, "a public key of this vendor is 32 bytes in base64");
		err = SC_SYNTAX;
	}
	sc_buf_fini(&text);
	return err;
}

enum sc_err twiml_keys_load(const struct phone_vendor *v, enum twiml_key_kind kind,
    struct sc_diag *d, struct twiml_keys *out)
{
	enum sc_err err = SC_OK;

	*out = (struct twiml_keys){ .vendor = v->name, .kind = kind };
	for (size_t i = 0; i < TWIML_KEYS && err == SC_OK; i++) {
		if (v->key_files[i] == NULL)
			continue;
		out->v[i].until = v->key_until[i];
		err = load_key(v->key_files[i], kind, d, &out->v[i]);
	}
	if (err != SC_OK)
		twiml_keys_fini(out);
	return err;
}

void twiml_keys_fini(struct twiml_keys *k)
{
	sc_wipe(k, sizeof(*k));
}
