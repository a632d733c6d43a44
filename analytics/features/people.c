/*
 * people.c - who there is: accounts, devices, and which device was whose when.
 *
 * A link's begins and ends lie in one list by time, so that the end of a link need not
 * name the begin it ends. A device keeps all its accounts, for a second one ends
 * what is joined; an account keeps of its devices only those that ever said no, for no
 * other can stop it, and some accounts have a new device every day.
 */
#include "analytics/features/state.h"

static struct fold_pair *pair_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->pairs, i);
}

static struct fold_mark *mark_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->marks, i);
}

uint32_t identity_find(const struct fold *f, uint8_t kind, uint64_t who)
{
	return table_find(kind == FEED_PERSON ? &f->people : &f->devices, who);
}

enum sc_err identity_make(struct fold *f, uint8_t kind, uint64_t who, uint32_t *out)
{
	struct fold_identity *id;
	enum sc_err err;

	if ((*out = identity_find(f, kind, who)) != 0)
		return SC_OK;
	if ((err = slab_add(&f->identities, out)) != SC_OK ||
	    (err = table_add(kind == FEED_PERSON ? &f->people : &f->devices, who, *out)) != SC_OK)
		return err;
	id = identity_at(f, *out);
	id->who = who;
	id->kind = kind;
	return SC_OK;
}

/* ---- pairs ----------------------------------------------------------------------- */

static void person_watches(struct fold *f, uint32_t i)
{
	struct fold_pair *p = pair_at(f, i);
	struct fold_identity *person = identity_at(f, p->person);

	p->of_person = person->pairs;
	person->pairs = i;
}

void pairs_said_no(struct fold *f, uint32_t device)
{
	for (uint32_t i = identity_at(f, device)->pairs; i != 0; i = pair_at(f, i)->of_device)
		person_watches(f, i);
}

enum sc_err pair_make(struct fold *f, uint32_t device, uint32_t person, uint32_t *out, bool *added)
{
	const uint64_t key = pair_key(device, person);
	struct fold_identity *d = identity_at(f, device);
	struct fold_pair *p;
	enum sc_err err;

	*added = false;
	if ((*out = table_find(&f->pair_of, key)) != 0)
		return SC_OK;
	if ((err = slab_add(&f->pairs, out)) != SC_OK ||
	    (err = table_add(&f->pair_of, key, *out)) != SC_OK)
		return err;
	p = pair_at(f, *out);
	p->device = device;
	p->person = person;
	p->of_device = d->pairs;
	d->pairs = *out;
	if (d->flags & IDENTITY_SAID_NO)
		person_watches(f, *out);
	*added = true;
	return SC_OK;
}

/* ---- from when to when ------------------------------------------------------------- */

/* Does mark M stand before (AT_MS, ENDS) in the list, which is the newest first, an end before a begin? */
static bool stands_before(const struct fold_mark *m, uint64_t at_ms, bool ends)
{
	return m->at_ms != at_ms ? m->at_ms > at_ms : m->ends && !ends;
}

static enum sc_err mark_put(struct fold *f, struct fold_pair *p, uint64_t at_ms, bool ends,
    bool *changed)
{
	uint32_t *at = &p->marks, i;
	struct fold_mark *m;
	enum sc_err err;

	while (*at != 0 && stands_before(mark_at(f, *at), at_ms, ends))
		at = &mark_at(f, *at)->next;
	if (*at != 0 && mark_at(f, *at)->at_ms == at_ms && mark_at(f, *at)->ends == ends)
		return SC_OK;
	if ((err = slab_add(&f->marks, &i)) != SC_OK)
		return err;
	m = mark_at(f, i);
	*m = (struct fold_mark){ .at_ms = at_ms, .next = *at, .ends = ends };
	*at = i;
	*changed = true;
	return SC_OK;
}

/* One that ended when or before it began says no more than that it is ended. */
enum sc_err pair_mark(struct fold *f, uint32_t pair, const struct feed_link *l, bool *changed)
{
	struct fold_pair *p = pair_at(f, pair);
	enum sc_err err = SC_OK;

	*changed = false;
	if (l->to_ms == 0 || l->from_ms < l->to_ms)
		err = mark_put(f, p, l->from_ms, false, changed);
	if (err == SC_OK && l->to_ms != 0)
		err = mark_put(f, p, l->to_ms, true, changed);
	return err;
}

bool pair_holds(const struct fold *f, const struct fold_pair *p, uint64_t at_ms)
{
	uint32_t i = p->marks;

	while (i != 0 && mark_at(f, i)->at_ms > at_ms)
		i = mark_at(f, i)->next;
	return i != 0 && !mark_at(f, i)->ends;
}

uint32_t device_owner(const struct fold *f, uint32_t device)
{
	const uint32_t i = identity_at(f, device)->pairs;

	return i != 0 && pair_at(f, i)->of_device == 0 && pair_holds(f, pair_at(f, i), UINT64_MAX) ?
	    pair_at(f, i)->person :
	    0;
}
