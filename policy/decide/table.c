/*
 * table.c - compiling a policy: which rules meet in which cell.
 *
 * For each person there is a set of rules, for each thing another; a cell's
 * rules are what both have. Equal sets share one entry, found through a hash,
 * so a policy of a hundred rules has a few dozen entries however many cells
 * there are.
 */
#include "policy/decide/table.h"

#include <stdlib.h>
#include <string.h>

#define SET_WORDS (POLICY_RULES_MAX / 64 + 1)
#define SLOTS_MAX (CLASS_MAX * TIER_X)
#define ENTRIES_MAX 65535u
#define INDEX_SIZE (4 * (ENTRIES_MAX + 1)) /* a power of two */

struct builder {
	const struct lang_model *m;
	struct table *t;
	struct {
		uint8_t class_id, tier;
	} slots[SLOTS_MAX];
	uint64_t *sets;  /* of each entry */
	uint32_t *index; /* hash to entry + 1; 0: free */
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

static bool has(const uint64_t *set, unsigned rule)
{
	return set[rule / 64] >> rule % 64 & 1;
}

static void put(uint64_t *set, unsigned rule)
{
	set[rule / 64] |= (uint64_t)1 << rule % 64;
}

/* ARRAY with room behind its N elements, which grows when N is a power of two; NULL: no memory. */
static void *with_room(void *array, size_t n, size_t size)
{
	return (n & (n - 1)) != 0 ? array : reallocarray(array, n == 0 ? 1 : 2 * n, size);
}

static enum sc_err add_conditional(struct builder *b, unsigned rule, struct entry *e)
{
	const struct lang_rule *r = &b->m->rules[rule];
	struct table *t = b->t;
	uint16_t *v = with_room(t->conditional, t->n_conditional, sizeof(*v));

	if (v == NULL)
		return SC_NOMEM;
	t->conditional = v;
	v[t->n_conditional++] = (uint16_t)rule;
	e->n++;
	if (r->subjects_per_day < e->limits.subjects)
		e->limits.subjects = r->subjects_per_day;
	if (r->sealed_within < e->limits.weeks)
		e->limits.weeks = r->sealed_within;
	return SC_OK;
}

/* What the rules of SET come to. A deny without conditions leaves nothing to ask. */
static enum sc_err fill_entry(struct builder *b, const uint64_t *set, struct entry *e)
{
	enum sc_err err;

	*e = (struct entry){ .fixed = { .action = OUTCOME_NONE },
		.first = (uint32_t)b->t->n_conditional,
		.limits = { POLICY_LIMIT_NONE, POLICY_LIMIT_NONE } };
	for (unsigned i = 0; i < b->m->n_rules; i++) {
		const struct lang_rule *r = &b->m->rules[i];

		if (has(set, i) && !r->conditional)
			outcome_add(&e->fixed, (uint16_t)i, r->effect, r->mask,
			    r->effect == ACTION_DENY ? WHY_RULE_DENIES : WHY_RULE);
	}
	for (unsigned i = 0; i < b->m->n_rules && e->fixed.action != ACTION_DENY; i++)
		if (has(set, i) && b->m->rules[i].conditional &&
		    (err = add_conditional(b, i, e)) != SC_OK)
			return err;
	if (e->fixed.action == OUTCOME_NONE && e->n == 0)
		e->fixed = (struct outcome){ .action = ACTION_DENY, .why = WHY_NO_RULE };
	return SC_OK;
}

static size_t hash_set(const struct builder *b, const uint64_t *set)
{
	uint64_t h = 0x9E3779B97F4A7C15u;

	for (size_t w = 0; w < b->t->set_words; w++) {
		h = (h ^ set[w]) * 0xFF51AFD7ED558CCDu;
		h ^= h >> 32;
	}
	return (size_t)h & (INDEX_SIZE - 1);
}

static enum sc_err append_entry(struct builder *b, const uint64_t *set)
{
	struct table *t = b->t;
	size_t bytes = t->set_words * sizeof(*set);
	struct entry *entries;
	uint64_t *sets;
	enum sc_err err;

	if (t->n_entries == ENTRIES_MAX)
		return SC_LIMIT;
	if ((entries = with_room(t->entries, t->n_entries, sizeof(*entries))) == NULL)
		return SC_NOMEM;
	t->entries = entries;
	if ((sets = with_room(b->sets, t->n_entries, bytes)) == NULL)
		return SC_NOMEM;
	b->sets = sets;
	if ((err = fill_entry(b, set, &entries[t->n_entries])) != SC_OK)
		return err;
	memcpy(sets + t->n_entries++ * t->set_words, set, bytes);
	return SC_OK;
}

/* The entry of SET, made when it is new. */
static enum sc_err entry_of(struct builder *b, const uint64_t *set, uint16_t *out)
{
	size_t words = b->t->set_words, i = hash_set(b, set);
	enum sc_err err;

