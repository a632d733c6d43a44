/*
 * engine.h - what keyd does with a request: the outside of it.
 */
#ifndef CRYPTO_KEYD_ENGINE_H
#define CRYPTO_KEYD_ENGINE_H

#include "crypto/keyd/back_check.h"
#include "crypto/keyd/back_months.h"
#include "crypto/keyd/backup_tell.h"
#include "crypto/keyd/keylog.h"
#include "crypto/keyd/peer.h"
#include "crypto/keystore/keystore.h"
#include "crypto/keystore/people.h"
#include "crypto/settings/settings.h"

struct engine;

struct engine_parts {
	const struct sc_name *tenant;
	const char *origin;         /* of keyd's own log */
	const struct sc_name *logs; /* others whose heads are signed, beside scrimd's */
	size_t n_logs;
	struct sc_span email_domain;             /* that tokens are written as addresses of */
	const struct settings_gateway *gateways; /* who may ask, and how much on a day */
	size_t n_gateways;
	struct keyring *keyring;
	struct people *people;
	struct loop *loop;
	struct inbox *inbox;
	struct tlog *log;
	struct keylog *keylog;
	struct back_check *check; /* NULL: none runs; nor do the next two, then */
	struct back_months *months;
	struct backup_tell *backups;
	const struct keystore_replayed *replayed; /* NULL: nothing was looked for */
	/* The peer of that id, or NULL when it has left. */
	struct peer *(*find)(void *arg, uint64_t id);
	void *arg;
};

/* Parts are borrowed and outlive the engine. Fails with SC_NOMEM, SC_IO, SC_CORRUPT. */
SC_CHECKED enum sc_err engine_new(const struct engine_parts *parts, struct sc_diag *d,
    struct engine **out);
void engine_free(struct engine *e); /* NULL is fine */

/*
 * Count whom each principal was shown today, from rows and the log in DIR (see
 * quota_rows.h), and what was sealed of each person (marks.h). At the start: before it nothing
 * can be opened.
 */
SC_CHECKED enum sc_err engine_restore(struct engine *e, const char *dir, struct sc_diag *d);

/* What was counted and not told yet, into the log: at the stop, before that is durable. */
void engine_tell(struct engine *e);
/*
 * What was counted since, to be counted on at the next start: at the stop, when neither
 * engine_pending() nor engine_counting().
 */
SC_CHECKED enum sc_err engine_keep(struct engine *e);

/*
 * Decide by P and C (then the engine's) from now on. Makes the keys of new classes.
 * Fails with SC_LIMIT while the log has failed.
 * On failure those in use stay, and P and C are the caller's still. Afterwards
 * engine_rejoin() every peer, before anything of theirs.
 */
SC_CHECKED enum sc_err engine_policy(struct engine *e, struct policy *p, struct callers *c);
/* Callers are others now: what P proved is void. Who is no gateway any more is dropped. */
void engine_rejoin(struct engine *e, struct peer *p);
/* May whoever runs as UID connect? */
bool engine_admits(const struct engine *e, uint32_t uid);
/* ... or that the digest of its key, of one on another host? */
bool engine_admits_key(const struct engine *e, const uint8_t spki[static 32]);

/*
 * Take one frame. Answers into the peer's queues, now or later.
 * Fails with SC_SYNTAX for what no honest peer sends: drop it.
 */
SC_CHECKED enum sc_err engine_frame(struct engine *e, struct peer *p, const struct wire_frame *f);

/* What is wrong with keyd: bits WIRE_LOG_FAILED, WIRE_SPACE_LOW, WIRE_STORE_WRONG. */
uint8_t engine_trouble(const struct engine *e);

/* Tell a peer that has said hello by which policy is decided now, and what is wrong. */
void engine_greet(struct engine *e, struct peer *p);

/* The batch is over: forget the last subject's key. */
void engine_rest(struct engine *e);
/* Entries of the log below DURABLE are on disk, or it has FAILED: what waited goes on. */
void engine_durable(struct engine *e, uint64_t durable, bool failed);
/* Requests that wait for the store, or for the log before they go there. */
size_t engine_pending(const struct engine *e);
/* What was counted is on its way into the store, or out of it. */
bool engine_counting(const struct engine *e);

#endif
