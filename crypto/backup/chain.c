/*
 * chain.c - finding the links of a chain, and reading them through.
 */
#include "crypto/backup/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TELL_ROWS 1024

static enum sc_err refuse(struct sc_diag *d, const struct backup_found *b, enum sc_err err,
    const char *what)
{
	snprintf(d->file, sizeof(d->file), "%.255s", b->path);
	sc_diag_set(d, "%s", what);
	return err;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const struct backup_found *by_hash(const struct backup_found *all, size_t n,
    const uint8_t hash[static HASH_BYTES])
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(all[i].hash, hash, HASH_BYTES) == 0)
			return &all[i];
	return NULL;
}

/* The links up to the newest of ALL, put in their order into OUT, which has room. */
static enum sc_err follow(const struct backup_found *all, size_t n, const struct sc_name *tenant,
    struct sc_diag *d, struct backup_chain *out)
{
	const struct backup_found *at = NULL;

	for (size_t i = n; i > 0 && at == NULL; i--)
		if (strcmp(all[i - 1].header.tenant.s, tenant->s) == 0)
			at = &all[i - 1];
	if (at == NULL) {
		sc_diag_set(d, "there is no complete backup of this tenant in the folder");
		return SC_SYNTAX;
	}
	/* from the back of the room; no link can come twice, as a hash names what came before it */
	for (size_t to = n; to > 0; to--) {
		const struct backup_found *before;

		out->links[to - 1] = *at;
		if (at->header.whole) {
			out->n = n - to + 1;
			memmove(out->links, out->links + to - 1, out->n * sizeof(*out->links));
			return SC_OK;
		}
		if ((before = by_hash(all, n, at->header.previous)) == NULL)
			return refuse(d, at, SC_SYNTAX,
			    "the backup that it goes on from is missing in the folder");
		at = before;
	}
	return refuse(d, at, SC_SYNTAX, "the backups in the folder go round in a circle");
}

/* Does link I stand where it must? */
static enum sc_err check_link(const struct backup_chain *c, size_t i, struct sc_diag *d)
{
	const struct backup_found *b = &c->links[i], *first = &c->links[0];

	if (strcmp(b->header.tenant.s, first->header.tenant.s) != 0 ||
	    memcmp(b->header.store_id, first->header.store_id, STORE_ID_BYTES) != 0)
		return refuse(d, b, SC_AUTH, "it is a backup of another store than the first");
	if (i == 0 && b->header.whole)
		return SC_OK;
	if (b->header.whole)
		return refuse(d, b, SC_SYNTAX,
		    "it is a whole backup: only the first of a chain is, and nothing before it is "
		    "needed");
	if (i > 0 && memcmp(b->header.previous, c->links[i - 1].hash, HASH_BYTES) == 0)
		return SC_OK;
	return refuse(d, b, SC_SYNTAX,
	    by_hash(c->links, c->n, b->header.previous) != NULL ?
		"it is out of order: what it goes on from stands elsewhere among those given" :
		"the backup that it goes on from is missing");
}

static enum sc_err take_files(const char *const *sources, size_t n, struct sc_diag *d,
    struct backup_chain *out)
{
	enum sc_err err;

	if ((out->links = calloc(n, sizeof(*out->links))) == NULL)
		return SC_NOMEM;
	for (out->n = 0; out->n < n; out->n++)
		if ((err = backup_look(sources[out->n], d, &out->links[out->n])) != SC_OK)
			return err;
	for (size_t i = 0; i < n; i++)
		if ((err = check_link(out, i, d)) != SC_OK)
			return err;
	return SC_OK;
}

enum sc_err backup_chain_find(const char *const *sources, size_t n, const struct sc_name *tenant,
    struct sc_diag *d, struct backup_chain *out)
{
	struct backup_found *all = NULL;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if (n != 1 || !is_folder(sources[0]))
		return n == 0 ? SC_BUG : take_files(sources, n, d, out);
	snprintf(d->file, sizeof(d->file), "%.255s", sources[0]);
	if ((err = backup_list(sources[0], d, &all, &n)) == SC_OK &&
	    (out->links = calloc(n + 1, sizeof(*out->links))) == NULL)
		err = SC_NOMEM;
	if (err == SC_OK)
		err = follow(all, n, tenant, d, out);
	free(all);
	if (err == SC_OK)
		memset(d, 0, sizeof(*d));
	return err;
}

void backup_chain_fini(struct backup_chain *c)
{
	free(c->links);
	memset(c, 0, sizeof(*c));
}

/* ---- reading through ---- */

static enum sc_err read_through(struct backup_reader *r, const struct backup_found *b,
    const struct work_watch *watch, struct sc_diag *d)
{
	struct store_value v[BACKUP_COLUMNS];
	enum backup_part part = BACKUP_HEADER;
	enum sc_err err = SC_OK;

	for (uint64_t rows = 0; err == SC_OK && part != BACKUP_TRAILER; rows++)
		if ((err = backup_reader_row(r, d, &part, v)) == SC_OK && rows % TELL_ROWS == 0)
			err = work_watched(watch, "verifying", backup_reader_bytes(r), b->bytes);
	return err;
}

static enum sc_err verify(const struct backup_found *b, const struct sign_public *key,
    const struct work_watch *watch, struct sc_diag *d)
{
	struct backup_reader *r = NULL;
	struct backup_header h;
	struct backup_input in;
	enum sc_err err;

	if ((err = backup_input_open(b->path, d, &in)) != SC_OK)
		return err;
	if ((err = backup_reader_new(&in.source, d, &h, &r)) == SC_OK)
		err = read_through(r, b, watch, d);
	if (err == SC_OK && memcmp(backup_reader_end(r)->hash, b->hash, HASH_BYTES) != 0)
		err = refuse(d, b, SC_AUTH, "it was changed while it was read");
	if (err == SC_OK && key != NULL && memcmp(key, &h.log_key, sizeof(*key)) != 0)
		err = refuse(d, b, SC_AUTH, "it is signed, but not by the key that was given");
	backup_reader_free(r);
	backup_input_close(&in);
	return err;
}

enum sc_err backup_chain_verify(const struct backup_chain *c, const struct sign_public *key,
    const struct work_watch *watch, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < c->n && err == SC_OK; i++)
		err = verify(&c->links[i], key, watch, d);
	if (err == SC_OK)
		memset(d, 0, sizeof(*d));
	return err;
}
