/*
 * epoch_file.c - keyd.epoch and its twin: two blocks, each a key.
 *
 * Each block is read from both files and the newer that opens counts. What the
 * other file has instead is owed to it; that is paid by whoever writes, never by who only reads
 * (a backup reads beside keyd, and would lay an old block over a new one).
 */
#include "crypto/keytree/epoch_file.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/random.h"
#include "crypto/prim/siv.h"
#include "crypto/prim/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "SCE1"
#define TENANT_MAX 255
#define ROOT_BYTES 32

enum {
	AT_EPOCH = sizeof(MAGIC) - 1,
	AT_SEALED = AT_EPOCH + 8,
	SEALED = SIV_BYTES + EPOCH_KEY_BYTES,
	AT_REST = AT_SEALED + SEALED,
	FILES = 2, /* the file and its twin */
	LENGTH = 2 * EPOCH_BLOCK
};

struct held_key {
	struct epoch_held is;
	uint8_t key[EPOCH_KEY_BYTES];
};

/* Of one file. */
struct epoch_copy {
	const char *path; /* NULL: there is to be none */
	int fd;           /* -1: it is missing */
	bool direct;
	bool owed[2]; /* the block is not what it should be */
	bool marked;  /* a block looks like one */
	bool opens;   /* a block is one, of this store */
};

struct epoch_file {
	struct epoch_copy copy[FILES];
	struct held_key held[2];
	struct siv_ctx *wrap;
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

/* ---- a file ------------------------------------------------------------------------- */

/* Some file systems refuse O_DIRECT when opening, others at the first use. */
static bool without_direct(struct epoch_copy *c)
{
	if (errno != EINVAL || !c->direct)
		return false;
	c->direct = false;
	return fcntl(c->fd, F_SETFL, 0) == 0;
}

/* The N bytes at f->block, durable when this returns. */
static bool write_at(struct epoch_file *f, struct epoch_copy *c, unsigned i)
{
	const off_t at = (off_t)i * EPOCH_BLOCK;
	ssize_t n;

	do
		n = pwrite(c->fd, f->block, EPOCH_BLOCK, at);
	while (n < 0 && (errno == EINTR || without_direct(c)));
	if (n >= 0 && n != EPOCH_BLOCK)
		errno = EIO; /* part of a block is none */
	return n == EPOCH_BLOCK;
}

static bool read_at(struct epoch_file *f, struct epoch_copy *c, unsigned i)
{
	const off_t at = (off_t)i * EPOCH_BLOCK;
	ssize_t n;

	do
		n = pread(c->fd, f->block, EPOCH_BLOCK, at);
	while (n < 0 && (errno == EINTR || without_direct(c)));
	return n == EPOCH_BLOCK;
}

static int open_direct(struct epoch_copy *c, int flags)
{
	/* a pipe must not make us wait */
	flags |= O_RDWR | O_DSYNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	c->direct = true;
	c->fd = open(c->path, flags | O_DIRECT, 0600);
	if (c->fd < 0 && errno == EINVAL) {
		c->direct = false;
		/* O_EXCL: some have made the name before they refuse */
		c->fd = open(c->path, flags & ~O_EXCL, 0600);
	}
	return c->fd;
}

static bool sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool ok;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Remove what was made just now, under which no key lies yet. */
static void copy_remove(struct epoch_copy *c)
{
	const int why = errno;

	unlink(c->path);
	close(c->fd);
	c->fd = -1;
	errno = why;
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
	enum sc_err err = SC_OK;

	if (open_direct(c, O_CREAT | O_EXCL) < 0)
		return SC_IO;
	for (unsigned i = 0; i < 2 && err == SC_OK; i++) {
		err = block_held(f, i);
		if (err == SC_OK && !write_at(f, c, i))
			err = SC_IO;
		c->owed[i] = false;
	}
	if (err == SC_OK && (fsync(c->fd) != 0 || !sync_folder(c->path)))
		err = SC_IO;
	if (err != SC_OK)
		copy_remove(c);
	return err;
}

static enum sc_err refuse(struct sc_diag *d, const char *path, enum sc_err err, const char *what)
{
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", path);
	sc_diag_set(d, "%s", what);
	return err;
}

/* Is it a file as this makes them? */
static enum sc_err copy_check(const struct epoch_copy *c, struct sc_diag *d)
{
	struct stat st;

