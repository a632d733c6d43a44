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

static int64_t sum_of(const struct attack_system *s, const struct attack_rule *r,
    const int64_t *values)
{
	int64_t sum = 0;

	for (uint32_t t = 0; t < r->n; t++)
		sum += s->terms[r->first + t].by * values[s->terms[r->first + t].var];
	return sum;
}

/* Does every rule of PART hold with VALUES, by number? Whoever looked for them is not believed. */
static bool holds(const struct attack_system *s, const struct attack_part *part,
    const int64_t *values)
{
	for (uint32_t i = 0; i < part->n_rules; i++) {
		const struct attack_rule *r = &s->rules[s->part_rules[part->first_rule + i]];
		const int64_t sum = r->off ? 0 : sum_of(s, r, values);

		if (!r->off && (sum < r->lo || sum > r->hi))
			return false;
	}
	return true;
}

/* VALUES, by number, are another witness of PART, if they keep every rule. */
static bool keep(struct attack_system *s, struct attack_part *part, const int64_t *values)
{
	const size_t n = part->n;
	const bool first = part->witnesses == NULL;
	int64_t *w, *least, *most;

	if (!holds(s, part, values))
		return false;
	if (first &&
	    (part->witnesses = calloc(n + 1, (ATTACK_WITNESSES + 2) * sizeof(*w))) == NULL) {
		s->lost = true;
		return false;
	}
	w = part->witnesses + (part->n_witnesses++ % ATTACK_WITNESSES) * n;
	least = part->witnesses + ATTACK_WITNESSES * n;
	most = least + n;
	for (size_t i = 0; i < n; i++) {
		w[i] = values[s->members[part->first + i]];
		least[i] = first || w[i] < least[i] ? w[i] : least[i];
		most[i] = first || w[i] > most[i] ? w[i] : most[i];
	}
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
	ok = ok && keep(s, part, s->lo);
	attack_undo(s, mark);
	return ok;
}

/* ---- from one witness to the next --------------------------------------------------- */

#define CHANGES_MAX 3 /* of a number, on one way */

static void change(struct attack_system *s, uint32_t var, int64_t to)
{
	s->value[var] = to;
	s->changes[var]++;
	for (uint32_t i = s->first_of[var]; i < s->first_of[var + 1]; i++)
		attack_enqueue(s, s->rules_of[i]);
}

/* Change R's numbers, each as far as its bounds go, until it holds. */
static bool mend(struct attack_system *s, uint32_t rule)
{
	const struct attack_rule *r = &s->rules[rule];
	const int64_t sum = sum_of(s, r, s->value);
	int64_t lack = sum < r->lo ? r->lo - sum : sum > r->hi ? r->hi - sum : 0;

	for (uint32_t i = 0; lack != 0 && i < r->n; i++) {
		const struct attack_term *t = &s->terms[r->first + (i + rule) % r->n];
		const int64_t by = t->by > 0 ? lack : -lack, was = s->value[t->var];
		int64_t to = was + by;

		if (s->changes[t->var] >= CHANGES_MAX || s->part_of[t->var] == UINT32_MAX)
			continue;
		to = to < s->lo[t->var] ? s->lo[t->var] : to > s->hi[t->var] ? s->hi[t->var] : to;
		if (to == was)
			continue;
		lack -= t->by > 0 ? to - was : was - to;
		change(s, t->var, to);
	}
	return lack == 0;
}

/* The newest witness's values, and what was narrowed since MARK moved into its bounds. */
static void load(struct attack_system *s, const struct attack_part *part, size_t mark)
{
	const int64_t *w = part->witnesses +
	    (size_t)((part->n_witnesses - 1) % ATTACK_WITNESSES) * part->n;

	for (uint32_t i = 0; i < part->n; i++) {
		const uint32_t v = s->members[part->first + i];

		s->value[v] = w[i];
		s->changes[v] = 0;
	}
	for (size_t i = mark; i < s->n_trail; i++) {
		const uint32_t v = s->trail[i].var;

		if (s->value[v] < s->lo[v])
			change(s, v, s->lo[v]);
		else if (s->value[v] > s->hi[v])
			change(s, v, s->hi[v]);
	}
}

bool attack_step(struct attack_system *s, struct attack_part *part, const struct attack_term *first,
    size_t n, int sign)
{
	const size_t mark = s->n_trail;
	bool ok = part->n_witnesses > 0;

	for (size_t i = 0; ok && i < n; i++) {
		const uint32_t v = first[i].var;

		ok = s->lo[v] == s->hi[v] ||
		    fix(s, v, first[i].by * sign > 0 ? s->lo[v] : s->hi[v]);
	}
	if (ok)
		load(s, part, mark);
	for (uint64_t left = 8 * (uint64_t)part->n_rules + 64; ok && s->queue_n > 0; left--) {
		const uint32_t r = s->queue[s->queue_at];

		s->queue_at = (s->queue_at + 1) % s->n_rules;
		s->queue_n--;
		s->queued[r] = 0;
		ok = left > 0 && mend(s, r);
	}
	attack_undo(s, mark);
	return ok && keep(s, part, s->value);
}
