/*
 * tool_drill.c - scrim-keyd --drill SOURCE: a restore into a scratch folder beside
 * a keyd that runs, to know that it would work, and how long it would take.
 *
 * Every key of it is opened on the way; a sample is then looked up as keyd does. The
 * scratch folder is removed in any case. One that went well leaves a row in keyd's store.
 */
#include "crypto/keyd/tool.h"

#include "base/clock.h"
#include "crypto/backup/rebuild.h"
#include "crypto/backup/remember.h"
#include "crypto/backup/ring.h"
#include "crypto/keyring/root.h"
#include "crypto/keystore/keystore.h"
#include "crypto/prim/random.h"
#include "crypto/rows/tables.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE 1000
#define WAIT_TRIES 100 /* for the log to be published as far as the backup has it */
#define WAIT_MS 100

struct drill {
	struct tool_run *run;
	struct sc_diag *d;
	struct settings scratch; /* the settings, with places of its own */
	struct sc_secret *root;  /* theirs alone: of a drill that is killed nothing opens */
	char folder[BACKUP_PATH_MAX], store[BACKUP_PATH_MAX], epoch[BACKUP_PATH_MAX];
	struct backup_rebuilt rebuilt;
	struct keystore_replayed log;
	struct keystore *keystore;
	uint64_t sampled;
};

/* ---- the scratch folder ---- */

static enum sc_err make_root(struct drill *g)
{
	uint8_t key[ROOT_BYTES];

	random_bytes(key, sizeof(key));
	return sc_secret_new_take(key, sizeof(key), &g->root);
}

static enum sc_err make_scratch(struct drill *g)
{
	const struct tool_options *o = g->run->options;
	char beside[BACKUP_PATH_MAX];

	snprintf(beside, sizeof(beside), "%s", o->drill);
	snprintf(g->folder, sizeof(g->folder), "%s/.scrim-drill-XXXXXX",
	    o->scratch != NULL ? o->scratch : dirname(beside));
	if (mkdtemp(g->folder) == NULL) {
		snprintf(g->d->file, sizeof(g->d->file), "%.255s", g->folder);
		sc_diag_set(g->d, "the scratch folder cannot be made: %s", strerror(errno));
		g->folder[0] = '\0';
		return SC_IO;
	}
	if (snprintf(g->store, sizeof(g->store), "%s/keyd.db", g->folder) >= SETTINGS_PATH_MAX ||
	    snprintf(g->epoch, sizeof(g->epoch), "%s/keyd.epoch", g->folder) >= SETTINGS_PATH_MAX)
		return SC_LIMIT;
	g->scratch = g->run->settings;
	g->scratch.store = g->store;
	g->scratch.epoch = g->epoch;
	g->scratch.epoch_twin = g->scratch.mirror = NULL;
	return SC_OK;
}

static void remove_scratch(struct drill *g)
{
	if (g->folder[0] == '\0')
		return;
	if (g->scratch.store != NULL)
		backup_places_clear(&g->scratch, true);
	if (rmdir(g->folder) != 0)
		fprintf(stderr, "scrim-keyd: %s cannot be removed: %s\n", g->folder,
		    strerror(errno));
}

/* ---- the restore ---- */

static enum sc_err rebuild(struct drill *g)
{
	struct tool_run *r = g->run;
	const char *source = r->options->drill;
	struct backup_chain chain = { .n = 0 };
	const struct backup_rebuild how = { .settings = &g->scratch,
		.root = r->root,
		.under = g->root,
		.chain = &chain,
		.watch = r->watch };
	struct sign_public key;
	bool has_key;
	enum sc_err err;

	if ((err = tool_vkey(r->options->vkey, g->d, &key, &has_key)) == SC_OK &&
	    (err = backup_chain_find(&source, 1, &r->settings.tenant, g->d, &chain)) == SC_OK &&
	    (err = backup_chain_verify(&chain, has_key ? &key : NULL, &r->watch, g->d)) == SC_OK)
		err = backup_rebuild(&how, g->d, &g->rebuilt);
	backup_chain_fini(&chain);
	return err;
}

