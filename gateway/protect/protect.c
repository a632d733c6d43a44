/*
 * protect.c - running a plan: ask keyd in windows, splice the answers in order.
 *
 * Edits ascend, so each answered window is written to the output at once,
 * straight from keyd's reply. The caller sees the output only when the last
 * window is done; until then a failure wipes it.
 */
#include "gateway/protect/protect.h"
#include "base/clock.h"
#include "crypto/token/token.h"

#include <stdlib.h>

#define WINDOW_ITEMS 512 /* asked of keyd in one call */

struct protect_job {
	struct keyc_call call;
	struct protect_input in;
	struct asking writer, reader; /* as of this document */
	struct protect_result result;
	struct plan plan;
	struct keyc_item items[WINDOW_ITEMS];
	size_t next;       /* first edit not yet written */
	size_t window_end; /* edits [next, window_end) are being asked */
	size_t copied;     /* bytes of the document already dealt with */
	size_t out_start;  /* what OUT held before */
	bool running;
};

static void step(struct protect_job *job);

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
	job->running = false;
}

const struct protect_result *protect_result(const struct protect_job *job)
{
	return &job->result;
}

const struct plan *protect_plan(const struct protect_job *job)
{
	return &job->plan;
}

/* ---- the end ---------------------------------------------------------------- */

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
	if (outcome != PROTECT_DONE)
		sc_buf_truncate(job->in.out, job->out_start);
	else
		for (size_t i = 0; i < job->plan.n; i++)
			if (job->plan.v[i].class_id != CLASS_NONE)
				add_class(&job->result, job->in.policy, job->plan.v[i].class_id);
	job->in.done(job, job->in.arg);
}

/* The one place that says what a failure means: in every case, nothing passes. */
static enum protect_outcome outcome_of(enum sc_err err)
{
	switch (err) {
	case SC_AGAIN: return PROTECT_KEYS_AWAY;
	case SC_LIMIT: return PROTECT_TOO_LARGE;
	case SC_AUTH: return PROTECT_REFUSED;
	case SC_STALE: return PROTECT_OTHER_POLICY;
	default: return PROTECT_FAILED;
	}
}

/* ---- writing one edit ---------------------------------------------------------- */

static enum sc_err put_between(struct protect_job *job, size_t from, size_t to)
{
	if (to < from)
		return SC_BUG;
	return sc_buf_put(job->in.out, job->in.body.p + from, to - from);
}

/* The document up to the edit, then its replacement begins. Quotes may go too. */
static enum sc_err put_up_to(struct protect_job *job, const struct plan_edit *e, bool unquote)
{
	size_t start = e->start - (unquote ? 1 : 0);
	enum sc_err err = put_between(job, job->copied, start);

	job->copied = e->end + (unquote ? 1 : 0);
	return err;
}

/* In place of a whole string, its quotes with it. */
static enum sc_err put_null(struct protect_job *job, const struct plan_edit *e)
{
	enum sc_err err = put_up_to(job, e, true);

	return err != SC_OK ? err : sc_buf_put(job->in.out, "null", 4);
}

static enum sc_err put_sealed(struct protect_job *job, const struct plan_edit *e,
    const struct keyc_result *r)
{
	bool quote = (e->flags & PLAN_QUOTED) == 0;
	enum sc_err err = put_up_to(job, e, false);

	if (err == SC_OK && quote)
		err = sc_buf_put(job->in.out, "\"", 1);
	if (err == SC_OK)
		err = sc_buf_put_span(job->in.out, r->value);
	if (err == SC_OK && quote)
		err = sc_buf_put(job->in.out, "\"", 1);
	job->result.counts.sealed++;
	return err;
}

static void count_opened(struct audit_counts *c, enum policy_action action)
{
	switch (action) {
	case ACTION_REVEAL: c->revealed++; break;
	case ACTION_MASK: c->masked++; break;
	case ACTION_GENERALISE: c->generalised++; break;
	case ACTION_TOKENISE: c->tokenised++; break;
	case ACTION_DROP: c->dropped++; break;
	case ACTION_DENY: c->denied++; break;
	}
}

static enum sc_err put_opened(struct protect_job *job, const struct plan_edit *e,
    const struct keyc_result *r)
{
	bool whole = (e->flags & PLAN_WHOLE) != 0;
	bool bare = whole && r->kind != TOKEN_STRING && r->action == ACTION_REVEAL;
	enum sc_err err;

	count_opened(&job->result.counts, r->action);
	if (r->action == ACTION_DENY || (r->action == ACTION_DROP && whole))
		return whole ? put_null(job, e) : SC_OK;
	if (r->action == ACTION_TOKENISE || r->action == ACTION_DROP)
		return SC_OK; /* the token stays where it stands */
	if ((err = put_up_to(job, e, bare)) != SC_OK)
		return err;
	return bare ? sc_buf_put_span(job->in.out, r->value) : json_escape(r->value, job->in.out);
}

/* keyd did not open it. A restore leaves what it cannot open; a reader gets null. */
static enum sc_err put_withheld(struct protect_job *job, const struct plan_edit *e,
    const struct keyc_result *r)
{
	struct audit_counts *c = &job->result.counts;

	if (r->status == KEYC_GONE)
		c->gone++;
	else if (r->status == KEYC_BAD_TOKEN)
		c->bad++;
	else
		c->denied++;
	if (job->in.way == PLAN_RESTORE)
		return r->status == KEYC_GONE || r->status == KEYC_BAD_TOKEN ? SC_OK : SC_AUTH;
	return (e->flags & PLAN_WHOLE) != 0 ? put_null(job, e) : SC_OK;
}

