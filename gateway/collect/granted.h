/*
 * granted.h - the registry of consent as documents ask it (gateway/protect/consent.h).
 */
#ifndef GATEWAY_COLLECT_GRANTED_H
#define GATEWAY_COLLECT_GRANTED_H

#include "gateway/config/config.h"
#include "gateway/protect/consent.h"
#include "gateway/serve/worker.h"

/* For a document on W's loop under the configuration C; without a registry nobody grants. */
struct consent_source collect_consents(const struct worker *w, const struct config *c);

#endif
