/*
 * months.c - the keys of backups, made each month and destroyed after their time.
 */
#include "crypto/backup/months.h"

#include "base/bytes.h"
#include "base/civil.h"
#include "base/private_file.h"
#include "crypto/prim/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096
#define BLOCKS_MAX 1024 /* far more months than anybody keeps backups */
#define AT_MONTH 4
#define AT_ID 8
#define AT_SEALED (AT_ID + BACKUP_KEY_ID)
#define SEALED (SIV_BYTES + EPOCH_KEY_BYTES)
#define DAY_MS UINT64_C(86400000)
#define ADS 5

static const uint8_t magic[] = { 'S', 'C', 'B', '1' };

struct backup_months {
	struct months_place at;
	int fd;
	struct siv_ctx *root;
	size_t n; /* blocks */
	struct month_block {
		uint32_t month; /* 0: nothing of worth */
		uint8_t id[BACKUP_KEY_ID];
		uint8_t sealed[SEALED];
	} blocks[BLOCKS_MAX];
};

/* ---- months ---- */

uint32_t month_of(uint64_t unix_ms)
{
	const struct civil_date date = civil_of_days((int64_t)(unix_ms / DAY_MS));

	return (uint32_t)(date.year * 12 + date.month - 1);
}

uint64_t month_horizon(uint32_t month, uint32_t keep_days)
{
	const uint32_t next = month + 1;
	const int64_t end = civil_days(
	    (struct civil_date){ next / 12, (uint8_t)(next % 12 + 1), 1 });

	return (uint64_t)(end + keep_days) * DAY_MS;
}

/* ---- sealing ---- */

static enum sc_err siv_of(struct sc_span key, const char *label, struct siv_ctx **out)
{
	uint8_t wide[SIV_KEY_BYTES];
	enum sc_err err;

	if ((err = siv_ctx_new(out)) != SC_OK)
		return err;
	if ((err = hkdf_sha256(key, sc_span(NULL, 0), sc_span_str(label), wide, sizeof(wide))) ==
	    SC_OK)
		err = siv_set_key(*out, wide);
	sc_wipe(wide, sizeof(wide));
	if (err == SC_OK)
		return SC_OK;
	siv_ctx_free(*out);
	*out = NULL;
	return err;
}

/* What a month's key is bound to. */
static void block_ads(const struct backup_months *m, const struct month_block *b,
    uint8_t month[static 4], struct sc_span ads[static 3])
{
	sc_be32_store(month, b->month);
	ads[0] = sc_span_str(m->at.tenant->s);
	ads[1] = sc_span(month, 4);
	ads[2] = sc_span(b->id, BACKUP_KEY_ID);
}

/* The month's key itself, to use and wipe. */
static enum sc_err open_block(struct backup_months *m, const struct month_block *b,
    struct siv_ctx **out)
{
	uint8_t key[EPOCH_KEY_BYTES], month[4];
	struct sc_span ads[3];
	enum sc_err err;
	bool ok = false;

	*out = NULL;
	block_ads(m, b, month, ads);
	if ((err = siv_open(m->root, ads, 3, sc_span(b->sealed, SEALED), key, &ok)) == SC_OK)
		err = ok ? siv_of(sc_span(key, sizeof(key)), "scrim1|backup-epoch", out) : SC_AUTH;
	sc_wipe(key, sizeof(key));
	return err;
}

/* ---- blocks on the disk ---- */

static enum sc_err failed(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "the file of backup keys %s: %s", what, strerror(errno));
	return SC_IO;
}

/* BLOCK bytes over block I, in place. */
static enum sc_err lay(struct backup_months *m, size_t i, const uint8_t *bytes, struct sc_diag *d)
{
	const off_t at = (off_t)i * BLOCK;

	if (pwrite(m->fd, bytes, BLOCK, at) != BLOCK || fdatasync(m->fd) != 0)
		return failed(d, "cannot be written");
	return SC_OK;
}

static enum sc_err lay_month(struct backup_months *m, size_t i, const struct month_block *b,
    struct sc_diag *d)
{
	uint8_t bytes[BLOCK];

	random_bytes(bytes, sizeof(bytes));
	if (b != NULL) {
		memcpy(bytes, magic, sizeof(magic));
		sc_be32_store(bytes + AT_MONTH, b->month);
		memcpy(bytes + AT_ID, b->id, BACKUP_KEY_ID);
		memcpy(bytes + AT_SEALED, b->sealed, SEALED);
	}
	return lay(m, i, bytes, d);
}

