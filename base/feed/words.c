/*
 * words.c - the file of words: its shape, and the way from a name or a trait to its
 * number.
 */
#include "base/feed/words.h"

#include "base/civil.h"
#include "base/text/shape.h"

#include <stdlib.h>
#include <string.h>

#define YEARS_MAX 130 /* of an age */

/* ---- lists ------------------------------------------------------------------------ */

/* FNV-1a: whoever asks for words that are not there finds short runs, for the slots are half empty. */
static size_t hash_word(struct sc_span word)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < word.n; i++)
		h = (h ^ word.p[i]) * 16777619u;
	return h ^ h >> 15;
}

enum sc_err feed_list_index(struct sc_arena *a, struct feed_list *list)
{
	size_t n = 2, at;
	uint16_t *slots;

	while (n < 2 * list->n)
		n *= 2;
	if ((slots = sc_arena_alloc(a, n * sizeof(*slots))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < list->n; i++) {
		at = hash_word(sc_span_str(list->v[i])) & (n - 1);
		while (slots[at] != 0)
			at = (at + 1) & (n - 1);
		slots[at] = (uint16_t)(i + 1);
	}
	list->slots = slots;
	list->n_slots = n;
	return SC_OK;
}

unsigned feed_list_find(const struct feed_list *list, struct sc_span word)
{
	size_t at;

	if (list->slots == NULL) {
		for (size_t i = 0; i < list->n; i++)
			if (sc_span_is(word, list->v[i]))
				return (unsigned)i + 1;
		return 0;
	}
	at = hash_word(word) & (list->n_slots - 1);
	while (list->slots[at] != 0 && !sc_span_is(word, list->v[list->slots[at] - 1]))
		at = (at + 1) & (list->n_slots - 1);
	return list->slots[at];
}

/* No word stands twice in LIST, whose entries are NODE's. */
static bool words_differ(struct shape_ctx *c, const struct doc_node *node,
    const struct feed_list *list)
{
	const struct doc_node *e = node->first;
	bool ok = true;

	for (size_t i = 0; i < list->n; i++, e = e->next)
		if (feed_list_find(list, sc_span_str(list->v[i])) != i + 1)
			ok = shape_wrong(c, e, "\"%.60s\" stands twice: a word has one number",
			    list->v[i]);
	return ok;
}

static bool read_words(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row text = { .read = shape_text, .max = FEED_WORD_BYTES };
	struct feed_list *list = field;
	const char **v;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n < c->row->min || node->n > c->row->max)
		return shape_must(c, node, "be a list of %llu to %llu words",
		    (unsigned long long)c->row->min, (unsigned long long)c->row->max);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= shape_read(c, &text, e, &v[list->n++]);
	list->v = v;
	if (!ok)
		return false;
	if (feed_list_index(c->arena, list) != SC_OK)
		c->err = SC_NOMEM;
	return c->err == SC_OK && words_differ(c, node, list);
}

/* ---- traits ------------------------------------------------------------------------ */

/* NODE as a whole number of either sign. */
static bool read_bound(struct shape_ctx *c, const struct doc_node *node, int64_t *out)
{
	const char *s = node->text;
	char *end;

	if (node->kind == DOC_NUMBER && strlen(s) <= 18) {
		*out = strtoll(s, &end, 10);
		if (*end == '\0')
			return true;
	}
	return shape_must(c, node, "be whole numbers, such as [18, 25, 35]");
}

static bool read_bands(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct feed_trait *t = field;
	int64_t *v;

	if (node->kind != DOC_LIST || node->n < 1 || node->n > FEED_TRAIT_BANDS)
		return shape_must(c, node, "be a list of 1 to %d lower bounds", FEED_TRAIT_BANDS);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next, t->n_bands++) {
		if (!read_bound(c, e, &v[t->n_bands]))
			return false;
		if (t->n_bands > 0 && v[t->n_bands] <= v[t->n_bands - 1])
			return shape_wrong(c, e, "bounds ascend: each is above the one before it");
	}
	t->bands = v;
	return true;
}

static bool check_trait(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct feed_trait *t = into;
	bool of_list = t->kind == FEED_WORD_OF_LIST;
	const char *needs = of_list ? "words" : "bands";
	const struct doc_node *other = doc_find(object, of_list ? "bands" : "words");

	if (other != NULL)
		return shape_wrong(c, other, "a trait of this kind has \"%s\"", needs);
	return doc_find(object, needs) != NULL ||
	    shape_wrong(c, object, "a trait of this kind needs \"%s\"", needs);
}

static const char *const kind_names[] = { [FEED_WORD_OF_LIST] = "word",
	[FEED_BIRTHDAY] = "birthday",
	[FEED_NUMBER] = "number",
	NULL };
static const struct shape_words kinds = { "kind", .list = kind_names };

#define TRAIT_AT(field) SHAPE_AT(struct feed_trait, field)
static const struct shape_row trait_rows[] = {
	{ "name", shape_text, TRAIT_AT(name), .need = true, .once = true, .max = FEED_WORD_BYTES },
	{ "kind", shape_word, TRAIT_AT(kind), .need = true, .words = &kinds },
	{ "words", read_words, TRAIT_AT(words), .min = 1, .max = UINT8_MAX },
	{ "bands", read_bands, SHAPE_HERE },
	{ .key = NULL },
};
static const struct shape trait_shape = { "trait", trait_rows, sizeof(struct feed_trait),
	.check = check_trait };

struct trait_list {
	struct feed_trait *v;
	size_t n;
};

