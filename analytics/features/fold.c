/*
 * fold.c - the fold of the whole log, of a frame as it arrives, and who is shown of it.
 *
 * The whole log is folded in two passes. Whether an event counts depends on words, links
 * and verdicts that may stand anywhere in the log, also behind it: the first pass takes
 * those, and the second, which knows them all, takes events and keeps none of them. One
 * pass would have to hold every event that might yet be wanted.
 *
 * What arrives meanwhile (fold_take()) is seen by what is known then. A word, link or
 * verdict that changes how events were to be seen that are gone by now makes their
 * people stale: nobody is shown by a guess.
 *
 * Events queue until there are some, and have what they need fetched together (fetch.c).
 */
#include "analytics/features/state.h"

#include <stdlib.h>
#include <string.h>

enum sc_err fold_new(const struct fold_settings *s, struct fold **out)
{
	struct fold *f = calloc(1, sizeof(*f));

	if ((*out = f) == NULL)
		return SC_NOMEM;
	f->settings = *s;
	slab_init(&f->identities, sizeof(struct fold_identity));
	slab_init(&f->said, sizeof(struct fold_said));
	slab_init(&f->pairs, sizeof(struct fold_pair));
	slab_init(&f->marks, sizeof(struct fold_mark));
	slab_init(&f->verdicts, sizeof(struct fold_verdict));
	slab_init(&f->portraits, sizeof(struct fold_portrait));
	slab_init(&f->purchases, sizeof(struct fold_purchases));
	slab_init(&f->campaigns, sizeof(struct fold_campaigns));
	slab_init(&f->attributes, sizeof(struct fold_attributes));
	return SC_OK;
}

#define SLABS(f) \
	{ \
		&(f)->identities, &(f)->said, &(f)->pairs, &(f)->marks, &(f)->verdicts, \
		    &(f)->portraits, &(f)->purchases, &(f)->campaigns, &(f)->attributes \
	}
#define TABLES(f) \
	{ \
		&(f)->people, &(f)->devices, &(f)->pair_of, &(f)->verdict_of \
	}
#define COUNT(v) (sizeof(v) / sizeof(*(v)))

void fold_unheard(struct fold *f)
{
	f->settings.counted = NULL;
}

void fold_free(struct fold *f)
{
	if (f == NULL)
		return;
	struct fold_slab *const slabs[] = SLABS(f);
	struct fold_table *const tables[] = TABLES(f);

	for (size_t i = 0; i < COUNT(slabs); i++)
		slab_fini(slabs[i]);
	for (size_t i = 0; i < COUNT(tables); i++)
		table_fini(tables[i]);
	free(f);
}

void fold_begin(struct fold *f)
{
	struct fold_slab *const slabs[] = SLABS(f);
	struct fold_table *const tables[] = TABLES(f);

	for (size_t i = 0; i < COUNT(slabs); i++)
		slab_clear(slabs[i]);
	for (size_t i = 0; i < COUNT(tables); i++)
		table_clear(tables[i]);
	memset(f->rulings, 0, sizeof(f->rulings));
	memset(&f->stats, 0, sizeof(f->stats));
	f->all_stale = false;
	f->queued = 0;
	f->phase = FOLD_WORDS;
}

/* ---- the queue ---------------------------------------------------------------------------------- */

static enum sc_err flush(struct fold *f)
{
	enum sc_err err = SC_OK;

	fold_fetch(f, f->queue, f->queued);
	for (size_t k = 0; err == SC_OK && k < f->queued; k++)
		err = f->phase == FOLD_WORDS ? fold_hear_tie(f, &f->queue[k]) :
					       fold_count_event(f, &f->queue[k]);
	f->queued = 0;
	return err;
}

static enum sc_err enqueue(struct fold *f, const struct feed_event *e)
{
	f->queue[f->queued++] = *e;
	return f->queued == FOLD_QUEUE ? flush(f) : SC_OK;
}

/* ---- frames ---------------------------------------------------------------------------------------- */

static bool ties(const struct feed_frame *frame)
{
	return frame->type == FEED_EVENT && frame->u.event.person != 0 &&
	    frame->u.event.device != 0;
}

