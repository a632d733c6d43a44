/*
 * people.h - everybody's keys as keyd uses them: found by the key id of a token or
 * by a person's handle, made where there is none, and forgotten for good.
 *
 * A handle is HMAC-SHA256 of the person's name, cut to 16 bytes; so is an order's alias, of its
 * id, under a key of its own. In records people are called otherwise (people_told()). Keys lie in
 * the tree (crypto/keytree), which only the store's thread touches; what was used
 * lately is kept wrapped under a key of this process and unwrapped on use. What is
 * not at hand is fetched while the request waits its turn.
 *
 * The ordering rule (order.h) is kept here, at each group of the store's:
 *
 *	intent logged > store commit > epoch block > answer
 *	lease logged  > store commit > token
 */
#ifndef CRYPTO_KEYSTORE_PEOPLE_H
#define CRYPTO_KEYSTORE_PEOPLE_H

#include "crypto/keyring/keyring.h"
#include "crypto/keystore/keystore.h"
#include "crypto/rows/inbox.h"
#include "crypto/tlog/writer.h"

#define PEOPLE_CACHE 65536 /* more than two frames can ask for */

struct people;

enum person_state {
	PERSON_LIVE,
	PERSON_NONE,    /* the id is no slot's: no token of ours */
	PERSON_GONE,    /* was erased */
	PERSON_UNKNOWN, /* was never given out by this store, or by one that was newer */
	PERSON_BROKEN   /* is there, and its box does not open */
};

struct person_key {
	uint64_t id;
	uint64_t slot;
	uint32_t week; /* in which something of theirs was sealed last, 0: not known */
	enum person_state
	    state;    /* unless LIVE, only id is set (and handle, where that was asked for) */
	bool newest;  /* of the person's keys: the one that seals */
	bool returns; /* something was sealed for them after long, and their week waits its turn */
	uint8_t handle[HANDLE_BYTES]; /* the store's */
	unsigned year;                /* 0: none; of what they are called in its records: */
	uint8_t told[HANDLE_BYTES];
	uint8_t wrapped[KEY_WRAPPED];
};

/* What people.c tells to keyd's log. */
struct people_log {
	/*
	 * How far the store has come, and up to where slots may be given out: a lease when P->lease
	 * has grown ("keys.lease", urgent), else "keys.progress". *RECORD: its entry. On
	 * the thread of the store, or of people_new().
	 */
	SC_CHECKED enum sc_err (
	    *progress)(void *arg, const struct store_progress *p, uint64_t *record);
	/* RETURNED people are reached again after long, and WAITING wait for their turn. NULL: untold. */
	void (*returned)(void *arg, uint64_t returned, uint64_t waiting);
	void *arg;
};

/*
 * KS is opened and its log replayed (keystore_replay()). All are borrowed. While
 * LOG has failed no key is made: nothing would tell of it.
 */
SC_CHECKED enum sc_err people_new(struct keystore *ks, struct keyring *kr, struct inbox *inbox,
    struct tlog *log, const struct people_log *tell, struct people **out);
/* Writes and tells what is left of the last second: before log and store are closed. NULL is fine. */
void people_free(struct people *pp);

void people_handle(const struct people *pp, struct sc_span subject,
    uint8_t out[static HANDLE_BYTES]);

/*
 * From the cache only; NULL: fetch it. Valid until the next fetch is delivered. An id that
 * is no slot's is known at once; one that is UNKNOWN or BROKEN is known until the
 * next fetch, and asked for again then.
 */
const struct person_key *people_by_handle(struct people *pp,
    const uint8_t handle[static HANDLE_BYTES]);
const struct person_key *people_by_id(struct people *pp, uint64_t id);

/* The year in which records count that do so at MS. */
unsigned people_year(struct people *pp, uint64_t ms);
/*
 * What K's person is called in records of YEAR (key_year.h), until the next call and no longer
 * than K. SC_LIMIT: there is no key of that year.
 */
SC_CHECKED enum sc_err people_told_anew(struct people *pp, const struct person_key *k,
    unsigned year, const uint8_t **out);
SC_CHECKED static inline enum sc_err people_told(struct people *pp, const struct person_key *k,
    unsigned year, const uint8_t **out)
{
	*out = k->told;
	return k->year == year ? SC_OK : people_told_anew(pp, k, year, out);
}

