/*
 * consent.h - who may be learned from: one rule, asked at the gateway's door and again
 * by analytics at every snapshot.
 *
 * An event enters when its own identifier has granted and none that is linked to it says
 * no. Unknown is no. What a word says counts for the version of the text it was said to:
 * where a newer text is asked, a grant to an older one is unknown; a no stays a no.
 */
#ifndef BASE_FEED_CONSENT_H
#define BASE_FEED_CONSENT_H

#include "base/feed/feed.h"

#include <stddef.h>

/* The newest word of one identifier on one purpose; WORD 0: none. */
struct consent_word {
	uint64_t at_ms;
	uint32_t version;
	uint8_t word; /* enum feed_word */
	bool verified;
};

/*
 * Which of two words of one identifier counts: the later one; of the same time,
 * the no; a page's word never ends what a back end's said (asserted against verified),
 * but its no does.
 */
bool consent_replaces(const struct consent_word *old, const struct consent_word *new_);
/* May what OWN stands for enter, LINKED being what is linked to it, where VERSION is asked? */
bool consent_enters(const struct consent_word *own, const struct consent_word *linked, size_t n,
    uint32_t version);

#endif
