/*
 * keystore.c - opening store, epoch file and tree together: made where there is nothing
 * at all, held against each other otherwise.
 *
 * Nothing here ever makes a new key where an old one is missing: what cannot be opened is
 * told, with what to do about it.
 */
#include "crypto/keystore/keystore_int.h"

#include "base/log.h"
#include "crypto/prim/random.h"
#include "crypto/rows/tables.h"
#include "net/loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- jobs at the start ---- */

struct start_job {
	struct store_job job;
	struct keystore *ks;
	bool there, used;
};

static enum sc_err run_job(struct keystore *ks, struct start_job *j,
    enum sc_err (*run)(struct store_job *j, struct store_tx *tx))
{
	j->job.run = run;
	j->ks = ks;
	return store_run(ks->store, &j->job);
}

static enum sc_err read_rows(struct store_job *job, struct store_tx *tx)
{
	struct start_job *j = loop_owner(job, struct start_job, job);
	struct keystore *ks = j->ks;
	enum sc_err err;

	if ((err = store_rows_find(tx, ks->node, ks->id, &ks->kept, &j->there)) != SC_OK ||
	    (err = store_rows_used(tx, &j->used)) != SC_OK)
		return err;
	ks->now = ks->kept;
	return store_rows_lost(tx, &ks->lost, &ks->n_lost);
}

static enum sc_err make_rows(struct store_job *job, struct store_tx *tx)
{
	struct keystore *ks = loop_owner(job, struct start_job, job)->ks;
	const struct tree_rows rows = store_rows_boxes(tx);
	const uint8_t *key = epoch_file_key(ks->file, 0);
	enum sc_err err;

	ks->now.gen = 1;
	if (key == NULL)
		return SC_CORRUPT;
	if ((err = tree_write(ks->tree, &rows, key)) != SC_OK ||
	    (err = store_rows_make(tx, ks->id, &ks->now)) != SC_OK)
		return err;
	return store_rows_keep(tx, ks->node, &ks->now);
}

static enum sc_err open_tree(struct store_job *job, struct store_tx *tx)
{
	struct keystore *ks = loop_owner(job, struct start_job, job)->ks;
	const struct tree_rows rows = store_rows_boxes(tx);
	const uint8_t *key = epoch_file_key(ks->file, ks->kept.epoch);

	return key == NULL ? SC_CORRUPT : tree_open(ks->tree, &rows, key);
}

static enum sc_err keep_rows(struct store_job *job, struct store_tx *tx)
{
	struct keystore *ks = loop_owner(job, struct start_job, job)->ks;

	return store_rows_keep(tx, ks->node, &ks->now);
}

/* ---- what is there ---- */

static bool is_there(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0;
}

static const char *store_path(const char *url)
{
	const char *colon = strchr(url, ':');

	return colon == NULL ? url : colon + 1;
}

enum whole { NOTHING, WHOLE, NO_DATABASE, NO_EPOCH };

static const struct whole_row {
	enum sc_err err; /* SC_OK: go on */
	const char *text;
} whole_rows[] = {
	[NOTHING] = { SC_AUTH,
	    "there are no keys yet: make them with --init. If there were any, put the database "
	    "and keyd.epoch back, or restore a backup (scrim keys restore)" },
	[WHOLE] = { SC_OK, NULL },
	[NO_DATABASE] = { SC_IO,
	    "keyd.epoch is there, and the database it belongs to is not: put the newest "
	    "database back, or restore a backup (scrim keys restore). A new database opens "
	    "nothing" },
	[NO_EPOCH] = { SC_IO,
	    "the database is there, and keyd.epoch, without which it opens nothing, is not: "
	    "put it or its twin back, or restore a backup (scrim keys restore). A new one "
	    "opens nothing" },
};

/* SC_OK: they are both there, or (*MAKE) neither, and INIT. */
static enum sc_err judge(bool database, bool epoch, bool init, struct sc_diag *d, bool *make)
{
	enum whole is = database ? epoch ? WHOLE : NO_EPOCH : epoch ? NO_DATABASE : NOTHING;

	*make = is == NOTHING && init;
	if (*make)
		return SC_OK;
	if (whole_rows[is].err != SC_OK)
		sc_diag_set(d, "%s", whole_rows[is].text);
	return whole_rows[is].err;
}

/* ---- opening what is there ---- */

static void say_held(const struct keystore *ks, const struct epoch_held held[2], bool older,
    struct sc_diag *d)
{
	char text[2][32];

