/*
 * decide.h - who may see it? The one question every surface asks.
 *
 * A policy file (docs/POLICY.md) is compiled to a table over role x purpose x
 * class x tier x operation; a decision is one look-up, then at most the few
 * conditions of the rules that meet in that cell. What it means:
 *
 *  1. One active role and one purpose a request; roles never add up.
 *  2. Default deny: where no rule matches, the answer is ACTION_DENY.
 *  3. Any matching deny wins.
 *  4. Otherwise the least revealing matching effect wins. The order is
 *     deny < drop < mask < generalise < tokenise < reveal, and fixed;
 *     the order of rules in the file never matters.
 *  5. Two mask rules that want different forms of mask: masked whole.
 *  6. role.max_tier is a ceiling: above it the answer is deny, whatever the
 *     rules say. It bounds what a role may be shown or have shown to others,
 *     so it applies to read, share, send, export and search; write (sealing),
 *     delete and merge show nothing.
 *  7. A rule whose when, require or limit is not met counts as its "else"
 *     (deny when it has none); then 3 and 4 apply as ever.
 *  8. The tier that counts is the higher of the class's and the token's own.
 *     Tier X is always denied. A class's tier can be raised by a file, never
 *     lowered.
 *  9. A failed clock (now_ms 0 or absurd), an unknown role, purpose, class,
 *     operation or tier: deny.
 * 10. Duties: no role is in two groups that the file or Scrim keeps apart
 *     (manage/use, manage/audit, use/audit always); a role that any rule lets
 *     do anything but be denied is in "use". Refused at load.
 *
 * 11. A share needs two yeses: send, of the caller in its role and purpose, and
 *     share, of the recipient in theirs. The less revealing of the two counts;
 *     who is no recipient of anything is handed nothing.
 *
 * What an action means depends on the operation:
 *	write		tokenise permits sealing; mask or drop: the field is
 *			replaced so before it goes on; reveal is refused at load
 *	read, share, export	what the reader gets: reveal the value, tokenise
 *			leave the token, mask and generalise a poorer value,
 *			drop the field
 *	send		the most that may be handed to a recipient, in the same words
 *	search, delete, merge	reveal permits; anything else refuses
 */
#ifndef POLICY_DECIDE_DECIDE_H
#define POLICY_DECIDE_DECIDE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "base/span.h"
#include "policy/asking.h"
#include "policy/mask/mask.h"
#include "policy/words/words.h"

struct policy; /* immutable once loaded; any thread may use it */

/*
 * Load a policy and run the tests that stand in it: one that fails refuses the
 * file. On SC_OK *OUT is the caller's, to release with policy_free();
 * otherwise NULL, and ALL (may be NULL) says all that is wrong, each at its
 * line and column: SC_SYNTAX, SC_LIMIT (too large), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err policy_load_file(const char *path, struct sc_diags *all,
    struct policy **out);
SC_CHECKED enum sc_err policy_load(struct sc_span text, const char *filename, struct sc_diags *all,
    struct policy **out);
void policy_free(struct policy *p); /* NULL is fine */

/* The exact bytes of the file, for hashing and signing. */
struct sc_span policy_text(const struct policy *p);
/* The file's "version". */
const struct sc_name *policy_version(const struct policy *p);

/* Names to ids; false when the policy has no such name. Ids are 0..count-1, classes' are class ids. */
bool policy_role(const struct policy *p, struct sc_span name, uint8_t *id);
bool policy_purpose(const struct policy *p, struct sc_span name, uint8_t *id);
bool policy_class(const struct policy *p, struct sc_span name, uint8_t *id);

/* Ids to names; NULL when there is no such id. */
const struct sc_name *policy_role_name(const struct policy *p, uint8_t id);
const struct sc_name *policy_purpose_name(const struct policy *p, uint8_t id);
const struct sc_name *policy_class_name(const struct policy *p, uint8_t id);
const char *policy_rule_name(const struct policy *p, uint16_t rule);
/* Where RULE stands in the file: D's file, line, column, offset. False when there is no such rule. */
bool policy_rule_place(const struct policy *p, uint16_t rule, struct sc_diag *d);

