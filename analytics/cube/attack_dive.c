/*
 * attack_dive.c - witnesses: one number after the other gets a value, and what follows from
 * it is drawn at once; where that contradicts, another value. No way back further than one
 * step: who finds none this way asks for a point to begin at (attack_lp.h).
 */
#include "analytics/cube/attack_system.h"

#include <stdlib.h>
#include <string.h>

static bool fix(struct attack_system *s, uint32_t var, int64_t value)
{
	const size_t mark = s->n_trail;

	if (value < s->lo[var] || value > s->hi[var])
		return false;
	if (attack_narrow(s, var, value, value) && attack_tighten(s))
		return true;
	attack_undo(s, mark);
	return false;
}

/* As near to WANT as it can be, or one of the two ends. */
static bool fix_near(struct attack_system *s, uint32_t var, int64_t want)
{
	const int64_t lo = s->lo[var], hi = s->hi[var];
	const int64_t near = want < lo ? lo : want > hi ? hi : want;

	return fix(s, var, near) || (near != lo && fix(s, var, lo)) ||
	    (near != hi && fix(s, var, hi)) || (near + 1 < hi && fix(s, var, near + 1)) ||
	    (near - 1 > lo && fix(s, var, near - 1));
}

static bool holds(const struct attack_system *s, const struct attack_part *part)
{
	for (uint32_t i = 0; i < part->n_rules; i++) {
		const struct attack_rule *r = &s->rules[s->part_rules[part->first_rule + i]];
		int64_t sum = 0;

		for (uint32_t t = 0; t < r->n; t++)
			sum += s->terms[r->first + t].by * s->lo[s->terms[r->first + t].var];
		if (!r->off && (sum < r->lo || sum > r->hi))
			return false;
	}
	return true;
}

/* All numbers of PART are fixed, and every rule holds: keep them. */
static bool keep(struct attack_system *s, struct attack_part *part)
{
	int64_t *w;

	if (part->witnesses == NULL &&
	    (part->witnesses = calloc((size_t)part->n + 1, ATTACK_WITNESSES * sizeof(*w))) ==
		NULL) {
		s->lost = true;
		return false;
	}
	w = part->witnesses + (size_t)(part->n_witnesses++ % ATTACK_WITNESSES) * part->n;
	for (uint32_t i = 0; i < part->n; i++)
		w[i] = s->lo[s->members[part->first + i]];
	part->no_witness_found = false;
	return true;
}

bool attack_dive(struct attack_system *s, struct attack_part *part, const int64_t *target,
    const struct attack_term *first, size_t n, int sign)
{
	const size_t mark = s->n_trail;
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		const uint32_t v = first[i].var;

		if (s->lo[v] < s->hi[v] && s->part_of[v] != UINT32_MAX)
			ok = fix_near(s, v, first[i].by * sign > 0 ? s->lo[v] : s->hi[v]);
	}
	for (uint32_t i = 0; ok && i < part->n; i++) {
		const uint32_t v = s->members[part->first + i];

		ok = s->lo[v] == s->hi[v] || fix_near(s, v, target[i]);
	}
	ok = ok && holds(s, part) && keep(s, part);
	attack_undo(s, mark);
	return ok;
}
