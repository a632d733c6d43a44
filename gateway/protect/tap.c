/*
 * tap.c - the spool between those who serve and those who listen.
 *
 *	body	head (below) | tags | document | a 0, and what stands there up to the next head
 *
 * Two buffers take turns: one is filled under the lock, which is held for one
 * copy, the other is read by the thread without it. While orders come, the thread looks for
 * them by itself every moment, so that none has to wake it; when none came for a while it
 * sleeps, and the next one does.
 */
#include "gateway/protect/tap.h"

#include "base/buf.h"
#include "base/clock.h"
#include "gateway/protect/job.h"
#include "gateway/protect/rules.h"
#include "gateway/protect/tag.h"
#include "gateway/protect/told.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_NS 2000000 /* between two looks into the spool ... */
#define LOOKS_MAX 250   /* ... of which so many find nothing before the thread sleeps */

struct tap {
	const struct tap_listener *listeners;
	size_t n_listeners;
	bool documents; /* some listener wants those that nothing is told of */
	struct tag_key key;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_t thread;
	bool stopping, asleep;
	struct spool {
		uint8_t *p; /* max bytes and CODEC_PAD that are only read */
		size_t n;
	} waiting, taken;
	size_t max;
	struct told_search search; /* the thread's */
};

/* What stands in the spool of one body, at an address that fits it. */
struct tap_head {
	struct tap_body body; /* its document's length, its fields not yet */
	struct told *told;    /* kept; NULL: nothing is told */
	const struct codec *codec;
	size_t bytes; /* of all of it */
	size_t n_tags;
	struct plan_tag tags[];
};

/* ---- the listeners' side ------------------------------------------------------------ */

/* The body at H: its tags and its fields, to those who listen. */
static void hand_out(struct tap *t, const struct tap_head *h)
{
	const struct sc_span none = { 0 },
			     document =
				 sc_span((const uint8_t *)&h->tags[h->n_tags], h->body.document.n);
	struct tap_field fields[TAP_FIELDS_MAX];
	struct tap_body b = h->body;

	for (size_t i = 0; i < h->n_tags; i++)
		fields[i] = (struct tap_field){ told_at(h->told, h->tags[i].rule),
			sc_span(h->tags[i].tag, TAP_TAG_BYTES), TAP_TAG, 0, h->tags[i].record };
	b.fields = fields;
	b.n_fields = (uint32_t)h->n_tags;
	if (h->told != NULL)
		b.n_fields += (uint32_t)told_fields(h->told, h->codec, document, &t->search,
		    fields + h->n_tags, TAP_FIELDS_MAX - h->n_tags);
	for (size_t i = 0; i < t->n_listeners; i++) {
		const struct tap_listener *l = &t->listeners[i];

		b.document = l->documents ? document : none;
		if (l->documents || b.n_fields != 0)
			l->take(l->arg, &b);
	}
	sc_buf_clear(&t->search.text);
	told_release(h->told);
}

