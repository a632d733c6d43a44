/*
 * decide.c - one look-up, then the conditions of the rules that meet there.
 *
 * Whatever is wrong ends in ACTION_DENY.
 */
#include "policy/decide/table.h"

#include "base/weak.h"

#include <string.h>

#define NOW_MAX_MS 253402300799999u /* the end of the year 9999 */

static const char *why_text(uint8_t why)
{
	static const char *const texts[] = {
		[WHY_CLOCK] = "the clock cannot be trusted",
		[WHY_UNKNOWN] = "unknown role, purpose, class, operation or tier",
		[WHY_TIER_X] = "data of tier X is never carried",
		[WHY_CEILING] = "above the role's highest tier",
		[WHY_RULE_DENIES] = "a rule denies this",
		[WHY_HOURS] = "outside the hours in which this is allowed",
		[WHY_RECORDS] = "more records at once than allowed",
		[WHY_CONSENT] = "the person has not consented",
		[WHY_SEALED] = "nothing of this person was sealed lately",
		[WHY_SUBJECTS] = "the day's limit of persons is used up",
		[WHY_REASON] = "a reason is required",
		[WHY_TICKET] = "a ticket is required",
		[WHY_STEP_UP] = "signing in again is required",
		[WHY_APPROVAL] = "approval by other people is required",
		[WHY_SIGNATURE] = "the caller's own signature is required",
		[WHY_PERMIT_ONLY] = "no rule permits this operation",
		[WHY_NO_RULE] = "no rule allows this",
		[WHY_RULE] = "by rule",
	};

	return texts[why];
}

/* What of RULE's conditions is not met; WHY_RULE when all are. */
static enum why unmet(const struct lang_rule *r, const struct policy_query *q)
{
	if (r->hours.days != 0 && !lang_window_holds(&r->hours, q->now_ms))
		return WHY_HOURS;
	/* LANG_NO_LIMIT is more than there can be */
	if (q->records > r->records_max)
		return WHY_RECORDS;
	if ((r->consents & ~q->consents) != 0)
		return WHY_CONSENT;
	/* who is not known is idle for more weeks than a rule can say */
	if (q->idle_weeks > r->sealed_within)
		return WHY_SEALED;
	if (q->subjects_today > r->subjects_per_day)
		return WHY_SUBJECTS;
	if (r->reason && !q->has_reason)
		return WHY_REASON;
	if (r->ticket && !q->has_ticket)
		return WHY_TICKET;
	if (r->step_up && !q->has_step_up)
		return WHY_STEP_UP;
	if (q->approvals < r->approval.n)
		return WHY_APPROVAL;
	if (r->signature && !q->has_signature)
		return WHY_SIGNATURE;
	return WHY_RULE;
}

static void answer(struct policy_verdict *out, const struct outcome *o, struct policy_limits limits)
{
	/* member by member: clearing it first would be work that nobody sees */
	out->action = (enum policy_action)o->action;
	memcpy(out->rules, o->rules, sizeof(out->rules));
	out->n_rules = o->n_rules;
	out->why = why_text(o->why);
	out->mask = o->mask;
	out->limits = limits;
}

static void refuse(struct policy_verdict *out, enum why why)
{
	struct outcome o = { .action = ACTION_DENY, .why = (uint8_t)why };

	answer(out, &o, (struct policy_limits){ POLICY_LIMIT_NONE, POLICY_LIMIT_NONE });
}

/* Why Q cannot even be looked up; WHY_RULE when it can. */
static enum why malformed(const struct policy *p, const struct policy_query *q)
{
	if (p == NULL || q->role >= p->model.n_roles || q->purpose >= p->model.n_purposes ||
	    q->op >= POLICY_OP_COUNT || q->tier > TIER_X)
		return WHY_UNKNOWN;
	if (q->now_ms == 0 || q->now_ms > NOW_MAX_MS)
		return WHY_CLOCK;
	return WHY_RULE;
}

/* The slot of CLASS_ID at the tier that counts; otherwise why there is none. */
static enum why find_slot(const struct policy *p, const struct policy_query *q, uint8_t class_id,
    unsigned *slot)
{
	const struct lang_class *k = &p->model.classes[class_id];
	uint8_t tier = q->tier > k->tier ? q->tier : k->tier;

	if (k->name.s[0] == '\0')
		return WHY_UNKNOWN;
	if (tier >= TIER_X)
		return WHY_TIER_X;
	*slot = p->table.slot_of[class_id] + (unsigned)(tier - k->tier);
	return WHY_RULE;
}

static size_t person_of(const struct policy *p, const struct policy_query *q)
{
	return (size_t)q->role * p->model.n_purposes + q->purpose;
}

static uint8_t says(const struct lang_rule *r, enum why why)
{
	return why == WHY_RULE ? r->effect : r->otherwise;
}

static void decide_class(const struct policy *p, const struct policy_query *q, uint8_t class_id,
    struct policy_verdict *out)
{
	unsigned slot;
	enum why why = find_slot(p, q, class_id, &slot);
	const struct entry *e;
	struct outcome o;

