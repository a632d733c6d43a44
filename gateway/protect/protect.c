/*
 * protect.c - running a plan: ask in windows, put the answers in order.
 *
 * Edits ascend, so each answered window is written to the output at once,
 * straight from the reply. The caller sees the output only when the last window
 * is done; until then a failure wipes it. Records that need no key end at once
 * and are taken in a loop, so that a million of them do not recurse.
 */
#include "gateway/protect/protect.h"

#include "base/clock.h"
#include "gateway/protect/job.h"
#include "gateway/protect/tap.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct protect_job *protect_job_new(void)
{
	struct protect_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	plan_init(&job->plan);
	return job;
}

void protect_job_free(struct protect_job *job)
{
	if (job == NULL)
		return;
	protect_cancel(job);
	plan_fini(&job->plan); /* all that was personal lies in its buffers */
	free(job);
}

void protect_cancel(struct protect_job *job)
{
	if (!job->running)
		return;
	keyc_cancel(&job->call);
	if (job->more != NULL)
		job->more->forget(job->more);
	job->more = NULL;
	job->running = false;
}

bool protect_under_way(const struct protect_job *job)
{
	return job != NULL && job->running;
}

const struct protect_result *protect_result(const struct protect_job *job)
{
	return &job->result;
}

const struct plan *protect_plan(const struct protect_job *job)
{
	return &job->plan;
}

/* ---- the end of a record, and of all ------------------------------------------- */

static void add_class(struct protect_result *r, const struct policy *policy, uint8_t id)
{
	for (size_t i = 0; i < r->n_classes; i++)
		if (r->classes[i].id == id) {
			r->classes[i].n++;
			return;
		}
	if (r->n_classes == AUDIT_CLASSES_MAX)
		return;
	r->classes[r->n_classes].id = id;
	r->classes[r->n_classes].n = 1;
	r->classes[r->n_classes].name = class_name(id) == NULL ? policy_class_name(policy, id) :
								 NULL;
	r->n_classes++;
}

static void finish(struct protect_job *job, enum protect_outcome outcome)
{
	job->running = false;
	job->result.outcome = outcome;
	/* what keyd has done of it nobody tells us any more */
	if (outcome == PROTECT_KEYS_AWAY || outcome == PROTECT_LOG_FULL)
		job->result.named = true;
	if (outcome != PROTECT_DONE) {
		sc_buf_truncate(job->in.out, job->out_start);
		job->result.counts = job->counts;
		job->result.counts.foreign += outcome == PROTECT_FOREIGN;
	} else if (job->in.tap != NULL && job->values == NULL) {
		protect_tap(job);
	}
	job->in.done(job, job->in.arg);
}

/* The one place that says what a failure means: in every case, nothing passes. */
enum protect_outcome protect_outcome_of(enum sc_err err)
{
	switch (err) {
	case SC_AGAIN: return PROTECT_KEYS_AWAY;
	case SC_LIMIT: return PROTECT_TOO_LARGE;
	case SC_AUTH: return PROTECT_REFUSED;
	case SC_STALE: return PROTECT_OTHER_POLICY;
	default: return PROTECT_FAILED;
	}
}

void protect_end(struct protect_job *job, enum protect_outcome outcome)
{
	finish(job, outcome);
}

/* What became of the record's edits; those that were asked for are counted already. */
static void note_record(struct protect_job *job)
{
	const struct plan *p = &job->plan;
	uint32_t sealed = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_edit *e = &p->v[i];

		if (e->class_id != CLASS_NONE)
			add_class(&job->result, job->in.policy, e->class_id);
		sealed += e->form != NULL && e->form->under_subject &&
		    plan_person_of(p, job->record, e).n == 0 && !plan_is_orders(p, e);
		if (e->form != NULL)
			continue;
		if (e->action == ACTION_DENY && e->class_id == CLASS_NONE)
			job->result.counts.bad++;
		else
			protect_count(&job->result.counts, e->action);
	}
	if (job->values == NULL && (sealed != 0 || job->nobodys))
		job->result.n_nobodys++;
}

