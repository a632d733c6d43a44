/*
 * words.c - who wants it: all words of each identifier by time, and what they let in
 * at a moment and now.
 *
 * Only a device's no counts against its account's events, so that of an account's
 * devices those that never said no are not looked at.
 */
#include "analytics/features/state.h"

#define NOW UINT64_MAX
#define ANY_VERSION 0 /* then: the door asked for the text of the time */

static struct fold_said *said_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->said, i);
}

static bool same_word(const struct consent_word *a, const struct consent_word *b)
{
	return a->at_ms == b->at_ms && a->word == b->word && a->version == b->version;
}

/* Put W among those of one source: the newest first, of one time in no order. */
static enum sc_err said_put(struct fold *f, uint32_t *at, const struct consent_word *w,
    bool *changed)
{
	uint32_t i;
	enum sc_err err;

	for (; *at != 0 && said_at(f, *at)->word.at_ms >= w->at_ms; at = &said_at(f, *at)->next)
		if (same_word(&said_at(f, *at)->word, w))
			return SC_OK;
	if ((err = slab_add(&f->said, &i)) != SC_OK)
		return err;
	*said_at(f, i) = (struct fold_said){ *w, *at };
	*at = i;
	*changed = true;
	return SC_OK;
}

enum sc_err words_hear(struct fold *f, uint32_t identity, const struct feed_consent *c,
    bool *changed)
{
	struct fold_identity *id = identity_at(f, identity);
	const struct consent_word w = { .at_ms = c->at_ms,
		.version = c->version,
		.word = c->word,
		.verified = c->verified,
		.kind = c->kind };
	enum sc_err err;

	*changed = false;
	if ((err = said_put(f, &id->said[c->verified], &w, changed)) != SC_OK)
		return err;
	if (c->word != FEED_GRANT && !(id->flags & IDENTITY_SAID_NO)) {
		id->flags |= IDENTITY_SAID_NO;
		if (id->kind == FEED_DEVICE)
			pairs_said_no(f, identity);
	}
	return SC_OK;
}

/* Hear what one source's words were at AT_MS. */
static void hear_then(const struct fold *f, uint32_t i, uint64_t at_ms, struct consent_words *w)
{
	uint64_t newest;

	while (i != 0 && said_at(f, i)->word.at_ms > at_ms)
		i = said_at(f, i)->next;
	if (i == 0)
		return;
	newest = said_at(f, i)->word.at_ms;
	for (; i != 0 && said_at(f, i)->word.at_ms == newest; i = said_at(f, i)->next)
		(void)consent_hear(w, &said_at(f, i)->word);
}

/* The word of ID that counted at AT_MS. What the erased said is forgotten. */
static struct consent_word word_at(const struct fold *f, const struct fold_identity *id,
    uint64_t at_ms)
{
	struct consent_words w = { 0 };
	struct consent_word counts;

	if (!(id->flags & IDENTITY_ERASED)) {
		hear_then(f, id->said[0], at_ms, &w);
		hear_then(f, id->said[1], at_ms, &w);
	}
	counts = *consent_counting(&w);
	counts.kind = id->kind;
	return counts;
}

/* ---- an account -------------------------------------------------------------------- */

static bool device_lets(const struct fold *f, uint32_t device, const struct consent_word *own,
    uint64_t at_ms, uint32_t version)
{
	const struct fold_identity *d = identity_at(f, device);
	struct consent_word w;

	if (!(d->flags & IDENTITY_SAID_NO))
		return true;
	w = word_at(f, d, at_ms);
	return consent_enters(own, &w, 1, version);
}

/* Do the words of AT_MS let in what PERSON did on DEVICE (0: none)? */
static bool person_then(const struct fold *f, const struct fold_identity *person, uint32_t device,
    uint64_t at_ms, uint32_t version)
{
	const struct consent_word own = word_at(f, person, at_ms);
	const struct fold_pair *p;

	if (!own.verified || !consent_enters(&own, NULL, 0, version) ||
	    (device != 0 && !device_lets(f, device, &own, at_ms, version)))
		return false;
	for (uint32_t i = person->pairs; i != 0; i = p->of_person) {
		p = slab_at(&f->pairs, i);
		if (pair_holds(f, p, at_ms) && !device_lets(f, p->device, &own, at_ms, version))
			return false;
	}
	return true;
}

bool words_let_person(const struct fold *f, uint32_t person, uint32_t device, uint64_t at_ms)
{
	const struct fold_identity *p = identity_at(f, person);

	return person_then(f, p, device, at_ms, ANY_VERSION) &&
	    person_then(f, p, device, NOW, f->settings.words->text_version);
}

/* ---- a device ---------------------------------------------------------------------- */

/* Do the words of AT_MS let in what DEVICE did, VERIFIED: by a back end's word? */
static bool device_then(const struct fold *f, const struct fold_identity *device, uint64_t at_ms,
    uint32_t version, bool verified)
{
	const struct consent_word own = word_at(f, device, at_ms);
	struct consent_word account;
	const struct fold_pair *p;

	if ((verified && !own.verified) || !consent_enters(&own, NULL, 0, version))
		return false;
	for (uint32_t i = device->pairs; i != 0; i = p->of_device) {
		p = slab_at(&f->pairs, i);
		if (!pair_holds(f, p, at_ms))
			continue;
		account = word_at(f, identity_at(f, p->person), at_ms);
		if (!consent_enters(&own, &account, 1, version))
			return false;
	}
	return true;
}

/* What a guest did before there was a link enters by the guest's own word of then, and the account's of now. */
bool words_let_joined(const struct fold *f, uint32_t person, uint32_t device, uint64_t at_ms)
{
	const struct fold_identity *d = identity_at(f, device);
	const uint32_t version = f->settings.words->text_version;

	return device_then(f, d, at_ms, ANY_VERSION, true) &&
	    device_then(f, d, NOW, version, true) &&
	    person_then(f, identity_at(f, person), device, NOW, version);
}

bool words_let_visit(const struct fold *f, uint32_t device, uint64_t at_ms)
{
	const struct fold_identity *d = identity_at(f, device);

	return device_then(f, d, at_ms, ANY_VERSION, false) &&
	    device_then(f, d, NOW, f->settings.words->text_version, false);
}
