/*
 * decide.c - one look-up, then the conditions of the rules that meet there.
 *
 * Whatever is wrong ends in ACTION_DENY.
 */
#include "policy/decide/table.h"

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
		[WHY_SUBJECTS] = "the day's limit of persons is used up",
		[WHY_REASON] = "a reason is required",
		[WHY_TICKET] = "a ticket is required",
		[WHY_STEP_UP] = "signing in again is required",
		[WHY_APPROVAL] = "approval by other people is required",
		[WHY_PERMIT_ONLY] = "no rule permits this operation",
		[WHY_NO_RULE] = "no rule allows this",
		[WHY_RULE] = "by rule",
	};

	return texts[why];
}

/* What of RULE's conditions is not met; WHY_RULE when all are. */
static enum why unmet(const struct lang_rule *r, const struct policy_query *q)
{
	if (r->has_hours && !lang_window_holds(&r->hours, q->now_ms))
		return WHY_HOURS;
	/* LANG_NO_LIMIT is more than there can be */
	if (q->records > r->records_max)
		return WHY_RECORDS;
	if (q->subjects_today > r->subjects_per_day)
		return WHY_SUBJECTS;
	if (r->reason && !q->has_reason)
		return WHY_REASON;
	if (r->ticket && !q->has_ticket)
		return WHY_TICKET;
	if (r->step_up && !q->has_step_up)
		return WHY_STEP_UP;
	if (q->approvals < r->approvals)
		return WHY_APPROVAL;
	return WHY_RULE;
}

static void answer(struct policy_verdict *out, const struct outcome *o, uint32_t subjects_limit)
{
	*out = (struct policy_verdict){ .action = (enum policy_action)o->action,
		.n_rules = o->n_rules,
		.why = why_text(o->why),
		.mask = o->mask,
		.subjects_limit = subjects_limit };
	memcpy(out->rules, o->rules, sizeof(out->rules));
}

static void refuse(struct policy_verdict *out, enum why why)
{
	struct outcome o = { .action = ACTION_DENY, .why = (uint8_t)why };

	answer(out, &o, POLICY_LIMIT_NONE);
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

static void decide_class(const struct policy *p, const struct policy_query *q, uint8_t class_id,
    struct policy_verdict *out)
{
	const struct lang_class *k = &p->model.classes[class_id];
	uint8_t tier = q->tier > k->tier ? q->tier : k->tier;
	const struct entry *e;
	struct outcome o;
	size_t cell;

	if (k->name.s[0] == '\0') {
		refuse(out, WHY_UNKNOWN);
		return;
	}
	if (tier >= TIER_X) {
		refuse(out, WHY_TIER_X);
		return;
	}
	cell = table_cell(&p->model, &p->table, q->role, q->purpose,
	    p->table.slot_of[class_id] + (unsigned)(tier - k->tier), q->op);
	e = &p->table.entries[p->table.cells[cell]];
	o = e->fixed;
	for (unsigned i = 0; i < e->n; i++) {
		uint16_t n = p->table.conditional[e->first + i];
		const struct lang_rule *r = &p->model.rules[n];
		enum why why = unmet(r, q);

		outcome_add(&o, n, why == WHY_RULE ? r->effect : r->otherwise, r->mask, why);
	}
	if (o.action == OUTCOME_NONE)
		refuse(out, WHY_NO_RULE);
	else
		answer(out, &o, e->subjects_limit);
	/* searching and deleting are permitted or not; nothing lies between */
	if ((q->op == POLICY_SEARCH || q->op == POLICY_DELETE) && out->action != ACTION_REVEAL) {
		out->action = ACTION_DENY;
		if (out->why == why_text(WHY_RULE))
			out->why = why_text(WHY_PERMIT_ONLY);
	}
}

/* A person is erased whole: every class must permit it. */
static void decide_person(const struct policy *p, const struct policy_query *q,
    struct policy_verdict *out)
{
	refuse(out, WHY_NO_RULE);
	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		if (p->model.classes[id].name.s[0] == '\0' || p->model.classes[id].tier == TIER_X)
			continue; /* never carried: nothing to erase */
		decide_class(p, q, (uint8_t)id, out);
		if (out->action != ACTION_REVEAL)
			return;
	}
}

void policy_decide(const struct policy *p, const struct policy_query *q, struct policy_verdict *out)
{
	enum why why = malformed(p, q);

	if (why != WHY_RULE)
		refuse(out, why);
	else if (q->op == POLICY_DELETE && q->class_id == CLASS_NONE)
		decide_person(p, q, out);
	else
		decide_class(p, q, q->class_id, out);
}

void policy_ask(const struct policy *p, const struct asking *a, const struct policy_item *it,
    struct policy_verdict *out)
{
	const struct policy_query q = {
		.role = a->role,
		.purpose = a->purpose,
		.class_id = it->class_id,
		.op = a->op,
		.tier = it->tier,
		.now_ms = a->now_ms,
		.has_reason = a->reason != NULL,
		.has_ticket = a->ticket != NULL,
		.approvals = a->approvals_checked,
		.subjects_today = it->subjects_today,
		.records = a->records,
	};

	policy_decide(p, &q, out);
}
