/*
 * epoch_file.c - keyd.epoch and its twin: two blocks, each a key.
 *
 * Each block is read from both files and the newer that opens counts. What the
 * other file has instead is owed to it; that is paid by whoever writes, never by who only reads
 * (a backup reads beside keyd, and would lay an old block over a new one).
 */
#include "crypto/keytree/epoch_file.h"

#include "base/bytes.h"
#include "crypto/keytree/epoch_copy.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/random.h"
#include "crypto/prim/siv.h"
#include "crypto/prim/vault.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "SCE1"
#define TENANT_MAX 255
#define ROOT_BYTES 32

enum {
	AT_EPOCH = sizeof(MAGIC) - 1,
	AT_SEALED = AT_EPOCH + 8,
	SEALED = SIV_BYTES + EPOCH_KEY_BYTES,
	AT_REST = AT_SEALED + SEALED,
	FILES = 2 /* the file and its twin */
};

struct held_key {
	struct epoch_held is;
	uint8_t key[EPOCH_KEY_BYTES];
};

struct epoch_file {
	struct epoch_copy copy[FILES];
	struct held_key held[2];
	struct siv_ctx *wrap;
	bool owner;
	uint8_t ad[1 + TENANT_MAX + STORE_ID_BYTES + 8];
	size_t n_ad;
	uint8_t *block; /* as it lies on the disk, aligned for O_DIRECT */
	char paths[FILES][PATH_MAX];
};

/* ---- a block ------------------------------------------------------------------------ */

static struct sc_span bound_to(struct epoch_file *f, uint64_t epoch)
{
	sc_be64_store(f->ad + f->n_ad - sizeof(epoch), epoch);
	return sc_span(f->ad, f->n_ad);
}

/*
 * "SCE1" | epoch u64 | SIV(E) | random bytes to the end. The rest is drawn anew each
 * time: bytes left in a buffer that served before would be an older key's.
 */
static enum sc_err block_encode(struct epoch_file *f, uint64_t epoch,
    const uint8_t key[static EPOCH_KEY_BYTES])
{
	const struct sc_span ad = bound_to(f, epoch);

	memcpy(f->block, MAGIC, AT_EPOCH);
	sc_be64_store(f->block + AT_EPOCH, epoch);
	random_bytes(f->block + AT_REST, EPOCH_BLOCK - AT_REST);
	return siv_seal(f->wrap, &ad, 1, sc_span(key, EPOCH_KEY_BYTES), f->block + AT_SEALED);
}

/* The block as it was read for place I; *OUT opens or not. */
static enum sc_err block_decode(struct epoch_file *f, unsigned i, struct held_key *out)
{
	const uint64_t epoch = sc_be64_load(f->block + AT_EPOCH);
	const struct sc_span ad = bound_to(f, epoch);

	memset(out, 0, sizeof(*out));
	if (memcmp(f->block, MAGIC, AT_EPOCH) != 0 || epoch % 2 != i)
		return SC_OK;
	out->is.epoch = epoch;
	return siv_open(f->wrap, &ad, 1, sc_span(f->block + AT_SEALED, SEALED), out->key,
	    &out->is.opens);
}

/* Fill f->block with what belongs at place I: a key, or where there is none, nothing that opens. */
static enum sc_err block_held(struct epoch_file *f, unsigned i)
{
	if (f->held[i].is.opens)
		return block_encode(f, f->held[i].is.epoch, f->held[i].key);
	random_bytes(f->block, EPOCH_BLOCK);
	return SC_OK;
}

/* Make the file, with what is held; or, failing, none. */
static enum sc_err copy_make(struct epoch_file *f, struct epoch_copy *c)
{
	enum sc_err err;

	if (!epoch_copy_create(c))
		return SC_IO;
	err = f->owner && !epoch_copy_claim(c) ? SC_IO : SC_OK;
	for (unsigned i = 0; i < 2 && err == SC_OK; i++) {
		err = block_held(f, i);
		if (err == SC_OK && !epoch_copy_write(c, i, f->block))
			err = SC_IO;
		c->owed[i] = false;
	}
	if (err == SC_OK && !epoch_copy_settle(c))
		err = SC_IO;
	if (err != SC_OK)
		epoch_copy_remove(c);
	return err;
}

/* ---- both --------------------------------------------------------------------------- */

static enum sc_err set_wrap(struct epoch_file *f, struct sc_secret *root)
{
	static const struct sc_span info = SC_LIT("scrim1|epoch");
	const struct sc_span ikm = sc_span(sc_secret_open(root), ROOT_BYTES);
	uint8_t key[SIV_KEY_BYTES];
	enum sc_err err = hkdf_sha256(ikm, sc_span(NULL, 0), info, key, sizeof(key));

	sc_secret_close(root);
	if (err == SC_OK)
		err = siv_set_key(f->wrap, key);
	sc_wipe(key, sizeof(key));
	return err;
}

/* All but the files. */
static enum sc_err file_new(const struct epoch_place *at, struct sc_secret *root,
    struct epoch_file **out)
{
	const char *paths[FILES] = { at->path, at->twin };
	struct epoch_file *f;
	enum sc_err err;