/* Its tree is too short. Are they in its journal, which only keyd brings into the tree? */
static enum sc_err say_short(const struct drill *g, int fd, const struct tlog_state *state)
{
	struct sc_diag unheard;
	uint64_t end;

	if (journal_read(fd, (size_t)state->journal_bytes, state->size, NULL, NULL, &end,
		&unheard) != SC_OK ||
	    end < g->rebuilt.header.applied)
		return SC_OK; /* it is an older one: the replay says so */
	snprintf(g->d->file, sizeof(g->d->file), "%.255s", g->run->settings.log);
	sc_diag_set(g->d,
	    "keyd died before it brought its log up to date: start it once, then drill again");
	return SC_AGAIN;
}

/* How many entries keyd's log has published, once that is as many as the backup had carried out. */
static enum sc_err log_size(struct drill *g, uint64_t *size)
{
	const char *dir = g->run->settings.log;
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct timespec wait = { .tv_nsec = WAIT_MS * 1000000L };
	struct tlog_state state = { .size = 0 };
	enum sc_err err = SC_OK;
	bool found = fd >= 0;

	for (unsigned i = 0; found && i < WAIT_TRIES; i++) {
		if ((err = state_read(fd, &state, &found, g->d)) != SC_OK || !found ||
		    state.size >= g->rebuilt.header.applied)
			break;
		nanosleep(&wait, NULL);
	}
	if (err == SC_OK && found && state.size < g->rebuilt.header.applied)
		err = say_short(g, fd, &state);
	if (fd >= 0)
		close(fd);
	*size = state.size;
	if (err == SC_OK && !found) {
		snprintf(g->d->file, sizeof(g->d->file), "%.255s", dir);
		sc_diag_set(g->d, "keyd's log is not there: a restore wants it");
		err = SC_IO;
	}
	return err;
}

static enum sc_err replay(struct drill *g)
{
	const struct settings *s = &g->scratch;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	const struct keystore_place at = { .tenant = &s->tenant,
		.store = url,
		.epoch = s->epoch,
		.node = s->origin };
	struct keystore_replay_from from = { .dir = s->log, .older = true };
	struct keyring *kr = NULL;
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", s->store);
	if ((err = log_size(g, &from.size)) != SC_OK ||
	    (err = keystore_open(&at, g->root, false, g->d, &g->keystore)) != SC_OK ||
	    (err = keyring_open(keystore_store(g->keystore), keystore_ring(g->keystore), &s->tenant,
		 false, g->d, &kr)) != SC_OK)
		return err;
	from.slot_key = keyring_slot_key(kr);
	from.keyring = kr;
	err = keystore_replay(g->keystore, &from, g->d, &g->log);
	keyring_free(kr);
	return err;
}

/* ---- the sample ---- */

struct sampling {
	struct store_job job; /* first */
	struct drill *g;
	struct tree *tree;
	const uint8_t *key;
	const struct tree_rows *rows;
	uint8_t from[HANDLE_BYTES];
	uint64_t limit;
};

static bool bind_range(void *arg, size_t i, struct store_value *v)
{
	const struct sampling *s = arg;

	(void)i;
	v[0] = store_blob(s->from, HANDLE_BYTES);
	v[1] = store_number(s->limit);
	return true;
}

/* Their handle led here: does the box of that slot say that it is theirs? */
static enum sc_err take_person(void *arg, size_t i, const struct store_value *v)
{
	struct sampling *s = arg;
	struct tree_person who;
	enum sc_err err;
	bool gone;

	(void)i;
	err = tree_look(s->tree, s->rows, (uint64_t)v[2].number, &who, &gone);
	if (err == SC_OK &&
	    (gone || v[0].bytes.n != HANDLE_BYTES ||
		memcmp(who.handle, v[0].bytes.p, HANDLE_BYTES) != 0))
		err = SC_CORRUPT;
	sc_wipe(&who, sizeof(who));
	s->g->sampled += err == SC_OK;
	return err;
}

static enum sc_err sample_run(struct store_job *j, struct store_tx *tx)
{
	struct sampling *s = (struct sampling *)j;
	const struct tree_rows rows = backup_tree_rows(tx);
	const uint64_t all = s->g->rebuilt.people;
	enum sc_err err;

