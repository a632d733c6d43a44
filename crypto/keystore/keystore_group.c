/*
 * keystore_group.c - the ordering rule at each group of the store's: boxes and rows are
 * written, the commit is made, the dead epoch's block is written over, and only then is
 * anybody told.
 */
#include "crypto/keystore/keystore_int.h"

#include "base/log.h"
#include "base/weak.h"
#include "crypto/prim/vault.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* They are in order: what is lost later lies behind. */
bool keystore_is_lost(const struct keystore *ks, uint64_t slot)
{
	size_t from = 0, to = ks->n_lost;

	while (from < to) {
		const size_t mid = from + (to - from) / 2;

		if (ks->lost[mid].last < slot)
			from = mid + 1;
		else
			to = mid;
	}
	return from < ks->n_lost && slot >= ks->lost[from].first;
}

/* What a careless system would leave: the block as it was, in a file beside. */
static void keep_block(const struct keystore *ks, uint64_t epoch)
{
	uint8_t block[EPOCH_BLOCK];
	char path[PATH_MAX + 8];
	int from, to;

	snprintf(path, sizeof(path), "%s.old", ks->epoch_path);
	from = open(ks->epoch_path, O_RDONLY | O_CLOEXEC);
	to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (from >= 0 && to >= 0 &&
	    pread(from, block, sizeof(block), (off_t)(epoch % 2 * EPOCH_BLOCK)) ==
		(ssize_t)sizeof(block) &&
	    write(to, block, sizeof(block)) != (ssize_t)sizeof(block))
		log_event(LOG_ERROR, "keyd.block_not_kept", LOG_END);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}

enum sc_err keystore_lay(struct keystore *ks, uint64_t epoch)
{
	enum sc_err err;

	if (WEAK("epoch-kept"))
		keep_block(ks, epoch);
	if ((err = epoch_file_write(ks->file, epoch)) != SC_OK)
		log_event(LOG_ERROR, "keyd.epoch_not_destroyed", LOG_ERR("err", err), LOG_END);
	return err;
}

/*
 * A commit that failed is taken back: the rows say what they said before it. If they say
 * anything else, somebody else writes here, and nothing is trusted any more.
 */
static enum sc_err open_again(struct keystore *ks, struct store_tx *tx)
{
	const struct tree_rows rows = store_rows_boxes(tx);
	const uint8_t *key = epoch_file_key(ks->file, ks->kept.epoch);
	uint8_t id[STORE_ID_BYTES];
	struct keystore_now is;
	bool there;
	enum sc_err err;

	if ((err = store_rows_find(tx, ks->node, id, &is, &there)) != SC_OK)
		return err;
	if (!there || is.epoch != ks->kept.epoch || is.gen != ks->kept.gen || key == NULL)
		return SC_CORRUPT;
	if ((err = tree_open(ks->tree, &rows, key)) == SC_OK)
		ks->stale = false;
	return err;
}

enum sc_err keystore_ready(struct keystore *ks, struct store_tx *tx)
{
	enum sc_err err;

	/* before any epoch's key is destroyed that the mirror still needs */
	if (ks->mirror != NULL && (err = mirror_ready(ks->mirror, tx)) != SC_OK)
		return err;
	/* the commit that owes it stands, so laying it is right whatever becomes of this group */
	if (ks->owed) {
		if ((err = keystore_lay(ks, ks->kept.epoch + 1)) != SC_OK)
			return err;
		ks->owed = false;
	}
	return ks->stale ? open_again(ks, tx) : SC_OK;
}

enum sc_err keystore_keyed(struct keystore *ks, struct store_tx *tx)
{
	enum sc_err err;

	if (ks->mirror == NULL || !mirror_keyed(ks->mirror))
		return SC_OK;
	if ((err = keystore_ready(ks, tx)) == SC_OK)
		ks->changed = true;
	return err;
}

enum sc_err keystore_closing(struct keystore *ks, struct store_tx *tx)
{
	const struct tree_rows rows = store_rows_boxes(tx);
	const uint8_t *key;
	enum sc_err err;

	if (!ks->changed)
		return SC_OK;
	ks->now.gen += !ks->replaying;
	if (tree_turns(ks->tree))
		ks->now.epoch++;
	if ((key = epoch_file_key(ks->file, ks->now.epoch)) == NULL)
		return SC_CORRUPT;
	if ((err = tree_write(ks->tree, &rows, key)) != SC_OK ||
	    (err = store_rows_keep(tx, ks->node, &ks->now)) != SC_OK)
		return err;
	if (WEAK("block-before-commit") && ks->now.epoch != ks->kept.epoch)
		return keystore_lay(ks, ks->now.epoch + 1);
	return SC_OK;
}

/* What a commit that ended with ERR comes to, with the mirror. */
static enum sc_err mirrored(struct keystore *ks, enum sc_err err)
{
	if (ks->mirror == NULL)
		return err;
	if (err == SC_OK)
		return mirror_commit(ks->mirror, &ks->now);
	mirror_drop(ks->mirror);
	return err;
}

enum sc_err keystore_committed(struct keystore *ks, enum sc_err err)
{
	const struct keystore_now was = ks->now;
	bool turned = ks->now.epoch != ks->kept.epoch;

	vault_sweep(); /* of the group's work with boxes */
	if (!ks->changed) {
		tree_keep(ks->tree); /* what was reached, and then left as it was */
		return mirrored(ks, err);
	}
	ks->changed = false;
	if (err != SC_OK) {
		tree_drop(ks->tree);
		ks->stale = true;
		ks->now = ks->kept;
		/* what the log was told stays told, and no slot is tried twice */
		ks->now.lease = was.lease;
		ks->now.high = was.high;
		return mirrored(ks, err);
	}
	ks->kept = ks->now;
	tree_keep(ks->tree);
	ks->owed = turned && !WEAK("block-before-commit");
	if ((err = mirrored(ks, SC_OK)) != SC_OK || !ks->owed)
		return err;
	if ((err = keystore_lay(ks, ks->now.epoch + 1)) == SC_OK)
		ks->owed = false;
	return err;
}
