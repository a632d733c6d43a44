/*
 * key_tally.c - counting what a request comes to, for the one record of it.
 */
#include "crypto/keyd/key_tally.h"

#include <string.h>

void tally_reset(struct key_tally *t)
{
	for (unsigned i = 0; i < t->n_touched; i++) {
		t->classes[t->touched[i]] = 0;
		memset(t->by[t->touched[i]], 0, sizeof(t->by[0]));
	}
	memset(&t->counts, 0, sizeof(t->counts));
	t->n_touched = t->tier = t->action = t->shown = 0;
	t->items = t->refused = t->subjects = 0;
	t->n_handles = t->n_rules = 0;
	t->more = NULL;
	t->n_more = 0;
	t->why = NULL;
}

/* Classes past the record's room are in the counts only: false. */
static bool add_class(struct key_tally *t, uint8_t class_id, uint32_t n)
{
	if (t->classes[class_id] == 0) {
		if (t->n_touched == AUDIT_CLASSES_MAX)
			return false;
		t->touched[t->n_touched++] = class_id;
	}
	t->classes[class_id] += n;
	return true;
}

void tally_item(struct key_tally *t, uint8_t class_id, uint8_t tier, uint8_t action)
{
	t->items++;
	if (class_id != CLASS_NONE && add_class(t, class_id, 1) && action < ACTION_COUNT)
		t->by[class_id][action]++;
	if (tier > t->tier && tier <= TIER_X)
		t->tier = tier;
	if (action > t->action)
		t->action = action;
}

void tally_subject(struct key_tally *t, const uint8_t handle[static AUDIT_HANDLE_BYTES])
{
	t->subjects++;
	if (t->n_handles < AUDIT_HANDLES_MAX)
		memcpy(t->handles[t->n_handles++], handle, AUDIT_HANDLE_BYTES);
}

static bool is_named(const struct key_tally *t, const uint8_t *handle)
{
	for (unsigned i = 0; i < t->n_handles; i++)
		if (memcmp(t->handles[i], handle, AUDIT_HANDLE_BYTES) == 0)
			return true;
	return false;
}

/* Rather one too many than one too few, where more people came than are named. */
static void add_subjects(struct key_tally *to, const struct key_tally *t)
{
	for (unsigned i = 0; i < t->n_handles; i++)
		if (!is_named(to, t->handles[i]))
			tally_subject(to, t->handles[i]);
	to->subjects += t->subjects - t->n_handles;
}

void tally_rules(struct key_tally *t, const struct policy_verdict *v)
{
	unsigned k;

	for (unsigned i = 0; i < v->n_rules; i++) {
		for (k = 0; k < t->n_rules && t->rules[k] != v->rules[i]; k++)
			;
		if (k == t->n_rules && k < AUDIT_RULES_MAX)
			t->rules[t->n_rules++] = v->rules[i];
	}
}

void tally_add(struct key_tally *to, const struct key_tally *t)
{
	for (unsigned i = 0; i < t->n_touched; i++)
		add_class(to, t->touched[i], t->classes[t->touched[i]]);
	audit_counts_add(&to->counts, &t->counts);
	add_subjects(to, t);
	to->items += t->items;
	to->refused += t->refused;
	if (t->tier > to->tier)
		to->tier = t->tier;
	if (t->action > to->action)
		to->action = t->action;
}
