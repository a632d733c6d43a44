/*
 * keyc.h - asking keyd: the only way to a key for everyone but keyd itself.
 *
 * One keyc belongs to one loop and is used from that loop's thread only.
 * Calls are asynchronous: what is asked during one turn of the loop leaves in
 * one packet at its end, and each answer arrives as a call to done(). keyc
 * connects by itself and again after a loss (50 ms .. 1 s); what was under way
 * when keyd was lost ends with SC_AGAIN and is never sent twice.
 */
#ifndef CRYPTO_KEYC_KEYC_H
#define CRYPTO_KEYC_KEYC_H

#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "base/span.h"
#include "crypto/limits.h"
#include "crypto/wire/result.h"
#include "policy/decide/decide.h"
#include "policy/reason.h"

/* A call past CRYPTO_ITEMS_MAX and the other ceilings is refused with SC_LIMIT. */

struct loop;
struct keyc;

/*
 * Make a client of the keyd at ADDRESS ("unix:PATH") that lives on L and
 * starts to connect at once, as the gateway NODE (NULL: it is none). Fails with SC_NOMEM;
 * SC_SYNTAX when the address is not of that form or too long. *OUT is the caller's, to
 * keyc_free() before the loop.
 */
SC_CHECKED enum sc_err keyc_new(struct loop *l, const char *address, const struct sc_name *node,
    struct keyc **out);
/*
 * The same of a keyd on another host, over TLS 1.3: it has to prove that it has the key that
 * KEYD_SPKI is of, and we are known by that of CERT. Fails with SC_IO and SC_SYNTAX as well,
 * when CERT and KEY cannot be read; D says why.
 */
struct keyc_far {
	const char *address;      /* "ADDRESS:PORT": a number, no name */
	const char *cert, *key;   /* PEM */
	const uint8_t *keyd_spki; /* 32 bytes: SHA-256 of its SubjectPublicKeyInfo */
};
SC_CHECKED enum sc_err keyc_new_far(struct loop *l, const struct keyc_far *far,
    const struct sc_name *node, struct sc_diag *d, struct keyc **out);
/* Forget it and all calls under way; their done() is not called. NULL is fine. */
void keyc_free(struct keyc *kc);

/*
 * Examine every keyd that is met: FN(ARG) is called when one has said hello on a new
 * connection, and nothing but its log's proofs and its status can be asked for, all else being
 * SC_AGAIN, until keyc_admit() says so. That is over with the connection. Before the loop runs.
 */
void keyc_examine(struct keyc *kc, void (*fn)(void *arg), void *arg);
void keyc_admit(struct keyc *kc, bool on);

/* Can keys be asked for? From any thread, which may be told a moment late. */
bool keyc_serves(const struct keyc *kc);
/* Connected, and keyd has said hello. */
bool keyc_ready(const struct keyc *kc);
/* SHA-256 of the policy file keyd decides by, as it said last; NULL while not ready. */
const uint8_t *keyc_policy_hash(const struct keyc *kc);
/*
 * keyd's own log can be written, its disk has enough room, and it has met no key that is
 * unknown or broken, as it said last; false while not ready.
 */
bool keyc_log_ok(const struct keyc *kc);
bool keyc_space_ok(const struct keyc *kc);
bool keyc_store_ok(const struct keyc *kc);
/* People who returned after long wait for a day on which they may be reached again. */
bool keyc_returns_queued(const struct keyc *kc);
/* Calls under way. */
size_t keyc_pending(const struct keyc *kc);

struct keyc_item {
	uint8_t class_id; /* seal and index; when opening, the token says */
	/* seal: TOKEN_* kind bits, random, e-mail shape, KEYC_REFUSE, KEYC_INDEXED; seal, open: KEYC_ADOPT */
	uint8_t flags;
	bool of_order; /* of the person of the call's order; SUBJECT is empty */
	struct sc_span
	    subject; /* whose key or token; empty: sealed under the class key, anybody's is opened */
	struct sc_span value; /* value to seal or index, or token text to open */
};