/* ---- one edit ------------------------------------------------------------------ */

static enum sc_err put_local(struct protect_job *job, const struct plan_edit *e)
{
	return protect_put(job, e, e->kind, plan_text_of(&job->plan, job->record, e));
}

static enum sc_err put_asked(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (job->values != NULL) {
		job->values[e->of].status = r->status;
		job->values[e->of].action = r->action;
		if (r->status != WIRE_OK) {
			protect_count_withheld(&job->result.counts, r->status);
			return SC_OK;
		}
	}
	return e->form->put(job, e, r);
}

/* ---- windows -------------------------------------------------------------------- */

void protect_note_reply(struct protect_job *job, const struct keyc_reply *reply)
{
	struct protect_result *res = &job->result;

	if (reply->record != WIRE_NO_RECORD)
		res->record = reply->record;
	res->named |= reply->named;
	for (size_t i = 0; i < reply->n_subjects; i++) {
		size_t j = 0;

		while (j < res->n_subjects &&
		    memcmp(res->subjects[j], reply->subjects[i], AUDIT_HANDLE_BYTES) != 0)
			j++;
		if (j == res->n_subjects && j < AUDIT_HANDLES_MAX)
			memcpy(res->subjects[res->n_subjects++], reply->subjects[i],
			    AUDIT_HANDLE_BYTES);
	}
}

static void run(struct protect_job *job);
static void go_on(struct protect_job *job);

/*
 * Why a document does not pass at all, though keyd has answered. A label without an address would
 * be one too: while somebody's return waits there is none.
 */
static enum protect_outcome refused_by(const struct protect_job *job,
    const struct keyc_reply *reply)
{
	enum protect_outcome outcome = PROTECT_DONE;

	if (job->values != NULL || job->in.way == PLAN_STORE)
		return PROTECT_DONE;
	for (size_t i = 0; i < reply->n; i++) {
		if (reply->results[i].status == WIRE_QUEUED)
			return PROTECT_QUEUED;
		if (reply->results[i].status == WIRE_DORMANT && job->in.way == PLAN_RESTORE)
			outcome = PROTECT_DORMANT;
	}
	return outcome;
}

void protect_answered(struct protect_job *job, const struct keyc_reply *reply)
{
	enum protect_outcome refused = PROTECT_DONE;
	enum sc_err err = reply->err;
	size_t answered = 0;

	if (err == SC_LIMIT) {
		finish(job, PROTECT_LOG_FULL);
		return;
	}
	if (err == SC_OK) {
		protect_note_reply(job, reply);
		refused = refused_by(job, reply);
	}
	if (refused != PROTECT_DONE) {
		finish(job, refused);
		return;
	}
	while (err == SC_OK && job->next < job->window_end) {
		const struct plan_edit *e = &job->plan.v[job->next++];

		if (e->form == NULL)
			err = put_local(job, e);
		else if (answered == reply->n)
			err = SC_BUG;
		else
			err = put_asked(job, e, &reply->results[answered++]);
	}
	if (err != SC_OK)
		finish(job, job->refusal != PROTECT_DONE ? job->refusal : protect_outcome_of(err));
	else
		run(job);
}

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	protect_answered(loop_owner(call, struct protect_job, call), reply);
}

/* No more is asked for: the edits at hand that are left, and the tail. */
static enum sc_err end_record(struct protect_job *job)
{
	enum sc_err err = SC_OK;

	while (err == SC_OK && job->next < job->plan.n)
		err = put_local(job, &job->plan.v[job->next++]);
	if (err == SC_OK && job->values == NULL)
		err = protect_put_rest(job);
	if (err == SC_OK)
		note_record(job);
	job->plan.record++;
	return err;
}

/* ---- records ----------------------------------------------------------------------- */

