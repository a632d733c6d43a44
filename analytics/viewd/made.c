/*
 * made.c - snapshot.json, and files of features that are of no use any more.
 */
#include "analytics/viewd/made.h"

#include "base/text/jsonw.h"
#include "base/text/shape.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "snapshot.json"
#define PATH_BYTES 1100
#define FEATURES "features-"

#define AT(field) SHAPE_AT(struct view_made, field)
static const struct shape_row rows[] = {
	{ "number", shape_count, AT(number), .need = true, .max = UINT64_MAX },
	{ "previous", shape_count, AT(previous), .need = true, .max = UINT64_MAX },
	{ "at_ms", shape_count, AT(at_ms), .need = true, .max = UINT64_MAX },
	{ "people", shape_count, AT(people), .need = true, .max = UINT64_MAX },
	{ "visits", shape_count, AT(visits), .need = true, .max = UINT64_MAX },
	{ "unconsented", shape_count, AT(unconsented), .need = true, .max = UINT64_MAX },
	{ "sha256", shape_digest, AT(sha256), .need = true },
	{ .key = NULL },
};
static const struct shape made = { .what = "file", .rows = rows };

static void path_of(const char *dir, const char *name, char out[static PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%.1030s/%.40s", dir, name);
}

enum sc_err view_made_read(const char *dir, struct sc_diag *d, struct view_made *out)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	char path[PATH_BYTES];
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	path_of(dir, NAME, path);
	if (access(path, F_OK) != 0)
		return SC_OK;
	if ((err = shape_load_file(&c, path, &made, out)) != SC_OK)
		*d = all.v[0];
	sc_arena_fini(&arena);
	return err == SC_SYNTAX || err == SC_LIMIT ? SC_CORRUPT : err;
}

static enum sc_err print(const struct view_made *m, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_ku64(&w, "number", m->number);
	jsonw_ku64(&w, "previous", m->previous);
	jsonw_ku64(&w, "at_ms", m->at_ms);
	jsonw_ku64(&w, "people", m->people);
	jsonw_ku64(&w, "visits", m->visits);
	jsonw_ku64(&w, "unconsented", m->unconsented);
	jsonw_key(&w, "sha256");
	jsonw_hex(&w, m->sha256, sizeof(m->sha256));
	jsonw_object_end(&w);
	return w.err == SC_OK ? sc_buf_put_str(out, "\n") : w.err;
}

/* Written beside, synced, moved into its place, and the folder synced. */
static enum sc_err replace(const char *dir, const struct sc_buf *b)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	bool ok = dirfd >= 0;

	ok = ok && (fd = openat(dirfd, NAME ".tmp", flags, 0600)) >= 0 &&
	    write(fd, b->p, b->n) == (ssize_t)b->n && fsync(fd) == 0 &&
	    renameat(dirfd, NAME ".tmp", dirfd, NAME) == 0 && fsync(dirfd) == 0;
	if (fd >= 0)
		close(fd);
	if (dirfd >= 0)
		close(dirfd);
	return ok ? SC_OK : SC_IO;
}

enum sc_err view_made_write(const char *dir, const struct view_made *m)
{
	struct sc_buf b;
	enum sc_err err;

	sc_buf_init(&b, 1024);
	if ((err = print(m, &b)) == SC_OK)
		err = replace(dir, &b);
	sc_buf_fini(&b);
	return err;
}

void view_made_name(uint64_t number, char out[static MADE_NAME_BYTES])
{
	snprintf(out, MADE_NAME_BYTES, FEATURES "%llu", (unsigned long long)number);
}

void view_made_tidy(const char *dir, uint64_t number, uint64_t other)
{
	char keep[2][MADE_NAME_BYTES], path[PATH_BYTES];
	DIR *d = opendir(dir);
	struct dirent *e;

	view_made_name(number, keep[0]);
	view_made_name(other, keep[1]);
	while (d != NULL && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, FEATURES, strlen(FEATURES)) == 0 &&
		    strcmp(e->d_name, keep[0]) != 0 && strcmp(e->d_name, keep[1]) != 0) {
			path_of(dir, e->d_name, path);
			(void)unlink(path);
		}
	if (d != NULL)
		closedir(d);
}
