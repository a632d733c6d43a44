/*
 * seen.h - which signatures came, and how what they sign was parsed.
 *
 * One signature fits many ways of cutting the signed text into fields. The
 * first way is the vendor's; another one with the same signature is somebody
 * who had the request in his hands and bent it. Bounded: the oldest of a bucket
 * is forgotten, and with it only this one of several nets.
 */
#ifndef GATEWAY_TWIML_SEEN_H
#define GATEWAY_TWIML_SEEN_H

#include "base/err.h"

#include <stdint.h>

#define SEEN_BYTES 16

enum seen_as {
	SEEN_NEW,
	SEEN_SAME,  /* as it was parsed before */
	SEEN_OTHER, /* the same signature over other fields: forged */
};

struct twiml_seen;

SC_CHECKED enum sc_err seen_new(struct twiml_seen **out); /* fails with SC_NOMEM */
void seen_free(struct twiml_seen *s);                     /* NULL is fine */

/*
 * A valid signature, by the first bytes of a hash of it, and a hash of what was
 * parsed. Only valid ones may come here, or anybody could fill it. Any thread.
 */
enum seen_as seen_note(struct twiml_seen *s, const uint8_t signature[static SEEN_BYTES],
    const uint8_t parse[static SEEN_BYTES]);

#endif