/* The next record that is not blank; what stands before it passes. False: none, or ERR. */
static bool next_record(struct protect_job *job, enum sc_err *err)
{
	const struct codec *c = job->in.codec;
	struct sc_span body = job->in.body;
	size_t behind = (size_t)(job->record.p - body.p) + job->record.n;

	if (c->next == NULL) {
		job->record = body;
		return behind == 0 && job->from++ == 0;
	}
	while (c->next(body, true, &job->from, &job->record))
		if (!codec_blank(job->record)) {
			*err = sc_buf_put(job->in.out, body.p + behind,
			    (size_t)(job->record.p - body.p) - behind);
			return *err == SC_OK;
		}
	*err = sc_buf_put(job->in.out, body.p + behind, body.n - behind);
	return false;
}

static enum protect_outcome plan_record(struct protect_job *job)
{
	enum protect_outcome refusal = PROTECT_DONE;
	struct protect_result *r = &job->result;
	enum sc_err err;

	err = plan_make(&job->plan, &job->terms, job->record, &refusal, &r->diag);
	if (err != SC_OK)
		return protect_outcome_of(err);
	r->n_undeclared = job->plan.n_undeclared;
	r->n_clear = job->plan.n_clear;
	r->seen = job->plan.seen;
	r->n_seen = job->plan.n_seen;
	if (job->plan.unmatched != NULL || refusal == PROTECT_UNMATCHED)
		r->n_unmatched++;
	if (job->plan.unmatched != NULL)
		r->unmatched = job->plan.unmatched;
	if (refusal != PROTECT_DONE)
		r->diag.offset += (size_t)(job->record.p - job->in.body.p);
	/*
	 * Tokens are about six times as long as short values: one growth, not many.
	 * Whether there is no room for so much is told when it is needed.
	 */
	/* one statement, one call */
	if (refusal == PROTECT_DONE && job->reader.statement.n != 0 && job->plan.n > WINDOW_ITEMS) {
		sc_diag_set(&r->diag, "more tokens than one statement may be of");
		return PROTECT_TOO_LARGE;
	}
	err = sc_buf_reserve(job->in.out, job->record.n + job->plan.n * 80 + CODEC_PAD);
	(void)err;
	return refusal;
}

/* Plan the record under way, unless it has to be waited for what its person has granted. */
static enum protect_outcome begin_record(struct protect_job *job)
{
	job->next = job->window_end = job->copied = 0;
	job->within = false;
	job->counts = job->result.counts;
	job->nobodys = false;
	job->plan.record_at = (uint32_t)(job->record.p - job->in.body.p);
	job->waits = job->asks_consents && consent_ask_record(job);
	return job->waits ? PROTECT_DONE : plan_record(job);
}

/* Go on until something has to be waited for, or the body is done. */
static void run(struct protect_job *job)
{
	enum protect_outcome outcome = PROTECT_DONE;
	const struct form *form = NULL;
	enum sc_err err = SC_OK;
	size_t n;

	for (;;) {
		if ((n = protect_fill_window(job, &form)) != 0) {
			/* the answer may end the job before this returns */
			if ((err = form->ask(job, n)) != SC_OK)
				finish(job, protect_outcome_of(err));
			return;
		}
		if ((err = end_record(job)) != SC_OK || job->values != NULL ||
		    !next_record(job, &err) || (outcome = begin_record(job)) != PROTECT_DONE)
			break;
		if (job->waits)
			return;
	}
	finish(job, err != SC_OK ? protect_outcome_of(err) : outcome);
}

/* What is long is not cleared: classes and subjects there are none, and the texts are empty. */
static void result_begin(struct protect_result *r)
{
	memset(r, 0, offsetof(struct protect_result, diag));
	r->diag.file[0] = r->diag.text[0] = '\0';
	r->diag.line = r->diag.column = 0;
	r->diag.offset = 0;
	r->record = WIRE_NO_RECORD;
}

