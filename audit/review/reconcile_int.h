/*
 * reconcile_int.h - what is kept of both sides' records while they are held against one another.
 */
#ifndef AUDIT_REVIEW_RECONCILE_INT_H
#define AUDIT_REVIEW_RECONCILE_INT_H

#include "audit/review/crash.h"
#include "audit/review/review.h"

/* What both sides say in words; of each the hash of its text is kept. */
enum said { SAID_PRINCIPAL, SAID_ROLE, SAID_PURPOSE, SAID_OP, SAIDS };

struct opening {
	uint64_t request_id, index, at_ms;
	uint64_t said[SAIDS];
	uint32_t revealed, shown; /* values; whole or in part */
	uint8_t gate;             /* of which gateway; those of keyd's, too */
	bool keyd;
	bool wants; /* a record on the other side */
};

/* One whose log is looked at. */
struct gate {
	const char *dir;
	char node[NOTE_NAME_MAX + 1];
	struct crashes crashes;
};

struct join {
	const struct audit_reconcile_ask *ask;
	struct gate *gates;
	struct opening *v; /* of both sides */
	size_t n, cap;
	bool keyd;       /* the side that is being read */
	struct gate *at; /* whose log is, when it is not keyd's */
	uint64_t last_ms;
	uint64_t young_ms;  /* openings at or after this may still find their pair */
	uint64_t window_ms; /* of what one crash can have lost */
	struct sc_diag *d;
	struct audit_reconciled *out;
};

_Static_assert(AUDIT_GATEWAYS_MAX < UINT8_MAX, "an opening says whose it is in a byte");

static inline const char *said_of(const struct audit_entry *e, unsigned i)
{
	const char *const v[SAIDS] = { e->principal, e->role, e->purpose, e->op };

	return v[i];
}

/* Both sides' records, keyd's first. Fails as walk_dir() does. */
SC_CHECKED enum sc_err reconcile_collect(struct join *j);

#endif
