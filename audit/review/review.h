/*
 * review.h - what a reviewer asks of a log: its entries, its figures, whether
 * it holds, a receipt, and whether two logs agree.
 *
 * All of it works on a copy, on a log that is being written, and without its
 * owner. Only audit_verify() verifies. D is cleared first and names the file.
 */
#ifndef AUDIT_REVIEW_REVIEW_H
#define AUDIT_REVIEW_REVIEW_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/record/record.h"
#include "crypto/tlog/note.h"

/* ---- show: entries, oldest first, through a filter ---------------------------- */

/* Every field that is set must match. All zero: everything. */
struct audit_filter {
	uint64_t since;             /* first index looked at */
	uint64_t limit;             /* stop after so many matches; 0: all */
	uint64_t from_ms, until_ms; /* Unix ms, until exclusive; 0: open */
	uint64_t request_id;        /* 0: any */
	const char *kind;           /* "reveal" ...; NULL: any */
	const char *principal, *role, *purpose, *route, *op, *outcome;
	/*
	 * Handles of 32 hex digits, between commas: one person has another each year. Also in
	 * parts of an entry's list of people.
	 */
	const char *subject;
};

/* What a walk came to. */
struct audit_found {
	uint64_t matched;
	/*
	 * Of those that match but for the subject, entries that are of more people than they
	 * name: whether they are of that one, nobody can say from this log.
	 */
	uint64_t unsure;
};

/* One entry: its index and its JSON, borrowed. Another code than SC_OK stops the walk. */
typedef enum sc_err audit_line_fn(void *arg, uint64_t index, struct sc_span json);

/*
 * Parts of a list of people are told as entries where nothing is filtered, or their kind is asked
 * for; else with the entry that they are of. OUT may be NULL.
 * Fails with SC_CORRUPT (unreadable file), SC_IO, SC_NOMEM, or what LINE said.
 */
SC_CHECKED enum sc_err audit_show(const char *dir, const struct audit_filter *f,
    audit_line_fn *line, void *arg, struct sc_diag *d, struct audit_found *out);

/* ---- stats: a log in numbers -------------------------------------------------- */

#define AUDIT_STATS_NAMES \
	64 /* principals, routes, classes kept apart; the rest is counted as "other" */

struct audit_tally {
	char name[SC_NAME_MAX + 1];
	uint64_t n;
};

struct audit_stats {
	uint64_t entries, bytes;
	uint64_t first_ms, last_ms; /* 0 when empty */
	uint64_t kinds[AUDIT_KIND_COUNT];
	uint64_t unreadable; /* entries that are not records of ours */
#define AUDIT_SUM(name) uint64_t name;
	AUDIT_COUNTS(AUDIT_SUM)
#undef AUDIT_SUM
	struct audit_tally principals[AUDIT_STATS_NAMES], routes[AUDIT_STATS_NAMES],
	    classes[AUDIT_STATS_NAMES]; /* most first; an empty name ends the list */
};

/* Fails as audit_show() does. */
SC_CHECKED enum sc_err audit_stats(const char *dir, struct sc_diag *d, struct audit_stats *out);

/* ---- verify: everything recomputed from the entries --------------------------- */

struct audit_report {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t signed_size;      /* entries under the checked signature */
	uint64_t unsigned_entries; /* published after it, consistent with it */
	uint64_t journal_entries;  /* durable, not yet in the tree */
	uint64_t bundles, tiles;   /* files that were checked */
	uint64_t bytes;            /* of entries that were hashed */
	uint8_t signed_root[32];   /* that the checkpoint tells of them */
	bool has_checkpoint;       /* false: there is none, and nothing is signed */
	bool signature_checked;    /* it is signed by the key that was given */
};

struct audit_verify_ask {
	const char *dir;
	const char *checkpoint; /* of a log whose heads others keep: where; NULL: in DIR */
	const struct note_key
	    *key; /* that must have signed it; NULL: signatures are not looked at */
	const struct note_head *seen; /* a head of it that it must extend; NULL: none */
	audit_line_fn *entry;         /* told each entry that matches its tile; NULL: nobody */
	void *arg;
};

/*
 * Check one log: everything recomputed from its entries. Whether anything is signed at all
 * the report tells, and judge.h makes a word of it.
 * SC_OK: all of it holds. SC_CORRUPT: D names the file and the first entry or
 * tile that does not match, or says that it does not extend what was seen. SC_AUTH: no signature
 * by the key, or a bad one. SC_IO, SC_NOMEM, and what ENTRY said. REPORT holds what was reached.
 */
