/*
 * table.c - compiling a policy: which rules meet in which cell.
 *
 * For each role and purpose there is a set of rules, for each slot and
 * operation another; a cell's rules are what both have. Equal sets share one
 * entry, found through a hash, so a policy of a hundred rules has a few dozen
 * entries however many cells there are.
 */
#include "policy/decide/table.h"

#include <stdlib.h>

#define SET_WORDS (POLICY_RULES_MAX / 64)
#define ENTRIES_MAX 65535u

struct ruleset {
	uint64_t bits[SET_WORDS];
};

struct builder {
	const struct lang_model *m;
	struct table *t;
	size_t words;           /* of a ruleset that are in use */
	struct ruleset *people; /* role x purpose */
	struct ruleset *things; /* slot x operation */
	struct ruleset *sets;   /* of each entry */
	uint32_t *index;        /* hash to entry + 1; 0: free */
	size_t index_n;         /* a power of two */
	size_t cap_entries, cap_conditional;
};

static struct mask_form merge(struct mask_form a, struct mask_form b)
{
	if (a.kind == b.kind && a.front == b.front && a.back == b.back)
		return a;
	return (struct mask_form){ .kind = MASK_WHOLE };
}

/* Keep the smallest rule numbers, ascending. */
static void note_rule(struct outcome *o, uint16_t rule)
{
	unsigned i = o->n_rules;

	while (i > 0 && o->rules[i - 1] > rule)
		i--;
	if (i == POLICY_VERDICT_RULES)
		return;
	if (o->n_rules < POLICY_VERDICT_RULES)
		o->n_rules++;
	memmove(&o->rules[i + 1], &o->rules[i], (o->n_rules - 1u - i) * sizeof(o->rules[0]));
	o->rules[i] = rule;
}

void outcome_add(struct outcome *o, uint16_t rule, uint8_t action, struct mask_form mask,
    enum why why)
{
	if (action > o->action)
		return;
	if (action < o->action) {
		*o = (struct outcome){ .action = action, .why = (uint8_t)why, .mask = mask };
	} else {
		o->mask = merge(o->mask, mask);
		if (why < o->why)
			o->why = (uint8_t)why;
	}
	note_rule(o, rule);
}

/* ---- entries ------------------------------------------------------------- */

static enum sc_err add_conditional(struct builder *b, uint16_t rule)
{
	struct table *t = b->t;

	if (t->n_conditional == b->cap_conditional) {
		size_t cap = b->cap_conditional == 0 ? 64 : b->cap_conditional * 2;
		uint16_t *v = reallocarray(t->conditional, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		t->conditional = v;
		b->cap_conditional = cap;
	}
	t->conditional[t->n_conditional++] = rule;
	return SC_OK;
}

/* What the rules of SET come to. A deny without conditions leaves nothing to ask. */
static enum sc_err fill_entry(struct builder *b, const struct ruleset *set, struct entry *e)
{
	enum sc_err err;

	*e = (struct entry){ .fixed = { .action = OUTCOME_NONE },
		.first = (uint32_t)b->t->n_conditional,
		.subjects_limit = POLICY_LIMIT_NONE };
	for (unsigned i = 0; i < b->m->n_rules; i++) {
		const struct lang_rule *r = &b->m->rules[i];

		if (!(set->bits[i / 64] >> (i % 64) & 1) || r->conditional)
			continue;
		outcome_add(&e->fixed, (uint16_t)i, r->effect, r->mask,
		    r->effect == ACTION_DENY ? WHY_RULE_DENIES : WHY_RULE);
	}
	if (e->fixed.action == ACTION_DENY)
		return SC_OK;
	for (unsigned i = 0; i < b->m->n_rules; i++) {
		const struct lang_rule *r = &b->m->rules[i];

		if (!(set->bits[i / 64] >> (i % 64) & 1) || !r->conditional)
			continue;
		if ((err = add_conditional(b, (uint16_t)i)) != SC_OK)
			return err;
		e->n++;
		if (r->subjects_per_day < e->subjects_limit)
			e->subjects_limit = r->subjects_per_day;
	}
	return SC_OK;
}

static size_t hash_set(const struct builder *b, const struct ruleset *set)
{
	uint64_t h = 0x9E3779B97F4A7C15u;

	for (size_t w = 0; w < b->words; w++) {
		h = (h ^ set->bits[w]) * 0xFF51AFD7ED558CCDu;
		h ^= h >> 32;
	}
	return (size_t)h & (b->index_n - 1);
}

static enum sc_err grow_entries(struct builder *b)
{
	size_t cap = b->cap_entries == 0 ? 64 : b->cap_entries * 2;
	struct entry *e = reallocarray(b->t->entries, cap, sizeof(*e));
	struct ruleset *s;

