/*
 * answer.c - the rows of the answer table.
 */
#include "gateway/number/answer.h"

#define NAMED(name) name, "phone." name

static const struct phone_answer_row rows[PHONE_ANSWER_COUNT] = {
	[PHONE_CONNECT] = { NAMED("connect"), 200, "connect", "connected", VERB_DIAL, VERB_DIAL },
	[PHONE_COLLECT] = { NAMED("collect"), 484, "collect", "an extension is needed", VERB_GATHER,
	    VERB_GATHER },
	[PHONE_NOBODY] = { NAMED("nobody"), 404, "reject", "nobody is reached by this number",
	    VERB_GATHER, VERB_HANGUP },
	[PHONE_LATE] = { NAMED("late"), 403, "reject", "this number is not in use any more",
	    VERB_SAY_HANGUP, VERB_SAY_HANGUP },
	[PHONE_ONE_WAY] = { NAMED("one_way"), 403, "reject",
	    "not in this direction or by this channel", VERB_GATHER, VERB_HANGUP },
	[PHONE_BUSY] = { NAMED("busy"), 486, "reject", "no more calls to this number for now",
	    VERB_REJECT, VERB_HANGUP },
	[PHONE_BLOCKED] = { NAMED("blocked"), 603, "reject", "too many wrong extensions",
	    VERB_REJECT, VERB_HANGUP },
	[PHONE_WITHHELD] = { NAMED("withheld"), 433, "reject", "the caller's number is withheld",
	    VERB_REJECT, VERB_HANGUP },
	[PHONE_REPLAYED] = { NAMED("replayed"), 482, "reject", "this call has had its answer",
	    VERB_REJECT, VERB_HANGUP },
	[PHONE_DOWN] = { NAMED("down"), 503, "reject", "not available at the moment", VERB_HTTP_503,
	    VERB_HTTP_503 },
};

const struct phone_answer_row *phone_answer_row(enum phone_answer a)
{
	return &rows[a];
}
