/*
 * twiml.h - what all threads share of the vendors' webhooks: the keys, and which
 * signatures came.
 */
#ifndef GATEWAY_TWIML_TWIML_H
#define GATEWAY_TWIML_TWIML_H

#include "gateway/twiml/seen.h"
#include "gateway/twiml/vendor.h"

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

/*
 * Is S, to vendor V of row ROW, signed by a key of V's that is in force? *WHICH is the
 * number of the key. Any thread.
 */
bool twiml_genuine(struct twiml *t, const struct twiml_vendor *row, const struct phone_vendor *v,
    const struct twiml_sent *s, unsigned *which);
/*
 * Remember how genuine S was parsed. False when its signature came before over
 * other fields: somebody had it in his hands and bent it. Only of requests that are
 * otherwise as they should be, or a bent one could stand in the genuine one's way.
 */
bool twiml_one_parse(struct twiml *t, const struct phone_vendor *v, const struct twiml_sent *s);

#endif
