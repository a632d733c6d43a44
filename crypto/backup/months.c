/*
 * months.c - the file of backup keys: what is due is destroyed in it, in place.
 */
#include "crypto/backup/months_int.h"

#include "base/bytes.h"
#include "base/civil.h"
#include "crypto/prim/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_MONTH 4
#define AT_ID 8
#define AT_SEALED (AT_ID + BACKUP_KEY_ID)
#define AT_DIED AT_SEALED
#define AT_TOLD (AT_DIED + 8)

static const uint8_t magic[] = { 'S', 'C', 'B', '1' }, magic_dead[] = { 'S', 'C', 'B', 'D' };

/* ---- months ---- */

uint32_t month_of(uint64_t unix_ms)
{
	const struct civil_date date = civil_of_days((int64_t)(unix_ms / MONTH_DAY_MS));

	return (uint32_t)(date.year * 12 + date.month - 1);
}

uint64_t month_horizon(uint32_t month, uint32_t keep_days)
{
	const uint32_t next = month + 1;
	const int64_t end = civil_days(
	    (struct civil_date){ next / 12, (uint8_t)(next % 12 + 1), 1 });

	return (uint64_t)(end + keep_days) * MONTH_DAY_MS;
}

/* ---- sealing ---- */

static enum sc_err month_siv(struct sc_span key, const char *label, struct siv_ctx **out)
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
void month_ads(const struct backup_months *m, const struct month_block *b, uint8_t month[static 4],
    struct sc_span ads[static 3])
{
	sc_be32_store(month, b->month);
	ads[0] = sc_span_str(m->at.tenant->s);
	ads[1] = sc_span(month, 4);
	ads[2] = sc_span(b->id, BACKUP_KEY_ID);
}

/* The month's key itself, to use and wipe. */
enum sc_err month_open(struct backup_months *m, const struct month_block *b, struct siv_ctx **out)
{
	uint8_t key[EPOCH_KEY_BYTES], month[4];
	struct sc_span ads[3];
	enum sc_err err;
	bool ok = false;

	*out = NULL;
	month_ads(m, b, month, ads);
	if ((err = siv_open(m->root, ads, 3, sc_span(b->sealed, MONTH_SEALED), key, &ok)) == SC_OK)
		err = ok ? month_siv(sc_span(key, sizeof(key)), "scrim1|backup-epoch", out) :
			   SC_AUTH;
	sc_wipe(key, sizeof(key));
	return err;
}

/* ---- blocks on the disk ---- */

static enum sc_err failed(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "the file of backup keys %s: %s", what, strerror(errno));
	return SC_IO;
}

/* MONTH_BLOCK bytes over block I, in place. */
static enum sc_err lay(struct backup_months *m, size_t i, const uint8_t *bytes, struct sc_diag *d)
{
	const off_t at = (off_t)i * MONTH_BLOCK;

	if (pwrite(m->fd, bytes, MONTH_BLOCK, at) != MONTH_BLOCK || fdatasync(m->fd) != 0)
		return failed(d, "cannot be written");
	return SC_OK;
}

enum sc_err month_lay(struct backup_months *m, const struct month_block *b, struct sc_diag *d)
{
	uint8_t bytes[MONTH_BLOCK];

	random_bytes(bytes, sizeof(bytes));
	memcpy(bytes, b->died_ms == 0 ? magic : magic_dead, sizeof(magic));
	sc_be32_store(bytes + AT_MONTH, b->month);
	memcpy(bytes + AT_ID, b->id, BACKUP_KEY_ID);
	if (b->died_ms == 0) {
		memcpy(bytes + AT_SEALED, b->sealed, MONTH_SEALED);
	} else {
		sc_be64_store(bytes + AT_DIED, b->died_ms);
		bytes[AT_TOLD] = b->told;
	}
	return lay(m, (size_t)(b - m->blocks), bytes, d);
}

static void parse_block(const uint8_t *bytes, struct month_block *b)
{
	const bool dead = memcmp(bytes, magic_dead, sizeof(magic_dead)) == 0;

	if (!dead && memcmp(bytes, magic, sizeof(magic)) != 0)
		return;
	b->month = sc_be32_load(bytes + AT_MONTH);
	memcpy(b->id, bytes + AT_ID, BACKUP_KEY_ID);
	if (dead) {
		b->died_ms = sc_be64_load(bytes + AT_DIED);
		b->told = bytes[AT_TOLD] == 1;
	} else
		memcpy(b->sealed, bytes + AT_SEALED, MONTH_SEALED);
}

static enum sc_err read_blocks(struct backup_months *m, struct sc_diag *d)
{
	uint8_t bytes[MONTH_BLOCK];
	struct stat st;