	for (; b->index[i] != 0; i = (i + 1) & (INDEX_SIZE - 1)) {
		*out = (uint16_t)(b->index[i] - 1);
		if (memcmp(b->sets + *out * words, set, words * sizeof(*set)) == 0)
			return SC_OK;
	}
	if ((err = append_entry(b, set)) != SC_OK)
		return err;
	*out = (uint16_t)(b->t->n_entries - 1);
	b->index[i] = b->t->n_entries;
	return SC_OK;
}

/* The entry above a role's ceiling, of no set: the first of every table. */
static enum sc_err ceiling_entry(struct builder *b)
{
	uint64_t none[SET_WORDS] = { 0 };
	enum sc_err err = append_entry(b, none);

	if (err == SC_OK)
		b->t->entries[ENTRY_CEILING].fixed.why = WHY_CEILING;
	return err;
}

/* ---- cells ------------------------------------------------------------------ */

static void number_slots(struct builder *b)
{
	struct table *t = b->t;

	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		if (b->m->classes[id].name.s[0] == '\0')
			continue;
		t->slot_of[id] = (uint16_t)t->n_slots;
		for (uint8_t tier = b->m->classes[id].tier; tier < TIER_X; tier++) {
			b->slots[t->n_slots].class_id = (uint8_t)id;
			b->slots[t->n_slots++].tier = tier;
		}
	}
}

/* Rule I into the set of each person and each thing that it speaks of. */
static void collect(struct builder *b, unsigned i)
{
	const struct lang_pick *pick = &b->m->rules[i].pick;
	const struct table *t = b->t;

	for (unsigned p = 0; p < t->n_people; p++)
		if ((pick->roles >> p / b->m->n_purposes & 1) &&
		    (pick->purposes >> p % b->m->n_purposes & 1))
			put(t->people + p * t->set_words, i);
	for (unsigned s = 0; s < t->n_slots; s++) {
		if (!lang_has_class(pick, b->slots[s].class_id) ||
		    !(pick->tiers >> b->slots[s].tier & 1))
			continue;
		for (unsigned op = 0; op < POLICY_OP_COUNT; op++)
			if (pick->ops >> op & 1)
				put(t->things + (s * POLICY_OP_COUNT + op) * t->set_words, i);
	}
}

static enum sc_err fill_cell(struct builder *b, unsigned person, unsigned thing)
{
	struct table *t = b->t;
	const uint64_t *who = t->people + person * t->set_words;
	const uint64_t *what = t->things + thing * t->set_words;
	const struct lang_role *role = &b->m->roles[person / b->m->n_purposes];
	uint16_t *cell = &t->cells[table_cell(t, person, 0, 0) + thing];
	uint64_t both[SET_WORDS];

	if (op_shows(thing % POLICY_OP_COUNT) &&
	    b->slots[thing / POLICY_OP_COUNT].tier > role->max_tier) {
		*cell = ENTRY_CEILING;
		return SC_OK;
	}
	for (size_t w = 0; w < t->set_words; w++)
		both[w] = who[w] & what[w];
	return entry_of(b, both, cell);
}

static enum sc_err allocate(struct builder *b)
{
	struct table *t = b->t;
	size_t things = (size_t)t->n_slots * POLICY_OP_COUNT;

	t->people = calloc(t->n_people + 1, t->set_words * sizeof(*t->people));
	t->things = calloc(things + 1, t->set_words * sizeof(*t->things));
	t->cells = calloc(t->n_people * things + 1, sizeof(*t->cells));
	b->index = calloc(INDEX_SIZE, sizeof(*b->index));
	if (t->people == NULL || t->things == NULL || t->cells == NULL || b->index == NULL)
		return SC_NOMEM;
	return SC_OK;
}

static enum sc_err build(struct builder *b)
{
	enum sc_err err;

	number_slots(b);
	if ((err = allocate(b)) != SC_OK || (err = ceiling_entry(b)) != SC_OK)
		return err;
	for (unsigned i = 0; i < b->m->n_rules; i++)
		collect(b, i);
	for (unsigned person = 0; person < b->t->n_people; person++)
		for (unsigned thing = 0; thing < b->t->n_slots * POLICY_OP_COUNT; thing++)
			if ((err = fill_cell(b, person, thing)) != SC_OK)
				return err;
	return SC_OK;
}

enum sc_err table_build(const struct lang_model *m, struct table *t)
{
	struct builder b = { .m = m, .t = t };
	enum sc_err err;

	*t = (struct table){ .n_people = (unsigned)(m->n_roles * m->n_purposes),
		.set_words = m->n_rules / 64 + 1 };
	err = build(&b);
	free(b.sets);
	free(b.index);
	return err;
}

void table_fini(struct table *t)
{
	free(t->cells);
	free(t->entries);
	free(t->conditional);
	free(t->people);
	free(t->things);
	*t = (struct table){ .cells = NULL };
}
