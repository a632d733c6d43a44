/*
 * tap.c - the spool between those who serve and those who listen.
 *
 *	body	head (below) | document | for each field: at, text
 *
 * Two buffers take turns: one is filled under the lock, which is held for one
 * copy, the other is read by the thread without it.
 */
#include "gateway/protect/tap.h"

#include "base/buf.h"
#include "base/clock.h"
#include "gateway/protect/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct tap {
	const struct tap_listener *listeners;
	size_t n_listeners;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_t thread;
	bool stopping;
	struct sc_buf waiting, taken;
};

static struct sc_span take_bytes(struct sc_span *rest, size_t n)
{
	struct sc_span s = sc_span(rest->p, n);

	*rest = sc_span_from(*rest, n);
	return s;
}

/* The next body of REST, its fields in FIELDS. */
static void hand_out(const struct tap *t, struct sc_span *rest)
{
	struct tap_field fields[TAP_FIELDS_MAX];
	struct tap_body b;

	memcpy(&b, take_bytes(rest, sizeof(b)).p, sizeof(b));
	memcpy(fields, take_bytes(rest, b.n_fields * sizeof(fields[0])).p,
	    b.n_fields * sizeof(fields[0]));
	b.document = take_bytes(rest, b.document.n);
	for (uint32_t i = 0; i < b.n_fields; i++) {
		fields[i].at = take_bytes(rest, fields[i].at.n);
		fields[i].text = take_bytes(rest, fields[i].text.n);
	}
	b.fields = fields;
	for (size_t i = 0; i < t->n_listeners; i++)
		t->listeners[i].take(t->listeners[i].arg, &b);
}

static void *listen_main(void *arg)
{
	struct tap *t = arg;
	bool last = false;

	while (!last) {
		struct sc_buf full;
		struct sc_span rest;

		pthread_mutex_lock(&t->lock);
		while (t->waiting.n == 0 && !t->stopping)
			pthread_cond_wait(&t->filled, &t->lock);
		last = t->waiting.n == 0;
		full = t->waiting;
		t->waiting = t->taken;
		pthread_mutex_unlock(&t->lock);
		for (rest = sc_buf_span(&full); rest.n != 0;)
			hand_out(t, &rest);
		sc_buf_clear(&full);
		t->taken = full; /* this thread's alone until the next turn */
	}
	return NULL;
}

enum sc_err tap_new(const struct tap_listener *listeners, size_t n, size_t max, struct tap **out)
{
	struct tap *t;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return SC_NOMEM;
	t->listeners = listeners;
	t->n_listeners = n;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->filled, NULL);
	sc_buf_init(&t->waiting, max);
	sc_buf_init(&t->taken, max);
	/* all of the room now: nothing grows while an order waits */
	if (sc_buf_reserve(&t->waiting, max) == SC_OK && sc_buf_reserve(&t->taken, max) == SC_OK &&
	    pthread_create(&t->thread, NULL, listen_main, t) == 0) {
		*out = t;
		return SC_OK;
	}
	sc_buf_fini(&t->waiting);
	sc_buf_fini(&t->taken);
	free(t);
	return SC_NOMEM;
}

void tap_free(struct tap *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	pthread_cond_signal(&t->filled);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	sc_buf_fini(&t->waiting);
	sc_buf_fini(&t->taken);
	pthread_cond_destroy(&t->filled);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* With the lock. */
static enum sc_err spool(struct sc_buf *to, const struct tap_body *b)
{
	enum sc_err err;

	if ((err = sc_buf_put(to, b, sizeof(*b))) != SC_OK ||
	    (err = sc_buf_put(to, b->fields, b->n_fields * sizeof(b->fields[0]))) != SC_OK ||
	    (err = sc_buf_put_span(to, b->document)) != SC_OK)
		return err;
	for (uint32_t i = 0; i < b->n_fields; i++)
		if ((err = sc_buf_put_span(to, b->fields[i].at)) != SC_OK ||
		    (err = sc_buf_put_span(to, b->fields[i].text)) != SC_OK)
			return err;
	return SC_OK;
}

static bool tap_offer(struct tap *t, const struct tap_body *b)
{
	size_t before;
	bool ok;

	pthread_mutex_lock(&t->lock);
	before = t->waiting.n;
	if ((ok = b->n_fields <= TAP_FIELDS_MAX && spool(&t->waiting, b) == SC_OK))
		pthread_cond_signal(&t->filled);
	else
		sc_buf_truncate(&t->waiting, before);
	pthread_mutex_unlock(&t->lock);
	return ok;
}

/* ---- what a job is done with ------------------------------------------------------ */

/* The text of what was collected: its own bytes, or decoded behind what SCRATCH holds. */
static enum sc_err collected_text(const struct protect_job *job, const struct codec_field *f,
    struct sc_buf *scratch, struct sc_span *text)
{
	size_t before = scratch->n;
	enum sc_err err;

	*text = sc_span(job->in.body.p + f->start, f->end - f->start);
	if (!f->escaped)
		return SC_OK;
	if ((err = job->in.codec->decode(*text, scratch, NULL)) == SC_OK)
		*text = sc_span(scratch->p + before, scratch->n - before);
	return err;
}

void protect_tap(struct protect_job *job)
{
	const struct plan *p = &job->plan;
	struct tap_field fields[TAP_FIELDS_MAX];
	struct tap_body b = {
		.request_id = job->reader.request_id,
		.at_ms = job->reader.now_ms,
		.way = (uint8_t)job->in.way,
		.document =
		    sc_span(job->in.out->p + job->out_start, job->in.out->n - job->out_start),
		.fields = fields,
	};
	struct sc_buf scratch;

	if (job->reader.principal != NULL)
		b.principal = *job->reader.principal;
	if (job->reader.route != NULL)
		b.route = *job->reader.route;
	sc_buf_init(&scratch, TAP_SPOOL_BYTES);
	/* room for all, so that nothing moves; what does not fit is not told */
	if (p->n_collected != 0 && sc_buf_reserve(&scratch, job->in.body.n) != SC_OK)
		goto out;
	for (size_t i = 0; i < p->n_collected && b.n_fields < TAP_FIELDS_MAX; i++) {
		const struct plan_collected *c = &p->collected[i];
		struct tap_field *f = &fields[b.n_fields];

		if (collected_text(job, &c->field, &scratch, &f->text) != SC_OK)
			continue;
		f->at = sc_span_str(c->rule->at);
		f->kind = c->field.kind;
		f->record = c->record;
		b.n_fields++;
	}
	job->result.unheard = !tap_offer(job->in.tap, &b);
out:
	sc_buf_fini(&scratch);
}
