/*
 * consents.c - saying what people and devices consent to, and telling what they said.
 *
 *	PUT /v1/subjects/{id}/consents	one word or a list; 200 with what counts now
 *	GET /v1/subjects/{id}/consents	what counts now, and all that was said
 *	PUT, GET /v1/devices/{id}/consents	the same of an anonymous id
 *
 *	the id -> handle (keyd) -> intent durable -> the registry, durable -> answer
 *
 * Both are in the audit log, under the registry's handle, before anything is done or told.
 * To say the same again changes nothing.
 */
#include "base/clock.h"
#include "base/text/hex.h"
#include "gateway/api/api.h"
#include "gateway/api/collect.h"
#include "gateway/api/consents.h"
#include "net/http/head.h"

#include <stdlib.h>
#include <string.h>

#define SUFFIX "/consents"
#define BODY_MAX (64u << 10)

/* Whose an id is, by its path. */
struct consents_path {
	const char *prefix;
	uint8_t identifier; /* enum keyc_identifier */
	uint8_t kind;       /* enum feed_who */
};
static const struct consents_path paths[] = {
	{ "/v1/subjects/", KEYC_ACCOUNT, FEED_PERSON },
	{ "/v1/devices/", KEYC_DEVICE, FEED_DEVICE },
};

/* A request, as long as it or one of its writes lives. */
struct consents_task {
	struct served_request *rq; /* NULL: it has left */
	struct collect_service *service;
	const struct consents_path *path;
	struct collect_handle who;
	struct consent_said v[AUDIT_CONSENTS_MAX];
	struct audit_consent recorded[AUDIT_CONSENTS_MAX];
	size_t n;    /* 0: it asks what was said */
	size_t left; /* writes, or the reading, under way */
	enum sc_err err;
	struct consents_history history;
	struct worker_post post;
	struct worker *worker;
};

static void let_go(struct consents_task *t)
{
	if (t->rq != NULL || t->left != 0)
		return;
	consents_history_fini(&t->history);
	free(t);
}

static void on_leave(struct served_request *rq)
{
	struct consents_task *t = rq->state;

	if (t == NULL)
		return;
	/* what the record points to goes with the task, which outlives it only while it writes */
	rq->record.said = NULL;
	rq->record.n_said = 0;
	rq->state = NULL;
	t->rq = NULL;
	let_go(t);
}

/* ---- the answer ------------------------------------------------------------------------- */

static void refuse_away(struct served_request *rq)
{
	metric_add(&rq->worker->shared->metrics, METRIC_COLLECT_AWAY, 1);
	served_refuse(rq, 503, "collect-unavailable",
	    "the registry of consent cannot be written or read now. Try again");
}

static void answer(struct consents_task *t)
{
	struct served_request *rq = t->rq;
	struct jsonw w = jsonw(&rq->out);
	char id[17];

	sc_buf_clear(&rq->out);
	jsonw_object(&w);
	consents_print_counting(&w, t->service, &t->who, t->path->kind);
	if (t->n == 0) {
		jsonw_key(&w, "history");
		jsonw_array(&w);
		jsonw_raw(&w, sc_buf_span(&t->history.text));
		jsonw_array_end(&w);
	}
	hex_u64(rq->record.asking.request_id, id);
	jsonw_kstr(&w, "request_id", id);
	jsonw_object_end(&w);
	rq->record.outcome = AUDIT_OK;
	if (w.err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/* One of what was under way is over. */
static void over(struct consents_task *t, enum sc_err err)
{
	if (err != SC_OK)
		t->err = err;
	if (--t->left != 0)
		return;
	if (t->rq == NULL)
		let_go(t);
	else if (t->err != SC_OK)
		refuse_away(t->rq);
	else
		answer(t);
}

/* ---- written, or read ----------------------------------------------------------------------- */

struct consents_one {
	struct consents_task *task;
	struct collect_said said;
};

static void on_said(struct collect_said *said, enum sc_err err)
{
	struct consents_one *one = loop_owner(said, struct consents_one, said);
	struct consents_task *t = one->task;

	free(one);
	over(t, err);
}

static enum sc_err say(struct consents_task *t, const struct consent_said *word)
{
	struct consents_one *one = calloc(1, sizeof(*one));
	enum sc_err err = SC_NOMEM;

	if (one != NULL) {
		one->task = t;
		one->said.done = on_said;
		one->said.write.said = *word;
		err = collect_say(t->service, t->worker, &one->said);
	}
	if (err != SC_OK)
		free(one);
	return err;
}

static void say_all(struct consents_task *t)
{
	uint64_t now = clock_unix_ms();
	enum sc_err err, failed = SC_OK;

	t->left = t->n + 1; /* the last is this loop's own: no answer comes in between */
	for (size_t i = 0; i < t->n; i++) {
		t->v[i].word.at_ms = now;
		if ((err = say(t, &t->v[i])) == SC_OK)
			continue;
		failed = err;
		t->left--;
	}
	over(t, failed);
}

static void on_read_loop(struct worker_post *p)
{
	struct consents_task *t = loop_owner(p, struct consents_task, post);

	over(t, t->err);
}

static void on_read(struct store_job *j, enum sc_err err)
{
	struct consents_task *t =
	    loop_owner(loop_owner(j, struct consents_history, job), struct consents_task, history);

	t->err = err;
	t->post.on_loop = on_read_loop;
	worker_post(t->worker, &t->post);
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct served_request *rq = loop_owner(wait, struct served_request, wait);
	struct consents_task *t = rq->state;

	if (!ok) {
		served_refuse_keys(rq, SC_LIMIT);
		return;
	}
	if (t->n != 0) {
		say_all(t);
		return;
	}
	t->left = 1;
	t->history.job.done = on_read;
	store_submit(collect_store(t->service), &t->history.job);
}

/* ---- whose it is ------------------------------------------------------------------------------- */

/* What is to be done, and to whom, for the record. */
static void note(struct consents_task *t)
{
	struct served_request *rq = t->rq;
	const struct feed_words *words = collect_settings_of(t->service)->words;

	memcpy(rq->subjects[0], t->who.handle, HANDLE_BYTES);
	rq->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])rq->subjects;
	rq->record.n_subjects = 1;
	for (size_t i = 0; i < t->n; i++) {
		struct consent_said *s = &t->v[i];

		s->who = t->who;
		s->word.who = t->who.pseudonym;
		s->word.kind = t->path->kind;
		s->word.verified = true;
		if (s->source.s[0] == '\0')
			s->source = rq->principal->name;
	}
	consents_record(words, t->v, t->n, t->recorded);
	rq->record.said = t->recorded;
	rq->record.n_said = t->n;
	memcpy(t->history.handle, t->who.handle, HANDLE_BYTES);
	t->history.tenant = rq->gen->config->tenant;
}

