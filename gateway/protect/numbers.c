/*
 * numbers.c - asking for virtual numbers, a window at a time:
 *
 *	value in clear -> token -> what the reader may see -> number and extension
 *	                seal      open: share, recorded      bind: durable
 *
 * A write of the store outlives the request that asked for it, so all that the
 * asks need is in a heap object of its own, which the job can forget at any time.
 */
#include "gateway/protect/numbers.h"

#include "gateway/protect/job.h"
#include "gateway/protect/label.h"
#include "policy/mask/mask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(WINDOW_ITEMS <= LABEL_WANTS_MAX, "a window is bound in one ask");

#define TEXTS_MAX (64u << 20)

/* ---- one window on its way --------------------------------------------------------- */

struct number {
	struct label_want want;
	size_t token_at, token_n, masked_at, masked_n; /* in numbers.texts */
	bool open; /* still to be bound; else its result says what stands there */
};

struct numbers {
	struct label_ask ask;
	struct protect_more more;
	struct keyc_call call;
	struct protect_job *job; /* NULL: given up while it is being bound */
	bool binding;
	struct sc_buf texts;   /* what is bound */
	struct sc_buf shown;   /* what will stand in the document */
	struct sc_buf display; /* one label */
	size_t order_at, order_n, subject_at, subject_n;
	struct wire_result *results; /* value.n is the length of ... */
	size_t *shown_at;            /* ... what begins here in SHOWN */
	size_t n;
	struct number v[];
};

static void numbers_free(struct numbers *s)
{
	sc_buf_fini(&s->texts);
	sc_buf_fini(&s->shown);
	sc_buf_fini(&s->display);
	free(s->results);
	free(s->shown_at);
	free(s);
}

static void forget(struct protect_more *more)
{
	struct numbers *s = loop_owner(more, struct numbers, more);

	s->job = NULL;
	if (s->binding)
		return; /* freed when the store has answered */
	keyc_cancel(&s->call);
	numbers_free(s);
}

/* Append TEXT; where it is. */
static enum sc_err keep(struct sc_buf *b, struct sc_span text, size_t *at, size_t *n)
{
	*at = b->n;
	*n = text.n;
	return sc_buf_put_span(b, text);
}

static struct sc_span kept(const struct numbers *s, size_t at, size_t n)
{
	return sc_span(n == 0 ? NULL : s->texts.p + at, n);
}

/* What JOB asks for: N edits of one form, by their rules. *OUT is then the job's to forget. */
static enum sc_err numbers_new(struct protect_job *job, size_t n, struct numbers **out)
{
	struct numbers *s = calloc(1, sizeof(*s) + n * sizeof(s->v[0]));
	size_t k = 0;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (s == NULL)
		return SC_NOMEM;
	s->n = n;
	s->job = job;
	sc_buf_init(&s->texts, TEXTS_MAX);
	sc_buf_init(&s->shown, TEXTS_MAX);
	sc_buf_init(&s->display, TEXTS_MAX);
	s->results = calloc(n, sizeof(s->results[0]));
	s->shown_at = calloc(n, sizeof(s->shown_at[0]));
	if (s->results == NULL || s->shown_at == NULL ||
	    (err = keep(&s->texts, job->plan.order, &s->order_at, &s->order_n)) != SC_OK ||
	    (err = keep(&s->texts, job->plan.subject, &s->subject_at, &s->subject_n)) != SC_OK) {
		numbers_free(s);
		return err;
	}
	for (size_t i = job->next; i < job->window_end; i++) {
		const struct plan_edit *e = &job->plan.v[i];

		if (e->form == NULL)
			continue;
		s->v[k].want.rule = &job->terms.rules->v[e->rule].label;
		s->v[k++].open = true;
	}
	s->more.forget = forget;
	job->more = &s->more;
	*out = s;
	return SC_OK;
}

/* It is over, and the document does not pass: OUTCOME. */
static void give_up(struct numbers *s, enum protect_outcome outcome)
{
	struct protect_job *job = s->job;

	job->more = NULL;
	numbers_free(s);
	protect_end(job, outcome);
}

/* Keyd's REPLY to a step is an error, which is the answer to all. */
static void pass_on(struct numbers *s, const struct keyc_reply *reply)
{
	struct protect_job *job = s->job;

	job->more = NULL;
	numbers_free(s);
	protect_answered(job, reply);
}

/* Number I is settled: ACTION was done, TEXT stands there. */
static enum sc_err settle(struct numbers *s, size_t i, uint8_t action, struct sc_span text)
{
	struct wire_result *r = &s->results[i];

	*r = (struct wire_result){ .status = WIRE_OK, .action = action };
	s->v[i].open = false;
	return keep(&s->shown, text, &s->shown_at[i], &r->value.n);
}

