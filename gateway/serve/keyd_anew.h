/*
 * keyd_anew.h - the way out where keyd's log is lost for good: an owner's signed word, laid into
 * our log's folder as keyd.anew.
 *
 *	refused -> the thread reads keyd.anew -> a worker judges it (crypto/statement/anew.h)
 *	  good:   who and why into our log; when that is durable what was seen is forgotten, and
 *	          keyd.anew removed
 *	  not:    told once, and it becomes keyd.anew.refused
 */
#ifndef GATEWAY_SERVE_KEYD_ANEW_H
#define GATEWAY_SERVE_KEYD_ANEW_H

#include "crypto/statement/anew.h"
#include "crypto/tlog/seen.h"
#include "gateway/config/config.h"

enum keyd_anew_state {
	KEYD_ANEW_NONE,
	KEYD_ANEW_BROUGHT, /* TEXT is to be judged */
	KEYD_ANEW_JUDGED,  /* it is good, and its record under way */
	KEYD_ANEW_TAKEN,   /* its file is to be removed */
	KEYD_ANEW_REFUSED  /* its file is to be set aside */
};

/* Of whoever holds the lock of what it is part of. */
struct keyd_anew {
	enum keyd_anew_state state;
	size_t n;
	uint8_t text[ANEW_TEXT_MAX];
};

/*
 * What stands in the folder DIRFD where NOW is none, to OUT; what NOW is done with is cleared away.
 * Reads and writes files: no lock is to be held.
 */
void keyd_anew_look(int dirfd, enum keyd_anew_state now, struct keyd_anew *out);

/*
 * The word in A, of now, for keyd's log as SEEN has it (NULL: what was seen is not known, and
 * ORIGIN is its name): NULL when it is good, and OUT is whose it is; else why not, a literal.
 */
const char *keyd_anew_judge(const struct keyd_anew *a, const struct config *c,
    const struct seen_log *seen, const char *origin, struct anew_word *out);

#endif
