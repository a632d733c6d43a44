/*
 * real.c - what is real: what rules and operators said of events, and who goes before whom.
 */
#include "analytics/features/state.h"

static struct fold_verdict *verdict_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->verdicts, i);
}

/* The newest word counts; of the same time, the one that condemns. */
static bool rule_by(struct fold_ruling *r, const struct feed_verdict *v)
{
	const struct fold_ruling new_ = { v->at_ms, v->action };

	if (r->action != 0 &&
	    (r->at_ms != new_.at_ms ? r->at_ms > new_.at_ms : r->action >= new_.action))
		return false;
	*r = new_;
	return true;
}
_Static_assert(FEED_CONDEMN > FEED_RELEASE, "to condemn goes before to release");

static enum sc_err make(struct fold *f, uint64_t event, struct fold_verdict **out)
{
	uint32_t i = table_find(&f->verdict_of, event);
	enum sc_err err;

	if (i == 0 &&
	    ((err = slab_add(&f->verdicts, &i)) != SC_OK ||
		(err = table_add(&f->verdict_of, event, i)) != SC_OK))
		return err;
	*out = verdict_at(f, i);
	return SC_OK;
}

/* A rule sets aside what it saw, never all that it will see; an event without a number is none. */
enum sc_err verdict_hear(struct fold *f, const struct feed_verdict *v, bool *changed)
{
	struct fold_verdict *of;
	const uint32_t bit = UINT32_C(1) << v->rule;
	enum sc_err err;

	*changed = false;
	if (v->scope == FEED_OF_RULE) {
		*changed = v->action != FEED_QUARANTINE && rule_by(&f->rulings[v->rule], v);
		return SC_OK;
	}
	if (v->event == 0)
		return SC_OK;
	if ((err = make(f, v->event, &of)) != SC_OK)
		return err;
	if (v->action != FEED_QUARANTINE)
		*changed = rule_by(&of->ruling, v);
	else
		*changed = !(of->rules & bit);
	if (v->action == FEED_QUARANTINE)
		of->rules |= bit;
	return SC_OK;
}

static uint8_t first_of(uint32_t rules)
{
	return rules == 0 ? FEED_NO_RULE : (uint8_t)__builtin_ctz(rules);
}

uint32_t verdict_rules(const struct fold *f, uint64_t event)
{
	const uint32_t i = table_find(&f->verdict_of, event);

	return i == 0 ? 0 : verdict_at(f, i)->rules & ~f->settings.rules_off;
}

/* Of RULES, those that an operator did not release. */
static uint32_t standing(const struct fold *f, uint32_t rules)
{
	uint32_t left = rules;

	for (uint32_t r = rules; r != 0; r &= r - 1)
		if (f->rulings[__builtin_ctz(r)].action == FEED_RELEASE)
			left &= ~(r & -r);
	return left;
}

enum fold_judgement fold_judge(const struct fold *f, uint64_t event, uint8_t *rule)
{
	const uint32_t i = table_find(&f->verdict_of, event);
	const uint32_t rules = verdict_rules(f, event), left = standing(f, rules);
	const uint8_t word = i == 0 ? 0 : verdict_at(f, i)->ruling.action;

	*rule = first_of(rules);
	if (word != 0)
		return word == FEED_RELEASE ? FOLD_RELEASED : FOLD_CONDEMNED;
	if (left == 0)
		return rules == 0 ? FOLD_REAL : FOLD_RELEASED;
	*rule = first_of(left);
	return f->rulings[*rule].action == FEED_CONDEMN ? FOLD_CONDEMNED : FOLD_SET_ASIDE;
}
