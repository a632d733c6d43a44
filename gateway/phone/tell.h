/*
 * tell.h - what the service tells others of. Private to gateway/phone/; never with
 * its lock held.
 */
#ifndef GATEWAY_PHONE_TELL_H
#define GATEWAY_PHONE_TELL_H

#include "gateway/phone/hooks.h"
#include "gateway/phone/service_private.h"

void phone_tell_binding(struct phone_service *s, enum phone_event event,
    const struct phone_binding *b);
/* The same within the job that made it so; as hooks_put(). */
SC_CHECKED enum sc_err phone_put_binding(struct phone_service *s, struct store_tx *tx,
    enum phone_event event, const struct phone_binding *b, struct hooks_put *p);
/* PERCENT: of a watermark, else 0. */
void phone_tell_pool(struct phone_service *s, enum phone_event event, uint16_t pool,
    unsigned percent);
void phone_tell_line(struct phone_service *s, enum phone_event event, uint32_t line);

/* With the lock held: POOL had no slot. Is that to be told? Once an hour. */
bool phone_tell_exhausted(struct phone_service *s, const struct phone_now *now, uint16_t pool);
/* The highest watermarks that pools have newly risen to. */
void phone_tell_watermarks(struct phone_service *s);

#endif
