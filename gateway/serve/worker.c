/*
 * worker.c - building, running and ending one thread of the gateway.
 */
#include "gateway/serve/worker.h"
#include "base/log.h"
#include "gateway/serve/served.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- upstreams ------------------------------------------------------------------- */

/* Origins and their trust are kept by URL and CA: a reload finds them again. */
struct origin_entry {
	char *url, *ca;
	struct tls_context *tls;
	struct http_origin *origin;
	struct origin_entry *next;
};

static bool same_text(const char *a, const char *b)
{
	return sc_span_eq(sc_span_str(a), sc_span_str(b));
}

static void origin_free(struct origin_entry *e)
{
	free(e->url);
	free(e->ca);
	tls_context_free(e->tls);
	free(e);
}

static enum sc_err origin_new(struct worker *w, const struct config_upstream *u,
    struct sc_diag *diag, struct http_origin **out)
{
	struct tls_options trust = { .ca = u->ca };
	struct origin_entry *e = calloc(1, sizeof(*e));
	enum sc_err err = SC_NOMEM;

	if (e == NULL)
		return SC_NOMEM;
	if ((e->url = strdup(u->url)) == NULL || (u->ca != NULL && (e->ca = strdup(u->ca)) == NULL))
		goto out;
	if (u->tls && (err = tls_client_new(&trust, diag, &e->tls)) != SC_OK)
		goto out;
	err = http_client_origin(w->client, e->url, e->tls, diag, &e->origin);
	if (err != SC_OK)
		goto out;
	*out = e->origin;
	e->next = w->known;
	w->known = e;
	e = NULL;
out:
	if (e != NULL)
		origin_free(e);
	return err;
}

static enum sc_err origin_get(struct worker *w, const struct config_upstream *u,
    struct sc_diag *diag, struct http_origin **out)
{
	for (struct origin_entry *e = w->known; e != NULL; e = e->next)
		if (same_text(e->url, u->url) && same_text(e->ca, u->ca)) {
			*out = e->origin;
			return SC_OK;
		}
	return origin_new(w, u, diag, out);
}

struct http_origin *worker_origin(struct worker *w, const struct served_route *route)
{
	return w->origins[route - w->current->routes];
}

/* Take over G (a reference of ours). On failure the old one stays in force. */
static enum sc_err adopt(struct worker *w, struct generation *g, struct sc_diag *diag)
{
	size_t n = g->config->n_routes;
	struct http_origin **origins = calloc(n + 1, sizeof(struct http_origin *));
	enum sc_err err = SC_OK;

