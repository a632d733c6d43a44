/*
 * tally.c - counting frames, and telling what was counted.
 */
#include "analytics/viewd/tally.h"

static void add_verdict(struct view_tally *t, const struct feed_verdict *v)
{
	if (v->scope == FEED_OF_EVENT)
		t->by_action[v->action][v->rule]++;
	t->newest[v->rule][t->n_newest[v->rule]++ % TALLY_NEWEST] = *v;
}

void view_tally_add(struct view_tally *t, const struct feed_frame *f)
{
	if (f->type == FEED_EVENT) {
		t->events[f->u.event.kind]++;
		t->late += (f->u.event.flags & FEED_LATE) != 0;
	} else if (f->type == FEED_VERDICT)
		add_verdict(t, &f->u.verdict);
	else if (f->type == FEED_COUNT)
		t->refused[f->u.count.reason][f->u.count.kind] += f->u.count.n;
	else if (f->type == FEED_ERASE)
		t->erasures++;
	else if (f->type == FEED_SNAPSHOT)
		t->snapshot = f->u.snapshot;
}

void view_tell_tally(view_tell_fn *tell, void *arg, uint8_t of, uint8_t a, uint8_t b,
    uint64_t value)
{
	struct feed_frame f = { .type = FEED_TALLY };

	f.u.tally = (struct feed_tally){ .value = value, .of = of, .a = a, .b = b };
	tell(arg, &f);
}

static void tell_rule(const struct view_tally *a, const struct view_tally *b, uint8_t rule,
    view_tell_fn *tell, void *arg)
{
	static const uint8_t of[FEED_CONDEMN + 1] = { 0, FEED_N_QUARANTINED, FEED_N_RELEASED,
		FEED_N_CONDEMNED };
	uint64_t n;

	for (uint8_t i = FEED_QUARANTINE; i <= FEED_CONDEMN; i++)
		if ((n = a->by_action[i][rule] + b->by_action[i][rule]) > 0)
			view_tell_tally(tell, arg, of[i], rule, 0, n);
	for (uint8_t k = 0; k < FEED_KIND_END; k++)
		if ((n = a->refused[rule][k] + b->refused[rule][k]) > 0)
			view_tell_tally(tell, arg, FEED_N_REFUSED, rule, k, n);
}

void view_tally_tell(const struct view_tally *a, const struct view_tally *b, uint8_t rule,
    view_tell_fn *tell, void *arg)
{
	if (rule != FEED_NO_RULE) {
		tell_rule(a, b, rule, tell, arg);
		return;
	}
	for (uint8_t k = 0; k < FEED_KIND_END; k++)
		if (a->events[k] + b->events[k] > 0)
			view_tell_tally(tell, arg, FEED_N_EVENTS, k, 0,
			    a->events[k] + b->events[k]);
	for (uint8_t r = 0; r < FEED_RULE_END; r++)
		tell_rule(a, b, r, tell, arg);
}

/* Those of one ring. How many were told. */
static size_t tell_ring(const struct view_tally *t, uint8_t rule, size_t max, view_tell_fn *tell,
    void *arg)
{
	const uint64_t n = t->n_newest[rule];
	struct feed_frame f = { .type = FEED_VERDICT };
	size_t i = 0;

	for (; i < max && i < n && i < TALLY_NEWEST; i++) {
		f.u.verdict = t->newest[rule][(n - 1 - i) % TALLY_NEWEST];
		tell(arg, &f);
	}
	return i;
}

void view_tally_newest(const struct view_tally *before, const struct view_tally *since,
    uint8_t rule, size_t max, view_tell_fn *tell, void *arg)
{
	size_t n = tell_ring(since, rule, max, tell, arg);

	(void)tell_ring(before, rule, max - n, tell, arg);
}
