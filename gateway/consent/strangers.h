/*
 * strangers.h - what pages said no to for devices that nobody knows: a
 * table of a fixed size, the oldest out. Private to gateway/collect/.
 */
#ifndef GATEWAY_CONSENT_STRANGERS_H
#define GATEWAY_CONSENT_STRANGERS_H

#include "base/err.h"
#include "base/feed/consent.h"
#include "crypto/limits.h"

#define STRANGERS_MAX 65536u /* a power of two; 4 MiB */

struct strangers;

/* Fails with SC_NOMEM. */
SC_CHECKED enum sc_err strangers_new(struct strangers **out);
void strangers_free(struct strangers *t); /* NULL is fine */

/* W of the device with that handle, on PURPOSE: instead of its own, or of the oldest of all. */
void strangers_put(struct strangers *t, const uint8_t handle[static HANDLE_BYTES], uint8_t purpose,
    const struct consent_word *w);
/* Its word; all zero: it has none. */
struct consent_word strangers_word(const struct strangers *t,
    const uint8_t handle[static HANDLE_BYTES], uint8_t purpose);
/* It is a stranger no more. */
void strangers_drop(struct strangers *t, const uint8_t handle[static HANDLE_BYTES],
    uint8_t purpose);

#endif