/* Put K, unwrapped, into SIV. Fails with SC_CORRUPT when it is not LIVE or does not unwrap. */
SC_CHECKED enum sc_err people_use(struct people *pp, const struct person_key *k,
    struct siv_ctx *siv);
/*
 * Whole weeks since something of theirs was sealed, at the most, where clocks are in doubt;
 * UINT32_MAX: nobody knows.
 */
uint32_t people_idle_weeks(const struct people *pp, const struct person_key *k, uint64_t now_ms);
/*
 * Something is sealed for K now, through a gateway of that number: its week is written, once a
 * week, within a second. Of whom nothing was sealed for longer than the window it is not before
 * their turn comes: so many a day and gateway, the oldest first.
 */
void people_sealed(struct people *pp, const struct person_key *k, uint64_t now_ms,
    unsigned gateway);

#define PEOPLE_GATEWAYS_MAX 32
struct people_gateway {
	struct sc_name node;
	uint32_t per_day; /* people who may return through it */
};
/* Copied. At the start: without any nobody returns. SC_LIMIT. */
SC_CHECKED enum sc_err people_gateways(struct people *pp, const struct people_gateway *v, size_t n);
/*
 * An operator says that the clock is right, NOW: believe it, and that nothing was sealed after it.
 * At a keyd that does not serve. SC_IO.
 */
SC_CHECKED enum sc_err people_believe_clock(struct keystore *ks, uint64_t now_ms);
/*
 * The time that keyd believes, Unix ms (people_clock.c): as of it something is written, and on its
 * day it is counted. And where it stands, as long as PP does. Any thread.
 */
uint64_t people_time(const struct people *pp);
const _Atomic uint64_t *people_clock(const struct people *pp);
/* For how long keyd ran, in all its runs, ms: a day of it is no less than a day. Any thread. */
uint64_t people_ran(const struct people *pp);
/* For how many weeks nothing is sealed for those who return; UINT32_MAX: nobody does. */
void people_window(struct people *pp, uint32_t weeks);

/*
 * A fetch: the keys of ids, and of handles, for which a key is made when
 * there is none. After the commit done() is called on the loop's thread, with
 * everything in the cache; SC_LIMIT: a key would have to be made, and the log
 * has failed, or no slot is left.
 */
struct key_fetch;
SC_CHECKED enum sc_err key_fetch_new(struct people *pp, struct key_fetch **out);
void key_fetch_free(struct key_fetch *f); /* before people_fetch() only; NULL is fine */
SC_CHECKED enum sc_err key_fetch_id(struct key_fetch *f, uint64_t id);
SC_CHECKED enum sc_err key_fetch_handle(struct key_fetch *f,
    const uint8_t handle[static HANDLE_BYTES]);

/*
 * Whose an order is, for a document that names its order and perhaps nobody: the person who was
 * named when something of it was sealed first. An order has one person for as long as they
 * live: whoever names another for it later does not take it over.
 */
struct order_person {
	uint8_t alias[HANDLE_BYTES];  /* people_alias() */
	uint8_t handle[HANDLE_BYTES]; /* whom it is asked with, if NAMED */
	bool named;
	bool says; /* the document names them; else they count where nobody is known */
	bool keep; /* they are its person from now on, where nobody is known */
	/* the answer */
	uint8_t who[HANDLE_BYTES]; /* whose it is ... */
	bool found;                /* ... if anybody's */
	bool broken;               /* it is somebody's, and the store is damaged there */
	bool other;                /* SAYS, and it stays somebody else's */
};
void people_alias(const struct people *pp, struct sc_span order, uint8_t out[static HANDLE_BYTES]);
/*
 * O, one of a fetch, lives until done(): it is asked and kept in one commit with the keys that
 * are made, and WHO's, where the document did not name them, are fetched too.
 */
void key_fetch_order(struct key_fetch *f, struct order_person *o);
/* Off it goes; it frees itself after done(). */
void people_fetch(struct key_fetch *f, void *owner, void (*done)(void *owner, enum sc_err err));

/*
 * Whom an erasure would reach: the ids of HANDLE's keys, for the intent. IDS (PEOPLE_SLOTS_MAX) are
 * valid in done() alone; N 0: nobody.
 */
#define PEOPLE_SLOTS_MAX 64 /* of one person, after merges */
SC_CHECKED enum sc_err people_ids(struct people *pp, const uint8_t handle[static HANDLE_BYTES],
    void *owner, void (*done)(void *owner, enum sc_err err, const uint64_t *ids, size_t n));
