/*
 * call_events.c - events of calls are held against the deployment's own secret.
 */
#include "gateway/phone/call_events.h"

#include "base/clock.h"
#include "gateway/phone/service_private.h"

#include <string.h>

bool phone_event_signed(const struct phone_service *s, const struct call_event_in *e)
{
	return s->has_event_secret &&
	    webhook_verify(&s->event_secret, e->id, e->timestamp, e->signatures, e->body,
		clock_unix_ms() / 1000);
}

void phone_call_key(const struct phone_service *s, struct sc_span id, uint8_t out[static 16])
{
	uint8_t whole[HASH_BYTES];

	phone_keyed(s, "call", id, sc_span(NULL, 0), whole);
	memcpy(out, whole, 16);
}
