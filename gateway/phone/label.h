/*
 * label.h - the service as documents need it: who gives out the numbers that
 * stand on labels.
 */
#ifndef GATEWAY_PHONE_LABEL_H
#define GATEWAY_PHONE_LABEL_H

#include "gateway/protect/label.h"
#include "gateway/serve/worker.h"

/* For what W serves; without a service it gives none. To be used on W's thread. */
struct label_binder phone_label_binder(struct worker *w);

#endif
