/*
 * numbers.h - telephone numbers of a request on their way to what may be kept of
 * them: a token, and a blind index.
 *
 *	a number	-> parsed, dialable in the pool -> sealed and indexed
 *	a token		-> a phone's; of a pair: opened for the caller, and indexed
 *
 * All of it through protect_values(), under the caller's own rights.
 */
#ifndef GATEWAY_API_NUMBERS_H
#define GATEWAY_API_NUMBERS_H

#include "base/arena.h"
#include "gateway/number/settings.h"
#include "gateway/serve/served.h"

enum number_status {
	NUMBER_OK,
	NUMBER_INVALID, /* no person's number that the pool may dial, or no phone's token */
	NUMBER_DENIED,  /* policy does not let the caller store it, or see what a pair needs */
};

struct api_number {
	struct sc_span said;    /* as it came, borrowed */
	struct sc_span subject; /* under whose key a number is sealed; may be empty */
	bool guest;             /* ... which nobody said: it is the order's */
	const struct phone_pool *pool;
	bool pair; /* its index is needed, whatever it takes */
	/* what came of it */
	enum number_status status;
	struct sc_span token; /* text; as long as the numbers */
	uint64_t party;       /* 0: a token that need not be opened */
	/* private */
	char e164[PHONE_E164_MAX + 1];  /* "": of a token, not known */
	size_t sealed, indexed, opened; /* which value of a round; SIZE_MAX: none */
};

struct api_numbers {
	struct api_number *v; /* in an arena, which wipes */
	size_t n;
	void (*done)(struct served_request *rq); /* not when the request was refused meanwhile */
	/* private */
	struct api_numbers_run *run;
};

/*
 * Find out what may be kept of the N of NUMBERS for RQ, which has asked
 * (served_ask()). done() may come before this returns; when the request cannot go
 * on it is refused and answered instead. Everything is made in ARENA.
 */
void api_numbers_resolve(struct api_numbers *numbers, struct served_request *rq,
    struct sc_arena *arena);
/* Wipe and release. Harmless when nothing was begun. */
void api_numbers_fini(struct api_numbers *numbers);

#endif