SC_CHECKED enum sc_err audit_verify(const struct audit_verify_ask *ask, struct sc_diag *d,
    struct audit_report *report);

/*
 * ---- prove: receipts (c2sp.org/tlog-proof@v1), which need no log to be checked
 *
 *	c2sp.org/tlog-proof@v1
 *	index 17
 *	<base64 hash>            inclusion proof, one hash a line
 *	                         blank line
 *	<signed checkpoint>
 */

/*
 * Append the proof that entry INDEX of the log in DIR is under its latest
 * checkpoint; ENTRY, when not NULL, gets the entry's bytes.
 * SC_AGAIN: it is not under a signature yet. SC_LIMIT: there is no such entry.
 * SC_CORRUPT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err audit_prove(const char *dir, uint64_t index, struct sc_diag *d,
    struct sc_buf *proof, struct sc_buf *entry);

struct audit_proven {
	uint64_t index;
	struct note_head head;
	bool signature_checked; /* false: no vkey was given */
};

/*
 * Check PROOF for ENTRY (its exact bytes, no newline), offline. VKEY may be NULL.
 * SC_AUTH: it does not hold. SC_SYNTAX: not a proof, or a bad vkey.
 */
SC_CHECKED enum sc_err audit_proof_check(struct sc_span proof, struct sc_span entry,
    const char *vkey, struct sc_diag *d, struct audit_proven *out);

/*
 * ---- reconcile: keyd's openings against scrimd's records
 *
 * Every opening in keyd's log must have a record with the same request id in
 * scrimd's log that tells of one, and the other way round. One without its pair
 * means that a side was bypassed, or that its log lost something.
 *
 * A gateway that is killed loses the records that were not on the disk yet, and those of requests
 * that had not ended. Openings that it may have lost so are told apart (crash.h), and are never
 * more than those of a window of TLOG_DELAY_MS and REQUEST_MS at each of its starts.
 */

/*
 * How long after keyd's record of an opening its request ends, if nothing is said. Nearly all do in
 * a fraction of it; whoever waits for a slower upstream says so, since all that is longer is told
 * as lost which somebody may have hidden.
 */
#define AUDIT_REQUEST_MS 5000u

struct audit_reconcile_ask {
	const char *keyd_dir;
	const char *const *dirs; /* of gateways' logs; each has the openings that are of its node */
	size_t n_dirs;           /* 1 to AUDIT_GATEWAYS_MAX */
	uint64_t grace_ms, request_ms;
	audit_line_fn *line; /* NULL: only counted */
	void *arg;
};
#define AUDIT_GATEWAYS_MAX 64

struct audit_reconciled {
	uint64_t keyd_openings;          /* records of openings in keyd's log */
	uint64_t scrimd_openings;        /* records in scrimd's that tell of one */
	uint64_t pairs;                  /* request ids on both sides */
	uint64_t only_keyd, only_scrimd; /* request ids on one side */
	uint64_t differing;              /* of the pairs: the two tell of other things */
	uint64_t recent;                 /* of those, younger than GRACE_MS: may still arrive */
	uint64_t without_id;             /* openings without a request id: cannot be joined */
	uint64_t lost;      /* request ids that a crash explains; not among those of one side */
	uint64_t crashes;   /* starts of gateways that follow no stop */
	uint64_t elsewhere; /* openings by gateways none of whose logs was looked at; not joined */
};

/*
 * LINE is told each lone opening as a JSON line of ours,
 * {"side":"keyd","index":12,"req":"00000000000000ab","at":1789}, with ,"lost":"crash","start":7
 * (the index of the start behind it) where a crash explains it, and each pair that
 * tells of two things, {"req":...,"at":...,"differs":["purpose"],"keyd":{...},"scrimd":{...}},
 * in the order of their request ids. Lone ones younger than GRACE_MS before the newest entry of
 * either log are only counted.
 * SC_OK whatever was found: `only_*`, `differing` and `without_id` say whether it is well.
 */
SC_CHECKED enum sc_err audit_reconcile(const struct audit_reconcile_ask *ask, struct sc_diag *d,
    struct audit_reconciled *out);

#endif
