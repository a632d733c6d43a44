/*
 * sign.c - vendors' signatures.
 */
#include "gateway/twiml/sign.h"

#include "base/buf.h"
#include "crypto/tlog/note.h"

#include <sodium.h>
#include <string.h>

#define AGE_MAX_S 300
#define URLS_MAX 3
#define MAC_MAX HASH_BYTES

/* ---- the fields as one text ------------------------------------------------------- */

static int compare_values(const struct web_field *a, const struct web_field *b)
{
	size_t n = a->value.n < b->value.n ? a->value.n : b->value.n;
	int d = n == 0 ? 0 : memcmp(a->value.p, b->value.p, n);

	return d != 0 ? d : (a->value.n > b->value.n) - (a->value.n < b->value.n);
}

/* F with the values of one name in order as well; false when there is no memory. */
static bool sort_form(const struct web_form *f, struct sc_arena *a, struct web_form *out)
{
	*out = (struct web_form){ .v = sc_arena_alloc(a, f->n * sizeof(*f->v)) };
	if (out->v == NULL)
		return false;
	for (; out->n < f->n; out->n++) {
		const struct web_field x = f->v[out->n];
		size_t i = out->n;

		for (; i != 0 && sc_span_eq(out->v[i - 1].name, x.name) &&
		     compare_values(&out->v[i - 1], &x) > 0;
		     i--)
			out->v[i] = out->v[i - 1];
		out->v[i] = x;
	}
	return true;
}

/* Names and values of F one after the other; of equal ones, ONCE, only the first. */
static bool join(const struct web_form *f, bool once, struct sc_arena *a, struct sc_span *out)
{
	size_t n = 0;
	uint8_t *p;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].name.n + f->v[i].value.n;
	if ((p = sc_arena_alloc(a, n)) == NULL)
		return false;
	*out = sc_span(p, 0);
	for (size_t i = 0; i < f->n; i++) {
		const struct web_field *x = &f->v[i];

		if (once && i != 0 && sc_span_eq(x->name, x[-1].name) &&
		    sc_span_eq(x->value, x[-1].value))
			continue;
		memcpy(p + out->n, x->name.p, x->name.n);
		if (x->value.n != 0)
			memcpy(p + out->n + x->name.n, x->value.p, x->value.n);
		out->n += x->name.n + x->value.n;
	}
	return true;
}

bool twiml_join(const struct web_form *f, struct sc_arena *a, struct sc_span *out)
{
	return join(f, false, a, out);
}

#define JOINS_MAX 3
struct joined_form {
	struct sc_span v[JOINS_MAX];
	size_t n;
};

static bool repeats(const struct web_form *f)
{
	for (size_t i = 1; i < f->n; i++)
		if (sc_span_eq(f->v[i - 1].name, f->v[i].name))
			return true;
	return false;
}

/* The ways of joining F: one, unless a field stands there twice. */
static bool join_all(const struct web_form *f, struct sc_arena *a, struct joined_form *out)
{
	struct web_form sorted;

	out->n = repeats(f) ? JOINS_MAX : 1;
	if (!join(f, false, a, &out->v[0]))
		return false;
	return out->n == 1 ||
	    (sort_form(f, a, &sorted) && join(&sorted, false, a, &out->v[1]) &&
		join(&sorted, true, a, &out->v[2]));
}

/* ---- our URL ---------------------------------------------------------------------- */

/* Scheme and host of a base, the port as it stands in it, the scheme's own. */
struct base_parts {
	struct sc_span host, port, own;
};

static struct base_parts base_parts(const char *base)
{
	struct base_parts p = { sc_span_str(base), { NULL, 0 }, SC_LIT(":443") };
	const char *host = strstr(base, "://");
	const char *bracket, *colon;

	if (strncmp(base, "http:", 5) == 0)
		p.own = (struct sc_span)SC_LIT(":80");
	if (host == NULL)
		return p;
	bracket = strrchr(host + 3, ']');
	colon = strrchr(bracket == NULL ? host + 3 : bracket, ':');
	if (colon != NULL) {
		p.port = sc_span_str(colon);
		p.host.n = (size_t)(colon - base);
	}
	return p;
}

/* ---- HMAC over URL and fields ------------------------------------------------------ */

