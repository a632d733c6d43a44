/*
 * attack_system.c - numbers and rules, as they are said.
 */
#include "analytics/cube/attack_system.h"

#include "analytics/cube/attack_lp.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

void attack_system_fini(struct attack_system *s)
{
	for (uint32_t p = 0; p < s->n_parts; p++)
		free(s->parts[p].witnesses);
	attack_lp_free(s->lp);
	free(s->lo);
	free(s->hi);
	free(s->terms);
	free(s->rules);
	free(s->first_of);
	free(s->rules_of);
	free(s->part_of);
	free(s->place_of);
	free(s->members);
	free(s->part_rules);
	free(s->parts);
	free(s->trail);
	free(s->queue);
	free(s->queued);
	free(s->value);
	free(s->changes);
	*s = (struct attack_system){ 0 };
}

/* ---- saying ------------------------------------------------------------------------- */

/* Room for one more of SIZE bytes in *V. */
static enum sc_err room(void **v, uint32_t n, uint32_t *cap, size_t size, uint32_t max)
{
	void *grown;

	if (n >= max)
		return SC_LIMIT;
	if (n < *cap)
		return SC_OK;
	if ((grown = realloc(*v, sc_grown(*cap) * size)) == NULL)
		return SC_NOMEM;
	*v = grown;
	*cap = (uint32_t)sc_grown(*cap);
	return SC_OK;
}

enum sc_err attack_system_var(struct attack_system *s, int64_t lo, int64_t hi, uint32_t *out)
{
	uint32_t cap = s->cap;
	enum sc_err err;

	if ((err = room((void **)&s->lo, s->n, &cap, sizeof(*s->lo), ATTACK_VARS_MAX)) != SC_OK)
		return err;
	cap = s->cap;
	if ((err = room((void **)&s->hi, s->n, &cap, sizeof(*s->hi), ATTACK_VARS_MAX)) != SC_OK)
		return err;
	s->cap = cap;
	s->lo[s->n] = lo;
	s->hi[s->n] = hi;
	*out = s->n++;
	return SC_OK;
}

enum sc_err attack_system_rule(struct attack_system *s, int64_t lo, int64_t hi, bool loose,
    uint16_t tag)
{
	enum sc_err err = room((void **)&s->rules, s->n_rules, &s->cap_rules, sizeof(*s->rules),
	    ATTACK_TERMS_MAX);

	if (err == SC_OK)
		s->rules[s->n_rules++] = (struct attack_rule){ .lo = lo,
			.hi = hi,
			.first = s->n_terms,
			.tag = tag,
			.loose = loose };
	return err;
}

enum sc_err attack_system_term(struct attack_system *s, uint32_t var, int32_t by)
{
	enum sc_err err = room((void **)&s->terms, s->n_terms, &s->cap_terms, sizeof(*s->terms),
	    ATTACK_TERMS_MAX);

	if (err != SC_OK)
		return err;
	s->terms[s->n_terms++] = (struct attack_term){ .var = var, .by = by };
	s->rules[s->n_rules - 1].n++;
	return SC_OK;
}
