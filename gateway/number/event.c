/*
 * event.c - the outgoing events by name.
 */
#include "gateway/number/event.h"

#include <stddef.h>

const char *const phone_event_names[] = {
	[PHONE_EVENT_BINDING_EXPIRED] = "binding.expired",
	[PHONE_EVENT_BINDING_ENDED] = "binding.ended",
	[PHONE_EVENT_CALL_STARTED] = "call.started",
	[PHONE_EVENT_CALL_ENDED] = "call.ended",
	[PHONE_EVENT_CALL_LATE] = "call.late",
	[PHONE_EVENT_POOL_WATERMARK] = "pool.watermark",
	[PHONE_EVENT_POOL_EXHAUSTED] = "pool.exhausted",
	[PHONE_EVENT_GUESS_BLOCKED] = "guess.blocked",
	[PHONE_EVENT_COUNT] = NULL,
};
