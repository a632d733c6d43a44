/*
 * consent.h - what the person whom a document or a value is about has granted, found out
 * before anything is decided, and only where some rule of the policy wants to know.
 *
 *	subject -> handle (keyd) -> registry -> the question's consents -> plan
 *
 * Who keeps people's words is handed in from above as a function: the enforcement point
 * knows no registry. Whatever is missing on that way means that nothing was granted.
 */
#ifndef GATEWAY_PROTECT_CONSENT_H
#define GATEWAY_PROTECT_CONSENT_H

#include "crypto/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct policy;
struct protect_job;
struct collect_service;

struct consent_source {
	/*
	 * Bits by purpose of POLICY that whom HANDLE stands for has granted; from any
	 * thread, without waiting. NULL: there is no registry.
	 */
	uint32_t (*granted)(const struct consent_source *s, const struct policy *policy,
	    const uint8_t handle[static HANDLE_BYTES]);
	struct collect_service *service;
	const struct sc_name *node; /* in whose name keyd is asked for handles, ... */
	uint8_t role, purpose;      /* ... and as what, of the policy */
};

/* ---- private to protect/ ---- */

/*
 * Find out for the record under way, or for the job's values: true when keyd is being
 * asked, and job->consented() will be called. False: all is known, by default that nothing
 * was granted.
 */
bool consent_ask_record(struct protect_job *job);
bool consent_ask_values(struct protect_job *job);

#endif
