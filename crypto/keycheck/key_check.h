/*
 * key_check.h - does all that keyd keeps hold together: every box, whose each key is, who
 * was sealed for when, the keyring, the epoch file, the log?
 *
 * It looks at one moment of the store, beside its owner or without one, and changes
 * nothing. Boxes are opened from the top down, each under its parent's key; rows of people
 * are held against the leaves as two sets, by their sums, so that a check takes two passes
 * over everything and next to no memory: a bit for each slot.
 */
#ifndef CRYPTO_KEYCHECK_KEY_CHECK_H
#define CRYPTO_KEYCHECK_KEY_CHECK_H

#include "base/name.h"
#include "base/store/store.h"
#include "base/work_watch.h"
#include "crypto/keystore/keystore.h"

/* What is looked at, in this order. */
enum key_check_part {
	KEY_CHECK_DATABASE, /* its pages, as the database sees them */
	KEY_CHECK_EPOCH,    /* epoch file and twin beside the store */
	KEY_CHECK_BOXES,    /* each under its parent */
	KEY_CHECK_PEOPLE,   /* whose keys are whose, and how many */
	KEY_CHECK_WEEKS,    /* of the living only */
	KEY_CHECK_ORDERS,   /* somebody's who lives */
	KEY_CHECK_LOST,     /* slots of a newer store: nobody lives there */
	KEY_CHECK_BACKUPS,  /* what is remembered of them */
	KEY_CHECK_KEYRING,  /* every key of it unwraps */
	KEY_CHECK_LOG,      /* whole, and at least as long as what was carried out */
	KEY_CHECK_PARTS
};

enum key_check_grade { KEY_CHECK_SKIPPED, KEY_CHECK_FINE, KEY_CHECK_WARNING, KEY_CHECK_WRONG };

struct key_check_finding {
	enum key_check_grade grade;
	uint64_t n;     /* things that are wrong */
	char text[256]; /* the first of them; what was seen, where nothing is */
};

struct key_check_report {
	struct key_check_finding part[KEY_CHECK_PARTS];
	uint64_t boxes, keys, people;       /* seen */
	uint64_t epoch, high, gen, applied; /* as the store has them */
	uint8_t ring[TREE_SECRET_BYTES];    /* of the top box: wiped by key_check_run() */
	bool has_ring;
};

const char *key_check_name(enum key_check_part part);
/* What to do when something is wrong with it. */
const char *key_check_advice(enum key_check_part part);
enum key_check_grade key_check_worst(const struct key_check_report *r);

/* One moment: inside a job of a store beside its owner. */
struct key_check {
	const struct sc_name *tenant;
	const char *node; /* the origin of keyd's log */
	/* The key of the epoch's top box, EPOCH_KEY_BYTES; NULL: it is not known. */
	const uint8_t *(*key)(void *arg, uint64_t epoch);
	void *arg;
	struct work_watch watch;
};
/*
 * All parts but the last two, which are about more than the store. Fails with SC_STALE
 * (the epoch's key is not known: it may have ended meanwhile), SC_AGAIN (asked to stop),
 * SC_IO, SC_NOMEM; what it finds is no failure.
 */
SC_CHECKED enum sc_err key_check_moment(struct store_tx *tx, const struct key_check *c,
    struct key_check_report *r);

/* A finding more of PART; the first says what. */
void key_check_add(struct key_check_report *r, enum key_check_part part, enum key_check_grade grade,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* All of it, by a process of its own. */
struct key_check_order {
	struct keystore_place place;
	const char *log_dir;
	struct sc_secret *root;
	struct work_watch watch;
};
/*
 * Fails as key_check_moment(), and with SC_AUTH, SC_SYNTAX, SC_CORRUPT when it cannot begin: D
 * says why.
 */
SC_CHECKED enum sc_err key_check_run(const struct key_check_order *o, struct sc_diag *d,
    struct key_check_report *r);

#endif
