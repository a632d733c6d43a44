/*
 * rewrite.c - POST /v1/rewrite/{route}: a route's rewriting on a stream of
 * NDJSON, for migrating existing data and for restoring it.
 *
 *	?side=request|response	which rules of the route; request by default
 *	?restore=1		open every token instead, under `export`
 *	?signed=1		of a restore: a line may have the caller's statement before it
 *	?hits=1			after each line, one that tells what was replaced where
 *
 * Lines go through a ring of slots, so that many are with keyd at once; they
 * leave in the order they came. A line that cannot be protected is answered by
 * {"scrim_error":{...}} in its place and never passes.
 *
 * The lines go back to the caller, so the caller is their reader: also on a
 * route that hands on to another recipient nobody sees here what only that
 * recipient may.
 */
#include "base/text/jsonw.h"
#include "crypto/limits.h"
#include "crypto/tlog/note.h"
#include "gateway/api/api.h"
#include "net/http/head.h"
#include "gateway/codec/json.h"
#include "gateway/collect/granted.h"
#include "gateway/phone/label.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 64
#define LINE_SLACK (256u << 10) /* read ahead beyond one whole line */

struct stream;

struct slot {
	struct stream *stream;
	struct protect_job *job;
	struct sc_buf in, out, statement;
	struct asking reader; /* with the line's own statement */
	bool done, blank;
	bool unreadable; /* what stood before it is no statement */
};

struct stream {
	struct served_request *rq;
	struct slot slots[SLOTS];
	size_t head, count;      /* the oldest slot in use; how many are */
	struct sc_buf pending;   /* bytes of lines not yet begun */
	struct sc_buf statement; /* of the line to come; empty: none */
	bool unreadable;         /* so was what stood for it */
	const struct protect_rules *rules;
	enum plan_way way;
	size_t line_max;
	uint32_t begun;
	uint64_t lines, failed;
	bool want_hits;
	bool signs; /* lines may be statements */
	bool input_done;
	bool input_paused;
	bool output_full;
	bool pumping; /* a job that ends at once must not pump again */
};

static void pump(struct stream *s);

static void stream_free(struct served_request *rq)
{
	struct stream *s = rq->state;

	if (s == NULL)
		return;
	rq->record.asking.records = s->lines > UINT32_MAX ? UINT32_MAX : (uint32_t)s->lines;
	for (size_t i = 0; i < SLOTS; i++) {
		const struct protect_job *job = s->slots[i].job;

		rq->named |= protect_under_way(job) || (job != NULL && protect_result(job)->named);
		protect_job_free(s->slots[i].job);
		sc_buf_fini(&s->slots[i].in);
		sc_buf_fini(&s->slots[i].out);
		sc_buf_fini(&s->slots[i].statement);
	}
	sc_buf_fini(&s->statement);
	sc_buf_fini(&s->pending);
	free(s);
}

/* ---- output --------------------------------------------------------------------------- */

static enum sc_err print_error(struct stream *s, struct slot *slot)
{
	const struct protect_result *r = protect_result(slot->job);
	struct jsonw w = jsonw(&slot->out);

	jsonw_object(&w);
	jsonw_key(&w, "scrim_error");
	jsonw_object(&w);
	jsonw_kstr(&w, "problem",
	    slot->unreadable ? "bad-signature" : served_outcome_name(r->outcome));
	jsonw_ku64(&w, "line", s->lines);
	if (!slot->unreadable && r->diag.text[0] != '\0') {
		jsonw_kstr(&w, "detail", r->diag.text);
		jsonw_ku64(&w, "offset", r->diag.offset);
	}
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	return w.err;
}

static enum sc_err print_hits(struct stream *s, struct slot *slot, bool any)
{
	const struct plan *p = protect_plan(slot->job);
	const struct policy *policy = s->rq->gen->config->policy;
	struct jsonw w = jsonw(&slot->out);