void protect_begin(struct protect_job *job, const struct protect_input *in)
{
	job->in = *in;
	job->writer = *in->caller;
	job->writer.op = POLICY_WRITE;
	job->reader = *in->reader;
	job->writer.now_ms = job->reader.now_ms = clock_unix_ms();
	job->writer.consents = job->reader.consents = job->granted = 0;
	job->terms = (struct plan_terms){ in->policy, in->codec, in->rules, &job->writer,
		&job->reader, in->way, in->whole, in->tap == NULL ? NULL : tap_tag_key(in->tap),
		in->reader->op == POLICY_READ ? in->lent : NULL, in->given };
	job->asks_consents = in->consents.granted != NULL && policy_needs_consent(in->policy);
	job->consents_from = job->consents_end = 0;
	job->consented = go_on;
	job->call.done = on_answer;
	job->record = sc_span(in->body.p, 0);
	job->next = job->window_end = job->copied = job->from = 0;
	job->within = false;
	job->out_start = in->out == NULL ? 0 : in->out->n;
	result_begin(&job->result);
	memset(&job->counts, 0, sizeof(job->counts));
	plan_begin(&job->plan);
	job->refusal = PROTECT_DONE;
	job->running = true;
}

void protect_document(struct protect_job *job, const struct protect_input *in)
{
	enum protect_outcome outcome;
	enum sc_err err = SC_OK;

	protect_begin(job, in);
	job->values = NULL;
	job->result.records = (uint32_t)codec_count(in->codec, in->body);
	if (in->codec->next != NULL)
		job->writer.records = job->reader.records = job->result.records;
	if (!next_record(job, &err))
		finish(job, err == SC_OK ? PROTECT_DONE : protect_outcome_of(err));
	else if ((outcome = begin_record(job)) != PROTECT_DONE)
		finish(job, outcome);
	else if (!job->waits)
		run(job);
}

static enum protect_outcome plan_all_values(struct protect_job *job)
{
	enum sc_err err =
	    plan_values(&job->plan, &job->terms, job->in.body, job->values, job->n_values);

	return err == SC_OK ? PROTECT_DONE : protect_outcome_of(err);
}

static void go_on(struct protect_job *job)
{
	enum protect_outcome outcome;

	job->waits = false;
	job->call.done = on_answer;
	outcome = job->values != NULL ? plan_all_values(job) : plan_record(job);
	if (outcome != PROTECT_DONE)
		finish(job, outcome);
	else
		run(job);
}

void protect_values(struct protect_job *job, const struct protect_input *in,
    struct protect_value *v, size_t n)
{
	protect_begin(job, in);
	job->values = v;
	job->n_values = n;
	job->record = in->body;
	job->result.records = job->writer.records = job->reader.records = (uint32_t)n;
	if (in->reader->statement.n != 0 && n > WINDOW_ITEMS) {
		finish(job, PROTECT_TOO_LARGE);
		return;
	}
	if (!job->asks_consents || !consent_ask_values(job))
		go_on(job);
}

enum sc_err protect_text(struct protect_value *v, const struct form *form, uint8_t class_id,
    struct sc_span text, struct sc_buf *texts)
{
	*v = (struct protect_value){
		.field = { .start = (uint32_t)texts->n,
		    .end = (uint32_t)(texts->n + text.n),
		    .kind = CODEC_TEXT },
		.rule = { .form = form, .class_id = class_id },
	};
	return sc_buf_put_span(texts, text);
}

enum sc_err protect_texts(struct protect_job *job, const struct protect_input *in,
    struct sc_buf *texts, struct protect_value *v, size_t n)
{
	struct protect_input of_texts = *in;
	enum sc_err err = codec_pad(texts);

	if (err != SC_OK)
		return err;
	/* only now: padding may have moved them */
	of_texts.body = sc_buf_span(texts);
	protect_values(job, &of_texts, v, n);
	return SC_OK;
}
