/*
 * protect.h - the one enforcement point: every surface that may pass, seal or
 * open a value goes through protect_document() or protect_values().
 *
 *	scan -> plan (decide) -> ask -> put -> counts for the record
 *
 * A document comes out whole and protected, or it does not come out: any doubt
 * or failure ends with an outcome other than PROTECT_DONE and an empty result.
 * The values of a batch have an answer each.
 */
#ifndef GATEWAY_PROTECT_PROTECT_H
#define GATEWAY_PROTECT_PROTECT_H

#include "crypto/keyc/keyc.h"
#include "crypto/record/record.h"
#include "gateway/protect/consent.h"
#include "gateway/protect/label.h"
#include "gateway/protect/lent.h"
#include "gateway/protect/plan.h"

/*
 * What happened, for the record and for the answer, of all records of a body
 * that were dealt with. Valid until the next start.
 */
struct protect_result {
	enum protect_outcome outcome;
	struct audit_counts counts;
	size_t n_classes;
	uint32_t records; /* documents in the body; values in a batch */
	uint64_t record;  /* keyd's, of the last opening; WIRE_NO_RECORD */
	size_t n_subjects;
	const struct field_rule *unmatched; /* the last whose path could not go on; NULL: none */
	size_t n_unmatched;                 /* documents that passed so, or were refused for it */
	size_t n_undeclared;                /* values that no rule speaks of, and yet found ... */
	size_t n_clear; /* of an answer in clear, at a rule's place, and not to be shown ... */
	const struct undeclared_seen *seen; /* ... where: the plan's own */
	size_t n_seen;
	size_t n_observed; /* values that would not have stayed as they are (protect_observe()) */
	size_t n_nobodys;  /* documents sealed although they name no subject */
	size_t n_consents; /* people who were asked for what they granted; of all of them ... */
	uint32_t consents; /* ... bits by purpose of what each granted */
	bool unheard;      /* the tap had no room for it */
	bool searched;     /* a search is among what was asked */
	bool named;        /* what was said with it has words of the values, or nobody knows */
	/* of NUMBERS_EXHAUSTED: when one becomes free, Unix seconds; 0: not known */
	uint64_t retry_at;
	/* not cleared for each body: what the numbers above say is there */
	struct sc_diag diag; /* offset: in the body */
	struct audit_class classes[AUDIT_CLASSES_MAX];
	uint8_t subjects[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
};

struct protect_job;
typedef void protect_done_fn(struct protect_job *job, void *arg);

/*
 * What to do with one body. Questions and rules are borrowed until done; so are
 * BODY (with CODEC_PAD zero bytes behind it) and OUT, which gets the protected
 * body, or the values' answers one after another, appended.
 */
struct protect_input {
	struct keyc *keyc;
	const struct policy *policy;
	const struct codec *codec;
	const struct protect_rules *rules; /* NULL for values */
	enum plan_way way;
	const struct asking *caller; /* who stores: for sealing */
	const struct asking *reader; /* who reads: for opening; op READ, SHARE or EXPORT */
	bool whole; /* everything must come back by a restore: nothing undeclared is masked */
	struct sc_span body;
	struct sc_buf *out;
	const struct subject_found
	    *given;      /* of the places of the rules' subject that are not in the body */
	struct tap *tap; /* gets what passed; NULL: nobody listens */
	struct label_binder binder;     /* gives out virtual numbers */
	struct consent_source consents; /* tells what people have granted */
	struct lent
	    *lent; /* notes what a share shows, and knows an answer's own; NULL: nobody asks */
	protect_done_fn *done;
	void *arg;
};

/* A job is used again and again, one body at a time. NULL when out of memory. */
struct protect_job *protect_job_new(void);
void protect_job_free(struct protect_job *job); /* cancels; NULL is fine */

/*
 * Protect IN's body, every record of it. done() is called exactly once,
 * possibly before this returns (when no key is needed, or a document is
 * refused). When the outcome is not PROTECT_DONE, OUT is as it was before.
 */
void protect_document(struct protect_job *job, const struct protect_input *in);
/*
 * What would be done with IN's body, as far as that is known without a key, and nothing of it:
 * keyd is not asked, OUT and done() are not used, and what was seen is said to have passed. The
 * outcome is that of the first record that would not have passed.
 */
const struct protect_result *protect_observe(struct protect_job *job,
    const struct protect_input *in);
/*
 * protect_document() for the N values V of a batch, which stand in IN's body and are
 * borrowed until done. Each has its own answer; an outcome other than
 * PROTECT_DONE is about all of them. What IN->reader brings a statement for is asked in one
 * call, or not at all: PROTECT_TOO_LARGE.
 */
void protect_values(struct protect_job *job, const struct protect_input *in,
    struct protect_value *v, size_t n);
/*
 * For values that stand in no body: V is TEXT under FORM, of CLASS_ID, and its bytes
 * are appended to TEXTS. All else of V is zero. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err protect_text(struct protect_value *v, const struct form *form,
    uint8_t class_id, struct sc_span text, struct sc_buf *texts);
/*
 * protect_values() of those, whose TEXTS are borrowed until done in the place of IN's
 * body. Fails like sc_buf_grow(), and done() will then not be called.
 */
SC_CHECKED enum sc_err protect_texts(struct protect_job *job, const struct protect_input *in,
    struct sc_buf *texts, struct protect_value *v, size_t n);
/* What would be done with IT, which A asks about: for who is told, where nothing is at stake. */
struct policy_verdict protect_foretold(const struct policy *policy, const struct asking *a,
    const struct policy_item *it);
/*
 * May A erase a person, all classes of theirs? *WHY (static text) says why not.
 */
bool protect_erasable(const struct policy *policy, const struct asking *a, const char **why);
/* May A make one person's tokens another's, all classes of them? *WHY as above. */
bool protect_mergeable(const struct policy *policy, const struct asking *a, const char **why);
/*
 * May A make and change virtual numbers? Who may store the phone numbers of orders
 * may, and for orders or delivery alone: a carrier that reports a number in delivery
 * does not choose whom a label leads to. *WHY as above.
 */
bool protect_bindable(const struct policy *policy, const struct asking *a, const char **why);

/*
 * May A be told whom a call reaches: be handed a phone number? *WHY as above.
 */
bool protect_callable(const struct policy *policy, const struct asking *a, const char **why);

/* May A say whose events are: be given pseudonyms of customer ids? *WHY as above. */
bool protect_collectable(const struct policy *policy, const struct asking *a, const char **why);

/*
 * May A say what people consent to? Who may seal customers' ids may, for what it asks and for
 * COLLECTING, what collecting is for: a carrier that stores an id does not speak for whose it is.
 * May A be told? Who may see customers' ids. *WHY as above.
 */
bool protect_consents_settable(const struct policy *policy, const struct asking *a,
    uint8_t collecting, const char **why);
bool protect_consents_visible(const struct policy *policy, const struct asking *a,
    const char **why);

/* Forget the body; done() will not be called. Harmless when idle. */
void protect_cancel(struct protect_job *job);

/* Was it begun, and is done() still to be called? NULL: no. */
bool protect_under_way(const struct protect_job *job);

const struct protect_result *protect_result(const struct protect_job *job);

/* The plan's edits, for those who report what was found where (`--hits`). */
const struct plan *protect_plan(const struct protect_job *job);

#endif