static void on_named(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct served_request *rq = loop_owner(call, struct served_request, key_call);
	struct consents_task *t = rq->state;

	if (reply->err != SC_OK || !collect_take_handle(reply, &t->who)) {
		served_refuse_keys(rq, reply->err == SC_OK ? SC_AUTH : reply->err);
		return;
	}
	note(t);
	if (served_record_intent(rq, on_intent_durable) != SC_OK)
		served_refuse_keys(rq, SC_LIMIT);
}

static void ask_who(struct served_request *rq)
{
	const struct consents_task *t = rq->state;
	const struct asking asking = collect_asking(rq);
	const struct keyc_item item = { .class_id = CLASS_CUSTOMER_ID,
		.flags = t->path->identifier,
		.value = sc_buf_span(&rq->out) };
	enum sc_err err;

	rq->key_call.done = on_named;
	if ((err = keyc_pseudonym(rq->worker->keyc, &rq->key_call, &asking, &item, 1)) != SC_OK)
		served_refuse_keys(rq, err);
}

/* ---- the request ---------------------------------------------------------------------------------- */

static void on_put(struct served_request *rq, struct sc_span body)
{
	struct consents_task *t = rq->state;
	struct sc_diag d = { .text = "" };
	bool json;
	enum sc_err err =
	    consents_take(collect_settings_of(t->service)->words, body, t->v, &t->n, &json, &d);

	if (err == SC_OK) {
		ask_who(rq);
		return;
	}
	if (err == SC_NOMEM) {
		served_refuse_busy(rq);
		return;
	}
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
	if (json)
		served_refuse(rq, 400, "consents", d.text);
	else
		served_refuse_at(rq, 400, "malformed-json", d.text, d.offset);
}

static void on_get(struct served_request *rq, struct sc_span body)
{
	(void)body;
	ask_who(rq);
}

static const struct served_ops put_ops = { .on_end = on_put, .on_leave = on_leave };
static const struct served_ops get_ops = { .on_end = on_get, .on_leave = on_leave };

static const struct consents_path *path_of(struct sc_span path, struct sc_span *id)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		*id = api_path_id(path, paths[i].prefix, SUFFIX);
		if (id->n != 0)
			return &paths[i];
	}
	return NULL;
}

bool api_consents_path(const struct http_head *h)
{
	struct sc_span id;

	return path_of(h->path, &id) != NULL;
}

/* Who asks, and may they? False when it was refused and answered. */
static bool may(struct served_request *rq, uint8_t op, const char *act)
{
	const struct policy *policy = rq->gen->config->policy;
	uint8_t collecting = collect_asking(rq).purpose;
	const char *why;
	bool yes;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = AUDIT_ADMIN;
	rq->record.act = act;
	if (!served_identify(rq, op == POLICY_WRITE ? collecting : -1) || !served_log_ready(rq))
		return false;
	served_ask(rq, op);
	yes = op == POLICY_WRITE ?
	    protect_consents_settable(policy, &rq->record.asking, collecting, &why) :
	    protect_consents_visible(policy, &rq->record.asking, &why);
	if (yes)
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

/* The id of RQ's path into rq->out. */
static bool take_id(struct served_request *rq, struct sc_span id)
{
	return (http_percent_decode(id, &rq->out) && rq->out.n != 0 &&
		   rq->out.n <= CRYPTO_IDENTIFIER_MAX) ||
	    served_refuse(rq, 400, "subject",
		"the id in the path is malformed or longer than 512 bytes");
}

static void begin(struct served_request *rq, uint8_t op, const char *act,
    const struct served_ops *ops, size_t body_max)
{
	struct sc_span id;
	const struct consents_path *path = path_of(rq->call->head->path, &id);
	struct consents_task *t;

	if (path == NULL) {
		served_refuse(rq, 404, "no-route",
		    "/v1/subjects/{id}/consents or /v1/devices/{id}/consents, the id in one "
		    "segment, percent-encoded");
		return;
	}
	if (!may(rq, op, act) || !take_id(rq, id))
		return;
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	t->rq = rq;
	t->worker = rq->worker;
	t->service = rq->worker->shared->collect;
	t->path = path;
	consents_history_init(&t->history);
	rq->state = t;
	rq->ops = ops;
	http_call_buffer_body(rq->call, body_max);
}

void api_consents_put(struct served_request *rq)
{
	begin(rq, POLICY_WRITE, "consent.set", &put_ops, BODY_MAX);
}

void api_consents_get(struct served_request *rq)
{
	begin(rq, POLICY_READ, "consent.show", &get_ops, 0);
}