static enum sc_err read_blocks(struct backup_months *m, struct sc_diag *d)
{
	uint8_t bytes[BLOCK];
	struct stat st;

	if (fstat(m->fd, &st) != 0)
		return failed(d, "cannot be read");
	if (st.st_size % BLOCK != 0 || st.st_size / BLOCK > BLOCKS_MAX) {
		sc_diag_set(d, "this is no file of backup keys");
		return SC_SYNTAX;
	}
	m->n = (size_t)(st.st_size / BLOCK);
	for (size_t i = 0; i < m->n; i++) {
		struct month_block *b = &m->blocks[i];

		if (pread(m->fd, bytes, BLOCK, (off_t)i * BLOCK) != BLOCK)
			return failed(d, "cannot be read");
		if (memcmp(bytes, magic, sizeof(magic)) != 0)
			continue;
		b->month = sc_be32_load(bytes + AT_MONTH);
		memcpy(b->id, bytes + AT_ID, BACKUP_KEY_ID);
		memcpy(b->sealed, bytes + AT_SEALED, SEALED);
	}
	return SC_OK;
}

/* The blocks whose horizon is over. */
static enum sc_err destroy_due(struct backup_months *m, struct sc_diag *d, unsigned *destroyed)
{
	enum sc_err err;

	for (size_t i = 0; i < m->n; i++) {
		struct month_block *b = &m->blocks[i];

		if (b->month == 0 || month_horizon(b->month, m->at.keep_days) > m->at.now_ms)
			continue;
		if ((err = lay_month(m, i, NULL, d)) != SC_OK)
			return err;
		b->month = 0;
		if (destroyed != NULL)
			++*destroyed;
	}
	return SC_OK;
}

/* ---- opening ---- */

static enum sc_err open_file(struct backup_months *m, bool make, struct sc_diag *d)
{
	struct stat st;

	m->fd = open(m->at.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
	if (m->fd < 0 && errno == ENOENT) {
		sc_diag_set(d,
		    "there is no file of backup keys: put back the copy that is kept with the "
		    "root key; without it no backup opens");
		return SC_IO;
	}
	if (m->fd < 0 || fstat(m->fd, &st) != 0)
		return failed(d, "cannot be opened");
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    (st.st_uid != geteuid() && st.st_uid != 0)) {
		sc_diag_set(d, "others can touch the file of backup keys: chmod 600");
		return SC_AUTH;
	}
	/* two backups at once must not make a month's key twice */
	return flock(m->fd, LOCK_EX) == 0 ? SC_OK : failed(d, "cannot be locked");
}

/* Does the root open what is there? It must, before it wraps more. */
static enum sc_err try_root(struct backup_months *m, struct sc_diag *d)
{
	struct siv_ctx *siv;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < m->n && err == SC_OK; i++) {
		if (m->blocks[i].month == 0)
			continue;
		err = open_block(m, &m->blocks[i], &siv);
		siv_ctx_free(siv);
	}
	if (err == SC_AUTH)
		sc_diag_set(d, "the root key does not open the backup keys: they are another's");
	return err;
}

enum sc_err months_open(const struct months_place *at, struct sc_secret *root, bool make,
    struct sc_diag *d, unsigned *destroyed, struct backup_months **out)
{
	struct backup_months *m;
	enum sc_err err;

	*out = NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return SC_NOMEM;
	m->at = *at;
	m->fd = -1;
	snprintf(d->file, sizeof(d->file), "%.255s", at->path);
	err = siv_of(sc_span(sc_secret_open(root), 32), "scrim1|backup", &m->root);
	sc_secret_close(root);
	if (err == SC_OK && (err = open_file(m, make, d)) == SC_OK &&
	    (err = read_blocks(m, d)) == SC_OK && (err = destroy_due(m, d, destroyed)) == SC_OK &&
	    (err = try_root(m, d)) == SC_OK) {
		*out = m;
		m = NULL;
		d->file[0] = '\0';
	}
	months_close(m);
	return err;
}

void months_close(struct backup_months *m)
{
	if (m == NULL)
		return;
	if (m->fd >= 0)
		close(m->fd);
	siv_ctx_free(m->root);
	free(m);
}

/* ---- this month's ---- */

static struct month_block *find(struct backup_months *m, uint32_t month)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->blocks[i].month == month)
			return &m->blocks[i];
	return NULL;
}