/*
 * An intent is about to be logged: from here on no commit counts the log as carried out
 * past it, until people_erase() is done and what done() logged is durable, or
 * people_let_go() is called. On the loop's thread.
 */
void people_intend(struct people *pp);
void people_let_go(struct people *pp);
/*
 * Destroy the keys IDS of one person, whose intent is entry INTENT and durable: done() when they
 * are gone for good. The leaves say whose they are: a merge may have come between.
 */
SC_CHECKED enum sc_err people_erase(struct people *pp, const uint64_t *ids, size_t n,
    uint64_t intent, void *owner, void (*done)(void *owner, enum sc_err err, bool found));

/*
 * Erasures that wait (people_leaving.c). Nothing of who leaves opens, as of who is gone, and
 * whoever is sealed for meanwhile gets another key.
 */
struct people_leaver {
	uint8_t handle[HANDLE_BYTES]; /* as they were asked about */
	uint64_t ids[PEOPLE_SLOTS_MAX];
	size_t n;
	uint64_t intent;   /* the entry of the log that tells of it */
	uint64_t asked_ms; /* Unix time */
	uint64_t left_ms;  /* of the time that keyd has to run until then */
};
/* How long they wait, and those that wait at the most from now on. At the start. SC_IO. */
SC_CHECKED enum sc_err people_grace(struct people *pp, uint64_t ms);
uint64_t people_grace_ms(const struct people *pp);
/* WHO leaves, by WHO->intent, which is durable and before which was people_intend(). */
SC_CHECKED enum sc_err people_leave(struct people *pp, const struct people_leaver *who, void *owner,
    void (*done)(void *owner, enum sc_err err, bool found));
/* WHO, of people_leaving_next(), stays after all, by entry INTENT, likewise. */
SC_CHECKED enum sc_err people_stay(struct people *pp, const struct people_leaver *who,
    uint64_t intent, void *owner, void (*done)(void *owner, enum sc_err err, bool found));
/* Somebody whose time has come, whom it does not name again unless their erasure failed. */
bool people_leaving_due(struct people *pp, struct people_leaver *out);
void people_leaving_failed(struct people *pp, uint64_t intent);
/* Who waits: the first by their intents, from FROM on. False: there is nobody. */
bool people_leaving_next(struct people *pp, uint64_t from, struct people_leaver *out);
size_t people_leaving_count(const struct people *pp); /* keys */

/* FROM and INTO are one person: FROM's keys are INTO's from now on; the newest slot seals. */
SC_CHECKED enum sc_err people_merge(struct people *pp, const uint8_t from[static HANDLE_BYTES],
    const uint8_t into[static HANDLE_BYTES], void *owner,
    void (*done)(void *owner, enum sc_err err, bool found));

/*
 * End the epoch (the KEK of all keys) though nobody is erased; RING (may be NULL; it lives until
 * done()): with another ring key. WITH (may be NULL) changes in the same job, on the
 * store's thread, what lies under the ring key, which it is given as it stands: not
 * SC_OK, and nothing has changed, the epoch neither. done() when the old epoch's key is gone.
 */
typedef enum sc_err people_turn_fn(void *owner, struct store_tx *tx,
    const uint8_t ring[static TREE_SECRET_BYTES]);
SC_CHECKED enum sc_err people_turn(struct people *pp, const uint8_t *ring, people_turn_fn *with,
    void *owner, void (*done)(void *owner, enum sc_err err));

struct people_counts {
	uint64_t people, slots, lease, epoch, gen;
	uint64_t lost;        /* slots given out by a newer store */
	uint64_t skipped;     /* slots that nobody gets, after crashes */
	uint64_t unknown;     /* ids asked for since the start that were such */
	uint64_t broken;      /* keys asked for since the start whose box does not open */
	uint64_t returned;    /* people who were old, since the start, and ... */
	uint64_t waiting;     /* ... who are, and wait until they may be young */
	uint64_t believed_ms; /* what time it is, as far as that lets anybody in (people_clock.c) */
	uint64_t turned_ms;   /* when the epoch began, Unix time; 0: it is the store's first */
};
void people_count(const struct people *pp, struct people_counts *out);
/* Fetches, erasures and the like under way: none may be left at people_free(). */
size_t people_pending(const struct people *pp);

#endif
