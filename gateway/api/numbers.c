/*
 * numbers.c - two rounds at most: what is at hand is sealed and indexed, or opened,
 * then what was opened is indexed, as a part of a sealing that is forgotten. Values of
 * one form stand together, so that each form is one call.
 */
#include "gateway/api/numbers.h"

#include "crypto/token/token.h"
#include "gateway/number/number.h"
#include "gateway/number/party.h"
#include "gateway/phone/service.h"

#include <string.h>

#define NUMBERS_BYTES_MAX (16u << 20)

struct api_numbers_run {
	struct api_numbers *of;
	struct served_request *rq;
	struct sc_arena *arena;
	struct asking reader;
	struct sc_buf clear;          /* the values, one after another: personal */
	struct sc_buf answers, token; /* of both rounds; one token's bytes */
	struct protect_value *values;
	size_t n;
	bool second;
};

void api_numbers_fini(struct api_numbers *numbers)
{
	struct api_numbers_run *k = numbers->run;

	if (k == NULL)
		return;
	sc_buf_fini(&k->clear);
	sc_buf_fini(&k->answers);
	sc_buf_fini(&k->token);
	numbers->run = NULL;
}

/* ---- what a number is -------------------------------------------------------------------- */

/* A virtual number is nobody's: who was led to one would be led on, or in a circle. */
static bool may_dial(const struct phone_service *s, const struct api_number *a)
{
	return phone_number_kind(a->e164) == PHONE_KIND_PERSON &&
	    phone_number_within(a->e164, a->pool->dial, a->pool->n_dial) &&
	    phone_line_find(s, sc_span_str(a->e164)) == PHONE_NO_LINE;
}

/* TEXT as E.164; INVALID when nobody is called by it. An extension is no part of a person's number. */
static void take_clear(const struct api_numbers_run *k, struct api_number *a, struct sc_span text)
{
	const struct phone_service *s = k->rq->worker->shared->phone;
	struct phone_number number;

	a->status = NUMBER_INVALID;
	if (phone_number_parse(text, phone_settings_of(s)->home, &number) == SC_OK) {
		memcpy(a->e164, number.e164, sizeof(a->e164));
		if (number.ext == PHONE_NO_EXT && may_dial(s, a))
			a->status = NUMBER_OK;
	}
	sc_wipe(&number, sizeof(number));
}

static void take_token(struct api_numbers_run *k, struct api_number *a)
{
	uint8_t packed[PHONE_TOKEN_PACKED_MAX];
	struct token_parts parts;
	size_t n;

	a->status = NUMBER_INVALID;
	if (token_parse(a->said, &k->token, &parts) != SC_OK || parts.class_id != CLASS_PHONE ||
	    !phone_token_pack(a->said, packed, &n))
		return;
	a->status = NUMBER_OK;
	a->token = a->said;
}

/* ---- a round of values --------------------------------------------------------------------- */

/* One more value, TEXT under FORM; *AT says which. */
static enum sc_err add(struct api_numbers_run *k, const struct api_number *a,
    const struct form *form, struct sc_span text, size_t *at)
{
	struct protect_value *v = &k->values[k->n];
	enum sc_err err = protect_text(v, form, CLASS_PHONE, text, &k->clear);

	/* a token that is given is its own person's, unless the caller says whose it must be */
	if (form != &form_policy || !a->guest)
		v->subject = a->subject;
	*at = k->n++;
	return err;
}

static void on_values(struct protect_job *job, void *arg);

static void ask(struct api_numbers_run *k)
{
	struct served_request *rq = k->rq;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.way = PLAN_STORE,
		.caller = &rq->record.asking,
		.reader = &k->reader,
		.out = &k->answers,
		.done = on_values,
		.arg = k,
	};

	if (k->n == 0)
		k->of->done(rq);
	else if (protect_texts(rq->job, &in, &k->clear, k->values, k->n) != SC_OK)
		served_refuse_busy(rq);
}

/* Numbers are sealed, with their index; tokens are opened. */
static enum sc_err first_round(struct api_numbers_run *k)
{
	struct api_numbers *of = k->of;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < of->n && err == SC_OK; i++)
		if (of->v[i].status == NUMBER_OK && of->v[i].token.n == 0)
			err = add(k, &of->v[i], &form_party, sc_span_str(of->v[i].e164),
			    &of->v[i].sealed);
	for (size_t i = 0; i < of->n && err == SC_OK; i++)
		if (of->v[i].status == NUMBER_OK && of->v[i].token.n != 0 && of->v[i].pair)
			err = add(k, &of->v[i], &form_policy, of->v[i].token, &of->v[i].opened);
	return err;
}

static enum sc_err second_round(struct api_numbers_run *k)
{
	struct api_numbers *of = k->of;
	enum sc_err err = SC_OK;

