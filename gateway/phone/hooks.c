/*
 * hooks.c - the hooks of a deployment: made from its settings, bound to the
 * worker that delivers, and counted.
 */
#include "gateway/phone/hooks_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* ---- between the store's thread and the loop ------------------------------------------------ */

void hooks_settled(struct phone_hooks *h)
{
	if (h->worker != NULL)
		loop_wake_post(&h->wake);
	pthread_cond_broadcast(&h->settled);
}

/* Is L's job over? Its answer is taken then. */
static bool take_answer(struct hook_line *l, enum sc_err *err)
{
	bool answered;

	pthread_mutex_lock(&l->hooks->lock);
	answered = l->answered;
	l->answered = false;
	*err = l->err;
	pthread_mutex_unlock(&l->hooks->lock);
	return answered;
}

static void on_wake(struct loop_wake *w)
{
	struct phone_hooks *h = loop_owner(w, struct phone_hooks, wake);
	enum sc_err err;

	for (size_t i = 0; i < h->n; i++)
		if (take_answer(&h->lines[i], &err))
			hook_line_answered(&h->lines[i], err);
		else
			hook_line_news(&h->lines[i]);
}

/* ---- life ---------------------------------------------------------------------------------------- */

enum sc_err hooks_new(struct phone_service *s, struct sc_diag *d, struct phone_hooks **out)
{
	const struct phone_settings *settings = s->settings;
	struct phone_hooks *h;
	enum sc_err err = SC_OK;

	*out = NULL;
	h = calloc(1, sizeof(*h) + settings->n_hooks * sizeof(h->lines[0]));
	if (h == NULL)
		return SC_NOMEM;
	h->service = s;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->settled, NULL);
	for (size_t i = 0; i < settings->n_hooks && err == SC_OK; i++) {
		h->n++;
		err = hook_line_init(&h->lines[i], h, &settings->hooks[i], d);
	}
	if (err == SC_OK)
		err = hooks_count(h);
	if (err != SC_OK) {
		if (d->text[0] == '\0')
			sc_diag_set(d, "the hooks' events cannot be read from the store");
		hooks_free(h);
		return err;
	}
	*out = h;
	return SC_OK;
}

void hooks_free(struct phone_hooks *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	while (h->tells > 0)
		pthread_cond_wait(&h->settled, &h->lock);
	pthread_mutex_unlock(&h->lock);
	for (size_t i = 0; i < h->n; i++)
		hook_line_fini(&h->lines[i]);
	pthread_cond_destroy(&h->settled);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

enum sc_err hooks_reload(struct phone_hooks *h, struct sc_diag *d)
{
	struct webhook_secret fresh[PHONE_HOOKS_MAX] = { { .n = 0 } };
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < h->n && err == SC_OK; i++)
		err = webhook_secret_load(h->lines[i].settings->secret_file, d, &fresh[i]);
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->n && err == SC_OK; i++)
		h->lines[i].secret = fresh[i];
	pthread_mutex_unlock(&h->lock);
	sc_wipe(fresh, sizeof(fresh));
	return err;
}

enum sc_err hooks_bind(struct phone_hooks *h, struct worker *w, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	loop_wake_init(w->loop, &h->wake, on_wake);
	pthread_mutex_lock(&h->lock);
	h->worker = w;
	pthread_mutex_unlock(&h->lock);
	for (size_t i = 0; i < h->n && err == SC_OK; i++)
		err = hook_line_bind(&h->lines[i], d);
	return err;
}

/* A job of a line must not come back to a loop that is gone. */
static void wait_for_lines(struct phone_hooks *h)
{
	for (size_t i = 0; i < h->n; i++)
		while (h->lines[i].under_way)
			pthread_cond_wait(&h->settled, &h->lock);
}

void hooks_unbind(struct phone_hooks *h)
{
	if (h == NULL || h->worker == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		hook_line_unbind(&h->lines[i]);
	pthread_mutex_lock(&h->lock);
	wait_for_lines(h);
	h->worker = NULL;
	pthread_mutex_unlock(&h->lock);
	loop_wake_fini(&h->wake);
}

void hooks_stats(struct phone_hooks *h, struct hooks_stats *out)
{
	out->delivered = atomic_load(&h->delivered);
	out->retried = atomic_load(&h->retried);
	out->given_up = atomic_load(&h->given_up);
	out->waiting = atomic_load(&h->waiting);
}
