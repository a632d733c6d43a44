/*
 * heard.c - words, links, verdicts and erasures go to whom they are about, and whoever was
 * seen otherwise by what was known before waits for the next fold.
 */
#include "analytics/features/state.h"

/* ---- who waits for the next fold ------------------------------------------------------ */

/* What was seen of PERSON would be seen otherwise now. In a fold of the whole log nothing was yet. */
static void stale(struct fold *f, uint32_t person)
{
	struct fold_identity *p = identity_at(f, person);

	if (p->flags & IDENTITY_TOUCHED)
		p->flags |= IDENTITY_STALE;
}

/*
 * The same of all accounts of DEVICE; where devices are joined, whatever was seen: it may have been
 * nobody's then. Not in a fold of the whole log: a device that all accounts of a back end have
 * would be gone through once for each.
 */
void stale_of_device(struct fold *f, uint32_t device)
{
	const struct fold_pair *p;

	if (f->phase != FOLD_LIVE)
		return;
	for (uint32_t i = identity_at(f, device)->pairs; i != 0; i = p->of_device) {
		p = slab_at(&f->pairs, i);
		if (f->settings.join_devices)
			identity_at(f, p->person)->flags |= IDENTITY_STALE;
		stale(f, p->person);
	}
}

/* Something was heard of DEVICE: it matters where devices are joined, or where it ever said no. */
static void stale_by_device(struct fold *f, uint32_t device)
{
	if (f->settings.join_devices || (identity_at(f, device)->flags & IDENTITY_SAID_NO))
		stale_of_device(f, device);
}

static void stale_of_rule(struct fold *f, uint8_t rule)
{
	for (uint32_t i = 1; i <= f->identities.n; i++)
		if (identity_at(f, i)->rules & UINT32_C(1) << rule)
			identity_at(f, i)->flags |= IDENTITY_STALE;
}

static void stale_of_event(struct fold *f, uint64_t id)
{
	struct feed_event e;
	uint32_t owner;

	if (f->phase != FOLD_LIVE)
		return;
	if (f->settings.find == NULL) {
		f->all_stale = true;
		return;
	}
	if (!f->settings.find(f->settings.find_arg, id, &e))
		return;
	owner = event_owner(f, &e, identity_find(f, FEED_PERSON, e.person),
	    identity_find(f, FEED_DEVICE, e.device));
	if (owner != 0)
		stale(f, owner);
}

/* ---- words, links, verdicts, erasures ---------------------------------------------------- */

static enum sc_err take_consent(struct fold *f, const struct feed_frame *frame)
{
	const struct feed_consent *c = &frame->u.consent;
	bool changed;
	uint32_t i;
	enum sc_err err;

	if (c->purpose != f->settings.purpose)
		return SC_OK;
	if ((err = identity_make(f, c->kind, c->who, &i)) != SC_OK ||
	    (err = words_hear(f, i, c, &changed)) != SC_OK)
		return err;
	if (changed && c->kind == FEED_PERSON)
		stale(f, i);
	if (changed && c->kind == FEED_DEVICE)
		stale_by_device(f, i);
	return SC_OK;
}

/* The pair of PERSON and DEVICE, which is new or not. */
static enum sc_err take_pair(struct fold *f, uint64_t person, uint64_t device, uint32_t *pair,
    uint32_t *d, bool *added)
{
	uint32_t p;
	enum sc_err err;

	if ((err = identity_make(f, FEED_PERSON, person, &p)) != SC_OK ||
	    (err = identity_make(f, FEED_DEVICE, device, d)) != SC_OK)
		return err;
	return pair_make(f, *d, p, pair, added);
}

static enum sc_err take_link(struct fold *f, const struct feed_frame *frame)
{
	const struct feed_link *l = &frame->u.link;
	bool added, changed;
	uint32_t pair, d;
	enum sc_err err;

	if ((err = take_pair(f, l->person, l->device, &pair, &d, &added)) != SC_OK ||
	    (err = pair_mark(f, pair, l, &changed)) != SC_OK)
		return err;
	if (added || changed)
		stale_by_device(f, d);
	return SC_OK;
}

static enum sc_err take_verdict(struct fold *f, const struct feed_frame *frame)
{
	const struct feed_verdict *v = &frame->u.verdict;
	bool changed;
	enum sc_err err;

	if ((err = verdict_hear(f, v, &changed)) != SC_OK || !changed)
		return err;
	if (v->scope == FEED_OF_RULE)
		stale_of_rule(f, v->rule);
	else
		stale_of_event(f, v->event);
	return SC_OK;
}

/* A person's row is gone with the flag; what a device did is in the sums of its accounts. */
static enum sc_err take_erase(struct fold *f, const struct feed_frame *frame)
{
	const struct feed_erase *e = &frame->u.erase;
	uint32_t i;
	enum sc_err err;

	if ((err = identity_make(f, e->kind, e->who, &i)) != SC_OK)
		return err;
	identity_at(f, i)->flags |= IDENTITY_ERASED;
	if (e->kind == FEED_DEVICE)
		stale_of_device(f, i);
	return SC_OK;
}

/* An event that names both says that the device was the account's, if only for a moment. */
enum sc_err fold_hear_tie(struct fold *f, const struct feed_event *e)
{
	bool added;
	uint32_t pair, d;
	enum sc_err err;

	if ((err = take_pair(f, e->person, e->device, &pair, &d, &added)) != SC_OK)
		return err;
	if (added && f->settings.join_devices)
		stale_of_device(f, d);
	return SC_OK;
}

enum sc_err fold_hear(struct fold *f, const struct feed_frame *frame)
{
	switch (frame->type) {
	case FEED_CONSENT: return take_consent(f, frame);
	case FEED_LINK: return take_link(f, frame);
	case FEED_VERDICT: return take_verdict(f, frame);
	case FEED_ERASE: return take_erase(f, frame);
	default: return SC_OK;
	}
}
