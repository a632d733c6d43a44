/*
 * writer.c - a release as it is made: its tables, its other files, its manifest, and last its
 * place.
 */
#include "analytics/shelf/disk.h"
#include "analytics/shelf/names.h"
#include "analytics/shelf/place.h"
#include "analytics/shelf/tables.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shelf_writer {
	struct shelf_place place;
	struct sc_name dataset;
	uint64_t number;
	struct shelf_tables tables;
	struct shelf_file files[SHELF_FILES_MAX]; /* the database first */
	char names[SHELF_FILES_MAX][SC_NAME_MAX + 1];
	size_t n_files;
};

static enum sc_err begin(const char *root, const char *dataset, struct sc_diag *d,
    struct shelf_writer *w)
{
	enum sc_err err;

	if ((err = place_begin(root, dataset, w->number, d, &w->place)) != SC_OK)
		return err;
	snprintf(w->dataset.s, sizeof(w->dataset.s), "%s", dataset);
	w->files[0].name = SHELF_DB;
	w->n_files = 1;
	err = place_path(&w->place, SHELF_DB, w->tables.path, sizeof(w->tables.path));
	if (err != SC_OK)
		return disk_say(d, root, err, "the shelf's path is too long");
	return tables_open(&w->tables, d);
}

enum sc_err shelf_begin(const char *root, const char *dataset, uint64_t number, struct sc_diag *d,
    struct shelf_writer **out)
{
	struct shelf_writer *w = calloc(1, sizeof(*w));
	enum sc_err err;

	*out = NULL;
	if (w == NULL)
		return SC_NOMEM;
	w->number = number;
	if ((err = begin(root, dataset, d, w)) != SC_OK)
		shelf_abandon(w);
	else
		*out = w;
	return err;
}

void shelf_abandon(struct shelf_writer *w)
{
	if (w == NULL)
		return;
	tables_fini(&w->tables);
	place_end(&w->place);
	free(w);
}

enum sc_err shelf_table(struct shelf_writer *w, const struct shelf_table *t, struct sc_diag *d)
{
	return tables_add(&w->tables, t, d);
}

enum sc_err shelf_row(struct shelf_writer *w, const struct shelf_value *v, struct sc_diag *d)
{
	return tables_row(&w->tables, v, d);
}

enum sc_err shelf_close_tables(struct shelf_writer *w, struct sc_diag *d, const char **path)
{
	*path = w->tables.path;
	return tables_close(&w->tables, d);
}

enum sc_err shelf_file(struct shelf_writer *w, const char *name, struct sc_span bytes,
    struct sc_diag *d)
{
	struct shelf_file *f = &w->files[w->n_files];
	enum sc_err err;

	if (w->n_files == SHELF_FILES_MAX)
		return disk_say(d, name, SC_LIMIT, "a release has too many files");
	if (!shelf_file_ok(name))
		return disk_say(d, name, SC_LIMIT, "this is no name for a file of a release");
	if ((err = place_put(&w->place, name, bytes, d)) != SC_OK)
		return err;
	snprintf(w->names[w->n_files], sizeof(w->names[0]), "%s", name);
	f->name = w->names[w->n_files++];
	f->bytes = bytes.n;
	crypto_hash_sha256(f->sha256, bytes.p, bytes.n);
	return SC_OK;
}

/* ---- the manifest ----------------------------------------------------------------------- */

/* What was written, into M: it lives in M's arena. */
static enum sc_err fill(const struct shelf_writer *w, struct shelf_manifest *m)
{
	struct shelf_table *t = sc_arena_alloc(&m->arena, w->tables.n * sizeof(*t));

	if (t == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < w->tables.n; i++) {
		t[i] = *w->tables.v[i];
		t[i].rows = w->tables.rows[i];
	}
	m->tables = t;
	m->n_tables = w->tables.n;
	for (size_t i = 0; i < w->n_files; i++) {
		m->files[i] = w->files[i];
		m->files[i].name = sc_arena_copy(&m->arena, sc_span_str(w->files[i].name));
		if (m->files[i].name == NULL)
			return SC_NOMEM;
	}
	m->n_files = w->n_files;
	return SC_OK;
}

/* A manifest that nobody could read is never written. */
static enum sc_err print(const struct shelf_manifest *m, struct sc_buf *out, struct sc_diag *d)
{
	struct shelf_manifest back;
	enum sc_err err;

	if ((err = shelf_manifest_print(m, out)) == SC_OK &&
	    (err = shelf_manifest_parse(sc_buf_span(out), SHELF_MANIFEST, d, &back)) == SC_OK)
		shelf_manifest_fini(&back);
	else if (err == SC_LIMIT)
		(void)disk_say(d, SHELF_MANIFEST, err, "the manifest is too long");
	return err;
}

static enum sc_err finish(struct shelf_writer *w, struct shelf_manifest *m, struct sc_buf *text,
    struct sc_diag *d)
{
	const char *path;
	enum sc_err err;

	if (strcmp(m->dataset.s, w->dataset.s) != 0 || m->number != w->number)
		return disk_say(d, SHELF_MANIFEST, SC_SYNTAX,
		    "the manifest is of another release than the one that was begun");
	if ((err = shelf_close_tables(w, d, &path)) != SC_OK ||
	    (err = place_keep(&w->place, &w->files[0], d)) != SC_OK ||
	    (err = fill(w, m)) != SC_OK || (err = print(m, text, d)) != SC_OK ||
	    (err = place_put(&w->place, SHELF_MANIFEST, sc_buf_span(text), d)) != SC_OK)
		return err;
	return place_commit(&w->place, d);
}

enum sc_err shelf_finish(struct shelf_writer *w, struct shelf_manifest *m, struct sc_diag *d,
    uint8_t sha256[static SHELF_SHA_BYTES])
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, SHELF_MANIFEST_MAX);
	err = finish(w, m, &text, d);
	crypto_hash_sha256(sha256, text.p, text.n);
	sc_buf_fini(&text);
	shelf_abandon(w);
	return err;
}