	for (int i = 0; i < 2; i++)
		if (held[i].opens)
			snprintf(text[i], sizeof(text[i]), "%llu",
			    (unsigned long long)held[i].epoch);
		else
			snprintf(text[i], sizeof(text[i]), "one that does not open");
	snprintf(d->file, sizeof(d->file), "%.255s", ks->epoch_path);
	sc_diag_set(d,
	    "the database is of epoch %llu, keyd.epoch holds %s and %s: an older %s was put "
	    "back. Put back the newest %s, or restore a backup (scrim keys restore)",
	    (unsigned long long)ks->kept.epoch, text[0], text[1],
	    older ? "database, whose keys are destroyed," : "keyd.epoch",
	    older ? "database" : "keyd.epoch or its twin");
}

/*
 * The commit of a process that was killed may stand in the system's memory alone. Destroying
 * E_n by its word and losing the power then would leave E_n's boxes and no key:
 * a commit of our own puts all of it on the disk first.
 */
static enum sc_err lay_owed(struct keystore *ks, uint64_t epoch, struct sc_diag *d)
{
	struct start_job keep = { .there = true };
	enum sc_err err;

	/* the mirror may need what is there now: keystore_ready() lays it behind the mirror's base */
	if ((err = run_job(ks, &keep, keep_rows)) == SC_OK && ks->mirrored)
		ks->owed = true;
	else if (err == SC_OK)
		err = keystore_lay(ks, epoch);
	if (err != SC_OK)
		sc_diag_set(d, "cannot write keyd.epoch (%s)", sc_err_name(err));
	return err;
}

/* One of the file and its twin was missing or behind. */
static enum sc_err mend(struct keystore *ks, struct sc_diag *d)
{
	enum sc_err err = epoch_file_mend(ks->file);

	if (err == SC_OK)
		log_event(LOG_WARN, "keyd.epoch_mended", LOG_END);
	else
		sc_diag_set(d, "cannot mend keyd.epoch and its twin (%s)", sc_err_name(err));
	return err;
}

/*
 * Before anything is written to the epoch file: where E_n is another's, of the same store
 * before it was restored, both would be lost.
 */
static enum sc_err open_top(struct keystore *ks, struct sc_diag *d)
{
	struct start_job open = { .there = true };
	enum sc_err err = run_job(ks, &open, open_tree);

	if (err != SC_OK)
		sc_diag_set(d,
		    "the tree of keys does not open (%s): the database is damaged, or keyd.epoch "
		    "is from before a restore. Put back the newest of both, or restore a backup "
		    "(scrim keys restore)",
		    sc_err_name(err));
	return err;
}

static enum sc_err in_step(struct keystore *ks, bool repaired, struct sc_diag *d)
{
	struct epoch_held held[2];
	uint64_t write;
	enum order_epoch is;
	enum sc_err err;

	epoch_file_held(ks->file, held);
	is = order_of_epochs(ks->kept.epoch, held, &write);
	if (is == ORDER_STORE_OLDER || is == ORDER_FILE_OLDER) {
		say_held(ks, held, is == ORDER_STORE_OLDER, d);
		return SC_CORRUPT;
	}
	if ((err = open_top(ks, d)) != SC_OK)
		return err;
	if (is == ORDER_IN_STEP)
		return repaired ? mend(ks, d) : SC_OK;
	log_event(LOG_WARN, "keyd.epoch_finished", LOG_U64("epoch", ks->kept.epoch), LOG_END);
	return lay_owed(ks, write, d);
}

static enum sc_err open_parts(struct keystore *ks, struct sc_secret *root, struct sc_diag *d)
{
	bool repaired = false;
	enum sc_err err = epoch_file_open(&ks->place, root, d, &repaired, &ks->file);

	return err != SC_OK ? err : in_step(ks, repaired, d);
}

static enum sc_err make_parts(struct keystore *ks, struct sc_secret *root, struct sc_diag *d)
{
	struct start_job make = { .there = false };
	enum sc_err err;

	random_bytes(ks->id, sizeof(ks->id));
	memcpy(ks->place.store_id, ks->id, sizeof(ks->id));
	if ((err = tree_new(sc_span_str(ks->tenant.s), ks->id, KEYSTORE_BOXES, &ks->tree)) !=
		SC_OK ||
	    (err = epoch_file_make(&ks->place, root, d, &ks->file)) != SC_OK)
		return err;
	if ((err = tree_begin(ks->tree)) != SC_OK ||
	    (err = run_job(ks, &make, make_rows)) != SC_OK) {
		sc_diag_set(d, "cannot make the first keys (%s)", sc_err_name(err));
		return err;
	}
	tree_keep(ks->tree);
	ks->kept = ks->now;
	return SC_OK;
}

/* ---- life ---- */

static enum sc_err keep_place(struct keystore *ks, const struct keystore_place *at)
{
	const char *twin = at->epoch_twin == NULL ? "" : at->epoch_twin;

