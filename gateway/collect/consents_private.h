/*
 * consents_private.h - the registry of consent from inside. Private to gateway/collect/.
 */
#ifndef GATEWAY_COLLECT_CONSENTS_PRIVATE_H
#define GATEWAY_COLLECT_CONSENTS_PRIVATE_H

#include "gateway/collect/consents.h"
#include "gateway/collect/consents_image.h"
#include "gateway/collect/consents_strangers.h"

struct consents {
	const struct collect_settings *settings;
	struct sc_name tenant;
	struct consents_image image;
	struct strangers *strangers;
	uint64_t links_said; /* writes of links so far */
	uint64_t next_seq;   /* the store's thread's own once it is loaded */
};

#endif