static void answer(struct numbers *s)
{
	const struct keyc_reply reply = { .results = s->results,
		.n = s->n,
		.record = WIRE_NO_RECORD };
	struct protect_job *job = s->job;

	for (size_t i = 0; i < s->n; i++)
		s->results[i].value.p = s->results[i].value.n == 0 ? NULL :
								     s->shown.p + s->shown_at[i];
	/* answering may begin the next window, or end the job */
	job->more = NULL;
	protect_answered(job, &reply);
	numbers_free(s);
}

/* ---- the last step: bound ------------------------------------------------------------ */

/* The whole field of want W, whose label is printed, as an object. */
static enum sc_err print_object(struct numbers *s, const struct label_want *w,
    struct sc_span masked)
{
	const struct codec *c = s->job->in.codec;
	bool bound = w->got == LABEL_NUMBER, ext = w->extension[0] != '\0';
	char until[24];
	int n = snprintf(until, sizeof(until), "%" PRIu64, w->expires_at);
	const struct codec_member members[] = {
		{ "number", CODEC_TEXT, sc_span_str(w->number) },
		{ "extension", ext ? CODEC_TEXT : CODEC_NULL, sc_span_str(w->extension) },
		{ "display", CODEC_TEXT, sc_buf_span(&s->display) },
		{ "masked", CODEC_TEXT, masked },
		{ "expires_at", bound ? CODEC_NUMBER : CODEC_NULL, sc_span(until, (size_t)n) },
	};

	if (c->encode_object == NULL)
		return SC_BUG;
	return c->encode_object(members, sizeof(members) / sizeof(members[0]), &s->shown);
}

/* What is to stand for number I, which has its own now. */
static enum sc_err show(struct numbers *s, size_t i)
{
	const struct label_binder *b = &s->job->in.binder;
	const struct number *v = &s->v[i];
	struct sc_span masked = kept(s, v->masked_at, v->masked_n);
	struct wire_result *r = &s->results[i];
	enum sc_err err;

	sc_buf_clear(&s->display);
	if ((err = b->print(b, &v->want, masked, &s->display)) != SC_OK)
		return err;
	if (s->job->in.lent != NULL &&
	    (err = lent_pass(s->job->in.lent, sc_buf_span(&s->display))) != SC_OK)
		return err;
	if (!v->want.rule->object)
		return settle(s, i, ACTION_MASK, sc_buf_span(&s->display));
	if ((err = settle(s, i, ACTION_MASK, sc_span(NULL, 0))) != SC_OK)
		return err;
	err = print_object(s, &v->want, masked);
	r->kind = NUMBERS_AS_OBJECT;
	r->value.n = s->shown.n - s->shown_at[i];
	return err;
}

/* The first want that has none; NULL: there is one for each. */
static const struct label_want *exhausted(const struct numbers *s)
{
	for (const struct label_want *w = s->ask.wants; w != NULL; w = w->next)
		if (w->got == LABEL_NONE)
			return w;
	return NULL;
}

static void on_bound(struct label_ask *ask, enum sc_err err)
{
	struct numbers *s = loop_owner(ask, struct numbers, ask);
	const struct label_want *none = exhausted(s);

	s->binding = false;
	if (s->job == NULL) {
		numbers_free(s);
		return;
	}
	if (err != SC_OK) {
		give_up(s, err == SC_NOMEM ? PROTECT_FAILED : PROTECT_NUMBERS_AWAY);
		return;
	}
	if (none != NULL) {
		s->job->result.retry_at = none->retry_at;
		give_up(s, PROTECT_NUMBERS_EXHAUSTED);
		return;
	}
	for (size_t i = 0; i < s->n && err == SC_OK; i++)
		if (s->v[i].open)
			err = show(s, i);
	if (err == SC_OK)
		answer(s);
	else
		give_up(s, protect_outcome_of(err));
}

/* All that is still open gets a number. */
static void bind(struct numbers *s)
{
	const struct label_binder *b = &s->job->in.binder;
	struct label_want **tail = &s->ask.wants;
	enum sc_err err;

	for (size_t i = 0; i < s->n; i++) {
		struct number *v = &s->v[i];

		if (!v->open)
			continue;
		v->want.order = kept(s, s->order_at, s->order_n);
		v->want.subject = kept(s, s->subject_at, s->subject_n);
		v->want.token = kept(s, v->token_at, v->token_n);
		*tail = &v->want;
		tail = &v->want.next;
		s->ask.n++;
	}
	if (s->ask.n == 0) {
		answer(s);
		return;
	}
	s->ask.done = on_bound;
	s->binding = true;
	if ((err = b->bind == NULL ? SC_IO : b->bind(b, &s->ask)) == SC_OK)
		return;
	s->binding = false;
	give_up(s, err == SC_IO ? PROTECT_NUMBERS_AWAY : protect_outcome_of(err));
}

/* ---- what the reader may see ----------------------------------------------------------- */

