/*
 * event.h - what others are told of: the names of the outgoing events.
 */
#ifndef GATEWAY_NUMBER_EVENT_H
#define GATEWAY_NUMBER_EVENT_H

enum phone_event {
	PHONE_EVENT_BINDING_EXPIRED,
	PHONE_EVENT_BINDING_ENDED,
	PHONE_EVENT_CALL_STARTED,
	PHONE_EVENT_CALL_ENDED,
	PHONE_EVENT_CALL_LATE,
	PHONE_EVENT_POOL_WATERMARK,
	PHONE_EVENT_POOL_EXHAUSTED,
	PHONE_EVENT_GUESS_BLOCKED,
	PHONE_EVENT_COUNT
};
extern const char *const phone_event_names[]; /* "binding.expired" and so on, NULL */

#endif
