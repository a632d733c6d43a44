/*
 * checkpoint.c - the journal is carried into the database by a thread of its own.
 *
 *	writer	commit | commit | commit | commit | the last of it, and the journal begins anew
 *	thread		EVERY so many frames: pages, flush | pages, flush
 *
 * Within the commits, a checkpoint of 4,000 frames took a third of all time, and whoever waited
 * for a commit meanwhile waited for it too. Beside them it costs them little.
 *
 * But the journal begins anew only when nothing of it is left to carry, and beside a writer
 * that does not rest there is always something. So the writer does the last of it, when the
 * thread has come close; and at a ceiling, having waited for the thread, whatever is left: the
 * thread may be slow, or fail. A reader beside holds both up, as it always did.
 *
 * What fails here costs no commit, for all of them are on the disk, in the journal; where the
 * disk is full, a commit will say so. It is tried again some frames on.
 */
#include "base/store/checkpoint.h"

#include "base/log.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Frames of the journal, a page each. */
enum { EVERY = 1000, ENOUGH = 2000, REST = 300, CEILING = 8000 };

struct store_checkpoint {
	sqlite3 *db, *writer;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	/* under the lock */
	int frames, carried;
	int due, writer_due; /* at so many frames; in vain too soon again */
	unsigned journals;   /* begun anew so often */
	bool going, failing, unsure, stop;
};

/* All that nobody reads any more. *CARRIED: so many frames of the journal, now and before. */
static int carry(sqlite3 *db, int *carried)
{
	int frames;

	*carried = 0;
	return sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, carried);
}

/* SQLite does it only with the last of a journal: then it would be all at once, and the writer's. */
static int sync_database(sqlite3 *db)
{
	sqlite3_file *f;
	const int rc = sqlite3_file_control(db, NULL, SQLITE_FCNTL_FILE_POINTER, (void *)&f);

	return rc != SQLITE_OK ? rc : f->pMethods->xSync(f, SQLITE_SYNC_NORMAL);
}

/*
 * With the lock. A failure is told once, until something is carried again: held up is neither.
 * After a sync that failed nobody knows which pages the system has dropped, and SQLite
 * would not write the older ones again. So the journal stays as it is, all of it, for who opens
 * the store next.
 */
static void note(struct store_checkpoint *c, int rc, int carried)
{
	if (rc == SQLITE_OK && carried > c->carried) {
		c->carried = carried;
		c->failing = false;
	} else if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && !c->failing) {
		c->failing = true;
		log_event(LOG_ERROR, "store.checkpoint_failed", LOG_U64("sqlite", (uint64_t)rc),
		    LOG_END);
	}
	c->unsure |= rc == SQLITE_IOERR_FSYNC;
}

/* With the lock. */
static bool writers_turn(const struct store_checkpoint *c)
{
	return !c->unsure && c->frames >= c->writer_due &&
	    (c->frames >= CEILING || (c->frames >= ENOUGH && c->frames - c->carried <= REST));
}

/* With the lock, which it lets go meanwhile. */
static void carry_beside(struct store_checkpoint *c)
{
	const unsigned journals = c->journals;
	int carried, rc;

	c->due = c->frames + EVERY;
	c->going = true;
	pthread_mutex_unlock(&c->lock);
	if ((rc = carry(c->db, &carried)) == SQLITE_OK)
		rc = sync_database(c->db);
	pthread_mutex_lock(&c->lock);
	c->going = false;
	pthread_cond_signal(&c->gone);
	/* of a journal that has begun anew meanwhile it says nothing */
	if (rc != SQLITE_OK || journals == c->journals)
		note(c, rc, carried);
}

static void *carrier(void *arg)
{
	struct store_checkpoint *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop)
		if (c->frames < c->due || c->unsure || writers_turn(c))
			pthread_cond_wait(&c->work, &c->lock);
		else
			carry_beside(c);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* On the writer's thread, behind a commit: the journal has FRAMES. */
static int on_commit(void *arg, sqlite3 *writer, const char *name, int frames)
{
	struct store_checkpoint *c = arg;
	int carried, rc;

	(void)name;
	pthread_mutex_lock(&c->lock);
	if (frames < c->frames) {
		c->journals++;
		c->carried = c->writer_due = 0;
		c->due = EVERY;
	}
	c->frames = frames;
	while (c->going && frames >= CEILING && writers_turn(c))
		pthread_cond_wait(&c->gone, &c->lock);
	if (!c->going && writers_turn(c)) {
		/* the lock stays: the thread has nothing to do beside it */
		c->writer_due = frames + EVERY;
		rc = carry(writer, &carried);
		note(c, rc, carried);
	} else if (!c->going && frames >= c->due) {
		pthread_cond_signal(&c->work);
	}
	pthread_mutex_unlock(&c->lock);
	return SQLITE_OK;
}

/* A connection that has looked into the database once has opened all it needs. */
static enum sc_err open_beside(struct store_checkpoint *c, const char *path)
{
	if (sqlite3_open_v2(path, &c->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		    SQLITE_OPEN_EXRESCODE,
		NULL) != SQLITE_OK)
		return SC_IO;
	if (sqlite3_exec(c->db, "PRAGMA synchronous=FULL; PRAGMA schema_version", NULL, NULL,
		NULL) != SQLITE_OK)
		return SC_IO;
	return SC_OK;
}

enum sc_err checkpoint_start(const char *path, sqlite3 *writer, struct store_checkpoint **out)
{
	struct store_checkpoint *c;
	enum sc_err err;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return SC_NOMEM;
	c->writer = writer;
	c->due = EVERY;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->gone, NULL);
	if ((err = open_beside(c, path)) != SC_OK)
		goto out;
	if (pthread_create(&c->thread, NULL, carrier, c) != 0) {
		err = SC_IO;
		goto out;
	}
	c->started = true;
	/* in place of SQLite's own, which checkpoints within the commit */
	(void)sqlite3_wal_hook(writer, on_commit, c);
	*out = c;
	return SC_OK;
out:
	checkpoint_stop(c);
	return err;
}

void checkpoint_stop(struct store_checkpoint *c)
{
	if (c == NULL)
		return;
	if (c->started) {
		(void)sqlite3_wal_hook(c->writer, NULL, NULL);
		pthread_mutex_lock(&c->lock);
		c->stop = true;
		pthread_cond_signal(&c->work);
		pthread_mutex_unlock(&c->lock);
		pthread_join(c->thread, NULL);
	}
	if (c->unsure)
		(void)sqlite3_db_config(c->writer, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(c->db);
	pthread_cond_destroy(&c->gone);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
