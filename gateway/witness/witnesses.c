/*
 * witnesses.c - the thread that tells witnesses, and what others see of it.
 */
#include "gateway/witness/private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 1000

/* A witness that takes its time costs a connection and nothing else. */
static const struct http_limits *limits(void)
{
	static struct http_limits l;

	l = http_limits_default;
	l.connect_ms = 5000;
	l.first_byte_ms = 10000;
	l.gap_ms = 5000;
	l.total_ms = 15000;
	l.max_per_origin = 2 * WATCHED_LOGS;
	return &l;
}

static void on_tick(struct loop_timer *t)
{
	struct witnesses *s = loop_owner(t, struct witnesses, tick);

	loop_timer_set(s->loop, t, TICK_MS);
	for (size_t i = 0; i < s->n; i++)
		if (!s->v[i].busy && s->v[i].due_ms <= loop_now_ms(s->loop))
			submission_begin(&s->v[i]);
}

static void *run(void *arg)
{
	struct witnesses *s = arg;

	loop_timer_set(s->loop, &s->tick, 0);
	if (loop_run(s->loop) != SC_OK)
		log_event(LOG_ERROR, "gateway.loop_failed", LOG_END);
	return NULL;
}

/* ---- making it -------------------------------------------------------------------------------- */

static void begin_log(struct watched_log *l, bool keyds, const char *label)
{
	l->keyds = keyds;
	l->label = label;
	snprintf(l->file, sizeof(l->file), "%s.cosigned", label);
	sc_buf_init(&l->bare, NOTE_MAX);
	for (size_t i = 0; i < CONFIG_WITNESSES_MAX; i++)
		sc_buf_init(&l->lines[i], NOTE_MAX);
}

static enum sc_err begin(struct witnesses *s, unsigned i, struct sc_diag *d)
{
	const struct config_witness *w = &s->config->witnesses[i];
	const struct tls_options trust = { .ca = w->ca };
	struct http_origin *origin;
	enum sc_err err;

	if (strncmp(w->url, "https:", 6) == 0 &&
	    (err = tls_client_new(&trust, d, &s->tls[i])) != SC_OK)
		return err;
	if ((err = http_client_origin_later(s->client, w->url, s->tls[i], d, &origin)) != SC_OK)
		return err;
	for (size_t k = 0; k < WATCHED_LOGS; k++) {
		struct submitting *v = &s->v[s->n++];

		v->all = s;
		v->witness = i;
		v->log = &s->logs[k];
		v->origin = origin;
		v->wait_ms = TICK_MS;
		sc_buf_init(&v->sent, NOTE_MAX);
	}
	return SC_OK;
}

enum sc_err witnesses_new(const struct config *c, const char *heads, struct worker_shared *shared,
    struct sc_diag *d, struct witnesses **out)
{
	struct witnesses *s;
	enum sc_err err;

	*out = NULL;
	if (c->n_witnesses == 0)
		return SC_OK;
	if ((s = calloc(1, sizeof(*s) + WATCHED_LOGS * c->n_witnesses * sizeof(s->v[0]))) == NULL)
		return SC_NOMEM;
	s->shared = shared;
	s->config = c;
	begin_log(&s->logs[0], false, c->node.s);
	begin_log(&s->logs[1], true, "keyd");
	if ((s->dirfd = open(heads, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		sc_diag_set(d, "the folder of signed heads %.150s cannot be opened: %s", heads,
		    strerror(errno));
		err = SC_IO;
		goto out;
	}
	if ((err = loop_new(&s->loop)) != SC_OK)
		goto out;
	keyd_head_init(&s->keyd, s->loop);
	loop_timer_init(&s->tick, on_tick);
	if ((err = http_client_new(s->loop, limits(), NULL, &s->client)) != SC_OK)
		goto out;
	for (unsigned i = 0; i < c->n_witnesses && err == SC_OK; i++)
		err = begin(s, i, d);
	if (err == SC_OK) {
		*out = s;
		s = NULL;
	}
out:
	witnesses_free(s);
	return err;
}

enum sc_err witnesses_start(struct witnesses *s, struct worker *w)
{
	if (s == NULL)
		return SC_OK;
	keyd_head_bind(&s->keyd, w);
	s->running = pthread_create(&s->thread, NULL, run, s) == 0;
	return s->running ? SC_OK : SC_IO;
}

void witnesses_stop(struct witnesses *s)
{
	if (s == NULL)
		return;
	if (s->running) {
		loop_stop(s->loop);
		pthread_join(s->thread, NULL);
	}
	s->running = false;
	keyd_head_unbind(&s->keyd);
}

static void free_log(struct watched_log *l)
{
	sc_buf_fini(&l->bare);
	for (size_t i = 0; i < CONFIG_WITNESSES_MAX; i++)
		sc_buf_fini(&l->lines[i]);
}

void witnesses_free(struct witnesses *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++) {
		http_exchange_release(s->v[i].exchange);
		sc_buf_fini(&s->v[i].sent);
	}
	http_client_free(s->client);
	for (size_t i = 0; i < CONFIG_WITNESSES_MAX; i++)
		tls_context_free(s->tls[i]);
	if (s->loop != NULL) {
		loop_timer_clear(s->loop, &s->tick);
		keyd_head_fini(&s->keyd);
	}
	loop_free(s->loop);
	for (size_t i = 0; i < WATCHED_LOGS; i++)
		free_log(&s->logs[i]);
	if (s->dirfd >= 0)
		close(s->dirfd);
	free(s);
}

/* ---- from outside ---------------------------------------------------------------------------------- */

bool witnesses_agree(const struct witnesses *s)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		if (atomic_load(&s->v[i].trouble) == WITNESS_DISAGREES)
			return false;
	return true;
}

bool witnesses_heard(const struct witnesses *s)
{
	for (size_t i = 0; s != NULL && i < s->n; i++) {
		const int t = atomic_load(&s->v[i].trouble);

		if (t != WITNESS_WELL && t != WITNESS_DISAGREES)
			return false;
	}
	return true;
}

enum sc_err witnesses_print(const struct witnesses *s, struct sc_buf *out)
{
	static const char *const help[] = {
		"# HELP scrim_witness_entries Entries that a witness has cosigned.\n"
		"# TYPE scrim_witness_entries gauge\n",
		"# HELP scrim_witness_seconds When it did so last, Unix time; 0: not since the "
		"start.\n"
		"# TYPE scrim_witness_seconds gauge\n",
		"# HELP scrim_witness_away 1 while it does not answer, or to no use.\n"
		"# TYPE scrim_witness_away gauge\n",
		"# HELP scrim_witness_disagrees 1 while it says that it saw another log.\n"
		"# TYPE scrim_witness_disagrees gauge\n",
	};
	static const char *const names[] = { "entries", "seconds", "away", "disagrees" };
	enum sc_err err = SC_OK;

	for (size_t g = 0; s != NULL && g < 4; g++) {
		if ((err = sc_buf_put_str(out, help[g])) != SC_OK)
			return err;
		for (size_t i = 0; i < s->n && err == SC_OK; i++) {
			const struct submitting *v = &s->v[i];
			const int t = atomic_load(&v->trouble);
			const uint64_t value[] = { v->size, v->time,
				t == WITNESS_AWAY || t == WITNESS_STRANGER,
				t == WITNESS_DISAGREES };

			err = sc_buf_printf(out,
			    "scrim_witness_%s{witness=\"%s\",log=\"%s\"} %llu\n", names[g],
			    s->config->witnesses[v->witness].key.name, v->log->label,
			    (unsigned long long)value[g]);
		}
	}
	return err;
}
