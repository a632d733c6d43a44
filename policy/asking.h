/*
 * asking.h - who asks, why, and for what: the one question that is carried
 * from the door to the policy, to keyd and into both logs.
 *
 * It is written once, where a request comes in, and nobody behind that fills a
 * policy query of his own: policy_ask() takes this and the item in question.
 */
#ifndef POLICY_ASKING_H
#define POLICY_ASKING_H

#include "base/name.h"
#include "policy/reason.h"

#include <stdint.h>

#define ASKING_UNSET 255u /* no role, purpose, operation */
#define ASKING_HASH 32    /* bytes of a policy's SHA-256 */

/* Pointers are borrowed; NULL is "not said". */
struct asking {
	const struct sc_name *tenant;
	const struct sc_name *principal; /* who ... */
	uint8_t role;                    /* ... in which role of the policy; a reader's own */
	uint8_t purpose;                 /* what for: a purpose of the policy */
	uint8_t op;                      /* enum policy_op */
	uint8_t approvals;               /* by distinct other people, as told: for the record */
	uint8_t approvals_checked;       /* ... as whoever decides has checked: these count */
	uint32_t consents; /* bits by purpose: what the person it is about has granted, as told */
	uint32_t records;  /* documents in the request, or so far where they stream */
	const struct policy_reason *reason, *ticket;
	const struct sc_name *route, *recipient;
	uint64_t request_id;
	uint64_t now_ms;            /* Unix time of the question; 0: the clock failed */
	const uint8_t *policy_hash; /* ASKING_HASH bytes: by which file its numbers are meant */
};

/* A question with all that it speaks of, for as long as it is needed. */
struct asking_kept {
	struct asking asking;
	struct sc_name tenant, principal, route, recipient;
	struct policy_reason reason, ticket;
	uint8_t policy_hash[ASKING_HASH];
};

/* K becomes A's copy; K->asking points into K, so K does not move. */
void asking_keep(struct asking_kept *k, const struct asking *a);

/* The same question as the recipient's: of a share, it is the recipient who reads. */
static inline struct asking asking_of_recipient(const struct asking *a, uint8_t role,
    uint8_t purpose, const struct sc_name *recipient)
{
	struct asking r = *a;

	r.role = role;
	r.purpose = purpose;
	r.recipient = recipient;
	return r;
}

#endif
