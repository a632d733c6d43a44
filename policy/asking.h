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
#include "base/span.h"
#include "policy/reason.h"

#include <stdint.h>

#define ASKING_UNSET 255u  /* no role, purpose, operation */
#define ASKING_HASH 32     /* bytes of a policy's SHA-256 */
#define ASKING_SESSION 16  /* bytes of the handle that a proof becomes */
#define ASKING_KEY_MAX 255 /* of an API key's text */

/* How it is known who asks, as whoever decides has seen it. */
enum asking_auth {
	ASKING_AUTH_NONE,
	ASKING_ASSERTED, /* a gateway says so */
	ASKING_PROVED,   /* by an API key */
	ASKING_SIGNED,   /* by the caller's own signature */
};

/* What a caller showed: for as long as its request is under way, and no longer. */
struct asking_proof {
	uint8_t digest[32]; /* SHA-256 of: */
	struct sc_span key; /* the API key's text, 1 to ASKING_KEY_MAX bytes; borrowed */
};

/* Pointers are borrowed; NULL is "not said". */
struct asking {
	const struct sc_name *tenant;
	const struct sc_name *principal; /* who ... */
	uint8_t role;                    /* ... in which role of the policy */
	uint8_t purpose;                 /* what for: a purpose of the policy */
	uint8_t op;                      /* enum policy_op */
	/* Of a share: as what the recipient reads, whom the caller sends it to. Else ASKING_UNSET. */
	uint8_t recipient_role, recipient_purpose;
	uint8_t approvals;         /* by distinct other people, as told: for the record */
	uint8_t approvals_checked; /* ... as whoever decides has checked: these count */
	bool signature_checked;    /* STATEMENT is the caller's, and of this: only keyd says so */
	uint32_t consents; /* bits by purpose: what the person it is about has granted, as told */
	uint32_t records;  /* documents in the request, or so far where they stream */
	const struct policy_reason *reason, *ticket;
	const struct sc_name *route, *recipient;
	uint64_t request_id;
	uint64_t now_ms;     /* Unix time of the question; 0: the clock failed */
	uint64_t counted_ms; /* the time on whose day it counts: keyd's own, which nobody sets */
	const uint8_t *policy_hash; /* ASKING_HASH bytes: by which file its numbers are meant */
	const struct asking_proof *proof; /* NULL: there is none to show */
	/* on the wire and behind it: */
	const uint8_t *session;     /* ASKING_SESSION bytes, zeros: asserted */
	uint8_t auth;               /* enum asking_auth */
	const struct sc_name *node; /* the gateway that it came by */
	struct sc_span statement;   /* the caller's own, signed (crypto/statement); empty: none */
};

/* A question with all that it speaks of, for as long as it is needed. */
struct asking_kept {
	struct asking asking;
	struct sc_name tenant, principal, route, recipient, node;
	struct policy_reason reason, ticket;
	uint8_t policy_hash[ASKING_HASH];
};

/*
 * K becomes A's copy, without proof, session and statement; K->asking points into K, so K does not
 * move.
 */
void asking_keep(struct asking_kept *k, const struct asking *a);

/* A is about a share: RECIPIENT (may be NULL) is to read, in ROLE and for PURPOSE. */
static inline void asking_share(struct asking *a, uint8_t role, uint8_t purpose,
    const struct sc_name *recipient)
{
	a->recipient_role = role;
	a->recipient_purpose = purpose;
	a->recipient = recipient;
}

#endif