unsigned policy_role_count(const struct policy *p);
/* May ROLE publish what was made of people's data? It may when its group is "publish". */
bool policy_role_publishes(const struct policy *p, uint8_t role);
/* Does ROLE keep tokens that must compare equal? If not, all that it seals is random. */
bool policy_role_stores(const struct policy *p, uint8_t role);
/* How many different values a day a principal of ROLE may have blind indexes of, to store them. */
uint32_t policy_role_indexes(const struct policy *p, uint8_t role);
/* Does any rule that speaks of ROLE want its caller's own signature? */
bool policy_role_signs(const struct policy *p, uint8_t role);
/* May ROLE have anything handed to a recipient, for whatever purpose? */
bool policy_role_sends(const struct policy *p, uint8_t role);
unsigned policy_purpose_count(const struct policy *p);
unsigned policy_rule_count(const struct policy *p);
unsigned policy_test_count(const struct policy *p); /* the file's own "tests", all of which hold */

/* The class's tier in this policy; TIER_X when there is no such class. */
enum policy_tier policy_class_tier(const struct policy *p, uint8_t class_id);

#define POLICY_VERDICT_RULES 4
#define POLICY_LIMIT_NONE UINT32_MAX

/* The tightest among the rules of a cell; POLICY_LIMIT_NONE when none has one. */
struct policy_limits {
	uint32_t subjects; /* a day */
	uint32_t weeks;    /* since something of the person was sealed */
};

struct policy_verdict {
	enum policy_action action;
	uint16_t rules[POLICY_VERDICT_RULES]; /* the rules that decided, ascending */
	uint8_t n_rules;                      /* 0: no rule did (default deny, ceiling, error) */
	const char *why;                      /* static text, never NULL, safe to log and to send */
	/* With ACTION_MASK: pass to mask_value_as(). */
	struct mask_form mask;
	struct policy_limits limits;
};

/* Was V denied, and is nothing but the caller's own signature wanting? */
bool policy_wants_signature(const struct policy_verdict *v);

/* Decide Q. Never fails: whatever is wrong is ACTION_DENY with a why. */
void policy_decide(const struct policy *p, const struct policy_query *q,
    struct policy_verdict *out);

/* One value of which is asked. */
struct policy_item {
	uint8_t class_id;        /* CLASS_NONE with op_whole(): every class must permit */
	uint8_t tier;            /* the token's own; 0 when there is no token */
	uint32_t subjects_today; /* distinct, this principal's, this one included; 0: not counted */
	uint32_t idle_weeks; /* of whom it is; 0: not judged here, POLICY_WEEKS_UNKNOWN: not met */
};

/*
 * The question every surface asks: may A be done to IT? The same answers as
 * policy_decide(), which takes the bare facts, but for a share: there it is the less
 * revealing of the caller's send and the recipient's share, and a share to nobody is denied.
 */
void policy_ask(const struct policy *p, const struct asking *a, const struct policy_item *it,
    struct policy_verdict *out);

/* A rule that speaks of what was asked, and what became of it. */
struct policy_match {
	uint16_t rule;
	enum policy_action says; /* its effect, or its "else" when a condition is not met */
	const char *why;         /* which condition, or "by rule"; static text */
	bool lost;               /* something that reveals less decided */
};

/*
 * All rules that Q meets (of one class), in the file's order, those that lost
 * too: their number, and the first MAX of them in OUT. Where no rule decided
 * (ceiling, clock) all have lost; of what is unknown or of tier X none speaks.
 */
size_t policy_explain(const struct policy *p, const struct policy_query *q,
    struct policy_match *out, size_t max);

/*
 * What RULE wants approved: by how many distinct people other than the
 * requester, holding which role. False when it asks for no approval.
 */
bool policy_rule_approval(const struct policy *p, uint16_t rule, uint8_t *n, uint8_t *role);
/* Does any rule ask what the person has consented to? If not, nobody need find out. */
bool policy_needs_consent(const struct policy *p);
/* The shortest sealed_within of all rules, in weeks; POLICY_LIMIT_NONE when there is none. */
uint32_t policy_shortest_weeks(const struct policy *p);

#endif
