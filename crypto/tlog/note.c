/*
 * note.c - signed notes, key texts and checkpoints, read strictly.
 */
#include "crypto/tlog/note.h"

#include "base/bytes.h"
#include "base/text/utf8.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/sign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

/* ---- base64 (RFC 4648 §4) --------------------------------------------------- */

enum sc_err note_base64_print(const void *data, size_t n, struct sc_buf *out)
{
	const size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
	enum sc_err err;
	uint8_t *p;

	if ((err = sc_buf_grow(out, room, &p)) != SC_OK)
		return err;
	sodium_bin2base64((char *)p, room, data, n, sodium_base64_VARIANT_ORIGINAL);
	sc_buf_truncate(out, out->n - 1); /* its NUL */
	return SC_OK;
}

static bool is_ascii(struct sc_span s)
{
	uint8_t all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= s.p[i];
	return all < 0x80;
}

enum sc_err note_base64_parse(struct sc_span text, uint8_t *out, size_t *n)
{
	const size_t room = *n;
	size_t pad = 0;

	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	/* libsodium's reads every byte past ASCII as '/' */
	if (text.n % 4 != 0 || !is_ascii(text))
		return SC_SYNTAX;
	if (text.n / 4 * 3 - pad > room)
		return SC_LIMIT;
	return sodium_base642bin(out, room, (const char *)text.p, text.n, NULL, n, NULL,
		   sodium_base64_VARIANT_ORIGINAL) == 0 ?
	    SC_OK :
	    SC_SYNTAX;
}

/* ---- keys ------------------------------------------------------------------- */

static bool is_space(uint32_t c)
{
	return c == 0x20 || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	    c == 0x205f || c == 0x3000;
}

bool note_name_ok(struct sc_span name)
{
	uint32_t c;
	size_t n;

	if (name.n == 0 || name.n > NOTE_NAME_MAX)
		return false;
	for (; name.n > 0; name = sc_span_from(name, n))
		if ((n = utf8_decode(name, &c)) == 0 || c < 0x20 || c == 0x7f || c == '+' ||
		    is_space(c))
			return false;
	return true;
}

enum sc_err note_key_make(const char *name, uint8_t type, const uint8_t pub[static NOTE_PUB_BYTES],
    struct note_key *key)
{
	const uint8_t mid[2] = { 0x0a, type };
	struct hash_sha256 h;
	uint8_t hash[HASH_BYTES];

	memset(key, 0, sizeof(*key));
	if (!note_name_ok(sc_span_str(name)) || (type != NOTE_ED25519 && type != NOTE_COSIGNATURE))
		return SC_SYNTAX;
	snprintf(key->name, sizeof(key->name), "%s", name);
	key->type = type;
	memcpy(key->pub, pub, NOTE_PUB_BYTES);
	hash_sha256_init(&h);
	hash_sha256_update(&h, sc_span_str(name));
	hash_sha256_update(&h, sc_span(mid, 2));
	hash_sha256_update(&h, sc_span(pub, NOTE_PUB_BYTES));
	hash_sha256_final(&h, hash);
	memcpy(key->id, hash, sizeof(key->id));
	return SC_OK;
}

enum sc_err note_key_parse(struct sc_span vkey, struct note_key *key)
{
	uint8_t raw[1 + NOTE_PUB_BYTES];
	char name[NOTE_NAME_MAX + 1], id[9];
	struct sc_span rest;
	const uint8_t *plus;
	size_t n = sizeof(raw);

	memset(key, 0, sizeof(*key));
	if (vkey.n > 0 && vkey.p[vkey.n - 1] == '\n')
		vkey.n--;
	plus = vkey.n == 0 ? NULL : memchr(vkey.p, '+', vkey.n);
	if (plus == NULL || (size_t)(plus - vkey.p) > NOTE_NAME_MAX ||
	    memchr(vkey.p, '\0', (size_t)(plus - vkey.p)) != NULL)
		return SC_SYNTAX;
	snprintf(name, sizeof(name), "%.*s", (int)(plus - vkey.p), (const char *)vkey.p);
	rest = sc_span_from(vkey, (size_t)(plus - vkey.p) + 1);
	if (rest.n < 9 || rest.p[8] != '+' ||
	    note_base64_parse(sc_span_from(rest, 9), raw, &n) != SC_OK || n != sizeof(raw) ||
	    note_key_make(name, raw[0], raw + 1, key) != SC_OK)
		return SC_SYNTAX;
	/* in small letters: one key has one spelling */
	snprintf(id, sizeof(id), "%02x%02x%02x%02x", key->id[0], key->id[1], key->id[2],
	    key->id[3]);
	return memcmp(id, rest.p, 8) == 0 ? SC_OK : SC_SYNTAX;
}