/* A new key, in a block that holds nothing, or one more. */
static enum sc_err begin_month(struct backup_months *m, uint32_t month, struct sc_diag *d,
    struct month_block **out)
{
	uint8_t key[EPOCH_KEY_BYTES], be[4];
	struct month_block *b = find(m, 0);
	struct sc_span ads[3];
	enum sc_err err;

	if (b == NULL && m->n == BLOCKS_MAX) {
		sc_diag_set(d, "the file of backup keys is full");
		return SC_LIMIT;
	}
	if (b == NULL)
		b = &m->blocks[m->n++];
	b->month = month;
	random_bytes(b->id, sizeof(b->id));
	random_bytes(key, sizeof(key));
	block_ads(m, b, be, ads);
	err = siv_seal(m->root, ads, 3, sc_span(key, sizeof(key)), b->sealed);
	sc_wipe(key, sizeof(key));
	*out = b;
	if (err != SC_OK || (err = lay_month(m, (size_t)(b - m->blocks), b, d)) != SC_OK)
		return err;
	/* before a backup is made that wants it: the file may be as new as the month */
	return private_file_settle(m->at.path) ? SC_OK : failed(d, "cannot be kept");
}

/* What the epoch's key in a backup is bound to. */
static void header_ads(const struct backup_header *h, uint8_t numbers[static 12],
    struct sc_span ads[static ADS])
{
	sc_be64_store(numbers, h->epoch);
	sc_be32_store(numbers + 8, h->month);
	ads[0] = sc_span_str("epoch");
	ads[1] = sc_span_str(h->tenant.s);
	ads[2] = sc_span(h->store_id, STORE_ID_BYTES);
	ads[3] = sc_span(numbers, 12);
	ads[4] = sc_span(h->key_id, BACKUP_KEY_ID);
}

enum sc_err months_seal(struct backup_months *m, const uint8_t key[static EPOCH_KEY_BYTES],
    struct sc_diag *d, struct backup_header *h)
{
	const uint32_t month = month_of(m->at.now_ms);
	struct month_block *b = find(m, month);
	struct sc_span ads[ADS];
	struct siv_ctx *siv;
	uint8_t numbers[12];
	enum sc_err err;

	if ((b == NULL && (err = begin_month(m, month, d, &b)) != SC_OK) ||
	    (err = open_block(m, b, &siv)) != SC_OK)
		return err;
	h->month = month;
	memcpy(h->key_id, b->id, BACKUP_KEY_ID);
	header_ads(h, numbers, ads);
	err = siv_seal(siv, ads, ADS, sc_span(key, EPOCH_KEY_BYTES), h->sealed);
	siv_ctx_free(siv);
	return err;
}

/* Why there is no key for H. */
static enum sc_err say_missing(const struct backup_months *m, const struct backup_header *h,
    struct sc_diag *d)
{
	const uint64_t over = month_horizon(h->month, m->at.keep_days);
	const struct civil_date date = civil_of_days((int64_t)(over / DAY_MS));

	if (over <= m->at.now_ms)
		sc_diag_set(d,
		    "the key of this backup was destroyed: backups of its month could be opened "
		    "until %04d-%02u-%02u",
		    (int)date.year, date.month, date.day);
	else
		sc_diag_set(d,
		    "the key of this backup is not among the backup keys: put back the newest "
		    "copy of that file, and see that it is of this installation");
	return SC_AUTH;
}

enum sc_err months_unseal(struct backup_months *m, const struct backup_header *h, struct sc_diag *d,
    uint8_t key[static EPOCH_KEY_BYTES])
{
	const struct month_block *b = find(m, h->month);
	struct sc_span ads[ADS];
	struct siv_ctx *siv;
	uint8_t numbers[12];
	bool ok = false;
	enum sc_err err;

	if (h->month == 0 || b == NULL || memcmp(b->id, h->key_id, BACKUP_KEY_ID) != 0)
		return say_missing(m, h, d);
	if ((err = open_block(m, b, &siv)) != SC_OK)
		return err;
	header_ads(h, numbers, ads);
	err = siv_open(siv, ads, ADS, sc_span(h->sealed, sizeof(h->sealed)), key, &ok);
	siv_ctx_free(siv);
	if (err == SC_OK && !ok) {
		sc_diag_set(d, "the key of the epoch in this backup does not open: it was changed");
		err = SC_AUTH;
	}
	return err;
}
