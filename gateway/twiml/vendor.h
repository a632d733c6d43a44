/*
 * vendor.h - the vendors whose webhooks we answer, a row each: how they sign,
 * what their fields look like, and how they want their answers.
 */
#ifndef GATEWAY_TWIML_VENDOR_H
#define GATEWAY_TWIML_VENDOR_H

#include "gateway/twiml/fields.h"
#include "gateway/twiml/render.h"
#include "gateway/twiml/sign.h"

struct twiml_vendor {
	const char *name; /* phone_vendor.kind */
	const struct twiml_verifier *verifier;
	const struct twiml_pattern *patterns; /* TWIML_FIELDS of them */
	const struct twiml_renderer *renderer;
	uint32_t min_call_s; /* the shortest time limit that it takes */
};

/* The row of a kind, or NULL. */
const struct twiml_vendor *twiml_vendor_find(const char *kind);

/* The kind of key that vendor V of row ROW signs with. */
enum twiml_key_kind twiml_vendor_key(const struct twiml_vendor *row, const struct phone_vendor *v);

#endif
