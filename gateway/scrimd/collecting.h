/*
 * collecting.h - events for analysis in this process: the service, and the tap's ear
 * for orders.
 */
#ifndef GATEWAY_SCRIMD_COLLECTING_H
#define GATEWAY_SCRIMD_COLLECTING_H

#include "gateway/collect/service.h"
#include "gateway/config/config.h"
#include "gateway/protect/tap.h"

struct collecting;

/*
 * Open what C names of its section `collect`; *OUT is NULL when there is none. C is
 * borrowed. Fails as collect_service_new().
 */
SC_CHECKED enum sc_err collecting_new(const struct config *c, struct sc_diag *d,
    struct collecting **out);
/*
 * Nothing more comes, and the log can still be written: what is counted goes there.
 * NULL is fine, as below.
 */
void collecting_drained(struct collecting *k);
/* Close disks, when every worker's thread has ended and none is freed, and the tap is gone. */
void collecting_free(struct collecting *k);
struct collect_service *collecting_service(const struct collecting *k);
/* Who hears the orders that pass; a row without a name where nothing of them is collected. */
struct tap_listener collecting_listener(struct collecting *k);
/* The tap is T from now on; NULL: there is none any more. */
void collecting_tap(struct collecting *k, struct tap *t);
/*
 * From now on W works for the tap; all of W's like are known to SHARED. Before its
 * thread runs.
 */
void collecting_bind(struct collecting *k, struct worker *w);

#endif
