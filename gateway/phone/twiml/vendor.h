/*
 * vendor.h - the vendors whose webhooks we answer, a row each: how they sign,
 * what their fields look like, and how they want their answers.
 */
#ifndef GATEWAY_PHONE_TWIML_VENDOR_H
#define GATEWAY_PHONE_TWIML_VENDOR_H

#include "gateway/phone/twiml/fields.h"
#include "gateway/phone/twiml/render.h"
#include "gateway/phone/twiml/sign.h"

struct twiml_vendor {
	const char *name; /* phone_vendor.kind */
	const struct twiml_verifier *verifier;
	const struct twiml_pattern *patterns; /* TWIML_FIELDS of them */
	const struct twiml_renderer *renderer;
	uint32_t min_call_s; /* the shortest time limit that it takes */
};

/* The row of a kind, or NULL. */
const struct twiml_vendor *twiml_vendor_find(const char *kind);
/* The rows' names, ended by NULL: what a configuration may say. */
extern const char *const twiml_vendor_names[];

/* The kind of key that vendor V of row ROW signs with. */
enum twiml_key_kind twiml_vendor_key(const struct twiml_vendor *row, const struct phone_vendor *v);

#endif
