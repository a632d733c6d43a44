/*
 * show.h - one moment of the store, written as a backup: all of it inside one job.
 */
#ifndef CRYPTO_BACKUP_SHOW_H
#define CRYPTO_BACKUP_SHOW_H

#include "crypto/backup/take.h"

/*
 * What a store says of itself, inside a job: of H the id, epoch, high, lease, people, gen,
 * applied and head of ORIGIN.
 */
SC_CHECKED enum sc_err backup_show_store(struct store_tx *tx, struct backup_header *h);

/*
 * Everything behind the header, by H whole or since its from_epoch and from_high: to W.
 * WEEKS_SINCE: of people who are not new, weeks from that one on; UINT32_MAX: none.
 * ALIASES_SINCE: the commit that another backup has: whose orders are, as noted since; 0: all.
 */
struct backup_show {
	const struct backup_header *header;
	struct backup_writer *writer;
	uint32_t weeks_since;
	uint64_t aliases_since;
	const struct work_watch *watch;
};
SC_CHECKED enum sc_err backup_show_rows(struct store_tx *tx, const struct backup_show *s);

#endif