	if (e == NULL)
		return SC_NOMEM;
	b->t->entries = e;
	if ((s = reallocarray(b->sets, cap, sizeof(*s))) == NULL)
		return SC_NOMEM;
	b->sets = s;
	b->cap_entries = cap;
	return SC_OK;
}

static enum sc_err append_entry(struct builder *b, const struct ruleset *set)
{
	enum sc_err err;

	if (b->t->n_entries == ENTRIES_MAX)
		return SC_LIMIT;
	if (b->t->n_entries == b->cap_entries && (err = grow_entries(b)) != SC_OK)
		return err;
	if ((err = fill_entry(b, set, &b->t->entries[b->t->n_entries])) != SC_OK)
		return err;
	b->sets[b->t->n_entries++] = *set;
	return SC_OK;
}

/* The entry of SET, made when it is new. */
static enum sc_err entry_of(struct builder *b, const struct ruleset *set, uint16_t *out)
{
	size_t i = hash_set(b, set);
	enum sc_err err;

	for (; b->index[i] != 0; i = (i + 1) & (b->index_n - 1)) {
		*out = (uint16_t)(b->index[i] - 1);
		if (memcmp(b->sets[*out].bits, set->bits, b->words * 8) == 0)
			return SC_OK;
	}
	if ((err = append_entry(b, set)) != SC_OK)
		return err;
	*out = (uint16_t)(b->t->n_entries - 1);
	b->index[i] = b->t->n_entries;
	return SC_OK;
}

/* ---- cells ------------------------------------------------------------------ */

static void number_slots(const struct lang_model *m, struct table *t)
{
	t->n_slots = 0;
	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		if (m->classes[id].name.s[0] == '\0' || m->classes[id].tier == TIER_X)
			continue;
		t->slot_of[id] = (uint16_t)t->n_slots;
		t->n_slots += (unsigned)(TIER_X - m->classes[id].tier);
	}
}

static void collect_people(struct builder *b)
{
	const struct lang_model *m = b->m;

	for (unsigned i = 0; i < m->n_rules; i++) {
		const struct lang_pick *pick = &m->rules[i].pick;

		for (unsigned r = 0; r < m->n_roles; r++)
			for (unsigned p = 0; p < m->n_purposes; p++)
				if ((pick->roles >> r & 1) && (pick->purposes >> p & 1))
					b->people[r * m->n_purposes + p].bits[i / 64] |= (uint64_t)1
					    << (i % 64);
	}
}

static void collect_class(struct builder *b, unsigned i, uint8_t id)
{
	const struct lang_pick *pick = &b->m->rules[i].pick;
	uint8_t own = b->m->classes[id].tier;

	if (!lang_has_class(pick, id))
		return;
	for (uint8_t tier = own; tier < TIER_X; tier++) {
		unsigned slot = b->t->slot_of[id] + (unsigned)(tier - own);

		for (unsigned op = 0; op < POLICY_OP_COUNT; op++)
			if ((pick->tiers >> tier & 1) && (pick->ops >> op & 1))
				b->things[slot * POLICY_OP_COUNT + op].bits[i / 64] |= (uint64_t)1
				    << (i % 64);
	}
}

