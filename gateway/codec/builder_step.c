/*
 * builder_step.c - from a set of positions to the next.
 *
 * Beneath a selected node everything is selected too, so a set also remembers the best rule that
 * has matched; positions of rules that lose against it are dropped, which keeps
 * `$..a $..b $..c` from making a state of every combination. A rule with exceptions beats
 * nobody for good: beneath an exception the next best has the place.
 */
#include "gateway/codec/builder.h"

#include "base/weak.h"

#include <string.h>

struct marks set_marks(const struct builder *b, const uint64_t *set)
{
	uint64_t w = set[b->words - 1];

	return (struct marks){ (uint16_t)w, (uint16_t)(w >> 16), (uint32_t)(w >> 32) };
}

bool rule_settles(const struct builder *b, uint16_t rule)
{
	const struct path_rule *r;

	if (rule == NO_RULE)
		return false;
	r = &b->rules[rule];
	if ((r->how & CODEC_STRICT) == 0)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (r->seg[i].deep)
			return (r->how & CODEC_PARTIAL) == 0;
	return true;
}

/* Rules stand best first: forget the positions of the best and of all behind it. */
void set_mark(const struct builder *b, uint64_t *set, struct marks m)
{
	size_t from;

	set[b->words - 1] = m.best | (uint64_t)m.astray << 16 | (uint64_t)m.points << 32;
	for (size_t i = 0; i < b->n_except; i++) {
		uint16_t r = b->except[i];

		if (set_has(set, gone_at(b, r)))
			for (size_t pos = b->base[r]; pos < gone_at(b, r); pos++)
				set_remove(set, pos);
	}
	if (m.best == NO_RULE)
		return;
	from = b->base[m.best];
	if (from / WORD_BITS + 1 < b->words)
		set[from / WORD_BITS] &= ((uint64_t)1 << from % WORD_BITS) - 1;
	for (size_t w = from / WORD_BITS + 1; w + 1 < b->words; w++)
		set[w] = 0;
}

void set_finish(const struct builder *b, uint64_t *set)
{
	for (size_t i = 0; i < b->n_except; i++)
		set_remove(set, gone_at(b, b->except[i]));
}

uint16_t set_best(const struct builder *b, const uint64_t *set)
{
	uint16_t best = set_marks(b, set).best;

	for (size_t i = 0; i < b->n_except && b->except[i] < best; i++)
		if (set_has(set, kept_at(b, b->except[i])))
			return b->except[i];
	return best;
}

uint8_t set_wants(const struct builder *b, const uint64_t *set, uint16_t *first)
{
	uint8_t wants = 0;

	*first = NO_RULE;
	if (rule_settles(b, set_marks(b, set).best))
		return 0;
	for (size_t w = 0; w + 1 < b->words; w++)
		for (uint64_t left = set[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (b->wants[pos] != 0 && *first == NO_RULE)
				*first = b->rule_of[pos];
			wants |= b->wants[pos];
		}
	return wants;
}

/* RULE has come to its end. */
static void matched(const struct builder *b, uint64_t *set, uint16_t rule, struct marks *m)
{
	const struct path_rule *r = &b->rules[rule];

	if ((r->how & CODEC_POINT) != 0)
		m->points |= UINT32_C(1) << r->action;
	else if (r->except != NULL)
		set_add(set, kept_at(b, rule));
	else if (rule < m->best)
		m->best = rule;
}

/* POS and what else its bracket chooses from. */
static void add_choices(const struct builder *b, uint64_t *to, size_t pos)
{
	do
		set_add(to, pos++);
	while (pos < b->base[b->n_rules] && b->segment_of[pos]->also);
}

/* The segment at POS took the child: on to the next one, or its rule matched. */
static void advance(const struct builder *b, uint64_t *to, size_t pos, struct marks *m)
{
	uint16_t r = b->rule_of[pos];

	if (b->then[pos] == THEN_MATCHED)
		matched(b, to, r, m);
	else if (b->then[pos] == THEN_GONE)
		set_add(to, gone_at(b, r));
	else
		add_choices(b, to, b->then[pos]);
}

void step_first(struct builder *b, size_t from, size_t to)
{
	struct marks m = { NO_RULE, NO_RULE, 0 };

	for (uint16_t r = (uint16_t)from; r < to; r++) {
		size_t pos = b->base[r];

		if (b->rules[r].n == 0)
			matched(b, b->scratch, r, &m);
		else
			add_choices(b, b->scratch, pos);
		pos += b->rules[r].n;
		for (const struct path_rule *x = b->rules[r].except; x != NULL; x = x->except) {
			if (x->n == 0)
				set_add(b->scratch, gone_at(b, r));
			else
				add_choices(b, b->scratch, pos);
			pos += x->n;
		}
	}
	set_mark(b, b->scratch, m);
}

void step_other(const struct builder *b, const uint64_t *from, uint64_t *to, bool lost)
{
	struct marks m = set_marks(b, from);
	uint16_t first;

	if (lost && m.astray == NO_RULE) {
		set_wants(b, from, &first);
		m.astray = first;
	}
	if (!WEAK("subject-beneath"))
		m.points = 0;
	memset(to, 0, b->words * sizeof(to[0]));
	for (size_t w = 0; w + 1 < b->words; w++) {
		for (uint64_t left = from[w]; left != 0; left &= left - 1) {
			size_t pos = w * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (b->segment_of[pos]->deep)
				set_add(to, pos);
			if (b->segment_of[pos]->kind == SEGMENT_ANY)
				advance(b, to, pos, &m);
		}
	}
	set_mark(b, to, m);
}

void step_symbol(struct builder *b, const uint64_t *from, const uint64_t *other, uint16_t symbol)
{
	struct marks m = set_marks(b, other);

	memcpy(b->scratch, other, b->words * sizeof(other[0]));
	for (uint32_t at = b->first_of[symbol]; at != 0; at = b->named[at - 1].next)
		if (set_has(from, b->named[at - 1].pos))
			advance(b, b->scratch, b->named[at - 1].pos, &m);
	set_mark(b, b->scratch, m);
}

void step_test(struct builder *b, const uint64_t *from, const struct path_sibling *sibling,
    uint16_t symbol)
{
	struct marks m = set_marks(b, from);

	memcpy(b->scratch, from, b->words * sizeof(from[0]));
	/* whatever else could stand there does not: of a sibling one step is taken */
	for (uint32_t at = b->first_of[sibling->all]; at != 0; at = b->named[at - 1].next)
		set_remove(b->scratch, b->named[at - 1].pos);
	for (uint32_t at = b->first_of[symbol]; at != 0; at = b->named[at - 1].next)
		if (set_has(from, b->named[at - 1].pos))
			advance(b, b->scratch, b->named[at - 1].pos, &m);
	set_mark(b, b->scratch, m);
}
