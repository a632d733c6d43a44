/*
 * consents.h - the registry of consent: what people said, to which text, when, how it is
 * known; append-only in the store, its newest words in memory.
 *
 * People and devices stand in it as handles of keyd's analytics-only index key
 * (keyc_pseudonym()), never as ids. Every word of a back end is in the audit log too
 * (api/consents.c). The image is asked under the service's lock, and costs no disk.
 */
#ifndef GATEWAY_COLLECT_CONSENTS_H
#define GATEWAY_COLLECT_CONSENTS_H

#include "base/diag.h"
#include "base/feed/consent.h"
#include "base/store/store.h"
#include "crypto/limits.h"
#include "gateway/collect/settings.h"

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

/* SETTINGS are borrowed. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err consents_new(const struct collect_settings *s, struct consents **out);
void consents_free(struct consents *c);
/* Fill the image from the store, at start. */
SC_CHECKED enum sc_err consents_load(struct consents *c, struct store *store);

/*
 * Take SAID into the image at once (a grant only when it is durable: see
 * consents_settled()), and fill JOB, which the caller submits and which appends it to
 * the registry.
 */
struct consents_write {
	struct store_job job;
	struct consents *of;
	struct consent_said said;
	struct consents_write *next;
};
void consents_say(struct consents *c, struct consents_write *w);
void consents_settled(struct consents *c, struct consents_write *w, enum sc_err err);

/* A device is an account's from now on (until_ms 0), or was. Same pattern. */
struct consents_link_write {
	struct store_job job;
	struct consents *of;
	struct collect_handle device, person;
	struct feed_link link;
};
void consents_link(struct consents *c, struct consents_link_write *w);
void consents_link_settled(struct consents *c, struct consents_link_write *w, enum sc_err err);

/* The newest word of WHO on PURPOSE (a number of the settings, from 1). */
void consents_word(const struct consents *c, const uint8_t handle[static HANDLE_BYTES],
    uint8_t purpose, struct consent_word *out);
/*
 * May an event of DEVICE and PERSON (either may be NULL) enter for the collecting
 * purpose? ASSERTED is a page's own grant for its device (version; 0: none), which is
 * believed for that event alone.
 */
bool consents_enter(const struct consents *c, const struct collect_handle *device,
    const struct collect_handle *person, uint32_t asserted);
/* Bits of the policy's purposes that PERSON has granted: asking.consents. */
uint32_t consents_granted(const struct consents *c, const uint8_t handle[static HANDLE_BYTES]);
/*
 * All that PERSON said is forgotten: the registry keeps that something was said and
 * withdrawn, under no name.
 */
void consents_erase(struct consents *c, const struct collect_handle *person, struct store_job *job);

size_t consents_people(const struct consents *c);

#endif
