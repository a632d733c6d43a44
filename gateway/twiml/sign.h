/*
 * sign.h - is a webhook the vendor's? Verifiers, a row each.
 *
 * Whether it is takes the same time for every way of not being so: all keys
 * under all spellings of our URL are tried, to the end.
 */
#ifndef GATEWAY_TWIML_SIGN_H
#define GATEWAY_TWIML_SIGN_H

#include "gateway/twiml/web_form.h"
#include "gateway/twiml/keys.h"

/* A request as it is signed. */
struct twiml_sent {
	const char *base; /* our public URL as it is configured: never Host, never X-Forwarded-* */
	struct sc_span path;      /* as it was sent */
	struct sc_span signature; /* the one header's value; empty when there is none, or two */
	struct sc_span timestamp; /* the same */
	struct sc_span body;
	const struct web_form *form; /* of BODY */
	struct sc_arena *arena;      /* for what is made meanwhile */
	uint64_t now;                /* Unix seconds */
};

/* The fields of F one after the other, without borders, as they are signed. False: no memory. */
bool twiml_join(const struct web_form *f, struct sc_arena *a, struct sc_span *out);

struct twiml_verifier {
	const char *signature, *timestamp; /* names of the headers; the second may be NULL */
	enum twiml_key_kind key;           /* without `sha256` in the settings */
	bool any_hash;                     /* the settings may say `sha256` */
	/*
	 * Is S signed by one of K? *WHICH says by which. False also when there is no memory.
	 */
	bool (*verify)(const struct twiml_verifier *v, const struct twiml_keys *k,
	    const struct twiml_sent *s, unsigned *which);
};

/*
 * base64 of HMAC-SHA1 or -SHA256 over the URL and each field's name and value,
 * by the order of the names' bytes. Clients differ in what they make of a field that
 * is sent twice: as sent, sorted, or sorted and each value once. All three are accepted.
 * Likewise the URL is taken with the port we have, with none, and with the scheme's own.
 */
extern const struct twiml_verifier twiml_by_fields_twilio, twiml_by_fields_signalwire;
/* Ed25519 over "timestamp|body"; at most 300 seconds old. The URL is not signed. */
extern const struct twiml_verifier twiml_by_body_telnyx;

#endif
