/*
 * attack_system.h - numbers that nobody told, and what is known of them: whole numbers
 * between two bounds, and sums of them between two others. Of any sum it says how small
 * and how great it may be.
 *
 *	attack_system_var(), attack_system_rule() ... -> attack_system_settle() ->
 *	attack_system_range() ...
 *
 * Two kinds of proof, both in whole numbers or checked as if: a *witness* is a value for
 * each number with which every rule holds, so that what it shows is possible; a *bound* holds
 * for every witness. The linear programs of attack_lp.h lead to both and are believed in
 * neither: where they go wrong a range comes out as narrower than it is, never as wider.
 */
#ifndef ANALYTICS_CUBE_ATTACK_SYSTEM_H
#define ANALYTICS_CUBE_ATTACK_SYSTEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTACK_MOST (INT64_C(1) << 40) /* what has no upper bound has this one */
#define ATTACK_VARS_MAX (4u << 20)
#define ATTACK_TERMS_MAX (32u << 20)
#define ATTACK_PROGRAMS_MAX 20000u /* linear programs of one attack */
#define ATTACK_PART_MAX 20000u     /* numbers of a part that are given to one */
#define ATTACK_SUM_MAX 4           /* numbers of a sum that is asked about */
#define ATTACK_WITNESSES 24        /* of a part that are kept */

struct attack_term {
	uint32_t var;
	int32_t by; /* 1 or -1 */
};

/* LO to HI is the sum of N terms from FIRST. */
struct attack_rule {
	int64_t lo, hi;
	uint32_t first, n;
	uint16_t tag; /* the caller's */
	bool loose;   /* where it contradicts, it does not hold: forget it */
	bool off;
};

/* What hangs together by rules, fixed numbers apart. */
struct attack_part {
	uint32_t first, n;  /* of attack_system.members */
	int64_t *witnesses; /* N values each, in the order of its members; after them the least */
	/* and the greatest of each that was ever seen */
	uint32_t n_witnesses;  /* ever found; they are kept in turn */
	uint32_t n_rules;      /* of part_rules, from first_rule */
	uint32_t first_rule;   /* of attack_system.part_rules */
	bool no_witness_found; /* though no contradiction either */
};

struct attack_lp;

struct attack_system {
	int64_t *lo, *hi;
	uint32_t n, cap;
	struct attack_term *terms;
	uint32_t n_terms, cap_terms;
	struct attack_rule *rules;
	uint32_t n_rules, cap_rules;
	/* made by attack_system_settle() */
	uint32_t *first_of, *rules_of; /* of each number the rules it stands in */
	uint32_t *part_of, *place_of;  /* of each number; UINT32_MAX: it is fixed */
	uint32_t *members, *part_rules;
	struct attack_part *parts;
	uint32_t n_parts;
	struct attack_trail *trail; /* what was narrowed, to be taken back */
	size_t n_trail, cap_trail;
	uint32_t *queue; /* rules to look at; a ring */
	uint32_t queue_at, queue_n;
	uint8_t *queued;
	int64_t *value;   /* of each number, in a witness being made */
	uint8_t *changes; /* how often each of them was changed */
	bool lost;        /* no memory, while narrowing */
	struct attack_lp *lp;
	uint32_t lp_part;
	uint64_t programs, contradicted; /* how many were solved; rules that were forgotten */
};

struct attack_trail {
	uint32_t var;
	int64_t lo, hi;
};

/* All zero is an empty one. */
void attack_system_fini(struct attack_system *s);
/* A number from LO to HI, 0 to ATTACK_MOST. Fails with SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err attack_system_var(struct attack_system *s, int64_t lo, int64_t hi,
    uint32_t *out);
/* A rule whose terms come next, as attack_system_term() says them. Fail likewise. */
SC_CHECKED enum sc_err attack_system_rule(struct attack_system *s, int64_t lo, int64_t hi,
    bool loose, uint16_t tag);
SC_CHECKED enum sc_err attack_system_term(struct attack_system *s, uint32_t var, int32_t by);

/*
 * All is said. Fails with SC_CORRUPT (the rules contradict each other, without the loose
 * ones too: *TAG is of one of them), SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err attack_system_settle(struct attack_system *s, uint16_t *tag);

struct attack_range {
	int64_t lo, hi;           /* every witness is in here */
	int64_t seen_lo, seen_hi; /* and these are two of them; seen_lo > seen_hi: none was found */
};

/*
 * The range of the sum of N terms (at most ATTACK_SUM_MAX), looked at until it is seen to be
 * ENOUGH wide, or shown not to be, or to begin at ENOUGH or more where FROM says that this
 * will do, or all has been tried. Fails with SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err attack_system_range(struct attack_system *s, const struct attack_term *terms,
    size_t n, int64_t enough, bool from, struct attack_range *out);

/* ---- between its files -------------------------------------------------------------- */

/* Narrow until nothing more follows from the queued rules. False: they contradict. */
bool attack_tighten(struct attack_system *s);
void attack_enqueue(struct attack_system *s, uint32_t rule);
/* VAR is LO to HI from here on; its rules are queued. False: it cannot be. */
bool attack_narrow(struct attack_system *s, uint32_t var, int64_t lo, int64_t hi);
/* Take back all that was narrowed since the trail was MARK long. */
void attack_undo(struct attack_system *s, size_t mark);

/*
 * Look for a witness of PART near TARGET (a value for each of its members), the N terms
 * FIRST as small (SIGN 1) or as great (-1) as they can be. True: found, and kept.
 */
bool attack_dive(struct attack_system *s, struct attack_part *part, const int64_t *target,
    const struct attack_term *first, size_t n, int sign);
/*
 * The same from the newest witness on, changing no more than must be: quick, and less sure to
 * find one.
 */
bool attack_step(struct attack_system *s, struct attack_part *part, const struct attack_term *first,
    size_t n, int sign);

#endif
