/*
 * door_keys.h - the door's own keys: under one of them analytics knows messages, orders and
 * products; under another, which changes every fifteen days, the rules know networks and
 * addresses.
 *
 * SipHash-2-4: numbers that are compared and lead nowhere without the key, which lies
 * in the store (SECRET_*). They are not the shop's secrets' equals: what they hide is
 * hidden from analytics, which never sees the store.
 */
#ifndef GATEWAY_COLLECT_DOOR_KEYS_H
#define GATEWAY_COLLECT_DOOR_KEYS_H

#include "base/diag.h"
#include "base/span.h"
#include "base/store/store.h"

#include <stdint.h>

#define DOOR_KEY_BYTES 16
#define DOOR_TAG_DAYS 15

struct door_keys {
	uint8_t event[DOOR_KEY_BYTES]; /* for ever: a message has one number */
	uint8_t tag[DOOR_KEY_BYTES];
	uint64_t tag_from_s;
};

/*
 * Read them from STORE, or make them; the tag key is made anew when it is older than
 * DOOR_TAG_DAYS at NOW_S, and the one before the last is forgotten. Waits for the disk.
 * Fails as store_run(), SC_CORRUPT.
 */
SC_CHECKED enum sc_err door_keys_load(struct door_keys *k, struct store *store, const char *tenant,
    uint64_t now_s);

/* None of them is 0. LINE is 0, or which event of its message or order it is. */
uint64_t door_message(const struct door_keys *k, uint16_t shop, struct sc_span message,
    unsigned line);
uint64_t door_order(const struct door_keys *k, struct sc_span order, uint8_t kind, unsigned line);
uint32_t door_product(const struct door_keys *k, struct sc_span product);
/* A key for tags that are made where we are not: of the tag key, and as long lived. */
void door_tap_key(const struct door_keys *k, uint8_t out[static DOOR_KEY_BYTES]);
/* Of what is compared for fifteen days: a network, a delivery address. */
uint64_t door_tag(const struct door_keys *k, const char *what, struct sc_span of);

#endif
