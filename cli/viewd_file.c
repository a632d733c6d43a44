/*
 * viewd_file.c - what scrimd's configuration and viewd's have to have in common.
 */
#include "cli/viewd_file.h"

#include "base/text/doc.h"
#include "cli/file.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct against {
	const char *path;
	const struct config *c;
	struct sc_diags *all;
};

__attribute__((format(printf, 2, 3))) static struct sc_diag *complain(const struct against *a,
    const char *fmt, ...)
{
	struct sc_diag *d = sc_diags_add(a->all, a->path, SIZE_MAX);
	va_list ap;

	if (d == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return d;
}

/* ---- the socket ---------------------------------------------------------------------- */

/* The folder that PATH is in, and where its name begins. */
static bool folder_of(const char *path, struct stat *st, const char **name)
{
	char folder[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');

	*name = slash == NULL ? path : slash + 1;
	file_path(folder, "%.*s", slash == NULL ? 1 : (int)(*name - path),
	    slash == NULL ? "." : path);
	return stat(folder, st) == 0;
}

/* Neither need be there yet; a folder that is not is complained of elsewhere. */
static bool same_place(const char *a, const char *b)
{
	const char *a_name, *b_name;
	struct stat x, y;

	if (!folder_of(a, &x, &a_name) || !folder_of(b, &y, &b_name))
		return true;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino && strcmp(a_name, b_name) == 0;
}

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

static void check_words(const struct against *a, const char *words)
{
	struct feed_words *theirs = NULL;
	const char *member;

	if (feed_words_load(words, a->all, &theirs) == SC_OK &&
	    (member = difference(a->c->collect->words, theirs)) != NULL)
		complain(a, "its words %s are not the configuration's: \"%s\" differs", words,
		    member);
	feed_words_free(theirs);
}

/* ---- the file ------------------------------------------------------------------------ */

static void compare(const struct against *a, const struct doc_node *root)
{
	const char *tenant = doc_find_text(root, "tenant"), *feed = doc_find_text(root, "feed"),
		   *words = doc_find_text(root, "words");
	char path[FILE_PATH_MAX];

	if (tenant != NULL && strcmp(tenant, a->c->tenant.s) != 0)
		complain(a, "it is for another tenant");
	if (feed != NULL) {
		file_beside(a->path, feed, path);
		if (!same_place(path, a->c->collect->feed))
			complain(a, "it listens at %s, and scrimd hands over at %s (collect.feed)",
			    path, a->c->collect->feed);
	}
	if (words != NULL) {
		file_beside(a->path, words, path);
		check_words(a, path);
	}
}

void viewd_file_check(const char *path, const struct config *c, struct sc_diags *all)
{
	const struct against a = { path, c, all };
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 }, *told;
	struct doc doc;

	if (doc_load_file(&arena, path, &d, &doc) == SC_OK)
		compare(&a, doc.root);
	else if ((told = complain(&a, "%s", d.text)) != NULL) {
		told->line = d.line;
		told->column = d.column;
	}
	sc_arena_fini(&arena);
}