static void collect_things(struct builder *b)
{
	for (unsigned i = 0; i < b->m->n_rules; i++)
		for (unsigned id = 1; id <= CLASS_MAX; id++)
			if (b->m->classes[id].name.s[0] != '\0')
				collect_class(b, i, (uint8_t)id);
}

/* All cells of one role, purpose and slot. */
static enum sc_err fill_slot(struct builder *b, unsigned role, unsigned purpose, unsigned slot,
    uint8_t tier)
{
	const struct ruleset *people = &b->people[role * b->m->n_purposes + purpose];
	size_t cell = table_cell(b->m, b->t, (uint8_t)role, (uint8_t)purpose, slot, 0);
	struct ruleset both;
	enum sc_err err;

	for (unsigned op = 0; op < POLICY_OP_COUNT; op++) {
		const struct ruleset *things = &b->things[slot * POLICY_OP_COUNT + op];

		if (op_shows(op) && tier > b->m->roles[role].max_tier) {
			b->t->cells[cell + op] = ENTRY_CEILING;
			continue;
		}
		for (size_t w = 0; w < b->words; w++)
			both.bits[w] = people->bits[w] & things->bits[w];
		if ((err = entry_of(b, &both, &b->t->cells[cell + op])) != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err fill_person(struct builder *b, unsigned role, unsigned purpose)
{
	const struct lang_model *m = b->m;
	enum sc_err err;

	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		const struct lang_class *k = &m->classes[id];

		if (k->name.s[0] == '\0')
			continue;
		for (uint8_t tier = k->tier; tier < TIER_X; tier++)
			if ((err = fill_slot(b, role, purpose,
				 b->t->slot_of[id] + (unsigned)(tier - k->tier), tier)) != SC_OK)
				return err;
	}
	return SC_OK;
}

static enum sc_err allocate(struct builder *b)
{
	const struct lang_model *m = b->m;
	size_t people = (size_t)m->n_roles * m->n_purposes;
	size_t things = (size_t)b->t->n_slots * POLICY_OP_COUNT;

	b->index_n = 4 * (ENTRIES_MAX + 1);
	b->people = calloc(people + 1, sizeof(*b->people));
	b->things = calloc(things + 1, sizeof(*b->things));
	b->index = calloc(b->index_n, sizeof(*b->index));
	b->t->cells = calloc(people * things + 1, sizeof(*b->t->cells));
	if (b->people == NULL || b->things == NULL || b->index == NULL || b->t->cells == NULL)
		return SC_NOMEM;
	return SC_OK;
}

/* The two entries that every table begins with. */
static enum sc_err first_entries(struct builder *b)
{
	struct ruleset none = { { 0 } };
	uint16_t number;
	enum sc_err err;

	if ((err = append_entry(b, &none)) != SC_OK)
		return err;
	b->t->entries[ENTRY_CEILING].fixed =
	    (struct outcome){ .action = ACTION_DENY, .why = WHY_CEILING };
	return entry_of(b, &none, &number); /* becomes ENTRY_NO_RULE */
}

enum sc_err table_build(const struct lang_model *m, struct table *t)
{
	struct builder b = { .m = m, .t = t, .words = (m->n_rules + 63) / 64 };
	enum sc_err err;

	*t = (struct table){ .cells = NULL };
	number_slots(m, t);
	if ((err = allocate(&b)) != SC_OK)
		goto out;
	collect_people(&b);
	collect_things(&b);
	if ((err = first_entries(&b)) != SC_OK)
		goto out;
	for (unsigned r = 0; r < m->n_roles; r++)
		for (unsigned p = 0; p < m->n_purposes; p++)
			if ((err = fill_person(&b, r, p)) != SC_OK)
				goto out;
out:
	free(b.people);
	free(b.things);
	free(b.sets);
	free(b.index);
	return err;
}

void table_fini(struct table *t)
{
	free(t->cells);
	free(t->entries);
	free(t->conditional);
	*t = (struct table){ .cells = NULL };
}