	if (origins == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = origin_get(w, &g->config->routes[i].upstream, diag, &origins[i]);
	if (err != SC_OK) {
		free(origins);
		return err;
	}
	free(w->origins);
	w->origins = origins;
	generation_release(w->current);
	w->current = g;
	return SC_OK;
}

/* ---- control --------------------------------------------------------------------- */

static void on_drained(void *arg)
{
	struct worker *w = arg;

	loop_stop(w->loop);
}

static void on_drain_late(struct loop_timer *t)
{
	struct worker *w = loop_owner(t, struct worker, drain_timer);

	log_event(LOG_WARN, "gateway.drain_cut_short", LOG_U64("worker", w->id), LOG_END);
	loop_stop(w->loop);
}

static void take_next_generation(struct worker *w)
{
	struct sc_diag diag = { .text = "" };
	struct http_limits limits;
	struct generation *g;

	pthread_mutex_lock(&w->shared->lock);
	g = w->shared->next == w->current ? NULL : generation_hold(w->shared->next);
	limits = w->shared->limits;
	pthread_mutex_unlock(&w->shared->lock);
	if (g == NULL)
		return;
	if (adopt(w, g, &diag) == SC_OK) {
		http_server_set_limits(w->server, &limits);
		http_client_set_limits(w->client, &limits);
		return;
	}
	log_event(LOG_ERROR, "gateway.reload_refused", LOG_U64("worker", w->id),
	    LOG_STR("why", "an upstream cannot be used; the old configuration stays"), LOG_END);
	generation_release(g);
}

static void on_control(struct loop_wake *wake)
{
	struct worker *w = loop_owner(wake, struct worker, control);

	take_next_generation(w);
	if (!atomic_load(&w->shared->draining) || w->draining)
		return;
	w->draining = true;
	http_server_drain(w->server, on_drained, w);
	loop_timer_set(w->loop, &w->drain_timer, w->current->config->limits.drain_ms);
}

void worker_notify(struct worker *w)
{
	loop_wake_post(&w->control);
}

/* ---- waiting for the log ----------------------------------------------------------- */

static void on_committed(struct loop_wake *wake)
{
	struct worker *w = loop_owner(wake, struct worker, committed);
	uint64_t durable = tlog_durable(w->shared->log);
	bool failed = tlog_failed(w->shared->log);
	struct durable_wait *all = w->waits, *wait;

	w->waits = NULL;
	while ((wait = all) != NULL) {
		all = wait->next;
		if (wait->index < durable || failed) {
			void (*fn)(struct durable_wait *, bool) = wait->on_durable;

			wait->on_durable = NULL;
			fn(wait, wait->index < durable);
		} else {
			wait->next = w->waits;
			w->waits = wait;
		}
	}
	atomic_store(&w->waiting, w->waits != NULL);
}

void worker_log_committed(struct worker *w)
{
	if (atomic_load(&w->waiting))
		loop_wake_post(&w->committed);
}

void worker_wait_durable(struct worker *w, struct durable_wait *wait, uint64_t index)
{
	wait->index = index;
	wait->next = w->waits;
	w->waits = wait;
	atomic_store(&w->waiting, true);
	loop_wake_post(&w->committed); /* it may be on disk already */
}

void worker_forget_wait(struct worker *w, struct durable_wait *wait)
{
	struct durable_wait **p = &w->waits;

	if (wait->on_durable == NULL)
		return;
	while (*p != NULL && *p != wait)
		p = &(*p)->next;
	if (*p == wait)
		*p = wait->next;
	wait->on_durable = NULL;
}

/* ---- what other threads have for this loop --------------------------------------- */

static void take_posts(struct worker *w)
{
	struct worker_post *p, *next;

	pthread_mutex_lock(&w->post_lock);
	p = w->posts;
	w->posts = NULL;
	w->posts_tail = &w->posts;
	pthread_mutex_unlock(&w->post_lock);
	for (; p != NULL; p = next) {
		next = p->next;
		p->on_loop(p);
	}
}

static void on_posted(struct loop_wake *wake)
{
	take_posts(loop_owner(wake, struct worker, posted));
}

void worker_post(struct worker *w, struct worker_post *p)
{
	p->next = NULL;
	pthread_mutex_lock(&w->post_lock);
	*w->posts_tail = p;
	w->posts_tail = &p->next;
	/* within the lock: whoever frees the worker has seen the post, and the wake is over */
	loop_wake_post(&w->posted);
	pthread_mutex_unlock(&w->post_lock);
}

/* ---- life -------------------------------------------------------------------------- */

static enum sc_err listen_all(struct worker *w, struct sc_diag *diag)
{
	const struct config *c = w->current->config;
	enum sc_err err = SC_OK;

	for (size_t i = 0; w->id == 0 && i < c->n_listeners && err == SC_OK; i++)
		err = http_address_vacant(c->listeners[i].address, diag);
	for (size_t i = 0; i < c->n_listeners && err == SC_OK; i++)
		/* a path has one socket: the first worker's, who shares its connections out */
		if (w->id != 0 && c->listeners[i].addr.ss_family == AF_UNIX)
			err = http_server_listen_along(w->server);
		else
			err = http_server_listen(w->server, c->listeners[i].address,
			    w->shared->listener_tls[i], diag, NULL);
	return err;
}

/* W's loop, and its way to the upstreams of G. */
static enum sc_err begin(struct worker *w, struct generation *g, const struct http_limits *limits,
    struct http_shared *http, struct sc_diag *diag)
{
	enum sc_err err;

