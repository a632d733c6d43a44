/*
 * judge_int.h - what judge.c and tells.c share: logs that are being judged.
 */
#ifndef AUDIT_REVIEW_JUDGE_INT_H
#define AUDIT_REVIEW_JUDGE_INT_H

#include "audit/review/head_tree.h"
#include "audit/review/judge.h"
#include "audit/review/people_list.h"
#include "audit/review/walk.h"

struct judge;

/* Heads of a log, recorded in others, that it does not have. */
struct misfit {
	const struct judged *by; /* the first to tell; NULL: all fit */
	uint64_t entry, size;    /* there, and what it told */
	enum head_fit fit;
	uint64_t n, size_max, last_ms; /* of all */
	bool fresh; /* one of them stands behind what the auditor has seen of that log */
};

struct judged {
	struct judge *of;
	struct audit_log *log;
	struct head_tree tree;
	bool open;              /* it is there, and the right one */
	bool whole;             /* it was read to its end */
	struct note_key beside; /* the key in its folder */
	bool has_beside, pinned;
	const struct trust_row *row; /* what the auditor keeps of it */
	uint64_t end;                /* entries told so far, the journal's too */
	uint64_t unsigned_ms;        /* when the first without a signature was written; 0: none */
	bool told;                   /* keyd's log tells that its newest head was signed */
	struct misfit misfit;
	bool given_up_fresh; /* as misfit.fresh, of heads that were given up */
	/* told by it */
	uint64_t unseen;                       /* heads of logs that are not judged with it ... */
	char unseen_origin[NOTE_NAME_MAX + 1]; /* ... such as this one */
	uint64_t named, named_entry,
	    named_ms;              /* the last entry of keyd's that it names + 1, and where */
	struct people_list people; /* of keyd's */
	/* of keyd's: when it was last begun anew, and how long the log was that was given up */
	uint64_t anew_ms, anew_size;
};

struct judge {
	const struct audit_judging *asked;
	enum sc_err err;
	uint64_t newest_ms; /* of all entries */
	size_t n;
	struct judged v[AUDIT_LOGS_MAX];
};

/* Say WORD of D, unless it is called that, or worse, already. */
void judge_say(struct judged *d, enum audit_word word, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An audit_line_fn: what an entry of the judged log ARG tells of the others. SC_NOMEM. */
enum sc_err tells_entry(void *arg, uint64_t index, struct sc_span entry);
/* When all have told: what that makes of D. */
void tells_conclude(struct judge *j, struct judged *d);

#endif
