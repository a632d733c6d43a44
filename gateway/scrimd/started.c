/*
 * started.c - what scrimd was started with and a reload does not change.
 */
#include "gateway/scrimd/started.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TLS_FILES 3 /* of a listener */

/* Enough to tell that a file was replaced or written to. */
struct file_mark {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct started {
	struct generation *gen;
	struct file_mark marks[CONFIG_LISTENERS_MAX][TLS_FILES];
};

static struct file_mark mark_of(const char *path)
{
	struct file_mark m;
	struct stat st;

	memset(&m, 0, sizeof(m));
	if (path == NULL || stat(path, &st) != 0)
		return m;
	m.dev = st.st_dev;
	m.ino = st.st_ino;
	m.size = st.st_size;
	m.changed = st.st_mtim;
	return m;
}

static void mark_listener(const struct config_listener *l, struct file_mark out[TLS_FILES])
{
	out[0] = mark_of(l->tls_cert);
	out[1] = mark_of(l->tls_key);
	out[2] = mark_of(l->tls_client_ca);
}

static bool same_mark(const struct file_mark *a, const struct file_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- a row for each member that is read at start only ---- */

static bool same_tenant(const struct started *s, const struct config *c)
{
	return strcmp(s->gen->config->tenant.s, c->tenant.s) == 0;
}

static bool same_listen(const struct started *s, const struct config *c)
{
	const struct config *old = s->gen->config;

	if (old->n_listeners != c->n_listeners)
		return false;
	for (size_t i = 0; i < c->n_listeners; i++) {
		const struct config_listener *a = &old->listeners[i], *b = &c->listeners[i];

		if (!same_text(a->address, b->address) || !same_text(a->tls_cert, b->tls_cert) ||
		    !same_text(a->tls_key, b->tls_key) ||
		    !same_text(a->tls_client_ca, b->tls_client_ca))
			return false;
	}
	return true;
}

/* The files that were read; other names are listen's to tell. */
static bool same_tls_files(const struct started *s, const struct config *c)
{
	struct file_mark now[TLS_FILES];

	(void)c;
	for (size_t i = 0; i < s->gen->config->n_listeners; i++) {
		mark_listener(&s->gen->config->listeners[i], now);
		for (size_t k = 0; k < TLS_FILES; k++)
			if (!same_mark(&now[k], &s->marks[i][k]))
				return false;
	}
	return true;
}

static bool same_keyd(const struct started *s, const struct config *c)
{
	return same_text(s->gen->config->keyd, c->keyd);
}

static bool same_log(const struct started *s, const struct config *c)
{
	return same_text(s->gen->config->log_dir, c->log_dir);
}

static bool same_threads(const struct started *s, const struct config *c)
{
	return s->gen->config->threads == c->threads;
}

static const struct {
	struct sc_name member;
	bool (*same)(const struct started *s, const struct config *c);
} rows[] = {
	{ { "tenant" }, same_tenant },
	{ { "listen" }, same_listen },
	{ { "listen.tls" }, same_tls_files },
	{ { "keyd" }, same_keyd },
	{ { "log" }, same_log },
	{ { "threads" }, same_threads },
};

void started_tell(const struct started *s, const struct config *c)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].same(s, c))
			log_event(LOG_WARN, "gateway.reload_needs_restart",
			    LOG_NAME("member", &rows[i].member), LOG_END);
}

enum sc_err started_new(struct generation *g, struct started **out)
{
	struct started *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return SC_NOMEM;
	s->gen = generation_hold(g);
	for (size_t i = 0; i < g->config->n_listeners; i++)
		mark_listener(&g->config->listeners[i], s->marks[i]);
	return SC_OK;
}

void started_free(struct started *s)
{
	if (s == NULL)
		return;
	generation_release(s->gen);
	free(s);
}
