/*
 * settings.h - keyd.json: where keyd's files are, who may ask it, and for whom.
 *
 *	{ "tenant": "demo", "socket": "run/keyd.sock", "store": "run/keyd/keyd.db",
 *	  "log": "run/keyd/log", "root": "keys/root.json", "policy": "policy.json",
 *	  "principals": "principals.json",
 *	  "gateways": [{ "node": "scrimd", "uid": 1001, "asserts": ["telephony"],
 *	    "people_per_day": { "T2": 5000 } }], "demo": true }
 *
 * Relative paths are relative to the file itself. It stands apart from keyd so
 * that `scrim` reads the file as keyd will, without a line of keyd in it.
 */
#ifndef CRYPTO_SETTINGS_SETTINGS_H
#define CRYPTO_SETTINGS_SETTINGS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "policy/principal/principal.h"
#include "policy/words/words.h"

#include <stdint.h>

/* At most: a law's month is not to be used up by waiting. */
#define SETTINGS_GRACE_HOURS 168
#define SETTINGS_PATH_MAX 1024
#define SETTINGS_GATEWAYS_MAX 32
#define SETTINGS_UNLIMITED UINT32_MAX
#define SETTINGS_NO_UID UINT32_MAX
#define SETTINGS_LOGS_MAX 62 /* beside scrimd's and keyd's own: all it remembers */

/*
 * How many different people a gateway may be shown something of in a day (UTC). TIER: by those
 * whom it only says it asks for, of values of that tier; personal data that the file
 * gives no number for is 0. ALL: by whomever, of whatever.
 */
struct settings_people {
	uint32_t tier[TIER_X];
	uint32_t all;
};

/* One that may ask, and what it may say without proof. */
struct settings_gateway {
	struct sc_name node; /* its log's origin is TENANT/NODE */
	uint32_t uid;        /* of its process, on this host; SETTINGS_NO_UID: it is on another */
	uint8_t spki[32];    /* there it is known by the key with this digest */
	struct policy_names asserts; /* roles of callers that keyd cannot check */
	struct settings_people people_per_day;
	uint32_t returning_per_day; /* people who may be sealed for again after long */
	uint32_t erasures_per_day;  /* people who may be erased */
};

/* Where gateways of other hosts come in. */
struct settings_listen {
	const char *address;    /* "ADDRESS:PORT"; NULL: nowhere */
	const char *cert, *key; /* PEM: what keyd is known by there */
};

struct settings {
	struct sc_name tenant;
	const char *socket, *store, *log, *policy; /* each below SETTINGS_PATH_MAX */
	const char *root;                          /* the root key's file, or "credential:NAME" */
	const char *epoch;      /* the key file of the tree; "keyd.epoch" beside the store */
	const char *epoch_twin; /* the same on another disk; "keyd.epoch" in MIRROR; NULL: none */
	const char *mirror;     /* folder on another disk for every commit's boxes; NULL: none */
	struct settings_listen listen;
	const char *operator_; /* operators' socket; NULL: nobody operates while it runs */
	const char
	    *backup_keys; /* what backups are sealed under; "backup.keys" by root, or store */
	uint32_t erasure_grace_hours; /* that keyd runs, before who is erased is; 0: at once */
	uint32_t backup_keep_days;    /* how long a backup can be opened; 90 */
	const char *origin;           /* of keyd's own log; "scrim/TENANT/keyd" when not given */
	struct sc_name *logs;         /* whose heads are signed beside scrimd's, as TENANT/NAME */
	size_t n_logs;
	struct policy_principals principals; /* not resolved: that is the policy's */
	struct settings_gateway *gateways;
	size_t n_gateways;
	struct policy_names anew_signers; /* whose word it takes that a lost log begins anew */
	const char *email_domain;         /* of tokens that are written as addresses */
	bool demo;                        /* keys made for this file are demo keys */
	struct sc_arena arena;            /* all that the above points to */
};

/* Every key that the file may have. */
extern const struct shape settings_shape;

/*
 * On SC_OK OUT is the caller's to settings_fini(). Fails with SC_SYNTAX,
 * SC_LIMIT, SC_IO, SC_NOMEM; ALL (empty) tells what is wrong, and where.
 */
SC_CHECKED enum sc_err settings_load(const char *path, struct sc_diags *all, struct settings *out);
/* The gateway on another host whose key has this digest, or NULL. */
const struct settings_gateway *settings_far_gateway(const struct settings *s,
    const uint8_t spki[static 32]);
void settings_fini(struct settings *s); /* all zero is fine */

/* The NAME of "credential:NAME"; NULL: ROOT is a path. */
const char *settings_credential(const char *root);

#endif