static enum sc_err put_answer(struct protect_job *job, const struct plan_edit *e,
    const struct keyc_result *r)
{
	if (e->op == PLAN_OPEN)
		return r->status == KEYC_OK ? put_opened(job, e, r) : put_withheld(job, e, r);
	if (r->status == KEYC_TOO_LARGE)
		return SC_LIMIT;
	return r->status == KEYC_OK ? put_sealed(job, e, r) : SC_AUTH;
}

static enum sc_err put_text(struct protect_job *job, const struct plan_edit *e)
{
	enum sc_err err = put_up_to(job, e, false);

	if (err != SC_OK)
		return err;
	return sc_buf_put_span(job->in.out, plan_value(&job->plan, job->in.body, e));
}

/* ---- windows -------------------------------------------------------------------- */

static void take_reply(struct protect_result *res, const struct keyc_reply *reply)
{
	if (reply->record != KEYC_NO_RECORD)
		res->record = reply->record;
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

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct protect_job *job = (struct protect_job *)(void *)call;
	enum sc_err err = reply->err;
	size_t answered = 0;

	if (err == SC_LIMIT) {
		finish(job, PROTECT_LOG_FULL);
		return;
	}
	if (err == SC_OK)
		take_reply(&job->result, reply);
	while (err == SC_OK && job->next < job->window_end) {
		const struct plan_edit *e = &job->plan.v[job->next++];

		if (e->op == PLAN_TEXT)
			err = put_text(job, e);
		else if (answered == reply->n)
			err = SC_BUG;
		else
			err = put_answer(job, e, &reply->results[answered++]);
	}
	if (err != SC_OK) {
		finish(job, outcome_of(err));
		return;
	}
	step(job);
}

/*
 * Collect the edits of the next window: one operation only, for a call has one
 * context. Edits that need no key ride along. Returns how many are asked.
 */
static size_t fill_window(struct protect_job *job, uint8_t *op)
{
	size_t n = 0, i;

	for (i = job->next; i < job->plan.n && n < WINDOW_ITEMS; i++) {
		const struct plan_edit *e = &job->plan.v[i];
		struct keyc_item *item = &job->items[n];

		if (e->op == PLAN_TEXT)
			continue;
		if (n == 0)
			*op = e->op;
		else if (*op != e->op)
			break;
		item->class_id = e->class_id;
		item->flags = e->token_flags;
		item->subject = e->op == PLAN_SEAL ? job->plan.subject : (struct sc_span){ 0 };
		item->value = plan_value(&job->plan, job->in.body, e);
		n++;
	}
	job->window_end = i;
	return n;
}

/* No more keys are needed: the texts that are left, and the tail. */
static void step_last(struct protect_job *job)
{
	enum sc_err err = SC_OK;

	while (err == SC_OK && job->next < job->plan.n)
		err = put_text(job, &job->plan.v[job->next++]);
	if (err == SC_OK)
		err = put_between(job, job->copied, job->in.body.n);
	finish(job, err == SC_OK ? PROTECT_DONE : outcome_of(err));
}

static void step(struct protect_job *job)
{
	uint8_t op = PLAN_SEAL;
	size_t n = fill_window(job, &op);
	enum sc_err err;

	if (n == 0) {
		step_last(job);
		return;
	}
	if (op == PLAN_SEAL)
		err = keyc_seal(job->in.keyc, &job->call, &job->writer, job->items, n);
	else
		err = keyc_open(job->in.keyc, &job->call, &job->reader, job->items, n);
	if (err != SC_OK)
		finish(job, outcome_of(err));
}

static enum protect_outcome refusal_outcome(enum plan_refusal refusal)
{
	switch (refusal) {
	case PLAN_MALFORMED: return PROTECT_MALFORMED;
	case PLAN_FORBIDDEN: return PROTECT_FORBIDDEN;
	case PLAN_UNFIT: return PROTECT_UNFIT;
	case PLAN_UNMATCHED: return PROTECT_UNMATCHED;
	case PLAN_ACCEPTED: break;
	}
	return PROTECT_FAILED;
}

void protect_start(struct protect_job *job, const struct protect_input *in)
{
	enum plan_refusal refusal = PLAN_ACCEPTED;
	enum sc_err err;

	job->in = *in;
	job->writer = *in->caller;
	job->writer.op = POLICY_WRITE;
	job->reader = *in->reader;
	job->writer.now_ms = job->reader.now_ms = clock_unix_ms();
	job->call.done = on_answer;
	job->next = job->window_end = job->copied = 0;
	job->out_start = in->out->n;
	memset(&job->result, 0, sizeof(job->result));
	job->result.record = KEYC_NO_RECORD;
	job->running = true;
	err = plan_make(&job->plan, in->rules, in->way,
	    &(struct plan_parties){ in->policy, &job->writer, &job->reader }, in->body, &refusal,
	    &job->result.diag);
	if (err != SC_OK) {
		finish(job, outcome_of(err));
		return;
	}
	if (refusal != PLAN_ACCEPTED) {
		finish(job, refusal_outcome(refusal));
		return;
	}
	job->result.unmatched = job->plan.unmatched;
	job->result.counts.masked = job->plan.masked;
	job->result.counts.dropped = job->plan.dropped;
	/*
	 * Tokens are about six times as long as short values: one growth, not many.
	 * Whether there is no room for so much is told when it is needed.
	 */
	err = sc_buf_reserve(in->out, in->body.n + job->plan.n * 80 + JSON_PAD);
	(void)err;
	step(job);
}
