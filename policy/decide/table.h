/*
 * table.h - the compiled form of a policy. Private to policy/decide.
 *
 *	person	one role with one purpose
 *	slot	one class at one effective tier. A class of tier T2 has the
 *		slots T2, T3 and T4, since a token may carry a higher tier.
 *	thing	one slot under one operation
 *	cell	person x thing: a 16-bit number
 *	entry	what that number means: the outcome of the rules without
 *		conditions, and the list of those with. Cells in which the same
 *		rules meet share one entry.
 *
 * The rules that speak of each person and of each thing stay as sets, so that
 * a cell can tell all that meet in it, those that lost too.
 */
#ifndef POLICY_DECIDE_TABLE_H
#define POLICY_DECIDE_TABLE_H

#include "base/text/shape.h"
#include "policy/decide/decide.h"
#include "policy/lang/model.h"

/* Why an outcome is what it is; when two say the same, the first of these speaks. */
enum why {
	WHY_CLOCK,
	WHY_UNKNOWN,
	WHY_TIER_X,
	WHY_CEILING,
	WHY_RULE_DENIES,
	WHY_HOURS,
	WHY_RECORDS,
	WHY_CONSENT,
	WHY_SEALED,
	WHY_SUBJECTS,
	WHY_REASON,
	WHY_TICKET,
	WHY_STEP_UP,
	WHY_APPROVAL,
	WHY_SIGNATURE, /* behind the others of a rule: nothing else is wanting */
	WHY_PERMIT_ONLY,
	WHY_NO_RULE,
	WHY_RULE,
};

/* The least revealing of what was added so far. */
struct outcome {
	uint8_t action; /* OUTCOME_NONE while nothing was added */
	uint8_t why;
	uint8_t n_rules;
	struct mask_form mask;
	uint16_t rules[POLICY_VERDICT_RULES];
};
#define OUTCOME_NONE 0xFF

struct entry {
	struct outcome fixed;
	uint32_t first; /* in conditional[] */
	uint16_t n;
	struct policy_limits limits;
};

struct table {
	uint16_t *cells;
	unsigned n_people, n_slots;
	uint16_t slot_of[256]; /* a class's slot at its own tier */
	struct entry *entries; /* [0] is the ceiling */
	unsigned n_entries;
	uint16_t *conditional; /* rule numbers */
	size_t n_conditional;
	uint64_t *people, *things; /* sets of rules, each of set_words */
	size_t set_words;
};

#define ENTRY_CEILING 0

struct policy {
	struct sc_arena arena; /* what the document and the model are made of */
	struct doc doc;
	struct lang_model model;
	struct table table;
	bool needs_consent; /* some rule does */
	uint32_t shortest_weeks;
};

/*
 * Run all tests that stand in P's file, of which C is the reading. Fails with
 * SC_SYNTAX when one does not hold, SC_LIMIT when they ask for more than
 * POLICY_QUESTIONS_MAX decisions; C is told which and where.
 */
SC_CHECKED enum sc_err policy_test_all(const struct policy *p, struct shape_ctx *c);

/* Compile M. Fails with SC_NOMEM, SC_LIMIT. T is table_fini()'s to release either way. */
SC_CHECKED enum sc_err table_build(const struct lang_model *m, struct table *t);
void table_fini(struct table *t);

static inline size_t table_cell(const struct table *t, size_t person, unsigned slot, uint8_t op)
{
	return (person * t->n_slots + slot) * POLICY_OP_COUNT + op;
}

/* Does RULE meet others in the cell of PERSON and THING? */
static inline bool table_meets(const struct table *t, size_t person, size_t thing, unsigned rule)
{
	size_t word = rule / 64;

	return (t->people[person * t->set_words + word] & t->things[thing * t->set_words + word]) >>
	    rule % 64 &
	    1;
}

/* Add what RULE says, ACTION because of WHY. */
void outcome_add(struct outcome *o, uint16_t rule, uint8_t action, struct mask_form mask,
    enum why why);

/*
 * Is OP one in which a role is shown something, so that its ceiling applies? What it may
 * not see it may not have shown to others either.
 */
static inline bool op_shows(unsigned op)
{
	return op == POLICY_READ || op == POLICY_SHARE || op == POLICY_EXPORT ||
	    op == POLICY_SEARCH || op == POLICY_SEND;
}

#endif