	if (why != WHY_RULE) {
		refuse(out, why);
		return;
	}
	e = &p->table.entries[p->table.cells[table_cell(&p->table, person_of(p, q), slot, q->op)]];
	o = e->fixed;
	for (unsigned i = 0; i < e->n; i++) {
		uint16_t n = p->table.conditional[e->first + i];
		const struct lang_rule *r = &p->model.rules[n];

		why = unmet(r, q);
		outcome_add(&o, n, says(r, why), r->mask, why);
	}
	if (op_permit_only(q->op) && o.action != ACTION_REVEAL) {
		o.action = ACTION_DENY;
		if (o.why == WHY_RULE)
			o.why = WHY_PERMIT_ONLY;
	}
	answer(out, &o, e->limits);
}

/* A person is erased, or merged, whole: every class must permit it. */
static void decide_person(const struct policy *p, const struct policy_query *q,
    struct policy_verdict *out)
{
	refuse(out, WHY_NO_RULE);
	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		if (p->model.classes[id].name.s[0] == '\0' || p->model.classes[id].tier == TIER_X)
			continue; /* never carried: there is nothing of it */
		decide_class(p, q, (uint8_t)id, out);
		if (out->action != ACTION_REVEAL)
			return;
	}
}

bool policy_wants_signature(const struct policy_verdict *v)
{
	return v->action == ACTION_DENY && v->why == why_text(WHY_SIGNATURE);
}

void policy_decide(const struct policy *p, const struct policy_query *q, struct policy_verdict *out)
{
	enum why why = malformed(p, q);

	if (why != WHY_RULE)
		refuse(out, why);
	else if (q->class_id == CLASS_NONE && op_whole(q->op))
		decide_person(p, q, out);
	else
		decide_class(p, q, q->class_id, out);
}

/* V becomes the less revealing of itself and W; of equals, both decided. */
static void join(struct policy_verdict *v, const struct policy_verdict *w)
{
	const struct policy_limits a = v->limits, b = w->limits;
	struct outcome o = { .action = OUTCOME_NONE };

	if (w->action < v->action) {
		*v = *w;
	} else if (w->action == v->action) {
		for (unsigned i = 0; i < v->n_rules; i++)
			outcome_add(&o, v->rules[i], (uint8_t)v->action, v->mask, WHY_RULE);
		for (unsigned i = 0; i < w->n_rules; i++)
			outcome_add(&o, w->rules[i], (uint8_t)w->action, w->mask, WHY_RULE);
		memcpy(v->rules, o.rules, sizeof(v->rules));
		v->n_rules = o.n_rules;
		v->mask = o.n_rules == 0 ? v->mask : o.mask;
		if (policy_wants_signature(v))
			v->why = w->why; /* both want it, or it would not be enough */
	}
	/* whoever's limit it is, those people are counted as the caller's */
	v->limits.subjects = a.subjects < b.subjects ? a.subjects : b.subjects;
	v->limits.weeks = a.weeks < b.weeks ? a.weeks : b.weeks;
}

void policy_ask(const struct policy *p, const struct asking *a, const struct policy_item *it,
    struct policy_verdict *out)
{
	struct policy_verdict send;
	struct policy_query q = {
		.role = a->role,
		.purpose = a->purpose,
		.class_id = it->class_id,
		.op = a->op,
		.tier = it->tier,
		.now_ms = a->now_ms,
		.has_reason = a->reason != NULL,
		.has_ticket = a->ticket != NULL,
		.has_signature = a->signature_checked,
		.approvals = a->approvals_checked,
		.subjects_today = it->subjects_today,
		.records = a->records,
		.consents = a->consents,
		.idle_weeks = it->idle_weeks,
	};

	if (q.op != POLICY_SHARE) {
		policy_decide(p, &q, out);
		return;
	}
	q.op = POLICY_SEND;
	policy_decide(p, &q, &send);
	q.op = POLICY_SHARE;
	q.role = a->recipient_role;
	q.purpose = a->recipient_purpose;
	policy_decide(p, &q, out);
	if (!WEAK("send-unasked"))
		join(out, &send);
}

size_t policy_explain(const struct policy *p, const struct policy_query *q,
    struct policy_match *out, size_t max)
{
	const struct lang_rule *winner;
	struct policy_verdict v;
	size_t n = 0;
	unsigned slot;

	if (malformed(p, q) == WHY_UNKNOWN || find_slot(p, q, q->class_id, &slot) != WHY_RULE)
		return 0;
	policy_decide(p, q, &v);
	winner = v.n_rules == 0 ? NULL : &p->model.rules[v.rules[0]];
	for (unsigned i = 0; i < p->model.n_rules; i++) {
		const struct lang_rule *r = &p->model.rules[i];
		enum why why = unmet(r, q);
		uint8_t said = says(r, why);

		if (!table_meets(&p->table, person_of(p, q), slot * POLICY_OP_COUNT + q->op, i) ||
		    n++ >= max)
			continue;
		out[n - 1] = (struct policy_match){ .rule = (uint16_t)i,
			.says = (enum policy_action)said,
			.why = why_text(
			    (uint8_t)(r->effect == ACTION_DENY ? WHY_RULE_DENIES : why)),
			/* a deny without conditions leaves nothing to ask */
			.lost = winner == NULL || said > says(winner, unmet(winner, q)) ||
			    (r->conditional && winner->effect == ACTION_DENY) };
	}
	return n;
}
