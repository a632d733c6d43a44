/*
 * builder_number.c - the positions of all rules, numbered, and which of them each symbol moves.
 */
#include "gateway/codec/builder.h"

#include <stdlib.h>

#define NAMED_MAX ((size_t)1 << 22) /* symbols that all positions together name */

/* What stays where it is beneath a place, and what is of this place alone. */
static const struct segment kept = { .kind = SEGMENT_TEST, .deep = true };
static const struct segment gone = { .kind = SEGMENT_TEST };

static size_t positions_of(const struct path_rule *r)
{
	size_t n = r->n + (r->except != NULL ? 2 : 0);

	for (const struct path_rule *x = r->except; x != NULL; x = x->except)
		n += x->n;
	return n;
}

static enum sc_err allocate(struct builder *b, size_t positions)
{
	size_t symbols = b->p->n_symbols;

	b->words = (positions + WORD_BITS - 1) / WORD_BITS + 1;
	b->n_buckets = 16;
	/* twice as many as all states, those for who has no arrays among them */
	while (b->n_buckets < 4 * b->max_states)
		b->n_buckets *= 2;
	b->rule_of = calloc(positions + 1, sizeof(b->rule_of[0]));
	b->segment_of = calloc(positions + 1, sizeof(b->segment_of[0]));
	b->then = calloc(positions + 1, sizeof(b->then[0]));
	b->wants = calloc(positions + 1, sizeof(b->wants[0]));
	b->first_of = calloc(symbols, sizeof(b->first_of[0]));
	b->done_for = calloc(symbols, sizeof(b->done_for[0]));
	b->buckets = calloc(b->n_buckets, sizeof(b->buckets[0]));
	/* the three sets beside those of the states, in one piece */
	if ((b->scratch = calloc(3 * b->words, sizeof(b->scratch[0]))) == NULL)
		return SC_NOMEM;
	b->other_key = b->scratch + b->words;
	b->other_index = b->other_key + b->words;
	return b->rule_of == NULL || b->segment_of == NULL || b->then == NULL || b->wants == NULL ||
		b->first_of == NULL || b->done_for == NULL || b->buckets == NULL ?
	    SC_NOMEM :
	    SC_OK;
}

/* What each position of the rule R, the first of them POS, expects. */
static void number_wants(struct builder *b, const struct path_rule *r, size_t pos)
{
	static const uint8_t wants[] = {
		[SEGMENT_NAME] = WANTS_OBJECT,
		[SEGMENT_INDEX] = WANTS_ARRAY,
		[SEGMENT_SLICE] = WANTS_ARRAY,
		[SEGMENT_ANY] = WANTS_OBJECT | WANTS_ARRAY,
		[SEGMENT_TEST] = 0,
	};

	if ((r->how & CODEC_STRICT) == 0)
		return;
	for (size_t i = 0; i < r->n && !r->seg[i].deep; i++)
		b->wants[pos + i] = wants[r->seg[i].kind];
}

/* The segments of S, which belong to RULE, from POS on; behind them is LAST. */
static size_t number_segments(struct builder *b, uint16_t rule, const struct path_rule *s,
    size_t pos, uint32_t last)
{
	for (size_t i = 0, used; i < s->n; i += used) {
		used = selector_choices(s->seg + i, s->n - i);
		for (size_t k = 0; k < used; k++, pos++) {
			b->rule_of[pos] = rule;
			b->segment_of[pos] = &s->seg[i + k];
			b->then[pos] = i + used == s->n ? last : (uint32_t)(pos + used - k);
		}
	}
	return pos;
}

static void number_rule(struct builder *b, uint16_t r)
{
	const struct path_rule *rule = &b->rules[r];
	size_t pos = b->base[r];

	if ((rule->how & CODEC_EACH) != 0)
		b->each |= UINT32_C(1) << rule->action;
	number_wants(b, rule, pos);
	pos = number_segments(b, r, rule, pos, THEN_MATCHED);
	if (rule->except == NULL)
		return;
	b->except[b->n_except++] = r;
	for (const struct path_rule *x = rule->except; x != NULL; x = x->except)
		pos = number_segments(b, r, x, pos, THEN_GONE);
	b->rule_of[pos] = b->rule_of[pos + 1] = r;
	b->segment_of[pos] = &kept;
	b->segment_of[pos + 1] = &gone;
}

static size_t symbols_of(const struct segment *s)
{
	return s->symbol_end > s->symbol ? s->symbol_end - s->symbol : 0;
}

static void name(struct builder *b, size_t *n, size_t symbol, size_t pos)
{
	b->named[*n] = (struct position_of){ (uint32_t)pos, b->first_of[symbol] };
	b->first_of[symbol] = (uint32_t)++ * n;
}

/* Which positions each symbol moves; of a test its own, and that of all of its sibling. */
static enum sc_err list_named(struct builder *b, size_t total)
{
	size_t n = 0;

	for (size_t pos = 0; pos < total; pos++)
		n += symbols_of(b->segment_of[pos]) + 1;
	if (n > NAMED_MAX)
		return SC_LIMIT;
	if ((b->named = calloc(n + 1, sizeof(b->named[0]))) == NULL)
		return SC_NOMEM;
	n = 0;
	for (size_t pos = 0; pos < total; pos++) {
		const struct segment *s = b->segment_of[pos];

		for (size_t i = 0; i < symbols_of(s); i++)
			name(b, &n, s->symbol + i, pos);
		if (s->kind == SEGMENT_TEST && s->symbol != 0)
			name(b, &n, path_sibling_of(b->p, s->symbol)->all, pos);
	}
	return SC_OK;
}

enum sc_err builder_number(struct builder *b)
{
	size_t total = 0;
	enum sc_err err;

	b->base = calloc(b->n_rules + 1, sizeof(b->base[0]));
	b->except = calloc(b->n_rules + 1, sizeof(b->except[0]));
	if (b->base == NULL || b->except == NULL)
		return SC_NOMEM;
	for (size_t r = 0; r < b->n_rules; r++) {
		b->base[r] = total;
		total += positions_of(&b->rules[r]);
	}
	b->base[b->n_rules] = total;
	if ((err = allocate(b, total)) != SC_OK)
		return err;
	for (uint16_t r = 0; r < b->n_rules; r++)
		number_rule(b, r);
	return list_named(b, total);
}
