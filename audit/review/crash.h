/*
 * crash.h - where a log shows that its writer died without a word, and what that explains.
 *
 * Whoever can kill a gateway can have a record lost, and whoever has taken one over can write a
 * start that was none. So a crash explains little: openings of one window alone, which the first of
 * them begins. That window lies behind the last thing that the log still has, less the window, and
 * before the start that follows; what is outside of it was not lost by the crash.
 */
#ifndef AUDIT_REVIEW_CRASH_H
#define AUDIT_REVIEW_CRASH_H

#include "audit/record/read.h"

#include <stddef.h>

struct crash {
	uint64_t last_ms;         /* of the newest entry before it */
	uint64_t start, start_ms; /* the entry that tells of the next start */
	uint64_t first_ms;        /* of what is missing here; UINT64_MAX: nothing is */
};

/* All zero to begin with; fini releases. */
struct crashes {
	struct crash *v;
	size_t n, cap;
	uint64_t last_ms;
	bool running; /* a start, and no stop behind it */
};

/* The log's entries, each in its turn. */
SC_CHECKED enum sc_err crashes_note(struct crashes *c, uint64_t index, const struct audit_entry *e);
void crashes_fini(struct crashes *c);

/* What is missing of one request: when keyd wrote its first record and its last one. */
struct missing {
	uint64_t first_ms, last_ms;
};

/* First of all that is missing: the windows begin where it does. */
void crashes_begin(struct crashes *c, struct missing m, uint64_t window_ms);
/* Then of each: the crash that explains it, or NULL. */
const struct crash *crashes_explain(const struct crashes *c, struct missing m, uint64_t window_ms);

#endif