	*out = NULL;
	if (at->tenant.n > TENANT_MAX)
		return SC_BUG;
	if ((f = vault_alloc(sizeof(*f))) == NULL)
		return SC_NOMEM;
	f->owner = at->owner;
	for (unsigned k = 0; k < FILES; k++) {
		f->copy[k].fd = -1;
		if (paths[k] == NULL)
			continue;
		snprintf(f->paths[k], PATH_MAX, "%s", paths[k]);
		f->copy[k].path = f->paths[k];
	}
	f->ad[0] = (uint8_t)at->tenant.n;
	if (at->tenant.n != 0)
		memcpy(f->ad + 1, at->tenant.p, at->tenant.n);
	memcpy(f->ad + 1 + at->tenant.n, at->store_id, STORE_ID_BYTES);
	f->n_ad = 1 + at->tenant.n + STORE_ID_BYTES + 8;
	if ((err = siv_ctx_new(&f->wrap)) != SC_OK || (err = set_wrap(f, root)) != SC_OK)
		goto fail;
	err = SC_NOMEM;
	if (posix_memalign((void **)&f->block, EPOCH_BLOCK, EPOCH_BLOCK) != 0) {
		f->block = NULL;
		goto fail;
	}
	*out = f;
	return SC_OK;
fail:
	epoch_file_close(f);
	return err;
}

void epoch_file_close(struct epoch_file *f)
{
	if (f == NULL)
		return;
	for (unsigned k = 0; k < FILES; k++)
		if (f->copy[k].fd >= 0)
			close(f->copy[k].fd);
	siv_ctx_free(f->wrap);
	free(f->block);
	vault_free(f);
}

enum sc_err epoch_file_make(const struct epoch_place *at, struct sc_secret *root, struct sc_diag *d,
    struct epoch_file **out)
{
	struct epoch_file *f;
	enum sc_err err = file_new(at, root, &f);

	*out = NULL;
	if (err != SC_OK)
		return err;
	for (unsigned i = 0; i < 2; i++) {
		f->held[i].is = (struct epoch_held){ .opens = true, .epoch = i };
		random_bytes(f->held[i].key, EPOCH_KEY_BYTES);
	}
	for (unsigned k = 0; k < FILES && err == SC_OK; k++) {
		if (f->copy[k].path == NULL || (err = copy_make(f, &f->copy[k])) == SC_OK)
			continue;
		if (d != NULL)
			snprintf(d->file, sizeof(d->file), "%.255s", f->copy[k].path);
		sc_diag_set(d, "the epoch file cannot be made: %s", strerror(errno));
	}
	for (unsigned k = 0; k < FILES && err != SC_OK; k++)
		if (f->copy[k].fd >= 0)
			epoch_copy_remove(&f->copy[k]);
	if (err == SC_OK)
		*out = f;
	else
		epoch_file_close(f);
	return err;
}

static bool same_key(const struct held_key *a, const struct held_key *b)
{
	return a->is.opens == b->is.opens && a->is.epoch == b->is.epoch &&
	    memcmp(a->key, b->key, EPOCH_KEY_BYTES) == 0;
}

/* Read block I of both files: the newest that opens counts, and is owed where it is not. */
static enum sc_err read_block(struct epoch_file *f, unsigned i)
{
	struct held_key found[FILES] = { 0 };
	enum sc_err err = SC_OK;
	unsigned best = 0;

	for (unsigned k = 0; k < FILES && err == SC_OK; k++) {
		struct epoch_copy *c = &f->copy[k];

		if (c->fd < 0 || !epoch_copy_read(c, i, f->block))
			continue;
		err = block_decode(f, i, &found[k]);
		c->marked |= memcmp(f->block, MAGIC, AT_EPOCH) == 0;
		c->opens |= found[k].is.opens;
	}
	if (found[1].is.opens && (!found[0].is.opens || found[1].is.epoch > found[0].is.epoch))
		best = 1;
	f->held[i] = found[best];
	for (unsigned k = 0; k < FILES; k++)
		f->copy[k].owed[i] = f->copy[k].part ||
		    (f->copy[k].path != NULL && found[best].is.opens &&
			!same_key(&found[k], &found[best]));
	sc_wipe(found, sizeof(found));
	return err;
}

/*
 * A start that makes what is missing may have been ended in it: what is short beside a whole one
 * is made whole. Nothing else is as short, but for a copy by hand.
 */
static const struct epoch_copy *part_alone(const struct epoch_file *f)
{
	for (unsigned k = 0; k < FILES; k++) {
		const struct epoch_copy *other = &f->copy[1 - k];

		if (f->copy[k].part && (other->fd < 0 || other->part))
			return &f->copy[k];
	}
	return NULL;
}

/* Read all four blocks. */
static enum sc_err read_blocks(struct epoch_file *f, struct sc_diag *d)
{
	const struct epoch_copy *part = part_alone(f);
	enum sc_err err = SC_OK;

