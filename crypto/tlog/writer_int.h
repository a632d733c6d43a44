/*
 * writer_int.h - the inside of a log writer, shared by its own files only:
 * open.c (opening, closing), writer.c (what callers see), commit.c and
 * publish.c (the two threads), signing.c (signatures, for the publisher),
 * watch.c (noticing tampering and little space).
 */
#ifndef CRYPTO_TLOG_WRITER_INT_H
#define CRYPTO_TLOG_WRITER_INT_H

#include "crypto/tlog/check.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/queue.h"
#include "crypto/tlog/writer.h"

#include <pthread.h>
#include <stdatomic.h>

#define WRITER_FULL ((size_t)512 * 1024) /* bytes waiting: enough for a good batch */
#define WRITER_BACKLOG 16384u            /* entries: publish before publish_ms is over */
#define WRITER_OPEN_CHECK 16u            /* newest bundles whose entries are hashed at open */
#define WRITER_PRESENCE 2048u            /* of the others, looked for at each tick, once */
#define WRITER_SCRUB 16u                 /* bundles checked again at each tick ... */
#define WRITER_SCRUB_FIRST 64u           /* ... and the first time after opening */
#define WRITER_RESERVE ((off_t)1 << 20)
#define WRITER_LAST_SIGN_MS 500u

/* The files whose identity is watched: per level the growing one and the last whole one. */
#define WATCH_BUNDLE TILE_LEVELS /* its "level" in these tables */
#define WATCH_LEVELS (TILE_LEVELS + 1)
enum { WATCH_CHECKPOINT = 2 * WATCH_LEVELS, WATCH_STATE, WATCH_COUNT };

struct file_watch {
	bool set;
	char path[TILE_PATH_MAX];
	struct files_print print;
};

/* The right edge of the tree as it is being built; the publisher's alone. */
struct log_edge {
	struct merkle_frontier frontier;
	uint8_t tile[TILE_LEVELS][TILE_BYTES];
	unsigned width[TILE_LEVELS];    /* hashes in tile[L], 0 to 255 */
	struct sc_buf bundle;           /* entries that are not in a whole bundle */
	uint64_t written[WATCH_LEVELS]; /* level's hashes (or entries) that files hold */
};

struct tlog {
	/* settings */
	char origin[NOTE_NAME_MAX + 1];
	struct note_key key;
	bool has_key;
	uint32_t publish_ms, delay_ms, resign_ms;
	uint64_t space_red;
	tlog_sign_fn *sign;
	void *sign_arg;
	char *place; /* the folder's path, from the root on */
	int dirfd, lockfd;

	/* read without the lock */
	_Atomic uint64_t next, durable, published, signed_size;
	_Atomic uint64_t commits, free_bytes, bad_notes;
	atomic_bool failed, space_low, direct;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;  /* the commit thread sleeps on it */
	pthread_cond_t news;  /* the publisher sleeps on it */
	struct queue queue;
	struct queue_cursor to_commit, to_publish;
	uint64_t oldest_ms; /* when the oldest uncommitted entry came; 0: none */
	size_t waiting;     /* bytes not yet given to the journal */
	bool urgent;        /* commit at once */
	bool gathering;     /* between tlog_gather() and tlog_go() */
	bool
	    commit_idle; /* the commit thread sleeps without a deadline, or for one that is too late */
	bool stop, commit_done, need_room;
	struct sc_buf note;     /* a signed note that waits; empty: none */
	struct sc_buf cosigned; /* the checkpoint with witnesses' lines; the same */
	bool has_sign_from;
	uint64_t sign_from;
	struct sc_buf checkpoint; /* text of the newest */
	struct sc_diag why;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} watchers[TLOG_WATCHERS];
	size_t n_watchers;
	pthread_t commit_thread, publish_thread;
	unsigned threads; /* of them started */

	struct journal journal; /* the commit thread's */

	/* the publisher's */
	struct log_edge edge;
	struct tlog_state state;
	struct file_watch watch[WATCH_COUNT];
	struct files_set files;
	uint64_t unseen;   /* bundles that nobody has looked for since the log was opened */
	uint64_t scrub;    /* bundles of this round that are still to be checked */
	bool scrubbed;     /* all were checked once */
	uint64_t retry_ms; /* after a full disk: not for the backlog's sake before this */
	bool has_reserve;
	struct {
		bool active;
		uint64_t size, old_size, asked_ms;
		struct merkle_hash root;
	} ask;
	bool confirm;         /* the signer has not been asked since the log was opened */
	uint64_t signer_size; /* what the signer signed last, as far as we know */
};

void *commit_main(void *w);
void *publish_main(void *w);

/* Bring the tree to TARGET entries (all of them in the queue). SC_LIMIT: no space; may be tried again. */
SC_CHECKED enum sc_err publish_to(struct tlog *w, uint64_t target, struct sc_diag *d);
/* Read the right edge of the tree of w->state.size entries back from the files. */
SC_CHECKED enum sc_err publish_load_edge(struct tlog *w, struct sc_diag *d);

/* Watch the new right edge; clean up behind it. OLD is the size before. */
void publish_settle(struct tlog *w, uint64_t old);

/* Stop for good; wakes everybody. Call without the lock. */
void writer_fail(struct tlog *w, const struct sc_diag *d);
/* Call those of tlog_on_durable(). Without the lock. */
void writer_tell(struct tlog *w);
/* Sleep on COND until UNTIL_MS of the monotonic clock; UINT64_MAX: until woken. With the lock. */
void writer_sleep(struct tlog *w, pthread_cond_t *cond, uint64_t until_ms);

/* Remember what PATH looks like now, in SLOT; PATH NULL forgets. */
void watch_set(struct tlog *w, unsigned slot, const char *path);
/*
 * Everything that is watched is as it was left, the folder is where it was opened, and a few more
 * bundles hash to their tiles.
 */
bool watch_check(struct tlog *w, struct sc_diag *d);
/* So are those two that are replaced by name, before one is: else what was done to it is undone. */
bool watch_head(struct tlog *w, struct sc_diag *d);
/* Look at the free space; make the reserve again when there is enough. */
void watch_space(struct tlog *w);
/* Give the reserve's space back to the disk. False when it was given already. */
bool watch_release_reserve(struct tlog *w);

/* Signatures: take the note that waits, ask when a head wants one. */
void sign_take_note(struct tlog *w);
/* And the cosigned one. */
void sign_take_cosigned(struct tlog *w);
void sign_ask(struct tlog *w, uint64_t now_ms);

#endif
