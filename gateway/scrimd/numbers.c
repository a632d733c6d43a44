/*
 * numbers.c - virtual numbers as scrimd has them: one service for all workers, and
 * what the first does for it: recycle what is due, and tell hooks of events.
 */
#include "gateway/scrimd/numbers.h"

#include "gateway/phone/hooks.h"

#include <stdlib.h>

#define TEND_MS 1000

struct numbers {
	struct phone_service *service;
	struct phone_hooks *hooks; /* NULL: nobody is told */
	struct twiml *twiml;
	struct worker *worker;
	struct loop_timer timer;
};

enum sc_err numbers_new(const struct config *c, struct sc_diag *d, struct numbers **out)
{
	struct numbers *n;
	enum sc_err err;

	*out = NULL;
	if (c->phone == NULL)
		return SC_OK;
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return SC_NOMEM;
	if ((err = twiml_new(c->phone, d, &n->twiml)) == SC_OK)
		err = phone_service_new(c->phone, &c->tenant, c->store, d, &n->service);
	if (err == SC_OK && c->phone->n_hooks > 0)
		err = hooks_new(n->service, d, &n->hooks);
	if (err == SC_OK) {
		phone_service_tell(n->service, n->hooks);
		*out = n;
		return SC_OK;
	}
	numbers_stop(n);
	numbers_free(n);
	return err;
}

void numbers_stop(struct numbers *n)
{
	if (n == NULL)
		return;
	if (n->worker != NULL)
		loop_timer_clear(n->worker->loop, &n->timer);
	hooks_unbind(n->hooks);
	phone_service_free(n->service);
	n->service = NULL;
}

void numbers_free(struct numbers *n)
{
	if (n == NULL)
		return;
	hooks_free(n->hooks);
	twiml_free(n->twiml);
	free(n);
}

struct phone_service *numbers_service(const struct numbers *n)
{
	return n == NULL ? NULL : n->service;
}

struct twiml *numbers_twiml(const struct numbers *n)
{
	return n == NULL ? NULL : n->twiml;
}

enum sc_err numbers_reload(struct numbers *n, const struct config *c, struct sc_diag *d)
{
	enum sc_err err;

	if (n == NULL)
		return SC_OK;
	if (n->hooks != NULL && (err = hooks_reload(n->hooks, d)) != SC_OK)
		return err;
	return twiml_reload(n->twiml, c->phone, d);
}

static void on_due(struct loop_timer *t)
{
	struct numbers *n = loop_owner(t, struct numbers, timer);

	phone_tend(n->service, n->worker);
	loop_timer_set(n->worker->loop, t, TEND_MS);
}

enum sc_err numbers_bind(struct numbers *n, struct worker *w, struct sc_diag *d)
{
	if (n == NULL)
		return SC_OK;
	n->worker = w;
	loop_timer_init(&n->timer, on_due);
	loop_timer_set(w->loop, &n->timer, TEND_MS);
	return n->hooks == NULL ? SC_OK : hooks_bind(n->hooks, w, d);
}