/* With the lock: until something waits, or the end. */
static void wait_for_some(struct tap *t)
{
	const struct timespec moment = { .tv_nsec = LOOK_NS };

	for (unsigned looks = 0; t->waiting.n == 0 && !t->stopping; looks++) {
		if (looks >= LOOKS_MAX) {
			t->asleep = true;
			pthread_cond_wait(&t->filled, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		nanosleep(&moment, NULL);
		pthread_mutex_lock(&t->lock);
	}
}

static void *listen_main(void *arg)
{
	struct tap *t = arg;
	bool last = false;

	while (!last) {
		struct spool full;

		pthread_mutex_lock(&t->lock);
		wait_for_some(t);
		last = t->waiting.n == 0;
		full = t->waiting;
		t->waiting = t->taken;
		pthread_mutex_unlock(&t->lock);
		for (size_t at = 0; at < full.n;) {
			const struct tap_head *h = (const void *)(full.p + at);

			at += h->bytes;
			hand_out(t, h);
		}
		sc_wipe(full.p, full.n);
		full.n = 0;
		t->taken = full; /* this thread's alone until the next turn */
	}
	return NULL;
}

static void fini(struct tap *t)
{
	free(t->waiting.p); /* of which all that was told is wiped */
	free(t->taken.p);
	sc_buf_fini(&t->search.text);
	codec_fields_fini(&t->search.fields);
	pthread_cond_destroy(&t->filled);
	pthread_mutex_destroy(&t->lock);
	sc_wipe(&t->key, sizeof(t->key));
	free(t);
}

enum sc_err tap_new(const struct tap_listener *listeners, size_t n, size_t max, struct tap **out)
{
	struct tap *t;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return SC_NOMEM;
	t->listeners = listeners;
	t->n_listeners = n;
	for (size_t i = 0; i < n; i++)
		t->documents |= listeners[i].documents;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->filled, NULL);
	sc_buf_init(&t->search.text, max);
	codec_fields_init(&t->search.fields);
	/* all of the room now: nothing grows while an order waits */
	t->max = max;
	t->waiting.p = calloc(1, max + CODEC_PAD);
	t->taken.p = calloc(1, max + CODEC_PAD);
	if (t->waiting.p != NULL && t->taken.p != NULL &&
	    pthread_create(&t->thread, NULL, listen_main, t) == 0) {
		*out = t;
		return SC_OK;
	}
	fini(t);
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
	fini(t);
}

void tap_set_key(struct tap *t, const uint8_t key[static TAP_KEY_BYTES])
{
	tag_key_set(&t->key, key);
}

const struct tag_key *tap_tag_key(const struct tap *t)
{
	return &t->key;
}

/* ---- the servers' side --------------------------------------------------------------- */

/* With the lock: JOB's body, as the thread finds it. False: there is no room. */
static bool spool(struct tap *t, const struct protect_job *job, struct told *told)
{
	const struct plan *p = &job->plan;
	size_t n_tags = p->n_tags < TAP_FIELDS_MAX ? p->n_tags : TAP_FIELDS_MAX;
	size_t n = job->in.out->n - job->out_start, tags = n_tags * sizeof(p->tags[0]);
	size_t bytes = (sizeof(struct tap_head) + tags + n + 1 + 7) & ~(size_t)7;
	struct tap_head *h = (void *)(t->waiting.p + t->waiting.n);
	uint8_t *document = (uint8_t *)h + sizeof(*h) + tags;

	if (bytes > t->max - t->waiting.n)
		return false;
	t->waiting.n += bytes;
	h->told = told;
	h->codec = job->in.codec;
	h->bytes = bytes;
	h->n_tags = n_tags;
	h->body.request_id = job->reader.request_id;
	h->body.at_ms = job->reader.now_ms;
	h->body.way = (uint8_t)job->in.way;
	h->body.document = sc_span(NULL, n);
	h->body.principal.s[0] = h->body.route.s[0] = '\0';
	if (job->reader.principal != NULL)
		h->body.principal = *job->reader.principal;
	if (job->reader.route != NULL)
		h->body.route = *job->reader.route;
	for (size_t i = 0; i < n_tags; i++)
		h->tags[i] = p->tags[i];
	if (n != 0)
		memcpy(document, job->in.out->p + job->out_start, n);
	document[n] = 0;
	return true;
}

void protect_tap(struct protect_job *job)
{
	struct tap *t = job->in.tap;
	struct told *told = job->in.rules->told;

	if (told == NULL && !t->documents)
		return;
	told_keep(told);
	pthread_mutex_lock(&t->lock);
	if (!spool(t, job, told)) {
		job->result.unheard = true;
		told_release(told);
	}
	if (t->asleep) {
		t->asleep = false;
		pthread_cond_signal(&t->filled);
	}
	pthread_mutex_unlock(&t->lock);
}