	if (part != NULL)
		return epoch_copy_other(part, d);
	if (f->copy[0].fd < 0 && f->copy[1].fd < 0)
		return epoch_copy_refuse(&f->copy[0], d, SC_IO,
		    "the epoch file is not there, and without it no key opens. Put back its newest "
		    "copy: its twin, or that of a backup of the same epoch (scrim keys restore)");
	for (unsigned i = 0; i < 2 && err == SC_OK; i++)
		err = read_block(f, i);
	if (err == SC_OK && !f->held[0].is.opens && !f->held[1].is.opens)
		return epoch_copy_refuse(&f->copy[0], d, SC_AUTH,
		    "the root key opens no block of the epoch file: it is another root key, or "
		    "the file is another store's, or destroyed. Put back what belongs together");
	/* mending would destroy somebody else's keys */
	for (unsigned k = 0; k < FILES && err == SC_OK; k++)
		if (f->copy[k].marked && !f->copy[k].opens)
			err = epoch_copy_refuse(&f->copy[k], d, SC_AUTH,
			    "this epoch file is another store's than its twin, or under another "
			    "root key: name the right one, or remove it to have it made anew");
	return err;
}

/*
 * The store's own lock does not keep a copy of the store away, with other places for all but this
 * file: each of the two would destroy the keys that the other lives by.
 */
static enum sc_err claim(const struct epoch_file *f, struct sc_diag *d)
{
	for (unsigned k = 0; k < FILES; k++)
		if (f->copy[k].fd >= 0 && !epoch_copy_claim(&f->copy[k]))
			return epoch_copy_refuse(&f->copy[k], d, SC_AGAIN,
			    "another keyd lives by this epoch file: stop it, or name a file of "
			    "this one's own");
	return SC_OK;
}

enum sc_err epoch_file_open(const struct epoch_place *at, struct sc_secret *root, struct sc_diag *d,
    bool *repaired, struct epoch_file **out)
{
	struct epoch_file *f;
	enum sc_err err = file_new(at, root, &f);

	*out = NULL;
	*repaired = false;
	if (err != SC_OK)
		return err;
	for (unsigned k = 0; k < FILES && err == SC_OK; k++)
		if (f->copy[k].path != NULL)
			err = epoch_copy_open(&f->copy[k], d);
	if (err == SC_OK && epoch_copy_same(&f->copy[0], &f->copy[1]))
		err = epoch_copy_refuse(&f->copy[1], d, SC_SYNTAX,
		    "the epoch file's twin is the same file: name one on another disk");
	if (err == SC_OK && f->owner)
		err = claim(f, d);
	if (err == SC_OK)
		err = read_blocks(f, d);
	if (err != SC_OK) {
		epoch_file_close(f);
		return err;
	}
	for (unsigned k = 0; k < FILES; k++)
		*repaired |= f->copy[k].owed[0] || f->copy[k].owed[1] ||
		    (f->copy[k].path != NULL && f->copy[k].fd < 0);
	*out = f;
	return SC_OK;
}

void epoch_file_held(const struct epoch_file *f, struct epoch_held out[static 2])
{
	for (unsigned i = 0; i < 2; i++)
		out[i] = f->held[i].is;
}

const uint8_t *epoch_file_key(const struct epoch_file *f, uint64_t epoch)
{
	const struct held_key *h = &f->held[epoch % 2];

	return h->is.opens && h->is.epoch == epoch ? h->key : NULL;
}

/* Bring block I of C up to what is held. */
static enum sc_err pay(struct epoch_file *f, struct epoch_copy *c, unsigned i)
{
	enum sc_err err;

	if (!c->owed[i])
		return SC_OK;
	if ((err = block_held(f, i)) != SC_OK)
		return err;
	c->owed[i] = !epoch_copy_write(c, i, f->block);
	return c->owed[i] ? SC_IO : SC_OK;
}

enum sc_err epoch_file_mend(struct epoch_file *f)
{
	enum sc_err err = SC_OK;

	for (unsigned k = 0; k < FILES && err == SC_OK; k++) {
		struct epoch_copy *c = &f->copy[k];

		if (c->path == NULL)
			continue;
		if (c->fd < 0)
			err = copy_make(f, c);
		for (unsigned i = 0; i < 2 && err == SC_OK; i++)
			err = pay(f, c, i);
		if (c->part && err == SC_OK)
			err = epoch_copy_settle(c) ? SC_OK : SC_IO;
		c->part = c->part && err != SC_OK;
	}
	return err;
}

enum sc_err epoch_file_put(struct epoch_file *f, uint64_t epoch,
    const uint8_t key[static EPOCH_KEY_BYTES])
{
	struct held_key *h = &f->held[epoch % 2];

	h->is = (struct epoch_held){ .opens = true, .epoch = epoch };
	memmove(h->key, key, EPOCH_KEY_BYTES);
	for (unsigned k = 0; k < FILES; k++)
		f->copy[k].owed[epoch % 2] = f->copy[k].path != NULL;
	return epoch_file_mend(f);
}

enum sc_err epoch_file_write(struct epoch_file *f, uint64_t epoch)
{
	uint8_t key[EPOCH_KEY_BYTES];
	enum sc_err err;

	random_bytes(key, sizeof(key));
	err = epoch_file_put(f, epoch, key);
	sc_wipe(key, sizeof(key));
	return err;
}
