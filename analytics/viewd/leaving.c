/*
 * leaving.c - two tables: of who said what last, and of events that leave and had verdicts.
 */
#include "analytics/viewd/leaving.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define DAY_MS 86400000u
#define SAME_TIME_MS 60000 /* an event's time of arrival is kept in seconds, and clocks are set */

/* A person, a device, or an event. */
struct leaving_row {
	uint64_t id;
	uint64_t erased, withdrew; /* places in the log, from 1; 0: never */
	uint64_t withdrew_ms;      /* the latest time of that */
	uint8_t kind;              /* enum feed_who; 0: an event; UINT8_MAX: the slot is free */
};

struct leaving {
	struct leaving_wish wish;
	const struct fold *fold;
	struct leaving_row *rows; /* linear probing, at most half full */
	size_t slots, n;
	uint64_t heard, asked; /* places */
	uint64_t dropped;      /* events */
};

#define AN_EVENT 0
#define NOBODY UINT8_MAX

static size_t slot_of(const struct leaving *l, uint64_t id, uint8_t kind)
{
	size_t i = (id ^ (uint64_t)kind << 56) * 0x9e3779b97f4a7c15u >> 20 & (l->slots - 1);

	while (l->rows[i].kind != NOBODY && (l->rows[i].id != id || l->rows[i].kind != kind))
		i = (i + 1) & (l->slots - 1);
	return i;
}

static struct leaving_row *find(const struct leaving *l, uint64_t id, uint8_t kind)
{
	struct leaving_row *r = &l->rows[slot_of(l, id, kind)];

	return r->kind == NOBODY ? NULL : r;
}

static enum sc_err grow(struct leaving *l, size_t slots)
{
	struct leaving old = *l;

	if ((l->rows = malloc(slots * sizeof(*l->rows))) == NULL) {
		*l = old;
		return SC_NOMEM;
	}
	l->slots = slots;
	memset(l->rows, 0xff, slots * sizeof(*l->rows));
	for (size_t i = 0; i < old.slots; i++)
		if (old.rows[i].kind != NOBODY)
			l->rows[slot_of(l, old.rows[i].id, old.rows[i].kind)] = old.rows[i];
	free(old.rows);
	return SC_OK;
}

/* The row, made when it is not there; NULL: no memory. */
static struct leaving_row *make(struct leaving *l, uint64_t id, uint8_t kind)
{
	struct leaving_row *r;

	if (l->n * 2 >= l->slots && grow(l, l->slots * 2) != SC_OK)
		return NULL;
	r = &l->rows[slot_of(l, id, kind)];
	if (r->kind != NOBODY)
		return r;
	*r = (struct leaving_row){ .id = id, .kind = kind };
	l->n++;
	return r;
}

enum sc_err leaving_new(const struct leaving_wish *w, const struct fold *fold, struct leaving **out)
{
	struct leaving *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l == NULL)
		return SC_NOMEM;
	l->wish = *w;
	l->fold = fold;
	if (grow(l, SLOTS_FIRST) != SC_OK) {
		free(l);
		return SC_NOMEM;
	}
	*out = l;
	return SC_OK;
}

void leaving_free(struct leaving *l)
{
	if (l == NULL)
		return;
	free(l->rows);
	free(l);
}

/* ---- heard --------------------------------------------------------------------------- */

enum sc_err leaving_hear(struct leaving *l, const struct feed_frame *f)
{
	const struct feed_verdict *v = &f->u.verdict;
	struct leaving_row *r = NULL;

	l->heard++;
	if (f->type == FEED_ERASE) {
		if ((r = make(l, f->u.erase.who, f->u.erase.kind)) == NULL)
			return SC_NOMEM;
		r->erased = l->heard;
	} else if (f->type == FEED_CONSENT && f->u.consent.word == FEED_WITHDRAW &&
	    f->u.consent.purpose == l->wish.purpose) {
		if ((r = make(l, f->u.consent.who, f->u.consent.kind)) == NULL)
			return SC_NOMEM;
		r->withdrew = l->heard;
		if (f->u.consent.at_ms > r->withdrew_ms)
			r->withdrew_ms = f->u.consent.at_ms;
	} else if (f->type == FEED_VERDICT && l->wish.drop == DROP_RULE &&
	    v->rule == l->wish.rule && v->action == FEED_QUARANTINE && v->event != 0 &&
	    make(l, v->event, AN_EVENT) == NULL)
		return SC_NOMEM;
	return SC_OK;
}

