/*
 * dispatch.c - a table of rows says who takes a path.
 */
#include "analytics/queryd/queryd.h"

#include "crypto/prim/hash.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#define BODY_MORE 4096 /* of a question, beside its statement escaped */

/* ---- who --------------------------------------------------------------------------------- */

/* One credential, of one kind; anything else is a stranger's. */
static bool find_reader(struct http_call *call, struct query_reader *out)
{
	static const char bearer[] = "Bearer ";
	struct queryd *q = call->arg;
	struct sc_span key = http_head_only(call->head, "Authorization");
	const struct query_grant *g;
	const size_t n = sizeof(bearer) - 1;

	if (granted_look(&q->granted)) {
		queryd_count(&q->metrics, QUERYD_GRANTS_READ, 1);
		own_log_note(q->log, AUDIT_RELOAD, "query.grants");
	}
	if (key.n <= n || strncasecmp((const char *)key.p, bearer, n) != 0)
		return false;
	hash_sha256(sc_span_from(key, n), out->key);
	if ((g = query_grants_whose(&q->granted.grants, out->key)) == NULL)
		return false;
	out->principal = g->principal;
	out->role = g->role;
	out->purpose = (struct sc_name){ "" };
	return true;
}

/* ---- rows -------------------------------------------------------------------------------- */

struct dispatch_row {
	enum http_method method;
	const char *path;
	bool prefix;
	void (*plain)(struct http_call *call); /* needs no key; or: */
	void (*read)(struct http_call *call, const struct query_reader *who);
	void (*ask)(struct http_call *call, struct sc_span body, const struct query_reader *who);
};

static const struct dispatch_row dispatch_rows[] = {
	{ HTTP_GET, "/healthz", .plain = tell_health },
	{ HTTP_GET, "/readyz", .plain = tell_ready },
	{ HTTP_GET, "/metrics", .plain = tell_metrics },
	{ HTTP_POST, "/v1/query", .ask = ask_query },
	{ HTTP_GET, "/v1/datasets", .read = ask_datasets },
	{ HTTP_GET, "/v1/datasets/", true, .read = ask_file },
};

/* ALLOW (else empty) gets what the path takes: nothing where there is none of that name. */
static const struct dispatch_row *find_row(const struct http_head *h, struct http_allow *allow)
{
	for (size_t i = 0; i < sizeof(dispatch_rows) / sizeof(dispatch_rows[0]); i++) {
		const struct dispatch_row *r = &dispatch_rows[i];

		if (r->prefix ? !sc_span_starts(h->path, r->path) : !sc_span_is(h->path, r->path))
			continue;
		http_allow_add(allow, http_method_name(r->method));
		if (r->method == h->method_id)
			return r;
	}
	return NULL;
}

static void on_head(struct http_call *call)
{
	struct queryd *q = call->arg;
	const struct dispatch_row *r;
	struct query_reader who;
	struct http_allow allow = { .n = 0 };

	r = find_row(call->head, &allow);
	if (r == NULL && (allow.n != 0 || call->head->method_id == HTTP_OTHER)) {
		queryd_refuse_method(call, &allow);
	} else if (r == NULL) {
		queryd_refuse(call, 404, "not-found", NULL);
	} else if (r->plain != NULL) {
		r->plain(call);
	} else if (!find_reader(call, &who)) {
		queryd_count(&q->metrics, QUERYD_STRANGER, 1);
		queryd_refuse(call, 401, "unauthenticated",
		    "send a key that was granted something: Authorization: Bearer KEY");
	} else {
		http_call_buffer_body(call,
		    r->ask == NULL ? 0 : 6 * (size_t)q->settings->limits.sql_bytes + BODY_MORE);
	}
}

/* The key is looked up again: its row may have gone while the body came. */
static void on_end(struct http_call *call, struct sc_span body)
{
	struct http_allow allow = { .n = 0 };
	const struct dispatch_row *r = find_row(call->head, &allow); /* as at its head */
	struct query_reader who;

	if (!find_reader(call, &who))
		queryd_refuse(call, 401, "unauthenticated", "this key is granted nothing");
	else if (r->ask != NULL)
		r->ask(call, body, &who);
	else
		r->read(call, &who);
}

static void on_abort(struct http_call *call)
{
	struct reader_request *rq = call->user;

	if (rq == NULL)
		return;
	rq->call = NULL;
	atomic_store(&rq->gone, true);
}

/* Who asks a question and hangs up wants no answer: nobody half-closes and waits. */
static void on_half_closed(struct http_call *call)
{
	struct reader_request *rq = call->user;

	if (rq != NULL)
		atomic_store(&rq->gone, true);
}

const struct http_handler queryd_handler = {
	.on_head = on_head,
	.on_end = on_end,
	.on_abort = on_abort,
	.on_half_closed = on_half_closed,
};
