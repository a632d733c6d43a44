/*
 * key_tally.h - what one request came to, item by item: classes, tier, action, rules.
 */
#ifndef CRYPTO_KEYD_KEY_TALLY_H
#define CRYPTO_KEYD_KEY_TALLY_H

#include "crypto/record/record.h"
#include "policy/decide/decide.h"

struct key_tally {
	struct audit_counts counts;
	uint32_t classes[CLASS_MAX + 1];
	uint32_t by[CLASS_MAX + 1][ACTION_COUNT]; /* of them, by action; not of what was added */
	uint8_t touched[AUDIT_CLASSES_MAX];       /* those above zero */
	uint8_t n_touched;
	uint8_t tier, action; /* highest */
	uint8_t shown;        /* bits by tier: something of such a value left */
	uint32_t items, refused;
	uint8_t handles[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
	uint8_t n_handles;
	const uint8_t (
	    *more)[AUDIT_HANDLE_BYTES]; /* of an opening: those for whom there was no room */
	uint32_t n_more;
	uint32_t subjects; /* distinct; of requests told together, distinct among those named */
	uint16_t rules[AUDIT_RULES_MAX];
	uint8_t n_rules;
	const char *why; /* a literal: what was wrong with the caller's statement; NULL: nothing */
};

void tally_reset(struct key_tally *t);
/* A person whom something was sealed for, once a request. */
void tally_subject(struct key_tally *t, const uint8_t handle[static AUDIT_HANDLE_BYTES]);
/* One item of CLASS_ID, of TIER, for which ACTION was done. */
void tally_item(struct key_tally *t, uint8_t class_id, uint8_t tier, uint8_t action);
void tally_rules(struct key_tally *t, const struct policy_verdict *v);
/* What T came to, on top of TO; its rules are not. */
void tally_add(struct key_tally *to, const struct key_tally *t);

#endif
