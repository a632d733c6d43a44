/*
 * mirror_base.c - making the mirror's base, and finding out whether there has to be a new one.
 */
#include "crypto/backup/mirror_base.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/backup/files.h"
#include "crypto/backup/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART ".base.part"
#define JOURNAL_LONG (UINT64_C(1) << 20) /* a shorter one is no reason for a new base */

struct mirror_keep {
	struct store_job job; /* first */
	const struct settings *settings;
	struct note_signer signer;
	struct mirror *mirror;
	struct sc_diag *d; /* while it begins */
};

/* ---- making one ---- */

static enum sc_err put(void *arg, struct sc_span bytes)
{
	const int fd = *(const int *)arg;

	while (bytes.n > 0) {
		const ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return SC_IO;
		bytes = sc_span_from(bytes, (size_t)n);
	}
	return SC_OK;
}

static enum sc_err header_of(const struct mirror_keep *k, struct store_tx *tx,
    struct backup_header *h)
{
	memset(h, 0, sizeof(*h));
	h->tenant = k->settings->tenant;
	snprintf(h->origin, sizeof(h->origin), "%s", k->settings->origin);
	h->whole = true;
	h->at_ms = clock_unix_ms();
	memcpy(h->log_key.b, k->signer.key.pub, SIGN_PUBLIC_BYTES);
	return backup_show_store(tx, h);
}

static enum sc_err write_base(const struct mirror_keep *k, struct store_tx *tx, int fd,
    uint8_t hash[static HASH_BYTES], uint64_t *bytes)
{
	const struct work_watch nobody = { .tell = NULL };
	const struct backup_sink sink = { put, &fd };
	struct backup_writer *w = NULL;
	struct backup_header h;
	struct backup_end end;
	enum sc_err err;

	if ((err = header_of(k, tx, &h)) != SC_OK ||
	    (err = backup_writer_new(&sink, &h, &w)) != SC_OK)
		return err;
	const struct backup_show show = { .header = &h, .writer = w, .watch = &nobody };

	if ((err = backup_show_rows(tx, &show)) == SC_OK &&
	    (err = backup_writer_end(w, &k->signer, &end)) == SC_OK) {
		memcpy(hash, end.hash, HASH_BYTES);
		*bytes = backup_writer_bytes(w);
	}
	backup_writer_free(w);
	return err;
}

static enum sc_err make(void *arg, int folder, struct store_tx *tx, uint8_t hash[static HASH_BYTES],
    uint64_t *bytes)
{
	const int fd =
	    openat(folder, PART, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum sc_err err;

	if (fd < 0)
		return SC_IO;
	if ((err = write_base(arg, tx, fd, hash, bytes)) == SC_OK && fsync(fd) != 0)
		err = SC_IO;
	if (close(fd) != 0 && err == SC_OK)
		err = SC_IO;
	if (err == SC_OK &&
	    (renameat(folder, PART, folder, MIRROR_BASE) != 0 || fsync(folder) != 0))
		err = SC_IO;
	if (err != SC_OK)
		(void)unlinkat(folder, PART, 0);
	return err;
}

/* ---- beginning ---- */

/* How far a mirror has come, and whether it can be gone on from there. */
struct mirror_end {
	struct keystore_now now;
	struct mirror_reader read; /* closed */
	bool whole;
};

/* The journal behind BASE, to its end: a record that is torn or broken counts no more. */
static void read_to_end(const struct mirror_keep *k, const struct backup_found *base,
    struct mirror_end *out)
{
	struct mirror_record x;
	struct sc_diag d = { .line = 0 };
	bool there = true;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	out->now.gen = base->header.gen;
	out->now.epoch = base->header.epoch;
	err = mirror_reader_open(&out->read, k->settings->mirror, base->hash, &d);
	while (err == SC_OK && there)
		if ((err = mirror_next(&out->read, &x, &there, &d)) == SC_OK && there)
			out->now = x.now;
	mirror_reader_close(&out->read);
	out->whole = err == SC_OK && !out->read.torn && !out->read.other;
}

/* Does the mirror end with the commit that H tells of? Then it goes on. */
static bool goes_on(const struct mirror_keep *k, const struct backup_found *base,
    const struct mirror_end *end, const struct backup_header *h)
{
	const struct mirror_reader *r = &end->read;

	if (!end->whole || end->now.gen != h->gen || end->now.epoch != h->epoch ||
	    (r->size > base->bytes && r->size > JOURNAL_LONG))
		return false;
	mirror_continue(k->mirror, base->hash, base->bytes, r->n, r->size);
	return true;
}

/*
 * A record is written behind its commit, so a mirror that has come further than the database says
 * that an older database was put back. A base of that one would destroy the only copy
 * of the newest keys.
 */
static enum sc_err refuse_newer(const struct mirror_keep *k, const char *path,
    const struct mirror_end *end, const struct backup_header *h)
{
	snprintf(k->d->file, sizeof(k->d->file), "%.255s", path);
	sc_diag_set(k->d,
	    "the mirror has commit %llu, the database %llu: an older database was put back. Put "
	    "the newest back, or restore the mirror (scrim keys restore --mirror); to go on with "
	    "the older one, move the mirror away",
	    (unsigned long long)end->now.gen, (unsigned long long)h->gen);
	return SC_CORRUPT;
}

static enum sc_err find(struct store_job *j, struct store_tx *tx)
{
	struct mirror_keep *k = (struct mirror_keep *)j;
	struct backup_header h;
	struct backup_found base;
	struct mirror_end end;
	char path[BACKUP_PATH_MAX];
	struct sc_diag unheard;
	enum sc_err err;

	if ((err = header_of(k, tx, &h)) != SC_OK)
		return err;
	snprintf(path, sizeof(path), "%s/" MIRROR_BASE, k->settings->mirror);
	if (backup_look(path, &unheard, &base) != SC_OK)
		return SC_OK;
	if (memcmp(base.header.store_id, h.store_id, STORE_ID_BYTES) != 0) {
		snprintf(k->d->file, sizeof(k->d->file), "%.255s", path);
		sc_diag_set(k->d,
		    "it is the mirror of another store: name another folder, or move it away");
		return SC_AUTH;
	}
	read_to_end(k, &base, &end);
	if (end.now.gen > h.gen)
		return refuse_newer(k, path, &end, &h);
	if (!goes_on(k, &base, &end, &h))
		log_event(LOG_WARN, "keyd.mirror_behind", LOG_U64("commit", h.gen), LOG_END);
	return SC_OK;
}

enum sc_err mirror_keep_new(const struct settings *s, struct keystore *ks, struct keyring *kr,
    struct sc_diag *d, struct mirror_keep **out)
{
	struct mirror_keep *k;
	const struct mirror_maker *maker;
	enum sc_err err;

	*out = NULL;
	if (s->mirror == NULL)
		return SC_OK;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return SC_NOMEM;
	k->settings = s;
	k->d = d;
	k->job.run = find;
	maker = &(const struct mirror_maker){ make, k };
	if ((err = keyring_signer(kr, s->origin, &k->signer)) == SC_OK &&
	    (err = mirror_new(s->mirror, maker, d, &k->mirror)) == SC_OK &&
	    (err = store_run(keystore_store(ks), &k->job)) == SC_OK)
		err = keystore_mirror(ks, k->mirror, d);
	*out = k;
	return err;
}

void mirror_keep_free(struct mirror_keep *k)
{
	if (k == NULL)
		return;
	mirror_free(k->mirror);
	free(k);
}