	jsonw_object(&w);
	jsonw_key(&w, "hits");
	jsonw_array(&w);
	for (size_t i = 0; any && i < p->n; i++) {
		const struct sc_name *name = policy_class_name(policy, p->v[i].class_id);

		jsonw_object(&w);
		jsonw_kstr(&w, "t", name == NULL ? "none" : name->s);
		jsonw_key(&w, "r");
		jsonw_array(&w);
		jsonw_u64(&w, p->v[i].start);
		jsonw_u64(&w, p->v[i].end);
		jsonw_array_end(&w);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return w.err == SC_OK ? sc_buf_put(&slot->out, "\n", 1) : w.err;
}

/* One finished slot onto the wire. */
static enum sc_err write_slot(struct stream *s, struct slot *slot)
{
	struct served_request *rq = s->rq;
	bool ok = slot->blank ||
	    (!slot->unreadable && protect_result(slot->job)->outcome == PROTECT_DONE);
	enum sc_err err = SC_OK;

	s->lines++;
	if (!slot->blank && !slot->unreadable)
		served_note_result(rq, protect_result(slot->job));
	if (!ok) {
		s->failed++;
		sc_buf_clear(&slot->out);
		err = print_error(s, slot);
	}
	if (err == SC_OK)
		err = sc_buf_put(&slot->out, "\n", 1);
	if (err == SC_OK && s->want_hits)
		err = print_hits(s, slot, ok && !slot->blank);
	if (err == SC_OK && !http_call_write(rq->call, sc_buf_span(&slot->out)))
		s->output_full = true;
	return err;
}

static void give_up(struct stream *s)
{
	struct served_request *rq = s->rq;

	rq->record.outcome = AUDIT_FAILED;
	http_call_break(rq->call);
	served_end(rq);
}

static void finish(struct stream *s)
{
	struct served_request *rq = s->rq;

	rq->record.status = 200;
	rq->record.outcome = s->failed == 0 ? AUDIT_OK :
	    s->failed == s->lines           ? AUDIT_REFUSED :
					      AUDIT_PARTIAL;
	http_call_end(rq->call);
	served_end(rq);
}

/* ---- input ---------------------------------------------------------------------------- */

static void on_line_done(struct protect_job *job, void *arg)
{
	struct slot *slot = arg;

	(void)job;
	slot->done = true;
	if (!slot->stream->pumping)
		pump(slot->stream);
}

/* LINE is the statement of the line behind it: written exactly so, and by itself. */
static bool is_statement(const struct stream *s, struct sc_span line, struct sc_span *text)
{
	static const char before[] = "{\"scrim_signature\":\"", behind[] = "\"}";
	const size_t n = strlen(before) + strlen(behind);

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (!s->signs || line.n < n || !sc_span_starts(line, before) ||
	    memcmp(line.p + line.n - strlen(behind), behind, strlen(behind)) != 0)
		return false;
	*text = sc_span(line.p + strlen(before), line.n - n);
	return true;
}

/* It is of the next line, whatever that is; of two the last. */
static enum sc_err keep_statement(struct stream *s, struct sc_span text)
{
	uint8_t raw[CRYPTO_STATEMENT_MAX];
	size_t n = sizeof(raw);

	sc_buf_clear(&s->statement);
	s->unreadable = note_base64_parse(text, raw, &n) != SC_OK || n == 0;
	return s->unreadable ? SC_OK : sc_buf_put_span(&s->statement, sc_span(raw, n));
}

/* Whose statement stood before SLOT's line. */
static enum sc_err take_statement(struct stream *s, struct slot *slot)
{
	enum sc_err err;

