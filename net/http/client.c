/*
 * client.c - an HTTP client: requests go out on a pooled or a new connection.
 */
#include "net/http/client_private.h"

#include <stdlib.h>

enum sc_err http_client_new(struct loop *loop, const struct http_limits *limits,
    struct http_shared *shared, struct http_client **out)
{
	struct http_client *c;
	enum sc_err err = SC_OK;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return SC_NOMEM;
	c->loop = loop;
	c->limits = limits != NULL ? *limits : http_limits_default;
	sc_buf_init(&c->target, 2 * HTTP_HEAD_MAX);
	if ((c->shared = shared) == NULL) {
		if ((err = http_shared_new(&c->limits, &c->own_shared)) != SC_OK)
			goto out;
		c->shared = c->own_shared;
	}
	*out = c;
	c = NULL;
out:
	free(c);
	return err;
}

void http_client_set_limits(struct http_client *c, const struct http_limits *limits)
{
	c->limits = *limits;
}

void http_client_free(struct http_client *c)
{
	struct http_origin *o;

	if (c == NULL)
		return;
	while (c->links != NULL)
		link_free(c->links);
	while ((o = c->origins) != NULL) {
		c->origins = o->next;
		origin_free(o);
	}
	sc_buf_fini(&c->target);
	http_shared_free(c->own_shared);
	free(c);
}

void http_client_stats(const struct http_client *c, struct http_client_stats *out)
{
	*out = c->stats;
}

/* ---- a request ---- */

static enum sc_err put_target(struct http_origin *o, struct sc_span target, struct sc_span *out)
{
	struct sc_buf *b = &o->client->target;
	enum sc_err err;

	*out = target;
	if (o->prefix[0] == '\0')
		return SC_OK;
	sc_buf_clear(b);
	if ((err = sc_buf_put_str(b, o->prefix)) != SC_OK ||
	    (err = sc_buf_put_span(b, target)) != SC_OK)
		return err;
	*out = sc_buf_span(b);
	return SC_OK;
}

static uint64_t request_length(const struct http_client_req *r)
{
	if (r->stream_body)
		return r->stream_length;
	return r->has_body ? r->body.n : HTTP_LENGTH_NONE;
}

/* Queue the request's head and, when it is whole, its body: one block, one write. */
static enum sc_err queue_request(struct link *l, const struct http_client_req *r)
{
	struct http_build b = { .fields = r->fields,
		.n_fields = r->n_fields,
		.host = sc_span_str(l->origin->authority),
		.length = request_length(r) };
	struct sc_span target;
	enum sc_err err;

	outq_clear(&l->out);
	if (r->target.n == 0 || r->target.p[0] != '/')
		return SC_SYNTAX;
	if ((err = put_target(l->origin, r->target, &target)) != SC_OK)
		return err;
	if ((err = http_head_build_request(&l->out.buf, r->method, target, &b)) != SC_OK)
		return err;
	if (r->has_body && !r->stream_body)
		return sc_buf_put_span(&l->out.buf, r->body);
	return SC_OK;
}

static void link_begin(struct link *l, const struct http_client_req *r,
    const struct http_client_handler *handler, void *user)
{
	const struct http_limits *lim = &l->client->limits;

	l->x.user = user;
	l->x.head = NULL;
	l->x.why = NULL;
	l->handler = handler;
	l->method = http_method_parse(r->method);
	l->request_done = !r->stream_body;
	l->chunked_request = r->stream_body && r->stream_length == HTTP_LENGTH_CHUNKED;
	l->request_left = r->stream_body ? r->stream_length : 0;
	l->may_retry = l->reused && l->request_done && http_method_idempotent(l->method);
	l->out.keep = l->may_retry;
	l->answered = l->head_done = l->chosen = l->paused = false;
	l->failing = l->released = l->keep = l->want_writable = l->write_failed = false;
	l->endless = false;
	l->interim = 0;
	l->first_byte_ms = r->first_byte_ms != 0 ? r->first_byte_ms : lim->first_byte_ms;
	l->total_at = loop_now_ms(l->client->loop) +
	    (r->total_ms != 0 ? r->total_ms : lim->total_ms);
}

/* The connection used last, which is the likeliest to be alive, or a new one. */
static enum sc_err link_take(struct http_origin *o, struct link **out)
{
	struct link *l = o->idle;

	*out = NULL;
	if (l == NULL) {
		if (o->open >= o->client->limits.max_per_origin)
			return SC_LIMIT;
		return link_new(o, out);
	}
	o->idle = l->idle_next;
	if (o->idle != NULL)
		o->idle->idle_prev = NULL;
	l->idle_next = NULL;
	l->state = LINK_BUSY;
	o->client->stats.idle--;
	l->reused = true;
	*out = l;
	return SC_OK;
}

enum sc_err http_client_request(struct http_client *c, struct http_origin *origin,
    const struct http_client_req *req, const struct http_client_handler *handler, void *user,
    struct http_exchange **out)
{
	struct link *l;
	enum sc_err err;

	*out = NULL;
	if ((err = link_take(origin, &l)) != SC_OK)
		return err;
	if ((err = queue_request(l, req)) != SC_OK) {
		link_free(l);
		return err;
	}
	link_begin(l, req, handler, user);
	if (l->reused) {
		c->stats.reused++;
		link_send(l);
	} else {
		link_connect(l);
	}
	*out = &l->x;
	return SC_OK;
}
