/*
 * beside.c - complaining of a file beside the configuration, and comparing its paths.
 */
#include "cli/beside.h"

#include "cli/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct sc_diag *beside_complain(const struct beside_file *f, const char *fmt, ...)
{
	struct sc_diag *d = sc_diags_add(f->all, f->path, SIZE_MAX);
	va_list ap;

	if (d == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return d;
}

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

bool beside_same_place(const char *a, const char *b)
{
	const char *a_name, *b_name;
	struct stat x, y;

	if (!folder_of(a, &x, &a_name) || !folder_of(b, &y, &b_name))
		return true;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino && strcmp(a_name, b_name) == 0;
}

void beside_check(const char *path, const struct config *c, struct sc_diags *all,
    beside_fn *compare)
{
	const struct beside_file f = { path, c, all };
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 }, *told;
	struct doc doc;

	if (doc_load_file(&arena, path, &d, &doc) == SC_OK)
		compare(&f, doc.root);
	else if ((told = beside_complain(&f, "%s", d.text)) != NULL) {
		told->line = d.line;
		told->column = d.column;
	}
	sc_arena_fini(&arena);
}