	sc_buf_clear(&slot->statement);
	err = sc_buf_put_span(&slot->statement, sc_buf_span(&s->statement));
	slot->done = slot->unreadable = s->unreadable;
	sc_buf_clear(&s->statement);
	s->unreadable = false;
	return err;
}

static enum sc_err slot_begin(struct stream *s, struct slot *slot, struct sc_span line)
{
	struct served_request *rq = s->rq;
	struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.rules = s->rules,
		.way = s->way,
		.whole = true,
		.caller = &rq->record.asking,
		.reader = &slot->reader,
		.out = &slot->out,
		.tap = rq->worker->shared->tap,
		.binder = phone_label_binder(rq->worker),
		.consents = collect_consents(rq->worker, rq->gen->config),
		.done = on_line_done,
		.arg = slot,
	};
	enum sc_err err;

	if (slot->job == NULL) {
		if ((slot->job = protect_job_new()) == NULL)
			return SC_NOMEM;
		sc_buf_init(&slot->in, s->line_max + CODEC_PAD);
		sc_buf_init(&slot->out, VISIT_OUT_MAX);
		sc_buf_init(&slot->statement, CRYPTO_STATEMENT_MAX);
		slot->stream = s;
	}
	sc_buf_clear(&slot->in);
	sc_buf_clear(&slot->out);
	slot->done = slot->blank = codec_blank(line);
	slot->unreadable = false;
	if (slot->blank)
		return sc_buf_put_span(&slot->out, line);
	if ((err = take_statement(s, slot)) != SC_OK || slot->unreadable)
		return err;
	if ((err = sc_buf_put_span(&slot->in, line)) != SC_OK ||
	    (err = codec_pad(&slot->in)) != SC_OK)
		return err;
	in.body = sc_buf_span(&slot->in);
	/* the documents of the request so far: nobody knows how many will come */
	rq->record.asking.records = rq->reader.records = ++s->begun;
	slot->reader = rq->reader;
	slot->reader.statement = sc_buf_span(&slot->statement);
	protect_document(slot->job, &in);
	return SC_OK;
}

/* Begin as many lines as there are free slots. */
static enum sc_err begin_lines(struct stream *s)
{
	struct sc_span text = sc_buf_span(&s->pending), line;
	size_t from = 0;
	enum sc_err err = SC_OK;

	while (err == SC_OK && s->count < SLOTS && !s->output_full &&
	    codec_ndjson.next(text, s->input_done, &from, &line)) {
		struct slot *slot = &s->slots[(s->head + s->count) % SLOTS];
		struct sc_span statement;

		if (is_statement(s, line, &statement)) {
			err = keep_statement(s, statement);
			continue;
		}
		s->count++;
		err = line.n > s->line_max ? SC_LIMIT : slot_begin(s, slot, line);
	}
	sc_buf_consume(&s->pending, from);
	return err;
}

static enum sc_err write_lines(struct stream *s)
{
	enum sc_err err = SC_OK;

	while (err == SC_OK && s->count != 0 && s->slots[s->head].done && !s->output_full) {
		struct slot *slot = &s->slots[s->head];

		err = write_slot(s, slot);
		slot->done = false;
		s->head = (s->head + 1) % SLOTS;
		s->count--;
	}
	return err;
}

static void steer_input(struct stream *s)
{
	bool full = s->pending.n > LINE_SLACK && s->count != 0;

	if (s->input_done || full == s->input_paused)
		return;
	s->input_paused = full;
	if (full)
		http_call_pause(s->rq->call);
	else
		http_call_resume(s->rq->call);
}

/* Move everything that can move: lines in, lines out, the end. */
static void pump(struct stream *s)
{
	enum sc_err err;
	size_t before;

	s->pumping = true;
	do {
		before = s->pending.n + s->count;
		if ((err = begin_lines(s)) == SC_OK)
			err = write_lines(s);
	} while (err == SC_OK && s->pending.n + s->count != before);
	s->pumping = false;
	if (err != SC_OK) {
		give_up(s);
		return;
	}
	if (s->input_done && s->count == 0 && s->pending.n == 0)
		finish(s);
	else
		steer_input(s);
}