/* ---- asked ----------------------------------------------------------------------------- */

static bool is_erased(const struct leaving *l, uint64_t id, uint8_t kind)
{
	const struct leaving_row *r = id == 0 ? NULL : find(l, id, kind);

	return r != NULL && r->erased > l->asked;
}

static int64_t arrived_ms(const struct feed_event *e)
{
	return (int64_t)e->at_ms + (int64_t)e->late_s * 1000;
}

static bool has_withdrawn(const struct leaving *l, uint64_t id, uint8_t kind)
{
	const struct leaving_row *r = id == 0 ? NULL : find(l, id, kind);

	return r != NULL && r->withdrew > l->asked;
}

static bool was_withdrawn(const struct leaving *l, const struct feed_event *e, uint64_t id,
    uint8_t kind)
{
	return has_withdrawn(l, id, kind) &&
	    arrived_ms(e) <= (int64_t)find(l, id, kind)->withdrew_ms + SAME_TIME_MS;
}

static bool is_dropped(const struct leaving *l, const struct feed_event *e)
{
	switch (l->wish.drop) {
	case DROP_EVENT: return e->id == l->wish.event;
	case DROP_RULE: return find(l, e->id, AN_EVENT) != NULL;
	case DROP_ALL: return true;
	default: return false;
	}
}

/* What is set aside has days of its own, from when it came. */
static bool is_over(const struct leaving *l, const struct feed_event *e)
{
	const int64_t keep_ms = (int64_t)l->wish.keep_aside_days * DAY_MS;

	return keep_ms > 0 && arrived_ms(e) + keep_ms < (int64_t)l->wish.now_ms;
}

static bool is_set_aside_for_good(struct leaving *l, const struct feed_event *e)
{
	const bool dropped = is_dropped(l, e);
	enum fold_judgement j;
	uint8_t rule;

	if (!dropped && !is_over(l, e))
		return false;
	j = fold_judge(l->fold, e->id, &rule);
	if (j != FOLD_SET_ASIDE && j != FOLD_CONDEMNED)
		return false;
	l->dropped += dropped;
	return true;
}

uint64_t leaving_dropped(const struct leaving *l)
{
	return l->dropped;
}

/*
 * A device's withdrawal takes what it did as nobody's: what a person did who was
 * logged in is theirs, and stays out of features by the device's no.
 */
static bool takes_event(struct leaving *l, const struct feed_event *e)
{
	return is_erased(l, e->person, FEED_PERSON) || is_erased(l, e->device, FEED_DEVICE) ||
	    was_withdrawn(l, e, e->person, FEED_PERSON) ||
	    (e->person == 0 && was_withdrawn(l, e, e->device, FEED_DEVICE)) ||
	    is_set_aside_for_good(l, e);
}

/* Its verdicts stand behind it. When there is no memory they stay, and say nothing of anybody. */
static bool take_event(struct leaving *l, const struct feed_event *e)
{
	struct leaving_row *r;
	uint8_t rule;

	if (!takes_event(l, e))
		return false;
	if (fold_judge(l->fold, e->id, &rule) != FOLD_REAL &&
	    (r = make(l, e->id, AN_EVENT)) != NULL)
		r->erased = UINT64_MAX;
	return true;
}

bool leaving_takes(struct leaving *l, const struct feed_frame *f)
{
	l->asked++;
	switch (f->type) {
	case FEED_EVENT: return take_event(l, &f->u.event);
	case FEED_CONSENT: return is_erased(l, f->u.consent.who, f->u.consent.kind);
	case FEED_LINK:
		return is_erased(l, f->u.link.person, FEED_PERSON) ||
		    is_erased(l, f->u.link.device, FEED_DEVICE);
	case FEED_ATTRIBUTE:
		return is_erased(l, f->u.attribute.person, FEED_PERSON) ||
		    has_withdrawn(l, f->u.attribute.person, FEED_PERSON);
	case FEED_VERDICT: return is_erased(l, f->u.verdict.event, AN_EVENT);
	default: return false;
	}
}