struct keyc_reply {
	/*
	 * SC_OK; SC_AGAIN keyd is not reachable or was lost; SC_LIMIT its log
	 * cannot be written; SC_STALE it decides by another policy, or wants the
	 * proof of who asks anew: ask again; SC_AUTH the question is refused (who
	 * asks, tenant, role, purpose or op); others: keyd failed. When not SC_OK
	 * there are no results.
	 */
	enum sc_err err;
	const struct wire_result *results; /* one for each item, in order */
	size_t n;
	uint64_t record;                         /* index in keyd's log, or WIRE_NO_RECORD */
	const uint8_t (*subjects)[HANDLE_BYTES]; /* handles of whom this was about */
	size_t n_subjects; /* at most HANDLES_MAX, even when there were more */
	bool named;        /* reason or ticket has words of what was opened: they go into no log */
};

/*
 * The order that sealed and opened items are about. SAYS: the items' document names PERSON
 * itself, and whose the order is, is only to be remembered (sealing). Otherwise items may be
 * OF_ORDER: of whom keyd remembers, or, of an order that it does not know, of PERSON (may be empty:
 * nobody's, which REQUIRED makes WIRE_UNKNOWN_ORDER).
 */
struct keyc_order {
	struct sc_span id; /* not empty */
	struct sc_span person;
	bool says, required;
};

/*
 * One call under way, embedded in the caller's own structure, which must live
 * until done() was called or keyc_cancel() has returned. Zero it at birth and
 * set done before the call. The reply is valid during done() only; done() may make new calls,
 * and may free what the call is embedded in.
 */
struct keyc_call {
	void (*done)(struct keyc_call *, const struct keyc_reply *);
	const struct keyc_order *order; /* of what is sealed or opened next; NULL: none */
	struct {
		struct keyc *kc;
		struct keyc_call *next, *prev;
		uint64_t id;
		uint32_t parts; /* frames still unanswered */
		uint32_t n_items;
		uint64_t record;
		bool named;
		enum sc_err err;
		void *gather;
	} priv;
};

/*
 * A question whose A has a proof is asked as proved: keyc shows keyd the key once, ahead of
 * the first such question, then every ten minutes. Without one, the gateway's word is all
 * there is.
 *
 * Ask, under A->op: to seal WRITE; to index SEARCH; to open READ, SHARE
 * or EXPORT; to erase DELETE. A policy hash other than keyd's is answered with
 * SC_STALE. The items and the question are encoded before the call returns, so
 * their spans need not live longer. Fails, and then done() will not be called,
 * with SC_AGAIN when not ready, SC_LIMIT past a ceiling above, SC_NOMEM, or
 * SC_BUG for no items. done() is never called before the call has returned.
 * A call may be larger than a packet: keyc then splits it, and keyd decides
 * and records each part.
 */
/*
 * What becomes of a token of another person than the item names, or under a class key: sealed
 * again as text, kind bit KEYC_RESEALED, or WIRE_FOREIGN with KEYC_REFUSE, as it always is when
 * opening. With KEYC_ADOPT those under class keys are that person's.
 */
enum { KEYC_REFUSE = WIRE_FOREIGN_REFUSE, KEYC_ADOPT = WIRE_ADOPT, KEYC_RESEALED = WIRE_RESEALED };
enum { KEYC_INDEXED = WIRE_INDEXED }; /* the result's value is taken apart by wire_indexed() */
SC_CHECKED enum sc_err keyc_seal(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n);
/*
 * For each token: the value, or what keyd's policy leaves of it (action says
 * which); TOKENISE gives the token back as it came; DROP gives nothing. The
 * answer comes only after keyd's record of it is on disk. A->consents count for the tokens
 * of the person whom the item names. A call with A->statement is not split: SC_LIMIT when it is
 * larger than a packet.
 */
SC_CHECKED enum sc_err keyc_open(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n);
/*
 * To search: for each value its blind index text, such as ".l4a7k2.pfa0q9dw3ta.", never empty,
 * of all versions that open, the newest first. What is stored is given beside its sealing.
 */
