/*
 * numbers.h - virtual numbers in this process: the service, and who looks after it.
 */
#ifndef GATEWAY_SCRIMD_NUMBERS_H
#define GATEWAY_SCRIMD_NUMBERS_H

#include "gateway/config/config.h"
#include "gateway/phone/service.h"
#include "gateway/twiml/twiml.h"

struct numbers;

/*
 * Open the store that C names and load what is in it; *OUT is NULL when C has no
 * virtual numbers. C is borrowed. Fails as phone_service_new(), hooks_new()
 * and twiml_new().
 */
SC_CHECKED enum sc_err numbers_new(const struct config *c, struct sc_diag *d, struct numbers **out);
/* Close the store, when every worker's thread has ended and none is freed. NULL is fine. */
void numbers_stop(struct numbers *n);
void numbers_free(struct numbers *n); /* after workers are freed; NULL is fine */
struct phone_service *numbers_service(const struct numbers *n); /* NULL for NULL */
struct twiml *numbers_twiml(const struct numbers *n);           /* the same */
/*
 * Take over what C says of vendors' keys, and the hooks' secrets anew from their files; the rest
 * needs a restart. Fails as twiml_reload() and hooks_reload().
 */
SC_CHECKED enum sc_err numbers_reload(struct numbers *n, const struct config *c, struct sc_diag *d);
/*
 * From now on W looks after it and delivers events, until numbers_stop(). Before its thread
 * runs. Fails as hooks_bind().
 */
SC_CHECKED enum sc_err numbers_bind(struct numbers *n, struct worker *w, struct sc_diag *d);

#endif
