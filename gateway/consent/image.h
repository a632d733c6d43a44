/*
 * image.h - the registry of consent in memory: whoever said something, the
 * newest word on each purpose, and which devices are whose. Private to
 * gateway/collect/.
 *
 *	place (open addressing, by handle) -> who -> words: a purpose's newest of a back
 *	                                       |     end's, and of a page's
 *	                                       '---> links, of both its ends
 *
 * Slabs of small structures that name each other by number, 0 being none: a
 * person with one word and no device costs some 80 bytes, twice that when the slabs have
 * just grown. Whoever is in it stays until the next start, a linked device too when it is
 * linked no more.
 */
#ifndef GATEWAY_CONSENT_IMAGE_H
#define GATEWAY_CONSENT_IMAGE_H

#include "base/err.h"
#include "base/feed/consent.h"
#include "crypto/limits.h"

/* One identifier. */
struct consents_who {
	uint8_t handle[HANDLE_BYTES];
	uint64_t last_ms; /* of its newest word, also one that is not durable yet */
	uint64_t gone_ms; /* words until then were erased */
	uint32_t words, links;
	uint8_t kind; /* enum feed_who */
};
struct consents_said_word {
	struct consent_word word;
	uint32_t next; /* of the same identifier */
	uint8_t purpose;
};
enum consents_end { CONSENTS_DEVICE, CONSENTS_PERSON };
/* A link that holds. */
struct consents_link {
	uint64_t from_ms;
	uint64_t said;            /* the write that is said last of it ... */
	uint32_t who[2], next[2]; /* by enum consents_end: whose it is, the next of the same */
	bool durable;             /* ... has made it so on disk */
};

struct consents_slab {
	void *v;
	uint32_t n, cap, free; /* [0] is nobody; FREE: the first of a chain through `next` */
};
struct consents_image {
	uint32_t *places; /* numbers of WHO; at most half are taken */
	uint32_t n_places;
	struct consents_slab who, words, links;
	size_t people; /* persons with a word */
};

void image_fini(struct consents_image *m);

/* The identifier with that handle; 0: there is none. Valid until image_add(). */
uint32_t image_find(const struct consents_image *m, const uint8_t handle[static HANDLE_BYTES]);
/* The same, made when it is not there; 0: no memory. */
uint32_t image_add(struct consents_image *m, const uint8_t handle[static HANDLE_BYTES],
    uint8_t kind);
struct consents_who *image_who(const struct consents_image *m, uint32_t who);
struct consents_link *image_link(const struct consents_image *m, uint32_t link);

/* What WHO said of PURPOSE. */
struct consent_words image_words(const struct consents_image *m, uint32_t who, uint8_t purpose);
/* Which of it counts; with its kind also where it said nothing. */
struct consent_word image_word(const struct consents_image *m, uint32_t who, uint8_t purpose);
/* It said W too. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err image_say(struct consents_image *m, uint32_t who, uint8_t purpose,
    const struct consent_word *w);
/* W, as it stands there, it has said since SINCE_MS. */
void image_since(struct consents_image *m, uint32_t who, uint8_t purpose,
    const struct consent_word *w, uint64_t since_ms);
/* It has said nothing. */
void image_unsay(struct consents_image *m, uint32_t who);

/* The link of DEVICE and PERSON; 0: they are not linked. */
uint32_t image_linked(const struct consents_image *m, uint32_t device, uint32_t person);
/* Link them; 0: no memory. */
uint32_t image_join(struct consents_image *m, uint32_t device, uint32_t person, uint64_t from_ms);
/* They are linked no more; PERSON and nobody. */
void image_part(struct consents_image *m, uint32_t device, uint32_t person);
void image_part_all(struct consents_image *m, uint32_t person);

#endif
