/*
 * job.h - a protection under way, as the forms' asks and answers see it.
 * Private to protect/.
 */
#ifndef GATEWAY_PROTECT_JOB_H
#define GATEWAY_PROTECT_JOB_H

#include "gateway/protect/protect.h"
#include "net/loop/loop.h"

#define WINDOW_ITEMS 512 /* asked for in one call */

/* What a form has under way beside the job's own call: forgotten with the job. */
struct protect_more {
	void (*forget)(struct protect_more *);
};

struct protect_job {
	struct keyc_call call;
	struct protect_input in;
	struct asking writer, reader; /* as of this document */
	struct protect_result result;
	struct audit_counts counts; /* as of the last record that is done */
	struct plan plan;
	struct plan_terms terms;
	struct sc_span record; /* the record under way, in in.body */
	size_t from;           /* where the next one is looked for */
	struct protect_value *values;
	size_t n_values;
	struct keyc_item items[WINDOW_ITEMS];
	struct keyc_order order;   /* the record's, where it is remembered whose it is */
	bool nobodys;              /* something of the record was sealed for nobody, keyd says */
	size_t next;               /* first edit not yet written */
	size_t window_end;         /* edits [next, window_end) are being asked for */
	size_t copied;             /* bytes of the record already dealt with */
	bool within;               /* what the codec remembers of them */
	size_t out_start;          /* what OUT held before */
	struct protect_more *more; /* NULL: nothing */
	/* values [consents_from, consents_end) are those whose people keyd is being asked for */
	size_t consents_from, consents_end;
	void (*consented)(struct protect_job *job); /* what people have granted is known: go on */
	uint32_t granted;                           /* by whose the record is */
	bool asks_consents; /* some rule wants to know, and somebody can tell */
	bool waits;         /* for what the record's person has granted */
	bool running;
	enum protect_outcome refusal; /* instead of what an error would come to; DONE: none */
};

/* JOB is about IN from now on, and has done nothing of it. */
void protect_begin(struct protect_job *job, const struct protect_input *in);
/*
 * Collect the edits of the next window into JOB->items: of one form only, and of people who granted
 * the same, for a call has one question. Edits that need no key ride along. Returns how
 * many are asked for.
 */
size_t protect_fill_window(struct protect_job *job, const struct form **form);
/* What was asked for last has been answered: REPLY has a result for each item. */
void protect_answered(struct protect_job *job, const struct keyc_reply *reply);

/* For a form that asks more than once: a step of it brought REPLY, without an error. */
void protect_note_reply(struct protect_job *job, const struct keyc_reply *reply);
/* JOB->items[0, N) carry values: does a reason or a ticket have words of them? */
void protect_meet_words(struct protect_job *job, size_t n);
/* Instead of protect_answered(): it has failed, and nothing passes. OUTCOME is not PROTECT_DONE. */
void protect_end(struct protect_job *job, enum protect_outcome outcome);
enum protect_outcome protect_outcome_of(enum sc_err err);

/*
 * Nobody is known whose the record's order is, and the route says that somebody must be: a request
 * does not pass, and an answer's tokens stay closed.
 */
SC_CHECKED enum sc_err protect_put_nobodys(struct protect_job *job, const struct plan_edit *e);

/* TOKEN was sealed of what keyd alone knows whose it is: it says whether there was anybody. */
void protect_note_nobodys(struct protect_job *job, const struct plan_edit *e, struct sc_span token);

/* In place of what E is over, VALUE as a field (or a part of a text) of KIND. */
SC_CHECKED enum sc_err protect_put(struct protect_job *job, const struct plan_edit *e,
    enum codec_kind kind, struct sc_span value);
/* The same for a token's text, which stands as it is wherever the codec says so. */
SC_CHECKED enum sc_err protect_put_token(struct protect_job *job, const struct plan_edit *e,
    struct sc_span token);
/* In place of the whole field that E is over, FIELD, encoded already. */
SC_CHECKED enum sc_err protect_put_field(struct protect_job *job, const struct plan_edit *e,
    struct sc_span field);
/* What E is over stays. */
SC_CHECKED enum sc_err protect_keep(struct protect_job *job, const struct plan_edit *e);

/* What is left of the record. */
SC_CHECKED enum sc_err protect_put_rest(struct protect_job *job);

/* One value for which ACTION was done; one that was withheld (not WIRE_OK). */
void protect_count(struct audit_counts *c, uint8_t action);
void protect_count_withheld(struct audit_counts *c, enum wire_status status);

#endif
