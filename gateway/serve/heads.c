/*
 * heads.c - scrimd's own log: its heads signed by keyd, and keyd's kept in it.
 *
 * Once keyd says that our log is not the one it knows, nothing passes any more, however long the
 * wrong one grows.
 */
#include "gateway/serve/heads.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/weak.h"
#include "gateway/serve/access_log.h"
#include "gateway/serve/head_ask.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Recording a head makes a new head: once in a while is often enough. */
#define KEYD_HEAD_EVERY_MS 60000

struct heads {
	struct head_ask ask;
	char *vkey_path;
	/* the worker's thread only */
	struct worker *worker;
	bool vkey_written;
	uint64_t keyd_size;        /* of keyd's head that we recorded last ... */
	uint64_t keyd_recorded_ms; /* ... and when; 0: not yet */
};

/* The key that verifies our own checkpoints, for `scrim audit verify`. */
static void write_vkey(struct heads *h, struct sc_span vkey)
{
	char tmp[4096];
	int fd;

	if (h->vkey_written || vkey.n == 0)
		return;
	snprintf(tmp, sizeof(tmp), "%s.new", h->vkey_path);
	if ((fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0)
		return;
	if (write(fd, vkey.p, vkey.n) == (ssize_t)vkey.n && write(fd, "\n", 1) == 1 &&
	    fdatasync(fd) == 0 && rename(tmp, h->vkey_path) == 0)
		h->vkey_written = true;
	close(fd);
}

/* keyd's own head, into our log. */
static void record_keyd_head(struct heads *h, struct sc_span note)
{
	struct worker *w = h->worker;
	struct audit_record r;
	struct note_head head;
	uint64_t index, now = clock_mono_ms();

	if (h->keyd_recorded_ms != 0 && now - h->keyd_recorded_ms < KEYD_HEAD_EVERY_MS)
		return;
	if (!head_ask_parse(note, &head) || head.size == h->keyd_size)
		return;
	audit_record_init(&r, AUDIT_HEAD);
	r.asking.tenant = &w->current->config->tenant;
	r.asking.policy_hash = w->current->config->policy_hash;
	r.head_origin = head.origin;
	r.head_size = head.size;
	r.head_root = head.root;
	if (access_log_append(w->shared, &r, false, &index) == SC_OK) {
		h->keyd_size = head.size;
		h->keyd_recorded_ms = now;
	}
}

static void refused_for_good(struct heads *h, const struct head_told *t)
{
	struct worker_shared *shared = h->worker->shared;

	if (WEAK("refused-head-forgotten") ||
	    atomic_exchange(&shared->head, SHARED_HEAD_REFUSED) == SHARED_HEAD_REFUSED)
		return;
	log_event(LOG_ERROR, "gateway.head_refused", LOG_U64("remembered", t->remembered),
	    LOG_U64("asked", t->asked),
	    LOG_STR("why",
		"keyd remembers another past of the access log: an older copy was "
		"put back, or files were lost"),
	    LOG_STR("do", "put the newest copy of the log's folder there and restart"), LOG_END);
}

static void take_signed(struct heads *h, const struct head_told *t)
{
	struct worker_shared *shared = h->worker->shared;
	int unknown = SHARED_HEAD_UNKNOWN;

	if (tlog_signed(shared->log, t->note) != SC_OK)
		log_event(LOG_WARN, "gateway.head_dropped", LOG_END);
	else
		(void)atomic_compare_exchange_strong(&shared->head, &unknown, SHARED_HEAD_SIGNED);
	record_keyd_head(h, t->own);
	write_vkey(h, t->vkey);
}

static void on_told(struct head_ask *a, const struct head_told *t)
{
	struct heads *h = loop_owner(a, struct heads, ask);

	if (t->answer == HEAD_SIGNED)
		take_signed(h, t);
	if (t->answer == HEAD_FOREIGN)
		refused_for_good(h, t);
	if (t->answer == HEAD_FOREIGN || t->answer == HEAD_BEHIND)
		tlog_sign_from(h->worker->shared->log, t->remembered);
	/* what was not answered the log asks again by itself */
}

enum sc_err heads_new(const char *vkey_path, struct heads **out)
{
	struct heads *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (h == NULL)
		return SC_NOMEM;
	if ((h->vkey_path = strdup(vkey_path)) == NULL) {
		free(h);
		return SC_NOMEM;
	}
	head_ask_init(&h->ask, on_told);
	*out = h;
	return SC_OK;
}

void heads_free(struct heads *h)
{
	if (h == NULL)
		return;
	head_ask_fini(&h->ask);
	free(h->vkey_path);
	free(h);
}

void heads_sign(void *arg, struct tlog *log, const struct tlog_head *head)
{
	struct heads *h = arg;

	(void)log;
	head_ask_put(&h->ask, head);
}

void heads_bind(struct heads *h, struct worker *w)
{
	h->worker = w;
	head_ask_bind(&h->ask, w);
}

void heads_unbind(struct heads *h)
{
	if (h == NULL)
		return;
	head_ask_unbind(&h->ask);
	h->worker = NULL;
}
