/*
 * private.h - the registry of consent from inside. Private to gateway/collect/.
 */
#ifndef GATEWAY_CONSENT_PRIVATE_H
#define GATEWAY_CONSENT_PRIVATE_H

#include "gateway/consent/consents.h"
#include "gateway/consent/image.h"
#include "gateway/consent/strangers.h"

struct consents {
	const struct collect_settings *settings;
	struct sc_name tenant;
	struct consents_image image;
	struct strangers *strangers;
	uint64_t links_said; /* writes of links so far */
	uint64_t next_seq;   /* the store's thread's own once it is loaded */
};

#endif
