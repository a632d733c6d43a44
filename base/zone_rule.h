/*
 * zone_rule.h - a time zone as POSIX's TZ writes it ("CET-1CEST,M3.5.0,M10.5.0/3"),
 * with the hours from -167 to 167 of RFC 8536 §3.3.1. Private to zone.c and its tests.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include "base/span.h"

#include <stdint.h>

#define ZONE_OFFSET_MAX_S (26 * 3600) /* past what any clock shows (RFC 8536 §3.2) */

/* A moment of every year. */
struct zone_moment {
	enum { ZONE_JULIAN, ZONE_DAY, ZONE_WEEKDAY } kind; /* Jn | n | Mm.w.d */
	int16_t day;        /* 1..365, the 29th of February never counted | 0..365 | 0..6 */
	int8_t month, week; /* of a weekday: 1..12, 1..5 (5: the last) */
	int32_t time_s;     /* by the clock that it ends */
};

struct zone_rule {
	int32_t std_s, dst_s; /* seconds east of UTC */
	bool has_dst;
	struct zone_moment begin, end; /* of daylight saving time */
};

/* False: TEXT is none. */
bool zone_rule_parse(struct sc_span text, struct zone_rule *out);
int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t unix_s);

#endif