	if (fstat(c->fd, &st) != 0)
		return refuse(d, c->path, SC_IO, "the epoch file cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return refuse(d, c->path, SC_SYNTAX, "the epoch file is no file");
	if ((st.st_mode & 07777) != 0600)
		return refuse(d, c->path, SC_SYNTAX,
		    "the epoch file's mode must be 0600, others may not touch it: if nobody "
		    "has read it, chmod 0600 it; else then turn the epoch (scrim keys rotate)");
	if (st.st_uid != geteuid())
		return refuse(d, c->path, SC_SYNTAX,
		    "the epoch file belongs to another user: chown it to the one keyd runs as");
	if (st.st_size != LENGTH)
		return refuse(d, c->path, SC_SYNTAX,
		    "the epoch file is not 8192 bytes long, so it is none, or a part of one: put "
		    "back its newest copy (its twin, or that of a backup of the same epoch)");
	return SC_OK;
}

/* Open it, if it is there. */
static enum sc_err copy_open(struct epoch_copy *c, struct sc_diag *d)
{
	if (open_direct(c, 0) >= 0)
		return copy_check(c, d);
	if (errno == ENOENT)
		return SC_OK;
	if (errno == ELOOP)
		return refuse(d, c->path, SC_SYNTAX,
		    "the epoch file is a symbolic link: name the file itself");
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", c->path);
	sc_diag_set(d, "the epoch file cannot be opened: %s", strerror(errno));
	return SC_IO;
}

/* A twin that is no other file would die with it. */
static bool same_file(const struct epoch_file *f)
{
	struct stat st[FILES];

	for (unsigned k = 0; k < FILES; k++)
		if (f->copy[k].fd < 0 || fstat(f->copy[k].fd, &st[k]) != 0)
			return false;
	return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
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
			copy_remove(&f->copy[k]);
	if (err == SC_OK)
		*out = f;
	else
		epoch_file_close(f);
	return err;
}

/* Read block I of both files: the newest that opens counts, and is owed where it is not. */
static enum sc_err read_block(struct epoch_file *f, unsigned i)
{
	struct held_key found[FILES] = { 0 };
	enum sc_err err = SC_OK;
	unsigned best = 0;

	for (unsigned k = 0; k < FILES && err == SC_OK; k++) {
		struct epoch_copy *c = &f->copy[k];

		if (c->fd < 0 || !read_at(f, c, i))
			continue;
		err = block_decode(f, i, &found[k]);
		c->marked |= memcmp(f->block, MAGIC, AT_EPOCH) == 0;
		c->opens |= found[k].is.opens;
	}
	if (found[1].is.opens && (!found[0].is.opens || found[1].is.epoch > found[0].is.epoch))
		best = 1;
	f->held[i] = found[best];
	for (unsigned k = 0; k < FILES; k++)
		f->copy[k].owed[i] = f->copy[k].path != NULL && found[best].is.opens &&
		    memcmp(&found[k], &found[best], sizeof(found[k])) != 0;
	sc_wipe(found, sizeof(found));
	return err;
}

/* Read all four blocks. */
static enum sc_err read_blocks(struct epoch_file *f, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	if (f->copy[0].fd < 0 && f->copy[1].fd < 0)
		return refuse(d, f->copy[0].path, SC_IO,
		    "the epoch file is not there, and without it no key opens. Put back its newest "
		    "copy: its twin, or that of a backup of the same epoch (scrim keys restore)");
	for (unsigned i = 0; i < 2 && err == SC_OK; i++)
		err = read_block(f, i);
	if (err == SC_OK && !f->held[0].is.opens && !f->held[1].is.opens)
		return refuse(d, f->copy[0].path, SC_AUTH,
		    "the root key opens no block of the epoch file: it is another root key, or "
		    "the file is another store's, or destroyed. Put back what belongs together");
	/* mending would destroy somebody else's keys */
	for (unsigned k = 0; k < FILES && err == SC_OK; k++)
		if (f->copy[k].marked && !f->copy[k].opens)
			err = refuse(d, f->copy[k].path, SC_AUTH,
			    "this epoch file is another store's than its twin, or under another "
			    "root key: name the right one, or remove it to have it made anew");
	return err;
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
			err = copy_open(&f->copy[k], d);
	if (err == SC_OK && same_file(f))
		err = refuse(d, at->twin, SC_SYNTAX,
		    "the epoch file's twin is the same file: name one on another disk");
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
	c->owed[i] = !write_at(f, c, i);
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
