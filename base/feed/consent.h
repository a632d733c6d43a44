/*
 * consent.h - who may be learned from: one rule, asked at the gateway's door and again
 * by analytics at every snapshot.
 *
 * An event enters when its own identifier has granted and none that is linked to it
 * says no; a device's event also needs its account's yes. Unknown is no. A grant
 * counts for the version of the text it was said to and those before: where a newer
 * text is asked, it is unknown; a no stays a no.
 */
#ifndef BASE_FEED_CONSENT_H
#define BASE_FEED_CONSENT_H

#include "base/feed/feed.h"

#include <stddef.h>

/* A word of one identifier on one purpose; WORD 0: none. */
struct consent_word {
	uint64_t at_ms;
	uint32_t version;
	uint8_t word; /* enum feed_word */
	bool verified;
	uint8_t kind; /* enum feed_who: whose; 0 is held to an account's rule, the stricter */
};

/*
 * What one identifier said on one purpose: the newest word of a back end's and of
 * a page's. Two, because of the two no order is one: a page's grant never ends what a
 * back end said, its no does, and its grant ends its own no. Zeroed: nothing was said.
 */
struct consent_words {
	struct consent_word verified, asserted;
};

/*
 * Hear W, in any order: what comes of it does not depend on the order. Of
 * words of the same time the no counts. False: it changes nothing.
 */
bool consent_hear(struct consent_words *of, const struct consent_word *w);
/*
 * The word that counts, never NULL: the back end's, unless there is none, or the
 * page's is a no that is not older.
 */
const struct consent_word *consent_counting(const struct consent_words *of);

/*
 * May what OWN stands for enter, LINKED being what is linked to it, where VERSION
 * is asked? All are words that count.
 */
bool consent_enters(const struct consent_word *own, const struct consent_word *linked, size_t n,
    uint32_t version);

#endif