static void on_body(struct served_request *rq, struct sc_span bytes)
{
	struct stream *s = rq->state;

	if (sc_buf_put_span(&s->pending, bytes) != SC_OK)
		give_up(s);
	else
		pump(s);
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct stream *s = rq->state;

	(void)body;
	s->input_done = true;
	pump(s);
}

static void on_writable(struct served_request *rq)
{
	struct stream *s = rq->state;

	if (s == NULL)
		return;
	s->output_full = false;
	pump(s);
}

static const struct served_ops stream_ops = {
	.on_body = on_body,
	.on_end = on_end,
	.on_writable = on_writable,
	.on_leave = stream_free,
};

/* ---- beginning -------------------------------------------------------------------------- */

static void start_answer(struct served_request *rq)
{
	static const struct http_field type = { SC_LIT("Content-Type"),
		SC_LIT("application/x-ndjson") };

	rq->answered = true;
	http_call_start(rq->call, 200, &type, 1, HTTP_LENGTH_CHUNKED);
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct served_request *rq = loop_owner(wait, struct served_request, wait);

	if (!ok) {
		served_refuse_keys(rq, SC_LIMIT);
		return;
	}
	start_answer(rq);
	http_call_resume(rq->call);
}

/* Which rules and which way, by the query. False when refused and answered. */
static bool choose(struct served_request *rq, struct stream *s)
{
	struct sc_span query = rq->call->head->query;
	struct sc_span side = http_query_value(query, "side");
	bool response = sc_span_is(side, "response");

	s->want_hits = sc_span_is(http_query_value(query, "hits"), "1");
	if (sc_span_is(http_query_value(query, "restore"), "1")) {
		s->way = PLAN_RESTORE;
		s->signs = sc_span_is(http_query_value(query, "signed"), "1");
		s->rules = rq->gen->restore;
		return true;
	}
	if (side.n != 0 && !response && !sc_span_is(side, "request"))
		return served_refuse(rq, 400, "side", "side is request or response");
	s->rules = response ? rq->route->response : rq->route->request;
	s->way = response || rq->route->config->has_to ? PLAN_READ : PLAN_STORE;
	return s->rules != NULL ||
	    served_refuse(rq, 400, "no-rules", "that side of the route declares no fields");
}

static void stream_begin(struct served_request *rq, struct stream *s)
{
	s->rq = rq;
	s->line_max = rq->gen->config->limits.http.max_body;
	sc_buf_init(&s->statement, CRYPTO_STATEMENT_MAX);
	sc_buf_init(&s->pending, s->line_max + LINE_SLACK + 2 * HTTP_WINDOW_MAX);
	served_ask(rq, s->way == PLAN_RESTORE ? POLICY_EXPORT : POLICY_READ);
	rq->record.kind = s->way == PLAN_RESTORE ? AUDIT_EXPORT : AUDIT_REWRITE;
	rq->state = s;
	rq->ops = &stream_ops;
	http_call_stream_body(rq->call, UINT64_MAX);
	if (s->way != PLAN_RESTORE) {
		start_answer(rq);
	} else if (served_record_intent(rq, on_intent_durable) == SC_OK) {
		/* a bulk restore is on record, on disk, before its first line is read */
		http_call_pause(rq->call);
	} else {
		served_refuse_keys(rq, SC_LIMIT);
	}
}

void api_rewrite_begin(struct served_request *rq)
{
	struct sc_span name = sc_span_from(rq->call->head->path, strlen("/v1/rewrite/"));
	struct stream *s;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = AUDIT_REWRITE;
	rq->route = generation_route_named(rq->gen, name);
	if (rq->route == NULL) {
		served_refuse(rq, 404, "no-route", "the configuration has no route of that name");
		return;
	}
	rq->record.asking.route = &rq->route->config->name;
	if (!served_identify(rq,
		rq->route->config->has_purpose ? rq->route->config->purpose : -1) ||
	    !served_log_ready(rq))
		return;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	if (choose(rq, s))
		stream_begin(rq, s);
	else
		free(s);
}
