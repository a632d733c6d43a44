/*
 * people_world.h - store, epoch file, log and people in a folder of their own, opened as
 * keyd opens them, and asked one thing at a time.
 */
#ifndef TESTS_UNIT_CRYPTO_PEOPLE_WORLD_H
#define TESTS_UNIT_CRYPTO_PEOPLE_WORLD_H

#include "crypto/backup/mirror_base.h"
#include "crypto/keystore/people.h"
#include "crypto/record/record.h"

struct people_world {
	char dir[64];             /* with keyd.db, keyd.epoch, log/ */
	bool twin;                /* and twin.epoch */
	bool mirror;              /* and second/, with its own twin, that mirrors all */
	bool mute;                /* what comes of an erasure is not logged: it dies there */
	bool deaf;                /* no lease is logged */
	struct settings settings; /* of the mirror, and that only */
	struct mirror_keep *keep;
	struct keystore *ks;
	struct keyring *kr;
	struct loop *loop;
	struct inbox inbox;
	struct tlog *log;
	struct people *pp;
	struct sc_diag d;
	struct keystore_replayed replayed;
	unsigned told; /* erasures of an earlier run */
	unsigned leases, progresses;
	uint64_t lease;
};

/* A new folder, and what is in it removed again. */
bool world_make(struct people_world *w);
void world_remove(struct people_world *w);
/* Open everything; what fails is closed again, and W->d says why. */
enum sc_err world_start(struct people_world *w, bool init, bool start_anew);
void world_stop(struct people_world *w);

/* Files as they lie, under NAME in the folder; and back, while it is stopped: "db", "epoch", "log". */
bool world_keep(struct people_world *w, const char *name);
bool world_put_back(struct people_world *w, const char *name, const char *what);
/* Write over block I of the epoch file. */
bool world_tear(struct people_world *w, unsigned i);

/* A person's handle, and the token-like use of a key: the same for the same key. */
void world_handle(struct people_world *w, const char *name, uint8_t out[HANDLE_BYTES]);
struct used_key {
	uint64_t id;
	enum person_state state;
	uint8_t proof[32];
};
enum sc_err world_seal(struct people_world *w, const char *name, struct used_key *out);
/*
 * Whose order ID is: O, with NAME (may be NULL) whom it SAYS or is asked with, kept where it can be.
 * *KEY is theirs who it is then, if they were fetched.
 */
enum sc_err world_order(struct people_world *w, const char *id, const char *name, bool says,
    struct order_person *o, struct used_key *key);
enum sc_err world_open(struct people_world *w, uint64_t id, struct used_key *out);
/* All of an erasure as keyd does it. */
enum sc_err world_erase(struct people_world *w, const char *name, bool *found);
/* The first half: its intent is durable. */
enum sc_err world_intend(struct people_world *w, const char *name, uint64_t ids[PEOPLE_SLOTS_MAX],
    size_t *n, uint64_t *intent);
enum sc_err world_merge(struct people_world *w, const char *from, const char *into, bool *found);
enum sc_err world_turn(struct people_world *w);
/* Run the loop until nothing is under way. */
bool world_wait(struct people_world *w);
/* Until the log has COUNT entries on disk, and published. */
bool world_durable(struct people_world *w);

/* Entries of the log, as keyd's. */
enum sc_err world_log(struct people_world *w, enum audit_kind kind, const char *act);
enum sc_err world_log_store(struct people_world *w, const char *act,
    const struct store_progress *p);
enum sc_err world_log_erase(struct people_world *w, const uint8_t handle[HANDLE_BYTES],
    const uint64_t *ids, size_t n, bool outcome, uint64_t *record);

#endif
