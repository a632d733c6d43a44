/*
 * started.c - what scrimd was started with and a reload does not change.
 */
#include "gateway/scrimd/started.h"

#include "gateway/changes/changes.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TLS_FILES 3 /* of a listener */

struct started {
	struct generation *gen;
	struct stat files[CONFIG_LISTENERS_MAX][TLS_FILES];
};

/* The files of L as they are now; zeros for one that is not there. */
static void look_at(const struct config_listener *l, struct stat out[TLS_FILES])
{
	const char *const paths[TLS_FILES] = { l->tls_cert, l->tls_key, l->tls_client_ca };

	for (size_t i = 0; i < TLS_FILES; i++)
		if (paths[i] == NULL || stat(paths[i], &out[i]) != 0)
			memset(&out[i], 0, sizeof(out[i]));
}

/* Enough to tell that a file was replaced or written to. */
static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool same_text(const char *a, const char *b)
{
	return sc_span_eq(sc_span_str(a), sc_span_str(b));
}

static bool same_logs(const struct config *old, const struct config *c)
{
	bool same = old->n_logs == c->n_logs;

	for (size_t i = 0; i < c->n_logs && same; i++)
		same = same_text(old->logs[i].name.s, c->logs[i].name.s) &&
		    same_text(old->logs[i].dir, c->logs[i].dir);
	return same;
}

static bool same_witnesses(const struct config *old, const struct config *c)
{
	bool same = old->n_witnesses == c->n_witnesses;

	for (size_t i = 0; i < c->n_witnesses && same; i++)
		same = same_text(old->witnesses[i].url, c->witnesses[i].url) &&
		    same_text(old->witnesses[i].ca, c->witnesses[i].ca) &&
		    memcmp(&old->witnesses[i].key, &c->witnesses[i].key,
			sizeof(c->witnesses[i].key)) == 0;
	return same;
}

static bool same_listen(const struct config *old, const struct config *c)
{
	if (old->n_listeners != c->n_listeners)
		return false;
	for (size_t i = 0; i < c->n_listeners; i++) {
		const struct config_listener *a = &old->listeners[i], *b = &c->listeners[i];

		if (!same_text(a->address, b->address) || !same_text(a->tls_cert, b->tls_cert) ||
		    !same_text(a->tls_key, b->tls_key) ||
		    !same_text(a->tls_client_ca, b->tls_client_ca) ||
		    !same_text(a->principal.s, b->principal.s))
			return false;
	}
	return true;
}

/* The files that were read; other names are listen's to tell. */
static bool same_tls_files(const struct started *s)
{
	struct stat now[TLS_FILES];

	for (size_t i = 0; i < s->gen->config->n_listeners; i++) {
		look_at(&s->gen->config->listeners[i], now);
		for (size_t k = 0; k < TLS_FILES; k++)
			if (!same_file(&now[k], &s->files[i][k]))
				return false;
	}
	return true;
}

static bool same_keyd(const struct config *a, const struct config *b)
{
	return same_text(a->keyd, b->keyd) && same_text(a->keyd_far.address, b->keyd_far.address) &&
	    same_text(a->keyd_far.cert, b->keyd_far.cert) &&
	    same_text(a->keyd_far.key, b->keyd_far.key) &&
	    memcmp(a->keyd_far.spki, b->keyd_far.spki, sizeof(a->keyd_far.spki)) == 0;
}

void started_tell(const struct started *s, const struct config *c)
{
	const struct config *old = s->gen->config;
	const struct {
		struct sc_name member;
		bool same;
	} rows[] = {
		{ { "tenant" }, same_text(old->tenant.s, c->tenant.s) },
		{ { "listen" }, same_listen(old, c) },
		{ { "listen.tls" }, same_tls_files(s) },
		{ { "keyd" }, same_keyd(old, c) },
		{ { "log" }, same_text(old->log_dir, c->log_dir) },
		{ { "logs" }, same_logs(old, c) },
		{ { "witnesses" }, same_witnesses(old, c) },
		{ { "threads" }, old->threads == c->threads },
		{ { "store" }, same_text(old->store, c->store) },
		{ { "changes" }, changes_wanted(old) == changes_wanted(c) },
		{ { "phone" }, memcmp(old->phone_hash, c->phone_hash, HASH_BYTES) == 0 },
		{ { "collect" }, memcmp(old->collect_hash, c->collect_hash, HASH_BYTES) == 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].same)
			log_event(LOG_WARN, "gateway.reload_needs_restart",
			    LOG_NAME("member", &rows[i].member), LOG_END);
}

void started_tell_observing(const struct config *c)
{
	for (size_t i = 0; i < c->n_routes; i++)
		if (c->routes[i].observe)
			log_event(LOG_WARN, "gateway.route_protects_nothing",
			    LOG_NAME("route", &c->routes[i].name), LOG_STR("why", "it observes"),
			    LOG_END);
}

enum sc_err started_new(struct generation *g, struct started **out)
{
	struct started *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return SC_NOMEM;
	s->gen = generation_hold(g);
	for (size_t i = 0; i < g->config->n_listeners; i++)
		look_at(&g->config->listeners[i], s->files[i]);
	return SC_OK;
}

void started_free(struct started *s)
{
	if (s == NULL)
		return;
	generation_release(s->gen);
	free(s);
}
