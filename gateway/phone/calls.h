/*
 * calls.h - calls and messages that were asked about: each id has one answer.
 *
 * An id is durable before its answer, and kept as long as its vendor's URL is
 * (phone_tend() forgets older ones), so that a replay is told from a call. Events
 * come in any order and any number of times; a call's state only rises.
 *
 *	NEW -> ASKED (1, 2 ...) -> DIALLED -> RINGING -> ANSWERED -> ENDED
 *	  \______________________\-> REFUSED
 */
#ifndef GATEWAY_PHONE_CALLS_H
#define GATEWAY_PHONE_CALLS_H

#include "gateway/phone/service.h"

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
	uint8_t repeats;               /* how often the same request came again */
	uint64_t opened_at, rung_at, answered_at, ended_at; /* Unix seconds; 0: not */
};

struct phone_call_write {
	struct phone_write write; /* its done() says when */
	struct phone_call call;   /* in; out: as it is now */
	bool fresh; /* it was not there, or was at the expected step and has been moved */
};
/* A new one, unless its key is known: then *call is the known one and fresh is false, one repeat more. */
SC_CHECKED enum sc_err phone_call_open(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);
/*
 * Move a known one on: only if its state is CALL_ASKED and its step call.step
 * (which goes up by one), its line and caller the same. fresh tells; the answer, state and binding of
 * CALL are taken over then.
 */
SC_CHECKED enum sc_err phone_call_step(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);
/* Raise its state, with the time of it; lower ones change nothing. Pins child when call.child is not zeros. */
SC_CHECKED enum sc_err phone_call_raise(struct phone_service *s, struct worker *w,
    struct phone_call_write *cw);

/*
 * CALLER (token text) is connected by binding D->at: remembered in the book and, not waited for, on disk.
 * TO_PARTY as book_connected().
 */
SC_CHECKED enum sc_err phone_connected(struct phone_service *s, const struct phone_decision *d,
    uint64_t caller, struct sc_span token, uint64_t to_party);

/* A person who wants no more texts from an X (STOP), and who wants them again. */
struct phone_optout {
	struct phone_write write;
	uint32_t line;
	uint64_t person;
	bool out; /* in */
};
SC_CHECKED enum sc_err phone_opt(struct phone_service *s, struct worker *w, struct phone_optout *o);
bool phone_opted_out(struct phone_service *s, uint32_t line, uint64_t person);

#endif
