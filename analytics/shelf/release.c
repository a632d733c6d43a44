/*
 * release.c - a release as it is opened: every file of it is what its manifest says.
 */
#include "analytics/shelf/disk.h"
#include "analytics/shelf/names.h"
#include "analytics/shelf/place.h"
#include "analytics/shelf/shelf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ------------------------------------------------------------------------ */

/* Does FOLDER end as the release's does? */
static bool is_its_place(const char *folder, const struct shelf_manifest *m)
{
	char end[SC_NAME_MAX + 32];
	size_t n = strlen(folder), n_end;

	n_end = (size_t)snprintf(end, sizeof(end), "%s/%" PRIu64, m->dataset.s, m->number);
	while (n > 0 && folder[n - 1] == '/')
		n--;
	if (n < n_end || strncmp(folder + n - n_end, end, n_end) != 0)
		return false;
	return n == n_end || folder[n - n_end - 1] == '/';
}

static enum sc_err read_manifest(int folder, struct sc_buf *text, struct sc_diag *d,
    struct shelf_release *r)
{
	enum sc_err err;

	if ((err = disk_read(folder, SHELF_MANIFEST, text, d)) != SC_OK)
		return err;
	crypto_hash_sha256(r->sha256, text->p, text->n);
	return shelf_manifest_parse(sc_buf_span(text), SHELF_MANIFEST, d, &r->manifest);
}

/* Who may stand in the folder, and which of both that publishing leaves do. */
struct release_names {
	const struct shelf_manifest *m;
	bool entry, receipt;
	struct sc_diag *d;
};

static enum sc_err look_at(void *arg, const char *name)
{
	struct release_names *n = arg;

	if (strcmp(name, SHELF_MANIFEST) == 0)
		return SC_OK;
	if (strcmp(name, SHELF_ENTRY) == 0 || strcmp(name, SHELF_RECEIPT) == 0) {
		n->entry = n->entry || strcmp(name, SHELF_ENTRY) == 0;
		n->receipt = n->receipt || strcmp(name, SHELF_RECEIPT) == 0;
		return SC_OK;
	}
	for (size_t i = 0; i < n->m->n_files; i++)
		if (strcmp(name, n->m->files[i].name) == 0)
			return SC_OK;
	return disk_say(n->d, name, SC_CORRUPT, "the manifest does not name this file");
}

static enum sc_err check_files(int folder, bool whole, struct shelf_release *r, struct sc_diag *d)
{
	struct release_names names = { .m = &r->manifest, .d = d };
	enum sc_err err;

	if ((err = disk_names(folder, look_at, &names)) != SC_OK)
		return err == SC_IO ?
		    disk_say(d, r->folder, err, "the release's folder cannot be read") :
		    err;
	for (size_t i = 0; i < r->manifest.n_files && whole; i++)
		if ((err = disk_check(folder, &r->manifest.files[i], d)) != SC_OK)
			return err;
	r->has_receipt = names.entry && names.receipt;
	return SC_OK;
}

static enum sc_err open_in(int folder, bool whole, struct sc_diag *d, struct shelf_release *r)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, SHELF_MANIFEST_MAX);
	err = read_manifest(folder, &text, d, r);
	sc_buf_fini(&text);
	if (err != SC_OK)
		return err;
	if (!is_its_place(r->folder, &r->manifest))
		return disk_say(d, r->folder, SC_CORRUPT,
		    "the manifest is of another release than this folder's");
	return check_files(folder, whole, r, d);
}

static enum sc_err open_release(const char *folder, bool whole, struct sc_diag *d,
    struct shelf_release *out)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum sc_err err = SC_NOMEM;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return disk_say(d, folder, SC_IO, "the release cannot be opened");
	if ((out->folder = strdup(folder)) != NULL)
		err = open_in(fd, whole, d, out);
	close(fd);
	if (err != SC_OK)
		shelf_release_fini(out);
	return err;
}

enum sc_err shelf_release_open(const char *folder, struct sc_diag *d, struct shelf_release *out)
{
	return open_release(folder, true, d, out);
}

enum sc_err shelf_release_look(const char *folder, struct sc_diag *d, struct shelf_release *out)
{
	return open_release(folder, false, d, out);
}

void shelf_release_fini(struct shelf_release *r)
{
	shelf_manifest_fini(&r->manifest);
	free(r->folder);
	memset(r, 0, sizeof(*r));
}

/* ---- publishing ----------------------------------------------------------------------- */

/* The manifest as it was when it was opened, and every file that it names. */
static enum sc_err copy(const struct shelf_release *from, int folder, const struct shelf_place *p,
    struct sc_diag *d)
{
	struct shelf_file manifest = { .name = SHELF_MANIFEST };
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, SHELF_MANIFEST_MAX);
	err = disk_read(folder, SHELF_MANIFEST, &text, d);
	crypto_hash_sha256(manifest.sha256, text.p, text.n);
	if (err == SC_OK && memcmp(manifest.sha256, from->sha256, SHELF_SHA_BYTES) != 0)
		err = disk_say(d, SHELF_MANIFEST, SC_CORRUPT,
		    "the manifest is another than when the release was opened");
	if (err == SC_OK)
		err = place_put(p, SHELF_MANIFEST, sc_buf_span(&text), d);
	sc_buf_fini(&text);
	for (size_t i = 0; i < from->manifest.n_files && err == SC_OK; i++)
		err = place_copy(p, folder, &from->manifest.files[i], d);
	return err;
}

enum sc_err shelf_publish(const struct shelf_release *from, const char *root, struct sc_span entry,
    struct sc_span receipt, struct sc_diag *d)
{
	const int folder = open(from->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct shelf_manifest *m = &from->manifest;
	struct shelf_place p;
	enum sc_err err;

	if (folder < 0)
		return disk_say(d, from->folder, SC_IO, "the release cannot be opened");
	if ((err = place_begin(root, m->dataset.s, m->number, d, &p)) == SC_OK &&
	    (err = copy(from, folder, &p, d)) == SC_OK &&
	    (err = place_put(&p, SHELF_ENTRY, entry, d)) == SC_OK &&
	    (err = place_put(&p, SHELF_RECEIPT, receipt, d)) == SC_OK)
		err = place_commit(&p, d);
	place_end(&p);
	close(folder);
	return err;
}