SC_CHECKED enum sc_err keyc_index(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n);

/* Whose an identifier is: keyc_item.flags of keyc_pseudonym(). */
enum keyc_identifier { KEYC_ACCOUNT = WIRE_ACCOUNT, KEYC_DEVICE = WIRE_DEVICE };
#define KEYC_PSEUDONYM_BYTES PSEUDONYM_BYTES
/*
 * For each value, an identifier: HANDLE_BYTES that stand for it under the index key that
 * analytics alone has, then KEYC_PSEUDONYM_BYTES (big-endian, never 0) under the
 * dataset's key. Neither leads to the order table's indexes. CLASS_ID is what the policy
 * is asked to WRITE. An item whose value is longer than CRYPTO_IDENTIFIER_MAX is
 * WIRE_TOO_LARGE, an empty one WIRE_BAD_VALUE; one with a subject, or other flags, fails
 * the call with SC_BUG.
 */
SC_CHECKED enum sc_err keyc_pseudonym(struct keyc *kc, struct keyc_call *call,
    const struct asking *a, const struct keyc_item *items, size_t n);

/*
 * Destroy SUBJECT's key. Answers when it is gone from keyd's files;
 * results[0].status is WIRE_OK, WIRE_GONE when there was no key, or WIRE_DENIED.
 * The policy is asked for POLICY_DELETE of every class (CLASS_NONE).
 */
SC_CHECKED enum sc_err keyc_erase_subject(struct keyc *kc, struct keyc_call *call,
    const struct asking *a, struct sc_span subject);

/*
 * FROM's keys become INTO's, two subjects that are one person: their tokens open as
 * before, and an erasure of INTO destroys them too. results[0].status is WIRE_OK,
 * WIRE_GONE when FROM has no key, WIRE_TOO_LARGE (more keys than a person may have),
 * WIRE_QUOTA or WIRE_DENIED. The policy is asked for POLICY_MERGE of every class. Fails
 * with SC_BUG when they are empty or the same, SC_LIMIT when one is too long.
 */
SC_CHECKED enum sc_err keyc_merge_subjects(struct keyc *kc, struct keyc_call *call,
    const struct asking *a, struct sc_span from, struct sc_span into);

/*
 * Of A only tenant, principal and request id count here and for status.
 * results[0].value: the signed checkpoint (C2SP signed note) of HEAD, the caller's own log's;
 * results[1].value: keyd's own latest checkpoint, empty when there is none yet;
 * results[2].value: the vkey that verifies results[0] (its key name is the origin).
 * A head that does not extend the last one: results[0].status WIRE_DENIED,
 * and results[0].value is then the last checkpoint keyd signed for this origin
 * (so that the caller can prove from it); at first use it is empty.
 */
SC_CHECKED enum sc_err keyc_sign_head(struct keyc *kc, struct keyc_call *call,
    const struct asking *a, const struct wire_head *head);

/*
 * keyd's own log, as its witnesses need it, and who examines keyd. results[0].value: its latest
 * checkpoint, empty when there is none; results[1].value: the RFC 6962 §2.1.2 proof, HASH_BYTES
 * each, that this extends the tree of OLD entries; empty also when it has not so many;
 * results[2].value: the vkey of results[0].
 */
SC_CHECKED enum sc_err keyc_prove_log(struct keyc *kc, struct keyc_call *call,
    const struct asking *a, uint64_t old);

/* results[0].value: keyd's status as JSON. */
SC_CHECKED enum sc_err keyc_status(struct keyc *kc, struct keyc_call *call, const struct asking *a);

/*
 * At the operators' socket alone: VERB is enum wire_verb, WORDS what it is of. results[0].value:
 * what was done, or {"refused":why}, as JSON. SC_AGAIN also while another act is under way.
 */
SC_CHECKED enum sc_err keyc_operate(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    uint8_t verb, struct sc_span words);

/* done() will not be called. Fine for a call that is not under way. */
void keyc_cancel(struct keyc_call *call);

#endif
