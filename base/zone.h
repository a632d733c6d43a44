/*
 * zone.h - a named time zone ("Asia/Shanghai"), from the system's TZif files
 * (RFC 8536), read once: what a shop's clock said at a moment.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

struct zone;

/*
 * The zone called NAME, or "+08:00" for a fixed offset. Fails with SC_SYNTAX (no such
 * zone, a file that is none), SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err zone_load(const char *name, struct sc_diag *d, struct zone **out);
/* The zone that the bytes of a TZif file are of. */
SC_CHECKED enum sc_err zone_parse(struct sc_span tzif, struct sc_diag *d, struct zone **out);
void zone_free(struct zone *z); /* NULL is fine */

/* Seconds east of UTC at UNIX_S. Any thread. */
int32_t zone_offset_s(const struct zone *z, int64_t unix_s);

#endif