static bool read_traits(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct feed_words *w = field;
	struct trait_list list = { .n = 0 };
	struct shape_row row = *c->row;

	row.read = shape_list;
	row.at = offsetof(struct trait_list, v);
	row.count_at = offsetof(struct trait_list, n);
	if (!shape_read(c, &row, node, &list.v))
		return false;
	memcpy(w->traits, list.v, list.n * sizeof(*list.v));
	w->n_traits = list.n;
	return true;
}

/* Its first N digits as a number, if they are digits. */
static bool digits(struct sc_span s, size_t at, size_t n, int64_t *out)
{
	uint64_t v;

	if (s.n < at + n || !sc_span_u64(sc_span(s.p + at, n), &v))
		return false;
	*out = (int64_t)v;
	return true;
}

/* The age at NOW_S of whoever was born on TEXT; -1: that is no day, or nobody's. */
static int64_t age_of(struct sc_span text, int64_t now_s)
{
	struct civil_date now = civil_of_days(civil_floor(now_s, 86400));
	int64_t born, month = 12, day = 31, age;
	bool alone = text.n == 4;

	if (!digits(text, 0, 4, &born))
		return -1;
	if (!alone &&
	    (text.n < 10 || text.p[4] != '-' || text.p[7] != '-' || !digits(text, 5, 2, &month) ||
		!digits(text, 8, 2, &day) || month < 1 || month > 12 || day < 1 ||
		day > civil_month_days(born, (uint8_t)month) ||
		(text.n > 10 && text.p[10] != 'T' && text.p[10] != ' ')))
		return -1;
	age = now.year - born - (now.month < month || (now.month == month && now.day < day));
	/* of a year alone that may be one too few, never one too many */
	return age >= 0 && age <= YEARS_MAX ? age : alone && age == -1 ? 0 : -1;
}

/* TEXT as a number, without what is behind its point. */
static bool whole_of(struct sc_span text, int64_t *out)
{
	bool minus = text.n > 0 && text.p[0] == '-';
	struct sc_span s = sc_span_from(text, minus), rest;
	size_t n = 0;
	uint64_t v;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	rest = sc_span_from(s, n);
	if (n > 18 || !sc_span_u64(sc_span(s.p, n), &v) || (rest.n > 0 && rest.p[0] != '.'))
		return false;
	for (size_t i = 1; i < rest.n; i++)
		if (rest.p[i] < '0' || rest.p[i] > '9')
			return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

unsigned feed_trait_value(const struct feed_trait *trait, struct sc_span text, int64_t now_s)
{
	unsigned band = 0;
	int64_t v;

	if (trait->kind == FEED_WORD_OF_LIST)
		return feed_list_find(&trait->words, text);
	if (trait->kind == FEED_NUMBER ? !whole_of(text, &v) : (v = age_of(text, now_s)) < 0)
		return 0;
	while (band < trait->n_bands && v >= trait->bands[band])
		band++;
	return band + 1;
}

/* ---- the file ------------------------------------------------------------------------ */

static bool read_price_bands(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row row = { .read = shape_count,
		.size = sizeof(uint32_t),
		.min = 1,
		.max = UINT32_MAX - 1 };
	uint32_t *v = field;
	size_t n = 0;

	if (node->kind != DOC_LIST || node->n < 1 || node->n > FEED_BANDS - 1)
		return shape_must(c, node, "be a list of 1 to %d upper bounds", FEED_BANDS - 1);
	for (const struct doc_node *e = node->first; e != NULL; e = e->next, n++) {
		if (!shape_read(c, &row, e, &v[n]))
			return false;
		if (n > 0 && v[n] <= v[n - 1])
			return shape_wrong(c, e, "bounds ascend: each is above the one before it");
	}
	return true;
}

static void begin(struct shape_ctx *c, void *into)
{
	struct feed_words *w = into;

	(void)c;
	memset(w->price_bands, 0xff, sizeof(w->price_bands));
}

#define AT(field) SHAPE_AT(struct feed_words, field)
static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "categories", read_words, AT(categories), .max = FEED_WORDS_MAX },
	{ "channels", read_words, AT(channels), .max = UINT8_MAX },
	{ "campaigns", read_words, AT(campaigns), .max = FEED_WORDS_MAX },
	{ "pages", read_words, AT(pages), .max = UINT8_MAX },
	{ "queries", read_words, AT(queries), .max = UINT8_MAX },
	{ "purposes", read_words, AT(purposes), .need = true, .min = 1, .max = FEED_PURPOSES_MAX },
	{ "traits", read_traits, SHAPE_HERE, .shape = &trait_shape, .max = FEED_ATTRIBUTES_MAX },
	{ "price_step", shape_count, AT(price_step), .usual = 100, .min = 1, .max = 1000000 },
	{ "price_bands", read_price_bands, AT(price_bands) },
	{ "text_version", shape_count, AT(text_version), .need = true, .min = 1, .max = 1000000 },
	{ .key = NULL },
};
const struct shape feed_words_shape = { "file of words", rows, sizeof(struct feed_words),
	.begin = begin };

enum sc_err feed_words_load(const char *path, struct sc_diags *all, struct feed_words **out)
{
	struct feed_words *w = calloc(1, sizeof(*w));
	struct shape_ctx c = { .all = all };
	enum sc_err err;

	*out = NULL;
	if (w == NULL)
		return SC_NOMEM;
	c.arena = &w->arena;
	if ((err = shape_load_file(&c, path, &feed_words_shape, w)) == SC_OK)
		*out = w;
	else
		feed_words_free(w);
	return err;
}

void feed_words_free(struct feed_words *w)
{
	if (w == NULL)
		return;
	sc_arena_fini(&w->arena);
	free(w);
}