/* Number I was opened for the reader: R. */
static enum sc_err take_opened(struct numbers *s, size_t i, const struct wire_result *r)
{
	static const struct mask_form house = { .kind = MASK_HOUSE };
	struct number *v = &s->v[i];
	enum sc_err err;

	if (r->status != WIRE_OK) {
		v->open = false;
		s->results[i] = (struct wire_result){ .status = r->status };
		return SC_OK;
	}
	/* it is a token, or it was sealed here: the value in clear is never what stays */
	if (r->action == ACTION_TOKENISE)
		return settle(s, i, r->action, kept(s, v->token_at, v->token_n));
	if (!numbers_shows(r->action))
		return settle(s, i, r->action, sc_span(NULL, 0));
	if (r->action != ACTION_REVEAL)
		return keep(&s->texts, r->value, &v->masked_at, &v->masked_n);
	v->masked_at = s->texts.n;
	err = mask_value_as(house, CLASS_PHONE, r->value, &s->texts);
	v->masked_n = s->texts.n - v->masked_at;
	return err;
}

static void on_opened(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct numbers *s = loop_owner(call, struct numbers, call);
	enum sc_err err = SC_OK;
	size_t k = 0;

	if (reply->err != SC_OK) {
		pass_on(s, reply);
		return;
	}
	protect_note_reply(s->job, reply);
	for (size_t i = 0; i < s->n && err == SC_OK; i++)
		if (s->v[i].open)
			err = k == reply->n ? SC_BUG : take_opened(s, i, &reply->results[k++]);
	if (err == SC_OK)
		bind(s);
	else
		give_up(s, protect_outcome_of(err));
}

/* Ask for all that is open; job->items are free for that. */
static enum sc_err ask_to_open(struct numbers *s)
{
	struct protect_job *job = s->job;
	bool adopt = job->in.rules->foreign == FOREIGN_ADOPT;
	size_t k = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].open)
			job->items[k++] = (struct keyc_item){
				.flags = adopt ? KEYC_ADOPT : 0,
				.subject = kept(s, s->subject_at, s->subject_n),
				.value = kept(s, s->v[i].token_at, s->v[i].token_n),
			};
	s->call = (struct keyc_call){ .done = on_opened };
	return keyc_open(job->in.keyc, &s->call, &job->reader, job->items, k);
}

enum sc_err numbers_ask(struct protect_job *job, size_t n)
{
	struct numbers *s;
	enum sc_err err = numbers_new(job, n, &s);

	if (err != SC_OK)
		return err;
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = keep(&s->texts, job->items[i].value, &s->v[i].token_at, &s->v[i].token_n);
	if (err == SC_OK)
		err = ask_to_open(s);
	if (err != SC_OK) {
		job->more = NULL;
		numbers_free(s);
	}
	return err;
}

/* ---- values in clear: sealed first -------------------------------------------------------- */

/* Number I was sealed: R, a token or, since an hour has struck, something poorer. */
static enum protect_outcome take_sealed(struct numbers *s, size_t i, const struct wire_result *r)
{
	struct number *v = &s->v[i];
	enum sc_err err;

	if (r->status != WIRE_OK)
		return r->status == WIRE_TOO_LARGE ? PROTECT_TOO_LARGE : PROTECT_REFUSED;
	if (r->action == ACTION_TOKENISE) {
		s->job->result.counts.sealed++;
		err = keep(&s->texts, r->value, &v->token_at, &v->token_n);
	} else {
		err = settle(s, i, r->action, r->value);
	}
	return err == SC_OK ? PROTECT_DONE : PROTECT_FAILED;
}

static void on_sealed(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct numbers *s = loop_owner(call, struct numbers, call);
	enum protect_outcome outcome = PROTECT_DONE;
	enum sc_err err = SC_OK;
	bool open = false;

	if (reply->err != SC_OK) {
		pass_on(s, reply);
		return;
	}
	protect_note_reply(s->job, reply);
	for (size_t i = 0; i < s->n && outcome == PROTECT_DONE; i++) {
		outcome = i < reply->n ? take_sealed(s, i, &reply->results[i]) : PROTECT_FAILED;
		open |= s->v[i].open;
	}
	if (outcome != PROTECT_DONE)
		give_up(s, outcome);
	else if (!open)
		answer(s);
	else if ((err = ask_to_open(s)) != SC_OK)
		give_up(s, protect_outcome_of(err));
}

enum sc_err numbers_ask_from_clear(struct protect_job *job, size_t n)
{
	struct numbers *s;
	enum sc_err err = numbers_new(job, n, &s);

	if (err != SC_OK)
		return err;
	s->call = (struct keyc_call){ .done = on_sealed };
	protect_meet_words(job, n);
	err = keyc_seal(job->in.keyc, &s->call, &job->writer, job->items, n);
	if (err != SC_OK) {
		job->more = NULL;
		numbers_free(s);
	}
	return err;
}
