/*
 * attack_settle.c - the parts that hang together by rules; each narrowed, and with a first
 * witness that it is no contradiction.
 */
#include "analytics/cube/attack_lp.h"
#include "analytics/cube/attack_system.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* ---- parts -------------------------------------------------------------------------- */

static uint32_t root_of(uint32_t *up, uint32_t v)
{
	while (up[v] != v)
		v = up[v] = up[up[v]];
	return v;
}

static enum sc_err index_rules(struct attack_system *s)
{
	uint32_t *at;

	s->first_of = calloc((size_t)s->n + 2, sizeof(*s->first_of));
	s->rules_of = calloc((size_t)s->n_terms + 1, sizeof(*s->rules_of));
	s->queue = calloc((size_t)s->n_rules + 1, sizeof(*s->queue));
	s->queued = calloc((size_t)s->n_rules + 1, 1);
	if (s->first_of == NULL || s->rules_of == NULL || s->queue == NULL || s->queued == NULL)
		return SC_NOMEM;
	at = s->first_of + 1;
	for (uint32_t i = 0; i < s->n_terms; i++)
		at[s->terms[i].var + 1]++;
	for (uint32_t v = 0; v < s->n; v++)
		at[v + 1] += at[v];
	for (uint32_t r = 0; r < s->n_rules; r++)
		for (uint32_t i = 0; i < s->rules[r].n; i++)
			s->rules_of[at[s->terms[s->rules[r].first + i].var]++] = r;
	return SC_OK;
}

/* Join the numbers of each rule; part_of is each one's root until they are numbered. */
static void join(struct attack_system *s)
{
	for (uint32_t v = 0; v < s->n; v++)
		s->part_of[v] = v;
	for (uint32_t r = 0; r < s->n_rules; r++) {
		uint32_t with = NONE;

		for (uint32_t i = 0; i < s->rules[r].n; i++) {
			const uint32_t v = s->terms[s->rules[r].first + i].var;

			if (s->lo[v] == s->hi[v])
				continue;
			if (with != NONE)
				s->part_of[root_of(s->part_of, v)] = root_of(s->part_of, with);
			with = v;
		}
	}
}

/* Number the parts, in the order of their first numbers; fixed ones are in none. */
static void number_parts(struct attack_system *s)
{
	for (uint32_t v = 0; v < s->n; v++)
		s->part_of[v] = root_of(s->part_of, v);
	for (uint32_t v = 0; v < s->n; v++)
		s->place_of[v] = NONE;
	for (uint32_t v = 0; v < s->n; v++) {
		const uint32_t root = s->part_of[v];

		if (s->lo[v] == s->hi[v])
			continue;
		if (s->place_of[root] == NONE)
			s->place_of[root] = s->n_parts++;
		s->parts[s->place_of[root]].n++;
	}
	for (uint32_t v = 0; v < s->n; v++)
		s->part_of[v] = s->lo[v] == s->hi[v] ? NONE : s->place_of[s->part_of[v]];
}

static uint32_t part_of_rule(const struct attack_system *s, const struct attack_rule *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (s->part_of[s->terms[r->first + i].var] != NONE)
			return s->part_of[s->terms[r->first + i].var];
	return NONE;
}

static void fill_parts(struct attack_system *s)
{
	uint32_t at = 0, rules = 0, p;

	for (uint32_t r = 0; r < s->n_rules; r++)
		if ((p = part_of_rule(s, &s->rules[r])) != NONE)
			s->parts[p].n_rules++;
	for (p = 0; p < s->n_parts; p++) {
		s->parts[p].first = at;
		s->parts[p].first_rule = rules;
		at += s->parts[p].n;
		rules += s->parts[p].n_rules;
		s->parts[p].n = s->parts[p].n_rules = 0;
	}
	for (uint32_t v = 0; v < s->n; v++)
		if ((p = s->part_of[v]) != NONE) {
			s->place_of[v] = s->parts[p].n++;
			s->members[s->parts[p].first + s->place_of[v]] = v;
		}
	for (uint32_t r = 0; r < s->n_rules; r++)
		if ((p = part_of_rule(s, &s->rules[r])) != NONE)
			s->part_rules[s->parts[p].first_rule + s->parts[p].n_rules++] = r;
}