enum sc_err note_key_print(const struct note_key *key, struct sc_buf *out)
{
	uint8_t raw[1 + NOTE_PUB_BYTES];
	enum sc_err err;

	raw[0] = key->type;
	memcpy(raw + 1, key->pub, NOTE_PUB_BYTES);
	err = sc_buf_printf(out, "%s+%02x%02x%02x%02x+", key->name, key->id[0], key->id[1],
	    key->id[2], key->id[3]);
	return err != SC_OK ? err : note_base64_print(raw, sizeof(raw), out);
}

/* ---- notes ------------------------------------------------------------------ */

/* UTF-8 without control characters but newline, ended by one. */
static bool text_ok(struct sc_span s)
{
	if (s.n == 0 || s.p[s.n - 1] != '\n' || !utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\n') || s.p[i] == 0x7f)
			return false;
	return true;
}

bool note_line(struct sc_span *s, struct sc_span *line)
{
	const uint8_t *nl = s->n == 0 ? NULL : memchr(s->p, '\n', s->n);

	if (nl == NULL)
		return false;
	*line = sc_span(s->p, (size_t)(nl - s->p));
	*s = sc_span_from(*s, line->n + 1);
	return true;
}

static enum sc_err sig_parse(struct sc_span line, struct note_sig *sig)
{
	uint8_t raw[NOTE_MAX]; /* longer ones than we can verify are fine too */
	const uint8_t *space;
	struct sc_span rest;
	size_t n = sizeof(raw);

	if (!sc_span_starts(line, DASH))
		return SC_SYNTAX;
	sig->line = sc_span(line.p, line.n + 1);
	rest = sc_span_from(line, sizeof(DASH) - 1);
	space = rest.n == 0 ? NULL : memchr(rest.p, ' ', rest.n);
	if (space == NULL)
		return SC_SYNTAX;
	sig->name = sc_span(rest.p, (size_t)(space - rest.p));
	rest = sc_span_from(rest, sig->name.n + 1);
	if (!note_name_ok(sig->name) || note_base64_parse(rest, raw, &n) != SC_OK || n < 5)
		return SC_SYNTAX;
	memcpy(sig->id, raw, 4);
	sig->n = n - 4;
	memcpy(sig->sig, raw + 4, sig->n < sizeof(sig->sig) ? sig->n : sizeof(sig->sig));
	return SC_OK;
}

enum sc_err note_parse(struct sc_span raw, struct note *out)
{
	struct sc_span rest, line;
	enum sc_err err;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (raw.n > NOTE_MAX)
		return SC_LIMIT;
	if (!text_ok(raw))
		return SC_SYNTAX;
	/* the text ends at the last blank line */
	for (i = raw.n - 1; i > 0 && !(raw.p[i] == '\n' && raw.p[i - 1] == '\n'); i--)
		;
	if (i == 0)
		return SC_SYNTAX;
	out->text = sc_span(raw.p, i);
	rest = sc_span_from(raw, i + 1);
	if (rest.n == 0)
		return SC_SYNTAX;
	while (note_line(&rest, &line)) {
		if (out->n_sigs == NOTE_SIGS_MAX)
			return SC_LIMIT;
		if ((err = sig_parse(line, &out->sigs[out->n_sigs])) != SC_OK)
			return err;
		out->n_sigs++;
	}
	return SC_OK;
}

enum sc_err note_cosigned_text(struct sc_span text, uint64_t time, struct sc_buf *out)
{
	enum sc_err err;

	if (time == 0 || time > INT64_MAX)
		return SC_SYNTAX;
	err = sc_buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	return err != SC_OK ? err : sc_buf_put_span(out, text);
}

/* c2sp.org/tlog-cosignature: time u64be || signature */
static bool cosignature_holds(const struct note *n, const struct note_sig *s,
    const struct sign_public *pk)
{
	struct sc_buf m;
	bool ok;

	if (s->n != NOTE_COSIG_BYTES)
		return false;
	sc_buf_init(&m, NOTE_MAX + 64);
	ok = note_cosigned_text(n->text, sc_be64_load(s->sig), &m) == SC_OK &&
	    sign_verify(pk, sc_buf_span(&m), sc_span(s->sig + 8, NOTE_SIG_BYTES));
	sc_buf_fini(&m);
	return ok;
}

enum sc_err note_verify(const struct note *n, const struct note_key *key, bool *found)
{
	struct sign_public pk;
	bool ok;

	*found = false;
	memcpy(pk.b, key->pub, sizeof(pk.b));
	for (size_t i = 0; i < n->n_sigs; i++) {
		const struct note_sig *s = &n->sigs[i];

		if (!sc_span_is(s->name, key->name) || memcmp(s->id, key->id, 4) != 0)
			continue;
		if (key->type == NOTE_COSIGNATURE)
			ok = cosignature_holds(n, s, &pk);
		else
			ok = s->n == NOTE_SIG_BYTES &&
			    sign_verify(&pk, n->text, sc_span(s->sig, NOTE_SIG_BYTES));
		if (!ok) {
			*found = false;
			return SC_AUTH;
		}
		*found = true;
	}
	return SC_OK;
}

enum sc_err note_sign(struct sc_span text, const struct note_signer *s, struct sc_buf *out)
{
	uint8_t raw[4 + NOTE_SIG_BYTES];
	size_t from = out->n;
	enum sc_err err;

	if (!text_ok(text))
		return SC_SYNTAX;
	if ((err = s->sign(s->arg, text, raw + 4)) != SC_OK)
		return err;
	memcpy(raw, s->key.id, 4);
	if ((err = sc_buf_put_span(out, text)) != SC_OK ||
	    (err = sc_buf_printf(out, "\n" DASH "%s ", s->key.name)) != SC_OK ||
	    (err = note_base64_print(raw, sizeof(raw), out)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		sc_buf_truncate(out, from);
	return err;
}

/* ---- checkpoints -------------------------------------------------------------- */

bool note_number(struct sc_span s, uint64_t *out)
{
	return sc_span_u64(s, out) && *out <= INT64_MAX && (s.n == 1 || s.p[0] != '0');
}

enum sc_err note_head_parse(struct sc_span text, struct note_head *out)
{
	struct sc_span origin, size, root;
	size_t n = sizeof(out->root);

	memset(out, 0, sizeof(*out));
	if (!note_line(&text, &origin) || !note_line(&text, &size) || !note_line(&text, &root) ||
	    !note_name_ok(origin) || !note_number(size, &out->size) ||
	    note_base64_parse(root, out->root, &n) != SC_OK || n != sizeof(out->root))
		return SC_SYNTAX;
	snprintf(out->origin, sizeof(out->origin), "%.*s", SC_SPAN_ARG(origin));
	return SC_OK;
}

enum sc_err note_head_print(const struct note_head *h, struct sc_buf *out)
{
	size_t from = out->n;
	enum sc_err err;

	if (!note_name_ok(sc_span_str(h->origin)) || h->size > INT64_MAX)
		return SC_SYNTAX;
	if ((err = sc_buf_printf(out, "%s\n%llu\n", h->origin, (unsigned long long)h->size)) !=
		SC_OK ||
	    (err = note_base64_print(h->root, sizeof(h->root), out)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		sc_buf_truncate(out, from);
	return err;
}

enum sc_err note_sign_head(const struct note_signer *s, const char *origin, uint64_t size,
    const uint8_t root[static HASH_BYTES], struct sc_buf *out)
{
	struct note_head h = { .size = size };
	struct sc_buf text;
	enum sc_err err;

	if (!note_name_ok(sc_span_str(origin)))
		return SC_SYNTAX;
	snprintf(h.origin, sizeof(h.origin), "%s", origin);
	memcpy(h.root, root, sizeof(h.root));
	sc_buf_init(&text, NOTE_MAX);
	if ((err = note_head_print(&h, &text)) == SC_OK)
		err = note_sign(sc_buf_span(&text), s, out);
	sc_buf_fini(&text);
	return err;
}
