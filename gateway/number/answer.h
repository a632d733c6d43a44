/*
 * answer.h - the answer table: what becomes of a call or a message to a virtual
 * number, a row each, for every door (API, TwiML; SIP has its seat).
 *
 * Whoever was never connected learns nothing from it: a number that was never
 * bound, one that cools down, one that is somebody else's are one answer.
 * docs/PHONE.md prints this table, and a test holds the two together.
 */
#ifndef GATEWAY_NUMBER_ANSWER_H
#define GATEWAY_NUMBER_ANSWER_H

#include <stdint.h>

enum phone_answer {
	PHONE_CONNECT,  /* 200 */
	PHONE_COLLECT,  /* 484 a bare X: ask for the extension */
	PHONE_NOBODY,   /* 404 never bound, cooling, expired, foreign, not for this caller */
	PHONE_LATE,     /* 403 it has ended, and this caller was connected before */
	PHONE_ONE_WAY,  /* 403 a party of the binding, in a direction or channel that is closed */
	PHONE_BUSY,     /* 486 as many calls or minutes of the binding as its pool allows */
	PHONE_BLOCKED,  /* 603 too many wrong extensions */
	PHONE_WITHHELD, /* 433 the caller's number is withheld, or no number */
	PHONE_REPLAYED, /* 482 this call has had its answer */
	PHONE_DOWN,     /* 503 the store, the log or keyd is away */
	PHONE_ANSWER_COUNT
};

/* What a TwiML vendor is told. */
enum phone_verb {
	VERB_DIAL,
	VERB_GATHER,
	VERB_HANGUP,
	VERB_SAY_HANGUP,
	VERB_REJECT,
	VERB_HTTP_503
};

struct phone_answer_row {
	const char *name;             /* "connect": in /v1 answers */
	const char *act;              /* "phone.connect": in records */
	uint16_t sip;                 /* what a SIP server answers */
	const char *action;           /* "connect", "collect" or "reject" */
	const char *reason;           /* for people; says no more than the name */
	enum phone_verb first, keyed; /* before the call is answered; after digits were asked for */
};

/* The row of A, which is below PHONE_ANSWER_COUNT. */
const struct phone_answer_row *phone_answer_row(enum phone_answer a);

#endif