static enum sc_err make_parts(struct attack_system *s)
{
	s->part_of = calloc((size_t)s->n + 1, sizeof(*s->part_of));
	s->place_of = calloc((size_t)s->n + 1, sizeof(*s->place_of));
	s->members = calloc((size_t)s->n + 1, sizeof(*s->members));
	s->part_rules = calloc((size_t)s->n_rules + 1, sizeof(*s->part_rules));
	s->parts = calloc((size_t)s->n + 1, sizeof(*s->parts));
	s->value = calloc((size_t)s->n + 1, sizeof(*s->value));
	s->changes = calloc((size_t)s->n + 1, 1);
	if (s->part_of == NULL || s->place_of == NULL || s->members == NULL ||
	    s->part_rules == NULL || s->parts == NULL || s->value == NULL || s->changes == NULL)
		return SC_NOMEM;
	if (s->n > 0)
		memcpy(s->value, s->lo, s->n * sizeof(*s->value)); /* fixed ones stay so */
	join(s);
	number_parts(s);
	fill_parts(s);
	return SC_OK;
}

/* ---- settling ----------------------------------------------------------------------- */

/* Rules of fixed numbers alone hold, or are forgotten, or nothing does. */
static enum sc_err check_fixed(struct attack_system *s, uint16_t *tag)
{
	for (uint32_t r = 0; r < s->n_rules; r++) {
		struct attack_rule *rule = &s->rules[r];
		int64_t sum = 0;

		if (part_of_rule(s, rule) != NONE)
			continue;
		for (uint32_t i = 0; i < rule->n; i++)
			sum += s->terms[rule->first + i].by * s->lo[s->terms[rule->first + i].var];
		*tag = rule->tag;
		if (sum >= rule->lo && sum <= rule->hi)
			continue;
		if (!rule->loose)
			return SC_CORRUPT;
		rule->off = true;
		s->contradicted++;
	}
	return SC_OK;
}

static bool forget_loose(struct attack_system *s, const struct attack_part *p)
{
	bool any = false;

	for (uint32_t i = 0; i < p->n_rules; i++) {
		struct attack_rule *r = &s->rules[s->part_rules[p->first_rule + i]];

		if (!r->loose || r->off)
			continue;
		r->off = any = true;
		s->contradicted++;
	}
	return any;
}

static bool narrow_part(struct attack_system *s, const struct attack_part *p)
{
	for (uint32_t i = 0; i < p->n_rules; i++)
		attack_enqueue(s, s->part_rules[p->first_rule + i]);
	return attack_tighten(s);
}

/* Is there a point at all? *SURE: it is known that there is none. */
static enum sc_err first_witness(struct attack_system *s, struct attack_part *p, bool *none)
{
	int64_t *target = malloc((size_t)p->n * sizeof(*target)), bound;
	enum attack_lp_answer answer = ATTACK_LP_UNKNOWN;
	enum sc_err err = target == NULL ? SC_NOMEM : SC_OK;

	*none = false;
	for (uint32_t i = 0; err == SC_OK && i < p->n; i++)
		target[i] = s->lo[s->members[p->first + i]];
	if (err == SC_OK && !attack_dive(s, p, target, NULL, 0, 1)) {
		if (s->programs++ >= ATTACK_PROGRAMS_MAX)
			err = SC_LIMIT;
		if (err == SC_OK && (err = attack_lp_new(s, p, &s->lp)) == SC_OK)
			answer = attack_lp_solve(s->lp, NULL, 0, 1, &bound, target);
		attack_lp_free(s->lp);
		s->lp = NULL;
		*none = answer == ATTACK_LP_NONE;
		p->no_witness_found = answer != ATTACK_LP_OPTIMAL ||
		    !attack_dive(s, p, target, NULL, 0, 1);
	}
	free(target);
	return s->lost ? SC_NOMEM : err;
}

static enum sc_err settle_part(struct attack_system *s, struct attack_part *p, uint16_t *tag)
{
	const size_t mark = s->n_trail;
	bool none = true;
	enum sc_err err;

	for (;;) {
		if (narrow_part(s, p) && (err = first_witness(s, p, &none)) != SC_OK)
			return err;
		if (!none)
			return SC_OK;
		if (s->lost)
			return SC_NOMEM;
		attack_undo(s, mark);
		if (!forget_loose(s, p))
			break;
	}
	*tag = s->rules[s->part_rules[p->first_rule]].tag;
	return SC_CORRUPT;
}

enum sc_err attack_system_settle(struct attack_system *s, uint16_t *tag)
{
	enum sc_err err;

	s->lp_part = NONE;
	if ((err = index_rules(s)) != SC_OK || (err = make_parts(s)) != SC_OK ||
	    (err = check_fixed(s, tag)) != SC_OK)
		return err;
	for (uint32_t p = 0; p < s->n_parts; p++)
		if ((err = settle_part(s, &s->parts[p], tag)) != SC_OK)
			return err;
	return SC_OK;
}
