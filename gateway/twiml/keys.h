/*
 * keys.h - the keys by which vendors sign, from files that nobody else can read.
 *
 * A vendor has two: it signs with the old one until the new one is promoted.
 * Some of these keys open the vendor's whole account (all calls, all numbers), so
 * they stand in no configuration, no log and no message.
 */
#ifndef GATEWAY_TWIML_KEYS_H
#define GATEWAY_TWIML_KEYS_H

#include "base/diag.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/sha1.h"
#include "crypto/prim/sign.h"
#include "gateway/number/settings.h"

#define TWIML_KEYS 2

enum twiml_key_kind { TWIML_KEY_SHA1, TWIML_KEY_SHA256, TWIML_KEY_ED25519 };

struct twiml_key {
	bool there;
	uint64_t until; /* Unix seconds; 0: no end */
	union {
		struct hmac_sha1_key sha1;
		struct hmac_key sha256;
		struct sign_public ed25519;
	} u;
};

/* The keys of one vendor. Secret: released with twiml_keys_fini(), which wipes. */
struct twiml_keys {
	struct sc_name vendor;
	enum twiml_key_kind kind;
	struct twiml_key v[TWIML_KEYS];
};

/*
 * Read the files of vendor V as keys of KIND, each one line: the key as the vendor
 * shows it (of Ed25519: base64). Fails like private_file_read(), and with SC_SYNTAX;
 * D says why. OUT then holds nothing.
 */
SC_CHECKED enum sc_err twiml_keys_load(const struct phone_vendor *v, enum twiml_key_kind kind,
    struct sc_diag *d, struct twiml_keys *out);
void twiml_keys_fini(struct twiml_keys *k);

#endif
