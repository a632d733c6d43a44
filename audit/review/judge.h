/*
 * judge.h - do logs that tell of one another hold? One word for each, and one for all.
 *
 *	verified	all of it recomputes, a key that the auditor brought signed it, it extends
 *			what they have seen, and every head that another log recorded of it fits
 *	unpinned	the same, but the key is only the one that lies beside the log
 *	incomplete	something is missing that should be there
 *	broken		something does not hold
 *
 * One pass over each log, in memory that does not grow with it.
 */
#ifndef AUDIT_REVIEW_JUDGE_H
#define AUDIT_REVIEW_JUDGE_H

#include "audit/review/review.h"
#include "audit/review/trust.h"

enum audit_word { AUDIT_VERIFIED, AUDIT_UNPINNED, AUDIT_INCOMPLETE, AUDIT_BROKEN };
/* "verified" and so on. */
const char *audit_word_name(enum audit_word word);

/* Entries may be without a signature for so long, by the newest entry of any of the logs. */
#define AUDIT_UNSIGNED_MS 60000

struct audit_log {
	/* asked; borrowed */
	const char *label;
	const char *dir;        /* "": nobody knows where it is */
	const char *checkpoint; /* where its signed head is kept; NULL: in DIR */
	const char *vkey;       /* the file with the key that lies beside it; NULL: in DIR */
	const char *origin;     /* that it must have; NULL: any */
	bool keyd;              /* keyd's own, which tells of every head that was signed */
	/* told */
	enum audit_word word;
	struct sc_diag why; /* the first reason for a word worse than unpinned */
	struct audit_report report;
	struct note_key key;    /* that its signature was held against; name "": none */
	uint64_t heads;         /* of other logs that it records, and that fit */
	uint64_t refused_heads; /* that keyd did not sign: somebody had another past */
	uint64_t given_up; /* heads, of it, from before it was begun anew, as keyd's log tells */
};

struct audit_judging {
	struct audit_log *logs;
	size_t n;                   /* at most AUDIT_LOGS_MAX */
	const struct note_key *pin; /* the key of the keyd that signs them all; NULL: none */
	const struct trust *trust;  /* NULL: none */
	/* how far it is, now and then; NULL: nobody asks */
	void (*progress)(const char *label, uint64_t entries);
	bool give_up; /* heads of a log that was begun anew are taken as given up */
};
#define AUDIT_LOGS_MAX 72

/*
 * Judge them. *WORST is the worst word. Fails with SC_NOMEM, SC_LIMIT (too many logs) alone: all
 * else is a word.
 */
SC_CHECKED enum sc_err audit_judge(const struct audit_judging *j, enum audit_word *worst);

#endif
