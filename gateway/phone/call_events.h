/*
 * call_events.h - what a telephony peer tells of its calls: whose word it is.
 */
#ifndef GATEWAY_PHONE_CALL_EVENTS_H
#define GATEWAY_PHONE_CALL_EVENTS_H

#include "gateway/phone/service.h"

/* One event as it came: a Standard Webhook (webhook.h). */
struct call_event_in {
	struct sc_span id, timestamp, signatures; /* webhook-id and so on */
	struct sc_span body;
};
/* Is it signed by the deployment's event_secret_file, now? Without one nothing is. */
bool phone_event_signed(const struct phone_service *s, const struct call_event_in *e);

/* The key of the call that a peer calls ID. */
void phone_call_key(const struct phone_service *s, struct sc_span id, uint8_t out[static 16]);

#endif
