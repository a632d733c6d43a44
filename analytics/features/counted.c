/*
 * counted.c - an event is somebody's, real and wanted, or it does not count.
 */
#include "analytics/features/state.h"

uint32_t event_owner(const struct fold *f, const struct feed_event *e, uint32_t person,
    uint32_t device)
{
	if (e->person != 0)
		return person;
	return f->settings.join_devices && device != 0 ? device_owner(f, device) : 0;
}

static bool erased(const struct fold *f, uint32_t i)
{
	return i != 0 && (identity_at(f, i)->flags & IDENTITY_ERASED);
}

/* Is it real? Counted, whatever comes of it. */
static bool event_real(struct fold *f, const struct feed_event *e)
{
	uint8_t rule;

	switch (fold_judge(f, e->id, &rule)) {
	case FOLD_REAL: return true;
	case FOLD_RELEASED: f->stats.released[rule]++; return true;
	case FOLD_SET_ASIDE: f->stats.quarantined[rule]++; return false;
	case FOLD_CONDEMNED: f->stats.condemned[rule]++; return false;
	}
	return false;
}

/* Count E, which is OWNER's. */
static enum sc_err event_of_person(struct fold *f, const struct feed_event *e, uint32_t owner,
    uint32_t device)
{
	struct fold_identity *p = identity_at(f, owner);
	enum sc_err err;

	p->flags |= IDENTITY_TOUCHED;
	p->rules |= verdict_rules(f, e->id);
	if (!event_real(f, e) || !portrait_takes(e))
		return SC_OK;
	if (e->person != 0 ? !words_let_person(f, owner, device, e->at_ms) :
			     !words_let_joined(f, owner, device, e->at_ms)) {
		f->stats.unconsented++;
		return SC_OK;
	}
	f->stats.counted[e->kind]++;
	if (f->settings.counted != NULL &&
	    (err = f->settings.counted(f->settings.counted_arg, p->who, e)) != SC_OK)
		return err;
	return portrait_add(f, p, e);
}

/* A visit, unless the device turns out to have an account: then it is nobody's. */
static void event_of_device(struct fold *f, const struct feed_event *e, uint32_t device)
{
	if (!event_real(f, e))
		return;
	if (device == 0 || !words_let_visit(f, device, e->at_ms))
		f->stats.unconsented++;
	else
		identity_at(f, device)->flags |= IDENTITY_VISITED;
}

/* On an erased device: it will be somebody new to the next fold, whose event this may be then. */
static void erased_comes_back(struct fold *f, uint32_t person, uint32_t device)
{
	if (person != 0)
		identity_at(f, person)->flags |= IDENTITY_STALE;
	else if (f->settings.join_devices)
		stale_of_device(f, device);
}

enum sc_err fold_count_event(struct fold *f, const struct feed_event *e)
{
	uint32_t person = identity_find(f, FEED_PERSON, e->person), owner;
	const uint32_t device = identity_find(f, FEED_DEVICE, e->device);
	enum sc_err err;

	if (erased(f, person) || erased(f, device)) {
		f->stats.erased++;
		if (f->phase == FOLD_LIVE)
			erased_comes_back(f, person, device);
		return SC_OK;
	}
	if (e->person != 0 && person == 0 &&
	    (err = identity_make(f, FEED_PERSON, e->person, &person)) != SC_OK)
		return err;
	owner = event_owner(f, e, person, device);
	if (erased(f, owner))
		f->stats.erased++;
	else if (owner != 0)
		return event_of_person(f, e, owner, device);
	else if (e->device != 0)
		event_of_device(f, e, device);
	return SC_OK;
}

/* A trait is judged as an event of its person is, but no rule looks at it. */
enum sc_err fold_count_attribute(struct fold *f, const struct feed_attribute *a)
{
	uint32_t i;
	enum sc_err err;

	if ((err = identity_make(f, FEED_PERSON, a->person, &i)) != SC_OK)
		return err;
	identity_at(f, i)->flags |= IDENTITY_TOUCHED;
	if (!words_let_person(f, i, 0, a->at_ms))
		return SC_OK;
	return portrait_attribute(f, identity_at(f, i), a);
}
