/*
 * heads.c - asking keyd to sign a head.
 *
 * The publisher thread leaves a copy of the head; the worker's loop asks keyd
 * and hands the note back to the log. One head is under way at a time; a newer
 * one replaces one that was not sent yet. keyd refuses what does not extend
 * the last head it signed, and says which that was. When ours was proved from
 * exactly that one, or is shorter, then our log is not the one keyd knows: it
 * stays so, however long the wrong one grows, and nothing passes any more.
 */
#include "gateway/serve/heads.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/weak.h"
#include "crypto/tlog/note.h"
#include "gateway/serve/access_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Recording a head makes a new head: once in a while is often enough. */
#define KEYD_HEAD_EVERY_MS 60000
#define RETRY_MS 50 /* keyd was away */

struct heads {
	pthread_mutex_t lock;
	char *vkey_path;
	/* guarded by lock: what the publisher left */
	bool waiting;
	char origin[256];
	uint64_t size, old_size;
	uint8_t root[HASH_BYTES];
	uint8_t proof[CRYPTO_PROOF_MAX][HASH_BYTES];
	size_t n_proof;
	struct worker *worker;
	struct loop_wake wake;
	/* the worker's thread only */
	struct keyc_call call;
	struct loop_timer retry;
	uint64_t asked, asked_from; /* sizes of the head under way */
	bool asking;
	bool vkey_written;
	uint64_t keyd_size;        /* of keyd's head that we recorded last ... */
	uint64_t keyd_recorded_ms; /* ... and when; 0: not yet */
};

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
	pthread_mutex_init(&h->lock, NULL);
	*out = h;
	return SC_OK;
}

void heads_free(struct heads *h)
{
	if (h == NULL)
		return;
	pthread_mutex_destroy(&h->lock);
	free(h->vkey_path);
	free(h);
}

void heads_sign(void *arg, struct tlog *log, const struct tlog_head *head)
{
	struct heads *h = arg;

	(void)log;
	pthread_mutex_lock(&h->lock);
	snprintf(h->origin, sizeof(h->origin), "%s", head->origin);
	h->size = head->size;
	h->old_size = head->old_size;
	memcpy(h->root, head->root, sizeof(h->root));
	h->n_proof = head->n_proof < CRYPTO_PROOF_MAX ? head->n_proof : CRYPTO_PROOF_MAX;
	memcpy(h->proof, head->proof, h->n_proof * HASH_BYTES);
	h->waiting = true;
	if (h->worker != NULL)
		loop_wake_post(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

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

/* The checkpoint inside a signed note. */
static bool head_of(struct sc_span raw, struct note_head *out)
{
	struct note *note = malloc(sizeof(*note));
	bool ok;

	if (note == NULL)
		return false;
	ok = raw.n != 0 && note_parse(raw, note) == SC_OK &&
	    note_head_parse(note->text, out) == SC_OK;
	free(note);
	return ok;
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
	if (!head_of(note, &head) || head.size == h->keyd_size)
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

static void refused_for_good(struct heads *h, uint64_t remembered)
{
	struct worker_shared *shared = h->worker->shared;

	if (WEAK("refused-head-forgotten") ||
	    atomic_exchange(&shared->head, SHARED_HEAD_REFUSED) == SHARED_HEAD_REFUSED)
		return;
	log_event(LOG_ERROR, "gateway.head_refused", LOG_U64("remembered", remembered),
	    LOG_U64("asked", h->asked),
	    LOG_STR("why",
		"keyd remembers another past of the access log: an older copy was "
		"put back, or files were lost"),
	    LOG_STR("do", "put the newest copy of the log's folder there and restart"), LOG_END);
}

static void on_refused_head(struct heads *h, struct sc_span last)
{
	struct note_head head;
	uint64_t size = 0;

	if (head_of(last, &head))
		size = head.size;
	if (size > h->asked || size == h->asked_from)
		refused_for_good(h, size);
	tlog_sign_from(h->worker->shared->log, size);
}

static void on_signed(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct heads *h = loop_owner(call, struct heads, call);
	struct worker_shared *shared = h->worker->shared;
	int unknown = SHARED_HEAD_UNKNOWN;

	h->asking = false;
	if (reply->err != SC_OK || reply->n < 1)
		return; /* the log asks again by itself */
	if (reply->results[0].status != WIRE_OK) {
		on_refused_head(h, reply->results[0].value);
		return;
	}
	if (tlog_signed(shared->log, reply->results[0].value) != SC_OK)
		log_event(LOG_WARN, "gateway.head_dropped", LOG_END);
	else
		(void)atomic_compare_exchange_strong(&shared->head, &unknown, SHARED_HEAD_SIGNED);
	if (reply->n > 1)
		record_keyd_head(h, reply->results[1].value);
	if (reply->n > 2)
		write_vkey(h, reply->results[2].value);
}

/* Send what waits. With the lock. */
static void send_head(struct heads *h, struct worker *w)
{
	static const struct sc_name scrimd = { "scrimd" };
	const struct config *c = w->current->config;
	const struct asking asking = { .tenant = &c->tenant,
		.principal = &scrimd,
		.policy_hash = c->policy_hash };
	const struct wire_head head = { .origin = sc_span_str(h->origin),
		.size = h->size,
		.root = h->root,
		.proof = h->proof[0],
		.n_proof = (uint8_t)h->n_proof };
	enum sc_err err;

	h->call.done = on_signed;
	h->asked = h->size;
	h->asked_from = h->old_size;
	err = keyc_sign_head(w->keyc, &h->call, &asking, &head);
	h->asking = err == SC_OK;
	h->waiting = err == SC_AGAIN;
	if (h->waiting)
		loop_timer_set(w->loop, &h->retry, RETRY_MS);
}

static void send_waiting(struct heads *h)
{
	if (h->asking || h->worker == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	if (h->waiting)
		send_head(h, h->worker);
	pthread_mutex_unlock(&h->lock);
}

static void on_wake(struct loop_wake *wake)
{
	send_waiting(loop_owner(wake, struct heads, wake));
}

static void on_retry(struct loop_timer *t)
{
	send_waiting(loop_owner(t, struct heads, retry));
}

void heads_bind(struct heads *h, struct worker *w)
{
	pthread_mutex_lock(&h->lock);
	loop_wake_init(w->loop, &h->wake, on_wake);
	loop_timer_init(&h->retry, on_retry);
	h->worker = w;
	w->heads = h;
	if (h->waiting)
		loop_wake_post(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

void heads_unbind(struct heads *h)
{
	if (h == NULL || h->worker == NULL)
		return;
	keyc_cancel(&h->call);
	loop_timer_clear(h->worker->loop, &h->retry);
	pthread_mutex_lock(&h->lock);
	loop_wake_fini(&h->wake);
	h->worker->heads = NULL;
	h->worker = NULL;
	pthread_mutex_unlock(&h->lock);
}