	s->rows = &rows;
	if ((err = tree_open(s->tree, &rows, s->key)) != SC_OK)
		return err;
	/* in as many runs of neighbours as there are first bytes, or all of them */
	s->limit = all <= SAMPLE ? SAMPLE : SAMPLE / 256 + 1;
	for (unsigned i = 0; i < (all <= SAMPLE ? 1 : 256) && err == SC_OK; i++) {
		s->from[0] = (uint8_t)i;
		err = store_ask(tx,
		    &(struct store_batch){ PERSON_RANGE, 1, bind_range, take_person, s });
	}
	return err;
}

/* By the epoch's key as the file has it now: a replay may have ended the backup's. */
static enum sc_err sample(struct drill *g, uint64_t epoch, const uint8_t *key)
{
	struct sampling s = { .job = { .run = sample_run }, .g = g, .key = key };
	enum sc_err err;

	(void)epoch;
	if ((err = tree_new(sc_span_str(g->scratch.tenant.s), g->rebuilt.header.store_id, 64,
		 &s.tree)) != SC_OK)
		return err;
	err = store_run(keystore_store(g->keystore), &s.job);
	tree_free(s.tree);
	if (err != SC_OK)
		sc_diag_set(g->d, "a person of the sample does not open (%s)", sc_err_name(err));
	return err;
}

static enum sc_err open_sample(struct drill *g)
{
	struct epoch_place place = { .path = g->scratch.epoch,
		.tenant = sc_span_str(g->scratch.tenant.s) };
	struct epoch_held held[2];
	struct epoch_file *f = NULL;
	uint64_t epoch;
	bool repaired;
	enum sc_err err;

	memcpy(place.store_id, g->rebuilt.header.store_id, STORE_ID_BYTES);
	if ((err = epoch_file_open(&place, g->root, g->d, &repaired, &f)) != SC_OK)
		return err;
	/* the older of the two is the store's, the other its spare */
	epoch_file_held(f, held);
	epoch = held[0].epoch < held[1].epoch ? held[0].epoch : held[1].epoch;
	err = sample(g, epoch, epoch_file_key(f, epoch));
	epoch_file_close(f);
	return err;
}

/* ---- the whole of it ---- */

static enum sc_err tell(struct drill *g, uint64_t ms)
{
	const uint64_t now = clock_unix_ms(), at = g->rebuilt.header.at_ms;
	struct sc_diag why = { .text = "" };
	/* where no keyd runs, as on a machine that is for drills, it is good all the same */
	const bool kept = backup_remember_drill(g->run->settings.store, &g->rebuilt.header,
			      g->rebuilt.people, &why) == SC_OK;
	const struct tool_fact facts[] = { { "people", NULL, g->rebuilt.people },
		{ "boxes", NULL, g->rebuilt.boxes }, { "sampled", NULL, g->sampled },
		{ "age seconds", NULL, now > at ? (now - at) / 1000 : 0 },
		{ "entries behind", NULL, g->log.entries },
		{ "erased by replay", NULL, g->log.erased }, { "slots lost", NULL, g->log.lost },
		{ "remembered", kept ? "yes" : why.text, 0 }, { "ms", NULL, ms } };

	return tool_tell(g->run, facts, sizeof(facts) / sizeof(facts[0]));
}

enum sc_err tool_drill(struct tool_run *r, struct sc_diags *all)
{
	struct drill *g = calloc(1, sizeof(*g));
	const uint64_t began = clock_mono_ms();
	enum sc_err err;

	if (g == NULL)
		return SC_NOMEM;
	g->run = r;
	g->d = &all->v[0];
	if ((err = make_root(g)) == SC_OK && (err = make_scratch(g)) == SC_OK &&
	    (err = rebuild(g)) == SC_OK && (err = replay(g)) == SC_OK)
		err = open_sample(g);
	keystore_close(g->keystore);
	remove_scratch(g);
	sc_secret_free(g->root);
	if (err == SC_OK)
		err = tell(g, clock_mono_ms() - began);
	free(g);
	return err;
}
