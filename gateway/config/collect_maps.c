/*
 * collect_maps.c - from what is said elsewhere to a word of ours: objects whose
 * keys are names, paths, hosts or members, and whose values are words.
 */
#include "gateway/config/collect.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 128 /* bytes of a key */

/* ---- the words of the file ------------------------------------------------------------- */

static const char *word_of(const void *config, size_t at, unsigned i)
{
	const struct feed_words *w = ((const struct config *)config)->collect->words;
	const struct feed_list *list;

	if (w == NULL || i == 0)
		return i == 0 ? "" : NULL;
	list = (const void *)((const char *)w + at);
	return i <= list->n ? list->v[i - 1] : NULL;
}

static const char *page_name(const void *config, unsigned i)
{
	return word_of(config, offsetof(struct feed_words, pages), i);
}
static const char *channel_name(const void *config, unsigned i)
{
	return word_of(config, offsetof(struct feed_words, channels), i);
}
static const char *query_name(const void *config, unsigned i)
{
	return word_of(config, offsetof(struct feed_words, queries), i);
}
static const char *consent_name(const void *config, unsigned i)
{
	return word_of(config, offsetof(struct feed_words, purposes), i);
}
static const char *trait_name(const void *config, unsigned i)
{
	const struct feed_words *w = ((const struct config *)config)->collect->words;

	return i == 0 ? "" : w != NULL && i <= w->n_traits ? w->traits[i - 1].name : NULL;
}

const struct shape_words config_pages = { "page of the words", .name = page_name };
const struct shape_words config_channels = { "channel of the words", .name = channel_name };
const struct shape_words config_queries = { "query of the words", .name = query_name };
const struct shape_words config_consents = { "purpose of the words", .name = consent_name };
const struct shape_words config_traits = { "trait of the words", .name = trait_name };

/* ---- maps ----------------------------------------------------------------------------------- */

/* NODE is an object of at most MAX members, none of whose keys is empty. */
static bool is_map(struct shape_ctx *c, const struct doc_node *node, size_t max)
{
	bool ok = true;

	if (node->kind != DOC_OBJECT || node->n == 0 || node->n > max)
		return shape_must(c, node, "be an object { } of 1 to %zu members", max);
	for (const struct doc_node *m = node->first; m != NULL; m = m->next)
		if (m->key[0] == '\0' || strlen(m->key) > TEXT_MAX)
			ok = shape_wrong_at(c, m->key_at, "a name of 1 to %d bytes belongs here",
			    TEXT_MAX);
	return ok;
}

/* The number of the word that M's value is. Without words, which was told, none is looked for. */
static bool take_word(struct shape_ctx *c, const struct doc_node *m, uint8_t *out)
{
	const struct shape_row row = { .key = c->row->key,
		.read = shape_word,
		.size = sizeof(*out),
		.words = c->row->words };

	return (config_collect_of(c)->words != NULL || row.words == &config_kinds) &&
	    shape_read(c, &row, m, out);
}

/* Of two that fit the longer one counts: it comes first. */
static int by_length(const void *a, const void *b)
{
	const struct collect_match *x = a, *y = b;
	size_t n = strlen(x->text), m = strlen(y->text);

	return n != m ? (n < m ? 1 : -1) : strcmp(x->text, y->text);
}

/* V and N into the field and its count. */
static void give_list(const struct shape_row *row, void *field, const void *v, size_t n)
{
	memcpy(field, &v, sizeof(v));
	memcpy((char *)field - row->at + row->count_at, &n, sizeof(n));
}

bool config_read_matches(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct collect_match *v;
	size_t n = 0;
	bool ok = is_map(c, node, c->row->max);

	if (!ok || (v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	for (const struct doc_node *m = node->first; m != NULL; m = m->next) {
		v[n].text = m->key;
		ok &= take_word(c, m, &v[n++].number);
	}
	qsort(v, n, sizeof(*v), by_length);
	give_list(c->row, field, v, n);
	return ok;
}

bool config_read_names(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct collect_alias *v;
	size_t n = 0;
	bool ok = is_map(c, node, c->row->max);

	if (!ok || (v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	for (const struct doc_node *m = node->first; m != NULL; m = m->next) {
		v[n].name = m->key;
		ok &= take_word(c, m, &v[n++].kind);
	}
	give_list(c->row, field, v, n);
	return ok;
}

bool config_read_traits(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **members = field;
	uint8_t i;
	bool ok = is_map(c, node, FEED_ATTRIBUTES_MAX);

	for (const struct doc_node *m = ok ? node->first : NULL; m != NULL; m = m->next)
		if (!take_word(c, m, &i))
			ok = false;
		else if (members[i - 1] != NULL)
			ok =
			    shape_wrong(c, m, "\"%.60s\" tells this trait already", members[i - 1]);
		else
			members[i - 1] = m->key;
	return ok;
}

bool config_read_words(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row text = { .read = shape_text, .max = TEXT_MAX };
	struct feed_list *list = field;
	const char **v;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n < c->row->min || node->n > c->row->max)
		return shape_must(c, node, "be a list of %llu to %llu texts",
		    (unsigned long long)c->row->min, (unsigned long long)c->row->max);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= shape_read(c, &text, e, &v[list->n++]);
	list->v = v;
	if (ok && feed_list_index(c->arena, list) != SC_OK)
		c->err = SC_NOMEM;
	return ok && c->err == SC_OK;
}
