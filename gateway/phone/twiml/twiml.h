/*
 * twiml.h - what all threads share of the vendors' webhooks: the keys, and which
 * signatures came.
 */
#ifndef GATEWAY_PHONE_TWIML_TWIML_H
#define GATEWAY_PHONE_TWIML_TWIML_H

#include "gateway/phone/twiml/seen.h"
#include "gateway/phone/twiml/vendor.h"

struct twiml;

/*
 * Read the keys of SETTINGS' vendors (NULL: of none). Fails like
 * twiml_keys_load(), SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err twiml_new(const struct phone_settings *settings, struct sc_diag *d,
    struct twiml **out);
void twiml_free(struct twiml *t); /* when no worker runs any more; NULL is fine */
/* Read them anew, all or, when one fails, none. Any thread. */
SC_CHECKED enum sc_err twiml_reload(struct twiml *t, const struct phone_settings *settings,
    struct sc_diag *d);

enum twiml_verdict {
	TWIML_GENUINE,
	TWIML_FORGED, /* not signed by a key in force */
	TWIML_BENT    /* signed, but this signature came before over other fields */
};
/*
 * Is S, to vendor V of row ROW, that vendor's? *WHICH is the number of the key.
 * Any thread.
 */
enum twiml_verdict twiml_judge(struct twiml *t, const struct twiml_vendor *row,
    const struct phone_vendor *v, const struct twiml_sent *s, unsigned *which);

#endif