enum sc_err fold_words(struct fold *f, const struct feed_frame *frame)
{
	return ties(frame) ? enqueue(f, &frame->u.event) : fold_hear(f, frame);
}

enum sc_err fold_event(struct fold *f, const struct feed_frame *frame)
{
	enum sc_err err;

	if (f->phase == FOLD_WORDS) {
		if ((err = flush(f)) != SC_OK)
			return err;
		f->phase = FOLD_EVENTS;
	}
	if (frame->type == FEED_ATTRIBUTE)
		return fold_count_attribute(f, &frame->u.attribute);
	return frame->type == FEED_EVENT ? enqueue(f, &frame->u.event) : SC_OK;
}

enum sc_err fold_end(struct fold *f)
{
	const enum sc_err err = flush(f);

	f->phase = FOLD_LIVE;
	return err;
}

enum sc_err fold_take(struct fold *f, const struct feed_frame *frame)
{
	enum sc_err err;

	if (frame->type == FEED_ATTRIBUTE)
		return fold_count_attribute(f, &frame->u.attribute);
	if (frame->type != FEED_EVENT)
		return fold_hear(f, frame);
	if (ties(frame) && (err = fold_hear_tie(f, &frame->u.event)) != SC_OK)
		return err;
	return fold_count_event(f, &frame->u.event);
}

/* ---- what comes of it -------------------------------------------------------------------------------- */

bool fold_stale(const struct fold *f, uint64_t person)
{
	const uint32_t i = identity_find(f, FEED_PERSON, person);

	return i == 0 ? f->all_stale :
			!(identity_at(f, i)->flags & IDENTITY_ERASED) &&
		(f->all_stale || identity_at(f, i)->flags & IDENTITY_STALE);
}

bool fold_shows(const struct fold *f, const struct fold_identity *i)
{
	return i->portrait != 0 && !f->all_stale &&
	    !(i->flags & (IDENTITY_STALE | IDENTITY_ERASED)) &&
	    ((const struct fold_portrait *)slab_at(&f->portraits, i->portrait))->counted;
}

bool fold_row(const struct fold *f, uint64_t person, struct feature_row *out)
{
	const uint32_t i = identity_find(f, FEED_PERSON, person);

	if (i == 0 || !fold_shows(f, identity_at(f, i)))
		return false;
	portrait_row(f, identity_at(f, i), out);
	return true;
}

void fold_each(const struct fold *f, fold_each_fn *each, void *arg)
{
	struct feature_row row;

	for (uint32_t i = 1; i <= f->identities.n; i++) {
		if (!fold_shows(f, identity_at(f, i)))
			continue;
		portrait_row(f, identity_at(f, i), &row);
		each(arg, &row);
	}
}

static bool is_visit(const struct fold *f, uint32_t i)
{
	const struct fold_identity *d = identity_at(f, i);

	return d->flags & IDENTITY_VISITED && d->pairs == 0 && words_let_visit(f, i, UINT64_MAX);
}

static bool waits(const struct fold *f, const struct fold_identity *i)
{
	return i->kind == FEED_PERSON && !(i->flags & IDENTITY_ERASED) &&
	    i->flags & (f->all_stale ? IDENTITY_TOUCHED : IDENTITY_STALE);
}

void fold_count(const struct fold *f, struct fold_stats *out)
{
	*out = f->stats;
	for (uint32_t i = 1; i <= f->identities.n; i++) {
		out->people += fold_shows(f, identity_at(f, i));
		out->visits += is_visit(f, i);
		out->stale += waits(f, identity_at(f, i));
	}
}

size_t fold_bytes(const struct fold *f)
{
	const struct fold_slab *const slabs[] = SLABS(f);
	const struct fold_table *const tables[] = TABLES(f);
	size_t n = sizeof(*f);

	for (size_t i = 0; i < COUNT(slabs); i++)
		n += slab_bytes(slabs[i]);
	for (size_t i = 0; i < COUNT(tables); i++)
		n += tables[i]->size * sizeof(*tables[i]->v);
	return n;
}
