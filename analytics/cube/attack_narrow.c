/*
 * attack_narrow.c - what follows from rules one by one, and taking it back.
 */
#include "analytics/cube/attack_system.h"

#include "base/grow.h"

#include <stdlib.h>

#define EFFORT 64 /* times that a rule is looked at in a row, on average: bounds may creep */

void attack_enqueue(struct attack_system *s, uint32_t rule)
{
	if (s->queued[rule] || s->rules[rule].off)
		return;
	s->queued[rule] = 1;
	s->queue[(s->queue_at + s->queue_n++) % s->n_rules] = rule;
}

bool attack_narrow(struct attack_system *s, uint32_t var, int64_t lo, int64_t hi)
{
	struct attack_trail *grown;

	if (lo <= s->lo[var] && hi >= s->hi[var])
		return true;
	if (s->n_trail == s->cap_trail) {
		if ((grown = realloc(s->trail, sc_grown(s->cap_trail) * sizeof(*grown))) == NULL) {
			s->lost = true;
			return false;
		}
		s->trail = grown;
		s->cap_trail = sc_grown(s->cap_trail);
	}
	s->trail[s->n_trail++] =
	    (struct attack_trail){ .var = var, .lo = s->lo[var], .hi = s->hi[var] };
	if (lo > s->lo[var])
		s->lo[var] = lo;
	if (hi < s->hi[var])
		s->hi[var] = hi;
	for (uint32_t i = s->first_of[var]; i < s->first_of[var + 1]; i++)
		attack_enqueue(s, s->rules_of[i]);
	return s->lo[var] <= s->hi[var];
}

void attack_undo(struct attack_system *s, size_t mark)
{
	while (s->n_trail > mark) {
		const struct attack_trail *t = &s->trail[--s->n_trail];

		s->lo[t->var] = t->lo;
		s->hi[t->var] = t->hi;
	}
	while (s->queue_n > 0) {
		s->queued[s->queue[s->queue_at]] = 0;
		s->queue_at = (s->queue_at + 1) % s->n_rules;
		s->queue_n--;
	}
}

/* What R says of each of its numbers, given the bounds of the others. */
static bool look(struct attack_system *s, const struct attack_rule *r)
{
	const struct attack_term *t = s->terms + r->first;
	int64_t least = 0, most = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		least += t[i].by > 0 ? s->lo[t[i].var] : -s->hi[t[i].var];
		most += t[i].by > 0 ? s->hi[t[i].var] : -s->lo[t[i].var];
	}
	if (least > r->hi || most < r->lo)
		return false;
	if (least >= r->lo && most <= r->hi)
		return true;
	for (uint32_t i = 0; i < r->n; i++) {
		const int64_t lo = s->lo[t[i].var], hi = s->hi[t[i].var];
		const int64_t up = r->hi - (least - (t[i].by > 0 ? lo : -hi));
		const int64_t down = r->lo - (most - (t[i].by > 0 ? hi : -lo));

		if (lo < hi &&
		    !(t[i].by > 0 ? attack_narrow(s, t[i].var, down, up) :
				    attack_narrow(s, t[i].var, -up, -down)))
			return false;
	}
	return true;
}

bool attack_tighten(struct attack_system *s)
{
	uint64_t left = (uint64_t)EFFORT * (s->queue_n + 64);

	while (s->queue_n > 0) {
		const uint32_t r = s->queue[s->queue_at];

		if (left-- == 0) {
			attack_undo(s, s->n_trail); /* the queue alone: what is known is true */
			return true;
		}
		s->queue_at = (s->queue_at + 1) % s->n_rules;
		s->queue_n--;
		s->queued[r] = 0;
		if (!look(s, &s->rules[r]))
			return false;
	}
	return true;
}
