/*
 * subjects.c - destroying a person's key for good.
 *
 *	POST /v1/subjects/erase		{"subject":"SO/2201"}
 *	POST /v1/subjects/{id}/erase	the id percent-encoded: SO%2F2201
 *
 * Whoever can be sealed can be erased, whatever characters the id has, so the
 * id is taken as it was sealed: decoded once and compared byte for byte. That
 * it was asked for is on disk before keyd is asked; what came of it is a
 * second record.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/codec/body.h"

#define PREFIX "/v1/subjects/"
#define SUFFIX "/erase"
#define BODY_MAX 4096 /* 512 bytes, each of them escaped */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1, into OUT. False when malformed or too long. */
static bool percent_decode(struct sc_span in, struct sc_buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = in.p[i];

		if (c == '%') {
			bool room = in.n - i > 2;
			int hi = room ? hex_digit(in.p[i + 1]) : -1;
			int lo = room ? hex_digit(in.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (uint8_t)(hi << 4 | lo);
			i += 2;
		}
		if (sc_buf_put(out, &c, 1) != SC_OK)
			return false;
	}
	return out->n != 0;
}

static void on_erased(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct visit *v = loop_owner(call, struct visit, key_call);
	enum wire_status status;
	struct jsonw w;

	if (reply->err != SC_OK || reply->n == 0) {
		visit_refuse_keys(v, reply->err);
		return;
	}
	status = reply->results[0].status;
	if (reply->record != KEYC_NO_RECORD)
		v->record.keyd_index = reply->record;
	if (status != WIRE_OK && status != WIRE_GONE) {
		visit_refuse(v, 403, "policy",
		    "the key service's policy does not let this "
		    "caller erase a subject",
		    SIZE_MAX);
		return;
	}
	sc_buf_clear(&v->out);
	w = jsonw(&v->out);
	jsonw_object(&w);
	jsonw_kstr(&w, "status", status == WIRE_OK ? "erased" : "unknown");
	if (reply->record != KEYC_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	jsonw_object_end(&w);
	v->record.outcome = AUDIT_OK;
	if (reply->n_subjects != 0) {
		memcpy(v->subjects, reply->subjects, AUDIT_HANDLE_BYTES);
		v->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])v->subjects;
		v->record.n_subjects = 1;
	}
	visit_answer(v, 200, "application/json", sc_buf_span(&v->out));
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct visit *v = loop_owner(wait, struct visit, wait);
	enum sc_err err = SC_LIMIT;

	if (ok) {
		v->key_call.done = on_erased;
		err = keyc_erase_subject(v->worker->keyc, &v->key_call, &v->reader,
		    sc_buf_span(&v->out));
	}
	if (err != SC_OK)
		visit_refuse_keys(v, err);
}

/* The subject that BODY names into v->out; false when it was refused and answered. */
static bool take_subject(struct visit *v, const struct body_value *root, size_t body_n)
{
	struct sc_span rest = body_inside(root), name, text = sc_span(NULL, 0);
	struct body_value value;
	struct sc_buf plain;
	bool understood = root->kind == BODY_OBJECT;
	unsigned said = 0;

	sc_buf_init(&plain, body_n + 1);
	if (sc_buf_reserve(&plain, body_n) != SC_OK)
		understood = false;
	while (understood && body_member(&rest, &name, &value))
		understood = body_name_is(name, "subject") && ++said == 1 &&
		    body_text(&value, &plain, &text, NULL);
	understood = understood && text.n != 0 && text.n <= CRYPTO_SUBJECT_MAX &&
	    sc_buf_put_span(&v->out, text) == SC_OK;
	sc_buf_fini(&plain);
	if (!understood)
		visit_refuse(v, 400, "subject",
		    "send {\"subject\":...}, a string or a number of 1 "
		    "to 512 bytes, and no other member",
		    SIZE_MAX);
	return understood;
}

/* A path that names the subject leaves nothing to be said in the body. */
static bool says_nothing(struct sc_span body)
{
	return codec_blank(body) || sc_span_is(body, "{}");
}

static bool body_fits(struct visit *v, struct sc_span body)
{
	struct sc_diag diag = { .text = "" };
	struct body_value root;

	if (v->out.n != 0 && says_nothing(body))
		return true;
	if (v->out.n != 0) {
		visit_refuse(v, 400, "subject",
		    "the path names the subject, so the body must be "
		    "empty",
		    SIZE_MAX);
		return false;
	}
	if (body_check(body, &diag, &root) != SC_OK) {
		visit_refuse(v, 400, "malformed-json", diag.text, diag.offset);
		return false;
	}
	return take_subject(v, &root, body.n);
}

static void on_end(struct visit *v, struct sc_span body)
{
	static const uint8_t nothing[CODEC_PAD + 1];

	if (body.n == 0)
		body.p = nothing;
	if (!body_fits(v, body))
		return;
	/* that it was asked for is on disk before anything happens */
	if (visit_record_intent(v, on_intent_durable) != SC_OK)
		visit_refuse_keys(v, SC_LIMIT);
}

static const struct visit_ops subject_ops = { .on_end = on_end };

/* Who asks, and may they? False when it was refused and answered. */
static bool begin(struct visit *v)
{
	const char *why;

	metric_add(&v->worker->gate->metrics, METRIC_API, 1);
	v->record.kind = AUDIT_ERASE;
	if (!visit_identify(v, -1) || !visit_log_ready(v))
		return false;
	visit_ask(v, POLICY_DELETE);
	if (protect_erasable(v->gen->config->policy, &v->record.asking, &why))
		return true;
	metric_add(&v->worker->gate->metrics, METRIC_REFUSED_POLICY, 1);
	visit_refuse(v, 403, "policy", why, SIZE_MAX);
	return false;
}

static void read_body(struct visit *v)
{
	v->ops = &subject_ops;
	http_call_buffer_body(v->call, BODY_MAX);
}

void api_erase_begin(struct visit *v)
{
	if (begin(v))
		read_body(v);
}

/* The id in PATH as it stands; empty when the path has another shape. */
static struct sc_span path_id(struct sc_span path)
{
	struct sc_span id = sc_span(NULL, 0);

	if (!sc_span_starts(path, PREFIX) || path.n <= strlen(PREFIX) + strlen(SUFFIX) ||
	    !sc_span_is(sc_span_from(path, path.n - strlen(SUFFIX)), SUFFIX))
		return id;
	id = sc_span_from(path, strlen(PREFIX));
	id.n -= strlen(SUFFIX);
	/* one segment, and none that somebody on the way may have resolved */
	if (memchr(id.p, '/', id.n) != NULL || sc_span_is(id, ".") || sc_span_is(id, ".."))
		id.n = 0;
	return id;
}

bool api_subject_path(const struct http_head *h)
{
	return h->method_id == HTTP_POST && path_id(h->path).n != 0;
}

void api_subject_begin(struct visit *v)
{
	struct sc_span id = path_id(v->call->head->path);

	if (id.n == 0) {
		visit_refuse(v, 404, "no-route",
		    "POST /v1/subjects/{id}/erase with the id in one "
		    "segment, percent-encoded, or POST /v1/subjects/erase",
		    SIZE_MAX);
		return;
	}
	if (!begin(v))
		return;
	if (!percent_decode(id, &v->out) || v->out.n > CRYPTO_SUBJECT_MAX) {
		visit_refuse(v, 400, "subject",
		    "the subject in the path is malformed or longer than 512 bytes", SIZE_MAX);
		return;
	}
	read_body(v);
}