	pthread_mutex_init(&w->post_lock, NULL);
	w->posts_tail = &w->posts;
	if ((err = loop_new(&w->loop)) != SC_OK)
		return err;
	loop_wake_init(w->loop, &w->control, on_control);
	loop_wake_init(w->loop, &w->committed, on_committed);
	loop_wake_init(w->loop, &w->posted, on_posted);
	loop_timer_init(&w->drain_timer, on_drain_late);
	if ((err = http_client_new(w->loop, limits, http, &w->client)) != SC_OK)
		return err;
	if ((err = adopt(w, generation_hold(g), diag)) != SC_OK)
		generation_release(g);
	return err;
}

static enum sc_err reach_keyd(struct worker *w, const struct config *c, struct sc_diag *diag)
{
	const struct keyc_far far = { c->keyd_far.address, c->keyd_far.cert, c->keyd_far.key,
		c->keyd_far.spki };

	return far.address == NULL ? keyc_new(w->loop, c->keyd, &c->node, &w->keyc) :
				     keyc_new_far(w->loop, &far, &c->node, diag, &w->keyc);
}

enum sc_err worker_new(struct worker_shared *shared, unsigned id, struct sc_diag *diag,
    struct worker **out)
{
	struct http_server_options so = { .handler = shared->handler,
		.limits = &shared->limits,
		.shared = shared->http };
	struct worker *w = calloc(1, sizeof(*w));
	enum sc_err err;

	*out = NULL;
	if (w == NULL)
		return SC_NOMEM;
	w->shared = shared;
	w->id = id;
	if ((err = begin(w, shared->next, &shared->limits, shared->http, diag)) != SC_OK ||
	    (err = reach_keyd(w, w->current->config, diag)) != SC_OK)
		goto out;
	so.loop = w->loop;
	so.arg = w;
	if ((err = http_server_new(&so, &w->server)) != SC_OK ||
	    (err = listen_all(w, diag)) != SC_OK)
		goto out;
	*out = w;
	w = NULL;
out:
	worker_free(w);
	return err;
}

static void free_origins(struct worker *w)
{
	struct origin_entry *e;

	while ((e = w->known) != NULL) {
		w->known = e->next;
		origin_free(e);
	}
}

static void free_spares(struct worker *w)
{
	struct served_request *rq;

	while ((rq = w->spare) != NULL) {
		w->spare = rq->next;
		protect_job_free(rq->job);
		sc_buf_fini(&rq->out);
		free(rq);
	}
}

void worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	http_server_free(w->server); /* ends every request first */
	take_posts(w);
	keyc_free(w->keyc);
	http_client_free(w->client);
	free_origins(w);
	free(w->origins);
	free_spares(w);
	generation_release(w->current);
	if (w->loop != NULL) {
		loop_timer_clear(w->loop, &w->drain_timer);
		loop_wake_fini(&w->control);
		loop_wake_fini(&w->committed);
		loop_wake_fini(&w->posted);
		loop_free(w->loop);
	}
	pthread_mutex_destroy(&w->post_lock);
	free(w);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;

	if (loop_run(w->loop) != SC_OK)
		log_event(LOG_ERROR, "gateway.loop_failed", LOG_U64("worker", w->id), LOG_END);
	return NULL;
}

enum sc_err worker_start(struct worker *w)
{
	w->running = pthread_create(&w->thread, NULL, worker_run, w) == 0;
	return w->running ? SC_OK : SC_IO;
}

void worker_join(struct worker *w)
{
	if (w->running)
		pthread_join(w->thread, NULL);
	w->running = false;
	http_server_free(w->server);
	w->server = NULL;
}

enum sc_err worker_check(struct generation *g, struct sc_diag *diag)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum sc_err err = w == NULL ? SC_NOMEM : begin(w, g, NULL, NULL, diag);

	if (err != SC_OK)
		snprintf(diag->file, sizeof(diag->file), "%s", g->config->file);
	worker_free(w);
	return err;
}
