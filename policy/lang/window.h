/*
 * window.h - times in a policy file, as weekly hours such as "Mon-Fri 09:00-18:00 +08:00".
 *
 * Days are names or ranges of names with commas between, or "*". A window
 * whose end is not after its beginning runs past midnight and belongs to the
 * day on which it began. The offset from UTC is written out, or "Z": Scrim
 * does not follow daylight saving, whose rules change under one's feet.
 */
#ifndef POLICY_LANG_WINDOW_H
#define POLICY_LANG_WINDOW_H

#include "base/span.h"

struct lang_window {
	uint8_t days;      /* bit 0 Sunday … bit 6 Saturday; never none in a window */
	uint16_t from, to; /* minutes of the local day; to <= 1440 */
	int16_t offset;    /* minutes east of UTC */
};

/* False, and *WHY a static text, when TEXT is no window. */
bool lang_window_parse(struct sc_span text, struct lang_window *out, const char **why);
/* True when the moment NOW_MS (Unix time) is inside W. */
bool lang_window_holds(const struct lang_window *w, uint64_t now_ms);

/* "30d" or "5w" to whole weeks, of which a part counts as one: 1 to LANG_WEEKS_MAX. */
#define LANG_WEEKS_MAX 520u
bool lang_weeks_parse(struct sc_span text, uint32_t *weeks);

/* "2026-11-21T10:00:00+08:00" (RFC 3339, whole seconds) to Unix milliseconds. */
bool lang_time_parse(struct sc_span text, uint64_t *ms);

#endif