	ks->tenant = *at->tenant;
	ks->mirrored = at->mirrored;
	if (snprintf(ks->node, sizeof(ks->node), "%s", at->node) >= (int)sizeof(ks->node) ||
	    snprintf(ks->epoch_path, sizeof(ks->epoch_path), "%s", at->epoch) >=
		(int)sizeof(ks->epoch_path) ||
	    snprintf(ks->twin_path, sizeof(ks->twin_path), "%s", twin) >=
		(int)sizeof(ks->twin_path))
		return SC_LIMIT;
	ks->place.path = ks->epoch_path;
	ks->place.twin = twin[0] == '\0' ? NULL : ks->twin_path;
	ks->place.tenant = sc_span_str(ks->tenant.s);
	ks->place.owner = true;
	return SC_OK;
}

static enum sc_err open_all(struct keystore *ks, const char *url, struct sc_secret *root, bool init,
    struct sc_diag *d)
{
	bool epoch = is_there(ks->place.path) || is_there(ks->place.twin), make;
	struct start_job read = { .there = false };
	enum sc_err err;

	/* before a database is made by merely opening it */
	if ((!is_there(store_path(url)) && (err = judge(false, epoch, init, d, &make)) != SC_OK) ||
	    (err = store_open(url, &keyd_tables, d, &ks->store)) != SC_OK)
		return err;
	if ((err = run_job(ks, &read, read_rows)) != SC_OK) {
		sc_diag_set(d, "the database cannot be read (%s)", sc_err_name(err));
		return err;
	}
	if (!read.there && read.used) {
		sc_diag_set(d,
		    "the database has keys and no word of how far they come: it is damaged. Put "
		    "back the newest one, or restore a backup (scrim keys restore)");
		return SC_CORRUPT;
	}
	if ((err = judge(read.there, epoch, init, d, &make)) != SC_OK)
		return err;
	if (make)
		return make_parts(ks, root, d);
	memcpy(ks->place.store_id, ks->id, sizeof(ks->id));
	if ((err = tree_new(sc_span_str(ks->tenant.s), ks->id, KEYSTORE_BOXES, &ks->tree)) != SC_OK)
		return err;
	return open_parts(ks, root, d);
}

enum sc_err keystore_open(const struct keystore_place *at, struct sc_secret *root, bool init,
    struct sc_diag *d, struct keystore **out)
{
	struct keystore *ks;
	struct sc_diag unheard;
	enum sc_err err;

	*out = NULL;
	if ((ks = calloc(1, sizeof(*ks))) == NULL)
		return SC_NOMEM;
	if ((err = keep_place(ks, at)) == SC_OK)
		err = open_all(ks, at->store, root, init, d == NULL ? &unheard : d);
	if (err != SC_OK) {
		keystore_close(ks);
		return err;
	}
	*out = ks;
	return SC_OK;
}

void keystore_close(struct keystore *ks)
{
	if (ks == NULL)
		return;
	store_close(ks->store);
	tree_free(ks->tree);
	epoch_file_close(ks->file);
	free(ks->lost);
	free(ks);
}

static enum sc_err begin_mirror(struct store_job *job, struct store_tx *tx)
{
	struct keystore *ks = loop_owner(job, struct start_job, job)->ks;
	const struct store_watch watch = mirror_watch(ks->mirror);

	store_set_watch(ks->store, &watch);
	return keystore_ready(ks, tx);
}

enum sc_err keystore_mirror(struct keystore *ks, struct mirror *m, struct sc_diag *d)
{
	struct start_job begin = { .there = true };
	enum sc_err err;

	ks->mirror = m;
	if ((err = run_job(ks, &begin, begin_mirror)) != SC_OK)
		sc_diag_set(d,
		    "the mirror cannot be written (%s): make room on its disk or mend it, or take "
		    "`mirror` out of the configuration",
		    sc_err_name(err));
	return err;
}

struct store *keystore_store(const struct keystore *ks)
{
	return ks->store;
}

const uint8_t *keystore_ring(const struct keystore *ks)
{
	return tree_ring(ks->tree);
}

uint64_t keystore_applied(const struct keystore *ks)
{
	return ks->kept.applied;
}

const uint8_t *keystore_epoch_key(const struct keystore *ks, uint64_t *epoch)
{
	*epoch = ks->kept.epoch;
	return epoch_file_key(ks->file, ks->kept.epoch);
}

uint64_t keystore_turned_ms(const struct keystore *ks)
{
	struct stat st;

	if (ks->kept.epoch == 0 || stat(ks->epoch_path, &st) != 0)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * 1000 + (uint64_t)st.st_mtim.tv_nsec / 1000000;
}
