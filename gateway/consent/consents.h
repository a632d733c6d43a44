/*
 * consents.h - the registry of consent: what people said, to which text, when, how it is
 * known; append-only in the store, its newest words in memory.
 *
 * People and devices stand in it as handles of keyd's analytics-only index key
 * (keyc_pseudonym()), never as ids. A word that a back end says of its own
 * (api/consents.c) is in the audit log too; one that came in a batch of events is there
 * as that batch. The image is asked under the service's lock, and costs no disk.
 */
#ifndef GATEWAY_CONSENT_CONSENTS_H
#define GATEWAY_CONSENT_CONSENTS_H

#include "base/diag.h"
#include "base/feed/consent.h"
#include "base/store/store.h"
#include "crypto/limits.h"
#include "gateway/take/settings.h"

/* Both names of an identifier, as keyd gave them. */
struct collect_handle {
	uint8_t handle[HANDLE_BYTES]; /* in the registry */
	uint64_t pseudonym;           /* in the feed */
};

/* A word that was said, with what proves it. */
struct consent_said {
	struct collect_handle who;
	struct feed_consent word;      /* who: of WHO */
	struct sc_name source, method; /* "shop-web"; "checkbox" */
	uint8_t text_sha256[32];       /* of the text; zeros: not said */
	uint8_t evidence_sha256[32]; /* of what proves it, which stays with the shop; zeros: none */
	uint64_t said_ms;            /* as the shop says; word.at_ms is ours */
};

struct consents;

/* SETTINGS are borrowed, TENANT is copied. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err consents_new(const struct collect_settings *s, const struct sc_name *tenant,
    struct consents **out);
void consents_free(struct consents *c); /* NULL is fine */
/* Fill the image from the store, at start. Fails with SC_IO, SC_CORRUPT, SC_NOMEM. */
SC_CHECKED enum sc_err consents_load(struct consents *c, struct store *store);

/*
 * Every write: the caller fills in what stands above JOB in a zeroed heap object of its
 * own, calls consents_say(), _link() or _erase() and submits JOB (whose done() is the
 * caller's), both under one lock, so that the disk sees writes in the image's order; and,
 * under that lock again, the matching _settled() with what came of the job. What closes
 * (a no, a link, an erasure) is in the image at once, and stays there whatever becomes of
 * the disk; what opens (a grant, a link's end) only when it is durable.
 */

/*
 * A word. Its at_ms is moved on where the clock has not: no word of one identifier is
 * older than the one before it. A page's grant is never stored; a page's no is for good
 * where its device was linked once or a back end spoke for it, else it is in a bounded
 * table, the oldest out, until the next start.
 */
struct consents_write {
	struct consent_said said;
	struct store_job job;
	/* private */
	struct consents *of;
	bool kept; /* it has a row, or is to have one */
	/* when the same was said as the newest word that has a row; 0: it was not */
	uint64_t same_ms;
};
void consents_say(struct consents *c, struct consents_write *w);
void consents_settled(struct consents *c, struct consents_write *w, enum sc_err err);

/*
 * A device is an account's from now on (link.to_ms 0), or was. Said again, nothing
 * changes: an account that is linked stays so from when it was first.
 */
struct consents_link_write {
	struct collect_handle device, person;
	struct feed_link link; /* its pseudonyms: of DEVICE and PERSON */
	struct store_job job;
	/* private */
	struct consents *of;
	struct consents_kept {
		struct consent_word word;
		uint8_t purpose;
	} kept[FEED_PURPOSES_MAX]; /* what DEVICE said, which is for good from now on */
	size_t n_kept;
	bool open;     /* they were linked already */
	uint64_t said; /* which write of links this is */
};
void consents_link(struct consents *c, struct consents_link_write *w);
void consents_link_settled(struct consents *c, struct consents_link_write *w, enum sc_err err);

/*
 * All that PERSON said is forgotten: the registry keeps that something was said, under
 * no name. Nothing is to be settled.
 */
struct consents_erase_write {
	struct collect_handle person;
	struct store_job job;
	/* private */
	struct consents *of;
};
void consents_erase(struct consents *c, struct consents_erase_write *w);

/* The word that counts of WHO on PURPOSE (a number of the settings, from 1). */
void consents_word(const struct consents *c, const uint8_t handle[static HANDLE_BYTES],
    uint8_t purpose, struct consent_word *out);
/*
 * May an event of DEVICE and PERSON (either may be NULL) enter for the collecting
 * purpose? ASSERTED is a page's own grant for its device (version; 0: none), which is
 * believed for that event alone, and for no person.
 */
bool consents_enter(const struct consents *c, const struct collect_handle *device,
    const struct collect_handle *person, uint32_t asserted);
/* Bits by purpose of the words, the first being bit 0: what PERSON has granted. */
uint32_t consents_granted(const struct consents *c, const uint8_t handle[static HANDLE_BYTES]);

#endif
