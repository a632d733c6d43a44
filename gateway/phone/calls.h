/*
 * calls.h - calls and messages that were asked about: each id has one answer.
 *
 * An id is durable before its answer, and kept as long as its vendor's URL is
 * (phone_tend() forgets older ones), so that a replay is told from a call. Events
 * come in any order and any number of times; a call's state only rises.
 *
 *	NEW -> ASKED (1, 2 ...) -> REFUSED -> DIALLED -> RINGING -> ANSWERED -> ENDED
 *
 * One that may be connected is REFUSED, too, until its number is open and the book
 * has counted it: what failed on that way has no place that its end could free.
 */
#ifndef GATEWAY_PHONE_CALLS_H
#define GATEWAY_PHONE_CALLS_H

#include "gateway/phone/hooks.h"

#define CALL_KEY_BYTES 16
#define CALL_DIGEST_BYTES 16

/* The order is that of their rank. */
enum call_state {
	CALL_NEW,
	CALL_ASKED,
	CALL_REFUSED,
	CALL_DIALLED,
	CALL_RINGING,
	CALL_ANSWERED,
	CALL_ENDED
};

struct phone_call {
	uint8_t key[CALL_KEY_BYTES];       /* phone_keyed() of vendor and id */
	uint8_t digest[CALL_DIGEST_BYTES]; /* of the fields as they were parsed */
	uint32_t line;
	uint64_t caller;
	uint8_t state, answer; /* enum call_state, phone_answer */
	uint8_t step;          /* how often digits were asked for */
	bool bound;
	uint8_t binding[PHONE_ID_BYTES];
	uint8_t child[CALL_KEY_BYTES]; /* the leg that was dialled; zeros: none yet */
	uint8_t repeats;               /* how often its last request came again */
	uint64_t opened_at, rung_at, answered_at, ended_at; /* Unix seconds; 0: not */
	uint64_t moved_at;                                  /* of its last request */
};

struct phone_call_write {
	struct phone_write write; /* its done() says when */
	struct phone_call call;   /* in; out: as it is now */
	bool fresh;        /* it was not there, or was at the expected step and has been moved */
	const char *cause; /* of an end, as hooks are told it: a literal, or NULL */
	struct hooks_put told; /* private */
};
/*
 * A new one, unless its key is known: then call is the known one and fresh is
 * false, one repeat more. These fail as phone_bind(), and with SC_SYNTAX for a
 * line that is none.
 */
SC_CHECKED enum sc_err phone_call_open(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);
/*
 * Move a known one on: only if its state is CALL_ASKED and its step call.step
 * (which goes up by one), its line and caller the same. fresh tells; the answer,
 * state, binding and digest of CALL are taken over then. Otherwise it has one
 * repeat more.
 */
SC_CHECKED enum sc_err phone_call_step(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);
/*
 * Raise its state, with the time of it; lower ones change nothing, nor any for
 * one that was never dialled. Pins child when call.child is not zeros; another
 * child's events change nothing. fresh: it was raised. CALL is all zeros but
 * for its key when that is not known. At the end its binding has one call less.
 */
SC_CHECKED enum sc_err phone_call_raise(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);

/*
 * Who asks Q, whose number's TOKEN (text) is, is connected as D says: remembered
 * in the book and, not waited for, on disk, where CALL is DIALLED from now on.
 * TO_PARTY as book_connected(). A text is over at once: ENDED. The book is asked
 * again first: *GOT is not CONNECT, and nothing done, when Q does not lead there
 * any more because it was ended or changed meanwhile, or as many other calls
 * connected as may be. Fails with SC_SYNTAX, SC_NOMEM.
 */
SC_CHECKED enum sc_err phone_connected(struct phone_service *s, const struct phone_asked *q,
    const struct phone_decision *d, struct sc_span token, uint64_t to_party,
    const uint8_t call[static CALL_KEY_BYTES], enum phone_answer *got);
/*
 * Q, which was to be connected as CALL, leads to nobody after all: whom it led to is
 * erased, or wants no texts. As of any miss it is charged, and CALL is ASKED when
 * digits may be asked for.
 */
void phone_missed(struct phone_service *s, const struct phone_asked *q,
    const uint8_t call[static CALL_KEY_BYTES], bool collects);
/* What was charged for Q, a miss, is taken back: it was a request that had been charged before. */
void phone_uncharge(struct phone_service *s, const struct phone_asked *q);
/*
 * Whom C, which was connected, leads to once more, for its own second delivery:
 * nothing is charged or counted. False when it does not lead there any more.
 */
bool phone_again(struct phone_service *s, const struct phone_asked *q, const struct phone_call *c,
    struct phone_decision *out);

#define CALL_KEPT_S (15u * 86400) /* how long an id is known at least; a vendor's, longer */
/* Give up calls whose end was never told, forget old ones. Nobody waits. */
void phone_calls_tend(struct phone_service *s, struct worker *w);

/* A person (not 0) who wants no more texts from an X (STOP), or wants them again. */
struct phone_optout {
	struct phone_write write;
	uint32_t line;
	uint64_t person;
	bool out; /* in */
};
/* In force at once, and durable when done() says so. Fails as above. */
SC_CHECKED enum sc_err phone_opt(struct phone_service *s, struct worker *w, struct phone_optout *o);
bool phone_opted_out(struct phone_service *s, uint32_t line, uint64_t person);
/* Does Q's caller know of what D says already: a party to it, or connected at this X before? */
bool phone_acquainted(struct phone_service *s, const struct phone_asked *q,
    const struct phone_decision *d);

#endif
