/*
 * shuffle.h - the order that rows are published in: drawn under the release's key.
 */
#ifndef ANALYTICS_VIEWS_SHUFFLE_H
#define ANALYTICS_VIEWS_SHUFFLE_H

#include "analytics/release/limits.h"

#include <stddef.h>
#include <stdint.h>

/* Put V's N numbers into an order that KEY and N lead to, and nothing else. */
void view_shuffle(uint32_t *v, size_t n, const uint8_t key[static RELEASE_KEY_BYTES]);

#endif
