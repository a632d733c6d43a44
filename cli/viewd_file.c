/*
 * viewd_file.c - what scrimd's configuration and viewd's have to have in common.
 */
#include "cli/viewd_file.h"

#include "cli/beside.h"
#include "cli/file.h"

#include <stddef.h>
#include <string.h>

/* ---- the words ----------------------------------------------------------------------- */

static bool same_list(const struct feed_list *a, const struct feed_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static bool same_traits(const struct feed_words *a, const struct feed_words *b)
{
	if (a->n_traits != b->n_traits)
		return false;
	for (size_t i = 0; i < a->n_traits; i++) {
		const struct feed_trait *x = &a->traits[i], *y = &b->traits[i];

		if (strcmp(x->name, y->name) != 0 || x->kind != y->kind ||
		    !same_list(&x->words, &y->words) || x->n_bands != y->n_bands)
			return false;
		if (x->n_bands != 0 &&
		    memcmp(x->bands, y->bands, x->n_bands * sizeof(*x->bands)) != 0)
			return false;
	}
	return true;
}

/* The first member in which they differ; NULL: in none. */
static const char *difference(const struct feed_words *a, const struct feed_words *b)
{
	const struct {
		const char *name;
		bool same;
	} members[] = {
		{ "purposes", same_list(&a->purposes, &b->purposes) },
		{ "text_version", a->text_version == b->text_version },
		{ "categories", same_list(&a->categories, &b->categories) },
		{ "channels", same_list(&a->channels, &b->channels) },
		{ "campaigns", same_list(&a->campaigns, &b->campaigns) },
		{ "pages", same_list(&a->pages, &b->pages) },
		{ "queries", same_list(&a->queries, &b->queries) },
		{ "traits", same_traits(a, b) },
		{ "price_step", a->price_step == b->price_step },
		{ "price_bands",
		    memcmp(a->price_bands, b->price_bands, sizeof(a->price_bands)) == 0 },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!members[i].same)
			return members[i].name;
	return NULL;
}

static void check_words(const struct beside_file *a, const char *words)
{
	struct feed_words *theirs = NULL;
	const char *member;

	if (feed_words_load(words, a->all, &theirs) == SC_OK &&
	    (member = difference(a->c->collect->words, theirs)) != NULL)
		beside_complain(a, "its words %s are not the configuration's: \"%s\" differs",
		    words, member);
	feed_words_free(theirs);
}

/* ---- the file ------------------------------------------------------------------------ */

static void compare(const struct beside_file *a, const struct doc_node *root)
{
	const char *tenant = doc_find_text(root, "tenant"), *feed = doc_find_text(root, "feed"),
		   *words = doc_find_text(root, "words"), *drafts = doc_find_text(root, "drafts");
	char path[FILE_PATH_MAX];

	if (tenant != NULL && strcmp(tenant, a->c->tenant.s) != 0)
		beside_complain(a, "it is for another tenant");
	if (feed != NULL) {
		file_beside(a->path, feed, path);
		if (!beside_same_place(path, a->c->collect->feed))
			beside_complain(a,
			    "it listens at %s, and scrimd hands over at %s (collect.feed)", path,
			    a->c->collect->feed);
	}
	if (drafts != NULL && a->c->views.drafts != NULL) {
		file_beside(a->path, drafts, path);
		if (!beside_same_place(path, a->c->views.drafts))
			beside_complain(a,
			    "it drafts to %s, and scrim views looks in %s (views.drafts)", path,
			    a->c->views.drafts);
	}
	if (words != NULL) {
		file_beside(a->path, words, path);
		check_words(a, path);
	}
}

void viewd_file_check(const char *path, const struct config *c, struct sc_diags *all)
{
	beside_check(path, c, all, compare);
}
