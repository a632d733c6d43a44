/*
 * ids_private.h - what the table and the file of ids share.
 */
#ifndef ANALYTICS_LOG_IDS_PRIVATE_H
#define ANALYTICS_LOG_IDS_PRIVATE_H

#include "analytics/log/ids.h"

/* MurmurHash3's finaliser: every bit of ID reaches every bit. */
static inline uint64_t ids_mix(uint64_t id)
{
	id ^= id >> 33;
	id *= 0xff51afd7ed558ccdu;
	id ^= id >> 33;
	id *= 0xc4ceb9fe1a85ec53u;
	return id ^ id >> 33;
}

/* An ids_each_fn that ends at the first entry of an event; ARG is a bool. */
bool ids_is_event(void *arg, uint32_t place);

#endif