	if (fstat(m->fd, &st) != 0)
		return failed(d, "cannot be read");
	if (st.st_size % MONTH_BLOCK != 0 || st.st_size / MONTH_BLOCK > MONTH_BLOCKS_MAX) {
		sc_diag_set(d, "this is no file of backup keys");
		return SC_SYNTAX;
	}
	m->n = (size_t)(st.st_size / MONTH_BLOCK);
	for (size_t i = 0; i < m->n; i++) {
		if (pread(m->fd, bytes, MONTH_BLOCK, (off_t)i * MONTH_BLOCK) != MONTH_BLOCK)
			return failed(d, "cannot be read");
		parse_block(bytes, &m->blocks[i]);
	}
	return SC_OK;
}

bool month_lives(const struct month_block *b)
{
	return b->month != 0 && b->died_ms == 0;
}

/* The blocks whose horizon is over. */
static enum sc_err destroy_due(struct backup_months *m, struct sc_diag *d, unsigned *destroyed)
{
	enum sc_err err;

	for (size_t i = 0; i < m->n; i++) {
		struct month_block *b = &m->blocks[i];

		if (!month_lives(b) || month_horizon(b->month, m->at.keep_days) > m->at.now_ms)
			continue;
		b->died_ms = m->at.now_ms;
		if ((err = month_lay(m, b, d)) != SC_OK)
			return err;
		if (destroyed != NULL)
			++*destroyed;
	}
	return SC_OK;
}

/* ---- opening ---- */

static enum sc_err open_file(struct backup_months *m, int flags, int lock, struct sc_diag *d)
{
	struct stat st;

	m->fd = open(m->at.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (m->fd >= 0 ? fstat(m->fd, &st) != 0 : errno != ENOENT)
		return failed(d, "cannot be opened");
	/* nor is an empty one, that keyd has made for itself */
	if (m->fd < 0 || (flags == 0 && st.st_size == 0)) {
		sc_diag_set(d,
		    "there is no file of backup keys: put back the copy that is kept with the "
		    "root key; without it no backup opens");
		return SC_IO;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    (st.st_uid != geteuid() && st.st_uid != 0)) {
		sc_diag_set(d, "others can touch the file of backup keys: chmod 600");
		return SC_AUTH;
	}
	/* two backups at once must not make a month's key twice */
	if (flock(m->fd, LOCK_EX | lock) == 0)
		return SC_OK;
	(void)failed(d, "cannot be locked");
	return errno == EWOULDBLOCK ? SC_AGAIN : SC_IO;
}

/* Does the root open what is there? It must, before it wraps more. */
static enum sc_err try_root(struct backup_months *m, struct sc_diag *d)
{
	struct siv_ctx *siv;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < m->n && err == SC_OK; i++) {
		if (!month_lives(&m->blocks[i]))
			continue;
		err = month_open(m, &m->blocks[i], &siv);
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
	err = month_siv(sc_span(sc_secret_open(root), 32), "scrim1|backup", &m->root);
	sc_secret_close(root);
	if (err == SC_OK && (err = open_file(m, make ? O_CREAT : 0, 0, d)) == SC_OK &&
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

/* ---- without the root ---- */

static enum sc_err tell_dead(struct backup_months *m, struct sc_diag *d,
    enum sc_err (*tell)(void *arg, uint32_t month), void *arg)
{
	enum sc_err err;

	for (size_t i = 0; i < m->n; i++) {
		struct month_block *b = &m->blocks[i];

		if (b->died_ms == 0 || b->told)
			continue;
		if ((err = tell(arg, b->month)) != SC_OK) {
			sc_diag_set(d, "keyd's log does not take what became of a backup key");
			return err;
		}
		b->told = true;
		if ((err = month_lay(m, b, d)) != SC_OK)
			return err;
	}
	return SC_OK;
}

static void count_left(const struct backup_months *m, struct months_left *out)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct month_block *b = &m->blocks[i];

		out->live += month_lives(b);
		if (b->died_ms > out->last_at_ms) {
			out->last = b->month;
			out->last_at_ms = b->died_ms;
		}
	}
}

enum sc_err months_end(const struct months_place *at, struct sc_diag *d,
    enum sc_err (*tell)(void *arg, uint32_t month), void *arg, struct months_left *out)
{
	struct backup_months *m;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if (access(at->path, F_OK) != 0 && errno == ENOENT)
		return SC_OK;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return SC_NOMEM;
	m->at = *at;
	m->fd = -1;
	/* an empty one is none to end, so as if it were to be made */
	if ((err = open_file(m, O_CREAT, LOCK_NB, d)) == SC_OK &&
	    (err = read_blocks(m, d)) == SC_OK &&
	    (err = destroy_due(m, d, &out->destroyed)) == SC_OK && tell != NULL)
		err = tell_dead(m, d, tell, arg);
	count_left(m, out);
	months_close(m);
	return err;
}

enum sc_err months_make(const char *path, struct sc_diag *d)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return failed(d, "cannot be made");
	close(fd);
	return SC_OK;
}