static size_t mac_bytes(enum twiml_key_kind kind)
{
	return kind == TWIML_KEY_SHA1 ? SHA1_BYTES : HASH_BYTES;
}

static void mac(enum twiml_key_kind kind, const struct twiml_key *k, const struct sc_span parts[4],
    uint8_t out[static MAC_MAX])
{
	if (kind == TWIML_KEY_SHA1)
		hmac_sha1(&k->u.sha1, parts, 4, out);
	else
		hmac_sha256(&k->u.sha256, parts, 4, out);
}

/* Is GOT, a MAC, one by K over one of the URLs and one of the joinings? To the end in any case. */
static bool signed_by(enum twiml_key_kind kind, const struct twiml_key *k,
    const struct twiml_sent *s, const struct joined_form *joined, const uint8_t got[static MAC_MAX])
{
	const struct base_parts b = base_parts(s->base);
	const struct sc_span ports[URLS_MAX] = { b.port, { NULL, 0 }, b.own };
	uint8_t want[MAC_MAX];
	bool found = false;

	for (size_t i = 0; i < URLS_MAX * joined->n; i++) {
		const struct sc_span parts[4] = { b.host, ports[i / joined->n], s->path,
			joined->v[i % joined->n] };

		mac(kind, k, parts, want);
		found |= sodium_memcmp(want, got, mac_bytes(kind)) == 0;
	}
	sc_wipe(want, sizeof(want));
	return found;
}

static bool in_force(const struct twiml_key *k, uint64_t now)
{
	return k->there && (k->until == 0 || now < k->until);
}

static bool verify_fields(const struct twiml_verifier *v, const struct twiml_keys *k,
    const struct twiml_sent *s, unsigned *which)
{
	uint8_t got[MAC_MAX + 2] = { 0 };
	size_t n = sizeof(got);
	struct joined_form joined;
	bool whole, found = false;

	(void)v;
	whole = note_base64_parse(s->signature, got, &n) == SC_OK && n == mac_bytes(k->kind);
	if (!join_all(s->form, s->arena, &joined))
		return false;
	for (unsigned i = 0; i < TWIML_KEYS; i++) {
		bool ok = signed_by(k->kind, &k->v[i], s, &joined, got);

		if (!ok || !whole || !in_force(&k->v[i], s->now) || found)
			continue;
		found = true;
		*which = i;
	}
	return found;
}

const struct twiml_verifier twiml_by_fields_twilio = { "X-Twilio-Signature", NULL, TWIML_KEY_SHA1,
	true, verify_fields };
const struct twiml_verifier twiml_by_fields_signalwire = { "X-SignalWire-Signature", NULL,
	TWIML_KEY_SHA1, true, verify_fields };

/* ---- Ed25519 over time and body ----------------------------------------------------- */

static bool verify_body(const struct twiml_verifier *v, const struct twiml_keys *k,
    const struct twiml_sent *s, unsigned *which)
{
	const size_t n = s->timestamp.n + 1 + s->body.n;
	uint8_t sig[SIGN_BYTES + 2] = { 0 }, *text = sc_arena_alloc(s->arena, n);
	size_t sig_n = sizeof(sig);
	bool whole, found = false;
	uint64_t at;

	(void)v;
	if (text == NULL)
		return false;
	memcpy(text, s->timestamp.p == NULL ? "" : (const char *)s->timestamp.p, s->timestamp.n);
	text[s->timestamp.n] = '|';
	if (s->body.n != 0)
		memcpy(text + s->timestamp.n + 1, s->body.p, s->body.n);
	whole = note_base64_parse(s->signature, sig, &sig_n) == SC_OK && sig_n == SIGN_BYTES &&
	    sc_span_u64(s->timestamp, &at) &&
	    (at > s->now ? at - s->now : s->now - at) <= AGE_MAX_S;
	for (unsigned i = 0; i < TWIML_KEYS; i++) {
		bool ok =
		    sign_verify(&k->v[i].u.ed25519, sc_span(text, n), sc_span(sig, SIGN_BYTES));

		if (!ok || !whole || !in_force(&k->v[i], s->now) || found)
			continue;
		found = true;
		*which = i;
	}
	return found;
}

const struct twiml_verifier twiml_by_body_telnyx = { "telnyx-signature-ed25519", "telnyx-timestamp",
	TWIML_KEY_ED25519, false, verify_body };