	k->second = true;
	sc_buf_clear(&k->clear);
	k->n = 0;
	for (size_t i = 0; i < of->n && err == SC_OK; i++)
		if (of->v[i].status == NUMBER_OK && of->v[i].opened != SIZE_MAX)
			err = add(k, &of->v[i], &form_party, sc_span_str(of->v[i].e164),
			    &of->v[i].indexed);
	return err;
}

/* ---- what was answered ------------------------------------------------------------------------ */

static struct sc_span answer(const struct api_numbers_run *k, size_t i)
{
	const struct protect_value *v = &k->values[i];

	return sc_span(v->n == 0 ? NULL : k->answers.p + v->at, v->n);
}

static struct sc_span token_of(const struct api_numbers_run *k, size_t i)
{
	const struct protect_value *v = &k->values[i];

	return sc_span(v->token_n == 0 ? NULL : k->answers.p + v->token_at, v->token_n);
}

static bool was_done(const struct api_numbers_run *k, size_t i, enum policy_action action)
{
	return k->values[i].status == WIRE_OK && k->values[i].action == action;
}

static void take_index(const struct api_numbers_run *k, struct api_number *a)
{
	if (a->status != NUMBER_OK || a->indexed == SIZE_MAX)
		return;
	if (k->values[a->indexed].status != WIRE_OK)
		a->status = NUMBER_DENIED;
	else if ((a->party = phone_party(answer(k, a->indexed))) == 0)
		a->status = NUMBER_INVALID;
	a->indexed = SIZE_MAX;
}

/* Nothing but a token of it is kept, and nothing but all of it joins a pair. */
static void take_first(const struct api_numbers_run *k, struct api_number *a)
{
	a->indexed = a->sealed;
	if (a->opened == SIZE_MAX)
		return;
	if (was_done(k, a->opened, ACTION_REVEAL))
		take_clear(k, a, answer(k, a->opened));
	else
		a->status = NUMBER_DENIED;
}

static enum sc_err keep_token(struct api_numbers_run *k, struct api_number *a)
{
	struct sc_span token;
	char *copy;

	if (a->sealed == SIZE_MAX || a->status != NUMBER_OK)
		return SC_OK;
	token = token_of(k, a->sealed);
	if ((copy = sc_arena_copy(k->arena, token)) == NULL)
		return SC_NOMEM;
	a->token = sc_span(copy, token.n);
	return SC_OK;
}

static enum sc_err after_first(struct api_numbers_run *k)
{
	struct api_numbers *of = k->of;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < of->n && err == SC_OK; i++) {
		take_first(k, &of->v[i]);
		take_index(k, &of->v[i]);
		err = keep_token(k, &of->v[i]);
	}
	return err == SC_OK ? second_round(k) : err;
}

static void on_values(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct api_numbers_run *k = arg;

	served_note_result(k->rq, r);
	if (r->outcome != PROTECT_DONE) {
		served_refuse_outcome(k->rq, r);
		return;
	}
	if (!k->second) {
		if (after_first(k) == SC_OK)
			ask(k);
		else
			served_refuse_busy(k->rq);
		return;
	}
	for (size_t i = 0; i < k->of->n; i++)
		take_index(k, &k->of->v[i]);
	k->of->done(k->rq);
}

/* ---- the beginning ------------------------------------------------------------------------------ */

static struct api_numbers_run *run_new(struct api_numbers *of, struct served_request *rq,
    struct sc_arena *arena)
{
	struct api_numbers_run *k = sc_arena_alloc(arena, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->of = of;
	k->rq = rq;
	k->arena = arena;
	k->reader = rq->record.asking;
	k->reader.op = POLICY_READ;
	sc_buf_init(&k->clear, NUMBERS_BYTES_MAX);
	sc_buf_init(&k->answers, NUMBERS_BYTES_MAX);
	sc_buf_init(&k->token, TOKEN_BYTES_MAX);
	of->run = k;
	k->values = sc_arena_alloc(arena, (of->n + 1) * sizeof(*k->values));
	return k->values == NULL ? NULL : k;
}

void api_numbers_resolve(struct api_numbers *numbers, struct served_request *rq,
    struct sc_arena *arena)
{
	struct api_numbers_run *k = run_new(numbers, rq, arena);

	if (k == NULL) {
		served_refuse_busy(rq);
		return;
	}
	for (size_t i = 0; i < numbers->n; i++) {
		struct api_number *a = &numbers->v[i];

		a->sealed = a->indexed = a->opened = SIZE_MAX;
		if (token_seems(a->said))
			take_token(k, a);
		else
			take_clear(k, a, a->said);
	}
	if (first_round(k) == SC_OK)
		ask(k);
	else
		served_refuse_busy(rq);
}
