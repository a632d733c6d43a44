/*
 * protect.h - the one enforcement point: proxy, API and rewriting all pass here.
 *
 *	scan -> plan (decide) -> keyc -> splice -> counts for the record
 *
 * A document comes out whole and protected, or it does not come out: any doubt
 * or failure ends with an outcome other than PROTECT_DONE and an empty result.
 */
#ifndef GATEWAY_PROTECT_PROTECT_H
#define GATEWAY_PROTECT_PROTECT_H

#include "crypto/keyc/keyc.h"
#include "crypto/tlog/record.h"
#include "gateway/protect/plan.h"

enum protect_outcome {
	PROTECT_DONE,
	PROTECT_MALFORMED,    /* not strict JSON: diag, offset */
	PROTECT_FORBIDDEN,    /* policy says no: diag, offset */
	PROTECT_UNFIT,        /* a value its rule refuses: diag, offset */
	PROTECT_UNMATCHED,    /* another shape where a rule's path goes on: diag, offset */
	PROTECT_TOO_LARGE,    /* a value or the result passes a ceiling */
	PROTECT_KEYS_AWAY,    /* keyd does not answer */
	PROTECT_LOG_FULL,     /* keyd cannot record, so nothing was opened */
	PROTECT_REFUSED,      /* keyd refuses: the context, an item, a quota */
	PROTECT_OTHER_POLICY, /* keyd decides by another policy file at the moment */
	PROTECT_FAILED,       /* no memory, or a bug */
};

/* What happened, for the record and for the answer. Valid until the next start. */
struct protect_result {
	enum protect_outcome outcome;
	struct sc_diag diag;
	struct audit_counts counts;
	struct audit_class classes[AUDIT_CLASSES_MAX];
	size_t n_classes;
	uint64_t record; /* keyd's, of the last opening; KEYC_NO_RECORD */
	uint8_t subjects[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
	size_t n_subjects;
	const struct config_rule *unmatched; /* whose path could not go on; NULL: none */
};

struct protect_job;
typedef void protect_done_fn(struct protect_job *job, void *arg);

/*
 * What to do with one document. Questions and rules are borrowed until done;
 * so are BODY (with JSON_PAD zero bytes behind it) and OUT, which gets the
 * protected document appended.
 */
struct protect_input {
	struct keyc *keyc;
	const struct policy *policy;
	const struct protect_rules *rules;
	enum plan_way way;
	const struct asking *caller; /* who stores: for sealing */
	const struct asking *reader; /* who reads: for opening; op READ, SHARE or EXPORT */
	struct sc_span body;
	struct sc_buf *out;
	protect_done_fn *done;
	void *arg;
};

/* A job is used again and again, one document at a time. NULL when out of memory. */
struct protect_job *protect_job_new(void);
void protect_job_free(struct protect_job *job); /* cancels; NULL is fine */

/*
 * Begin. done() is called exactly once, possibly before this returns (when no
 * key is needed, or the document is refused).
 */
void protect_start(struct protect_job *job, const struct protect_input *in);

/* Forget the document; done() will not be called. Harmless when idle. */
void protect_cancel(struct protect_job *job);

const struct protect_result *protect_result(const struct protect_job *job);

/* The plan's edits, for those who report what was found where (`--hits`). */
const struct plan *protect_plan(const struct protect_job *job);

#endif
