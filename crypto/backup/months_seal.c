/*
 * months_seal.c - what opens an epoch, sealed under the key of a month, and back.
 */
#include "crypto/backup/months_int.h"

#include "base/bytes.h"
#include "base/civil.h"
#include "base/private_file.h"
#include "crypto/prim/random.h"

#include <string.h>
#include <unistd.h>

#define ADS 5

/* ---- this month's ---- */

static struct month_block *find(struct backup_months *m, uint32_t month)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->blocks[i].month == month && month_lives(&m->blocks[i]))
			return &m->blocks[i];
	return NULL;
}

/* In a month that is over its key would die before its time. */
static enum sc_err check_clock(const struct backup_months *m, uint32_t month, struct sc_diag *d)
{
	uint32_t newest = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct month_block *b = &m->blocks[i];
		const uint32_t then = b->died_ms > 0 ? month_of(b->died_ms) : b->month;

		newest = then > newest ? then : newest;
	}
	if (newest <= month)
		return SC_OK;
	sc_diag_set(d,
	    "the clock says %04u-%02u, and backup keys were used in %04u-%02u: set the clock. "
	    "If it was wrong then, move the file of backup keys away; backups of before open "
	    "with it alone",
	    month / 12, month % 12 + 1, newest / 12, newest % 12 + 1);
	return SC_AUTH;
}

/* A new key, in one block more. */
static enum sc_err begin_month(struct backup_months *m, uint32_t month, struct sc_diag *d,
    struct month_block **out)
{
	uint8_t key[EPOCH_KEY_BYTES], be[4];
	struct month_block *b = &m->blocks[m->n];
	struct sc_span ads[3];
	enum sc_err err;

	if (m->n == MONTH_BLOCKS_MAX) {
		sc_diag_set(d, "the file of backup keys is full");
		return SC_LIMIT;
	}
	m->n++;
	b->month = month;
	random_bytes(b->id, sizeof(b->id));
	random_bytes(key, sizeof(key));
	month_ads(m, b, be, ads);
	err = siv_seal(m->root, ads, 3, sc_span(key, sizeof(key)), b->sealed);
	sc_wipe(key, sizeof(key));
	*out = b;
	if (err == SC_OK)
		err = month_lay(m, b, d);
	/* before a backup is made that wants it: the file may be as new as the month */
	if (err == SC_OK && !private_file_settle(m->at.path))
		err = SC_IO;
	if (err == SC_OK)
		return SC_OK;
	if (d->text[0] == '\0')
		sc_diag_set(d, "the file of backup keys cannot be kept");
	/* part of a block would be no file of backup keys any more */
	m->n--;
	if (ftruncate(m->fd, (off_t)(m->n * MONTH_BLOCK)) != 0)
		sc_diag_set(d, "the file of backup keys has part of a block at its end");
	return err;
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

	if ((err = check_clock(m, month, d)) != SC_OK ||
	    (b == NULL && (err = begin_month(m, month, d, &b)) != SC_OK) ||
	    (err = month_open(m, b, &siv)) != SC_OK)
		return err;
	h->month = month;
	memcpy(h->key_id, b->id, BACKUP_KEY_ID);
	header_ads(h, numbers, ads);
	err = siv_seal(siv, ads, ADS, sc_span(key, EPOCH_KEY_BYTES), h->sealed);
	siv_ctx_free(siv);
	return err;
}

/* The block of H's key, dead or alive, or NULL. */
static const struct month_block *find_key(const struct backup_months *m,
    const struct backup_header *h)
{
	for (size_t i = 0; h->month != 0 && i < m->n; i++)
		if (m->blocks[i].month != 0 &&
		    memcmp(m->blocks[i].id, h->key_id, BACKUP_KEY_ID) == 0)
			return &m->blocks[i];
	return NULL;
}

/* Why there is no key for H; B: what is left of it. */
static enum sc_err say_missing(const struct backup_months *m, const struct backup_header *h,
    const struct month_block *b, struct sc_diag *d)
{
	const uint64_t over = b != NULL ? b->died_ms : month_horizon(h->month, m->at.keep_days);
	const struct civil_date date = civil_of_days((int64_t)(over / MONTH_DAY_MS));

	if (over <= m->at.now_ms || b != NULL)
		sc_diag_set(d,
		    "the key of this backup's month (%04u-%02u) was destroyed by its horizon%s "
		    "%04d-%02u-%02u: nothing opens this backup any more; restore a newer one",
		    h->month / 12, h->month % 12 + 1, b != NULL ? ", on" : ", which was",
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
	const struct month_block *b = find_key(m, h);
	struct sc_span ads[ADS];
	struct siv_ctx *siv;
	uint8_t numbers[12];
	bool ok = false;
	enum sc_err err;

	if (b == NULL || !month_lives(b))
		return say_missing(m, h, b, d);
	if ((err = month_open(m, b, &siv)) != SC_OK)
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
