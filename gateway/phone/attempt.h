/*
 * attempt.h - one attempt to reach somebody through a virtual number: the same
 * walk for every door.
 *
 *	caller's blind index -> decide -> call id durable -> open the number -> answer
 *	    keyd                 book,       store              keyd, recorded
 *	                         guard
 *
 * The number is opened only when everything else has said yes, under the policy
 * operation `share` of class phone for the peer that asks, and recorded by keyd
 * before scrimd has it. Misses of every kind take one path.
 */
#ifndef GATEWAY_PHONE_ATTEMPT_H
#define GATEWAY_PHONE_ATTEMPT_H

#include "gateway/phone/calls.h"
#include "gateway/serve/served.h"

#define PHONE_AGAIN_MAX 2
#define PHONE_AGAIN_S 15

struct phone_attempt;

/* How far it goes. */
enum phone_pass {
	PHONE_PASS, /* all the way */
	PHONE_HOLD, /* a text that is held: COLLECT, and nothing is decided */
	/* one that was held before (the same key and digest) goes on, once; another is held */
	PHONE_CONFIRMED,
	PHONE_WHO, /* nothing but the caller's blind index: NOBODY */
};

struct phone_attempt_in {
	struct served_request *rq; /* identified and asked (POLICY_SHARE); its job is used */
	uint32_t line;
	uint32_t ext;          /* PHONE_NO_EXT: none was said */
	struct sc_span caller; /* E.164 and none of ours; anything else is "withheld" */
	uint8_t channel;       /* PHONE_VOICE or PHONE_SMS */
	/*
	 * This door can ask for digits: a bare X is COLLECT and not refused, and a call that
	 * reaches NOBODY (or ONE_WAY) is left ASKED, so that all misses can be answered
	 * alike. call.step, from 1, is how often digits have been asked for then.
	 */
	bool collects;
	/*
	 * A second delivery of the same request (its key and digest, and of a step its
	 * step) is answered as the first was while nothing has come of that: at most
	 * PHONE_AGAIN_MAX times within PHONE_AGAIN_S. Charged once; its number is opened
	 * anew, never kept. Otherwise it is REPLAYED.
	 */
	bool again;
	const struct phone_call
	    *known; /* the call this goes on with (after digits), or NULL: a new one ... */
	uint8_t key[CALL_KEY_BYTES], digest[CALL_DIGEST_BYTES]; /* ... with this id */
	bool keep_refusals; /* also what is not connected becomes durable before it is answered */
	uint8_t pass;       /* enum phone_pass */
	/* A call that was asked for digits (COLLECT) goes on with them under its own key and no KNOWN. */
	bool goes_on;
	void (*done)(struct phone_attempt *a, void *arg);
	void *arg;
};

struct phone_attempt {
	/* what came of it, from done() on */
	enum phone_answer answer;
	char to[PHONE_E164_MAX +
	    1]; /* whom to reach: personal, wiped at the end; "" unless CONNECT */
	uint32_t line, max_call_s;
	bool bound;
	uint8_t binding[PHONE_ID_BYTES];
	struct phone_call call; /* as it is now; of REPLAYED: as it was */
	bool again;             /* a second delivery, answered as the first was */
	bool opted_out;  /* ONE_WAY or NOBODY: whom it would reach wants no texts from this X */
	uint64_t record; /* keyd's, of the opening; WIRE_NO_RECORD */
	uint64_t caller_party, to_party;
	/* the rest is private */
};

/* Begin. done() may be called before this returns. *OUT is the caller's. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err phone_attempt_new(const struct phone_attempt_in *in,
    struct phone_attempt **out);
/* Forget it, at any time: done() will not be called. Wipes. NULL is fine. */
void phone_attempt_free(struct phone_attempt *a);

/*
 * Write what came of it into the request's record (act "phone.connect" and so on, binding, outcome)
 * and count it. Before served_answer().
 */
void phone_attempt_note(struct served_request *rq, const struct phone_attempt *a);

/* True when RQ came by a way that a telephony peer may use: a certificate, a socket of its own, a signature. */
bool phone_peer_ok(const struct served_request *rq);

#endif
