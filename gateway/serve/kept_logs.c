/*
 * kept_logs.c - the thread that looks after other processes' logs.
 *
 * Of each log: look -> ask -> answer -> keep -> look ..., once a second. A head is asked for when
 * it is another than the one that was signed, or refused, last; what keyd did not answer is asked
 * for again at the next look.
 */
#include "gateway/serve/kept_logs.h"

#include "base/log.h"
#include "crypto/tlog/files.h"
#include "gateway/serve/access_log.h"
#include "gateway/serve/head_ask.h"
#include "gateway/serve/kept_head.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_S 1
#define CHECKPOINT ".checkpoint"
#define VKEY ".vkey"

/* The worker leaves keyd's answer here for the thread. */
struct kept_answer {
	bool there;
	enum head_answer answer;
	uint64_t remembered;
	uint8_t note[NOTE_MAX], vkey[NOTE_VKEY_MAX];
	size_t n_note, n_vkey;
};

struct kept_log {
	struct kept_logs *all;
	const struct config_log *config;
	char origin[2 * SC_NAME_MAX + 2];
	char checkpoint[SC_NAME_MAX + sizeof(CHECKPOINT)], vkey[SC_NAME_MAX + sizeof(VKEY)];
	struct head_ask ask;
	struct kept_answer answer;          /* under the lock of all */
	_Atomic uint64_t size, signed_size; /* of the log, as it was seen; of what is kept */
	atomic_int trouble;                 /* enum kept_trouble */
	/* the thread only */
	struct merkle_hash signed_root;
	struct kept_head asked; /* the head that was asked for last ... */
	bool waits;             /* ... and is not answered */
	bool refused;           /* ... and will not be signed */
	uint64_t from;          /* what keyd remembers, as far as it is known */
};

struct kept_logs {
	struct worker_shared *shared;
	const struct config *config;
	int dirfd; /* of the signed heads */
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t told; /* there is an answer, or it is over */
	bool over;           /* under the lock */
	size_t n;
	struct kept_log v[];
};

/* ---- trouble --------------------------------------------------------------------------- */

/* Its head, as it is now, into our log: that it was refused can not be taken back either. */
static void record_refusal(struct kept_log *l)
{
	const struct config *c = l->all->config;
	struct audit_record r;
	uint64_t index;

	audit_record_init(&r, AUDIT_HEAD);
	r.asking.tenant = &c->tenant;
	r.asking.policy_hash = c->policy_hash;
	r.head_origin = l->origin;
	r.head_size = l->asked.size;
	r.head_root = l->asked.root.b;
	r.outcome = AUDIT_REFUSED;
	if (access_log_append(l->all->shared, &r, true, &index) != SC_OK)
		log_event(LOG_ERROR, "gateway.record_lost", LOG_NAME("log", &l->config->name),
		    LOG_END);
}

static void tell(const struct kept_log *l, enum kept_trouble t)
{
	static const struct log_field why[KEPT_TROUBLES] = {
		[KEPT_MISSING] = LOG_STR("why", "the log is gone, and heads of it were signed"),
		[KEPT_OTHER] = LOG_STR("why", "the folder has the log of another origin"),
		[KEPT_SHORTER] = LOG_STR("why", "it has fewer entries than were signed"),
		[KEPT_DAMAGED] = LOG_STR("why", "its files cannot be read, or do not fit together"),
		[KEPT_FOREIGN] = LOG_STR("why", "it does not extend what keyd signed of it"),
		[KEPT_NOT_NAMED] = LOG_STR("why", "keyd does not sign it: name it in keyd.json"),
	};

	if (t == KEPT_WELL)
		log_event(LOG_INFO, "gateway.kept_log_well", LOG_NAME("log", &l->config->name),
		    LOG_U64("signed", l->signed_size), LOG_END);
	else
		log_event(LOG_ERROR, "gateway.kept_log_refused", LOG_NAME("log", &l->config->name),
		    LOG_U64("entries", l->size), LOG_U64("signed", l->signed_size), why[t],
		    LOG_END);
}

static void set_trouble(struct kept_log *l, enum kept_trouble t)
{
	const enum kept_trouble was = (enum kept_trouble)atomic_exchange(&l->trouble, (int)t);

	if (was == t)
		return;
	tell(l, t);
	if (t == KEPT_FOREIGN)
		record_refusal(l);
}

/* ---- asking and answers ------------------------------------------------------------------- */

/* On the worker's loop: leave it for the thread, which has disks to wait for. */
static void on_told(struct head_ask *a, const struct head_told *t)
{
	struct kept_log *l = loop_owner(a, struct kept_log, ask);
	struct kept_answer *k = &l->answer;

	pthread_mutex_lock(&l->all->lock);
	k->there = true;
	k->answer = t->answer;
	k->remembered = t->remembered;
	k->n_note = k->n_vkey = 0;
	if (t->note.n > sizeof(k->note) || t->vkey.n > sizeof(k->vkey))
		k->answer = HEAD_UNANSWERED;
	else if (t->answer == HEAD_SIGNED) {
		memcpy(k->note, t->note.p, k->n_note = t->note.n);
		if (t->vkey.n > 0)
			memcpy(k->vkey, t->vkey.p, k->n_vkey = t->vkey.n);
	}
	pthread_cond_signal(&l->all->told);
	pthread_mutex_unlock(&l->all->lock);
}

/* The signed head is kept before anybody counts on it. */
static void keep(struct kept_log *l, const struct kept_answer *k)
{
	struct note_head head;
	struct sc_diag d;

	if (!head_ask_parse(sc_span(k->note, k->n_note), &head) ||
	    strcmp(head.origin, l->origin) != 0 || head.size != l->asked.size ||
	    memcmp(head.root, l->asked.root.b, HASH_BYTES) != 0) {
		log_event(LOG_WARN, "gateway.head_dropped", LOG_NAME("log", &l->config->name),
		    LOG_END);
		return;
	}
	if ((k->n_vkey > 0 &&
		files_replace(l->all->dirfd, l->vkey, sc_span(k->vkey, k->n_vkey), &d) != SC_OK) ||
	    files_replace(l->all->dirfd, l->checkpoint, sc_span(k->note, k->n_note), &d) != SC_OK) {
		log_event(LOG_ERROR, "gateway.head_not_kept", LOG_NAME("log", &l->config->name),
		    LOG_END);
		return;
	}
	l->from = head.size;
	l->signed_root = l->asked.root;
	atomic_store(&l->signed_size, head.size);
	set_trouble(l, KEPT_WELL);
}

static void take_answer(struct kept_log *l, const struct kept_answer *k)
{
	l->waits = false;
	switch (k->answer) {
	case HEAD_UNANSWERED: break;
	case HEAD_SIGNED: keep(l, k); break;
	case HEAD_BEHIND: l->from = k->remembered; break;
	case HEAD_UNKNOWN:
		l->refused = true;
		set_trouble(l, KEPT_NOT_NAMED);
		break;
	case HEAD_FOREIGN:
		l->refused = true;
		l->from = k->remembered;
		set_trouble(l, KEPT_FOREIGN);
		break;
	}
}

static bool same_head(const struct kept_head *a, uint64_t size, const struct merkle_hash *root)
{
	return a->size == size && memcmp(a->root.b, root->b, HASH_BYTES) == 0;
}

static void ask(struct kept_log *l, const struct kept_head *h)
{
	uint8_t proof[CRYPTO_PROOF_MAX][HASH_BYTES];
	struct tlog_head head = { .origin = l->origin,
		.size = h->size,
		.old_size = h->from,
		.proof = proof,
		.n_proof = h->proof.n };

	memcpy(head.root, h->root.b, HASH_BYTES);
	memcpy(proof, h->proof.h, h->proof.n * HASH_BYTES);
	l->asked = *h;
	l->waits = true;
	l->refused = false;
	head_ask_put(&l->ask, &head);
}

/* ---- looking -------------------------------------------------------------------------------- */

static void look(struct kept_log *l)
{
	struct kept_head h;
	enum kept_trouble t;

	if (l->waits)
		return;
	t = kept_head_read(l->config->dir, l->origin, l->from, &h);
	/* one that was never there may still come */
	if (t == KEPT_MISSING && l->from == 0)
		return;
	if (t == KEPT_WELL || t == KEPT_SHORTER)
		atomic_store(&l->size, h.size);
	if (t != KEPT_WELL)
		set_trouble(l, t);
	else if (h.size != 0 && l->signed_size != 0 &&
	    same_head(&h, l->signed_size, &l->signed_root))
		set_trouble(l, KEPT_WELL);
	else if (h.size != 0 && !(l->refused && same_head(&h, l->asked.size, &l->asked.root)))
		ask(l, &h);
}

/* Answers that came, then a look at each; until the next is due, or an answer comes. */
static void *run(void *arg)
{
	struct kept_logs *k = arg;
	struct kept_answer answer;
	struct timespec due;

	pthread_mutex_lock(&k->lock);
	while (!k->over) {
		for (size_t i = 0; i < k->n; i++) {
			answer = k->v[i].answer;
			k->v[i].answer.there = false;
			pthread_mutex_unlock(&k->lock);
			if (answer.there)
				take_answer(&k->v[i], &answer);
			look(&k->v[i]);
			pthread_mutex_lock(&k->lock);
		}
		clock_gettime(CLOCK_MONOTONIC, &due);
		due.tv_sec += LOOK_EVERY_S;
		if (!k->over)
			pthread_cond_timedwait(&k->told, &k->lock, &due);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

/* ---- from outside ------------------------------------------------------------------------------ */

void kept_logs_folder(const char *log, char *out, size_t size)
{
	size_t n = strlen(log);

	while (n > 1 && log[n - 1] == '/')
		n--;
	while (n > 0 && log[n - 1] != '/')
		n--;
	snprintf(out, size, "%.*sheads", (int)n, log);
}

static void begin(struct kept_logs *k, struct kept_log *l, const struct config_log *config)
{
	struct note_head head;

	l->all = k;
	l->config = config;
	snprintf(l->origin, sizeof(l->origin), "%s/%s", k->config->tenant.s, config->name.s);
	snprintf(l->checkpoint, sizeof(l->checkpoint), "%s" CHECKPOINT, config->name.s);
	snprintf(l->vkey, sizeof(l->vkey), "%s" VKEY, config->name.s);
	head_ask_init(&l->ask, on_told);
	if (!kept_head_load(k->dirfd, l->checkpoint, l->origin, &head))
		return;
	l->from = head.size;
	l->signed_size = head.size;
	memcpy(l->signed_root.b, head.root, HASH_BYTES);
}

enum sc_err kept_logs_new(const struct config *c, const char *heads, struct worker_shared *shared,
    struct sc_diag *d, struct kept_logs **out)
{
	struct kept_logs *k;
	pthread_condattr_t attr;

	*out = NULL;
	if (c->n_logs == 0)
		return SC_OK;
	if ((k = calloc(1, sizeof(*k) + c->n_logs * sizeof(k->v[0]))) == NULL)
		return SC_NOMEM;
	if ((k->dirfd = open(heads, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		sc_diag_set(d, "the folder of signed heads %.150s cannot be opened: %s", heads,
		    strerror(errno));
		free(k);
		return SC_IO;
	}
	k->shared = shared;
	k->config = c;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k->told, &attr);
	pthread_condattr_destroy(&attr);
	for (; k->n < c->n_logs; k->n++)
		begin(k, &k->v[k->n], &c->logs[k->n]);
	*out = k;
	return SC_OK;
}

enum sc_err kept_logs_start(struct kept_logs *k, struct worker *w)
{
	if (k == NULL)
		return SC_OK;
	for (size_t i = 0; i < k->n; i++)
		head_ask_bind(&k->v[i].ask, w);
	k->running = pthread_create(&k->thread, NULL, run, k) == 0;
	return k->running ? SC_OK : SC_IO;
}

void kept_logs_stop(struct kept_logs *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->over = true;
	pthread_cond_signal(&k->told);
	pthread_mutex_unlock(&k->lock);
	if (k->running)
		pthread_join(k->thread, NULL);
	k->running = false;
	for (size_t i = 0; i < k->n; i++)
		head_ask_unbind(&k->v[i].ask);
}

void kept_logs_free(struct kept_logs *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		head_ask_fini(&k->v[i].ask);
	pthread_cond_destroy(&k->told);
	pthread_mutex_destroy(&k->lock);
	close(k->dirfd);
	free(k);
}

bool kept_logs_ok(struct kept_logs *k)
{
	for (size_t i = 0; k != NULL && i < k->n; i++)
		if (atomic_load(&k->v[i].trouble) != KEPT_WELL)
			return false;
	return true;
}

enum sc_err kept_logs_print(struct kept_logs *k, struct sc_buf *out)
{
	static const char *const help[] = {
		"# HELP scrim_kept_log_entries Entries of a log that scrimd looks after.\n"
		"# TYPE scrim_kept_log_entries gauge\n",
		"# HELP scrim_kept_log_signed Those under keyd's signature.\n"
		"# TYPE scrim_kept_log_signed gauge\n",
		"# HELP scrim_kept_log_refused 1 when the log is not the one that was signed.\n"
		"# TYPE scrim_kept_log_refused gauge\n",
	};
	static const char *const names[] = { "entries", "signed", "refused" };
	enum sc_err err = SC_OK;

	for (size_t g = 0; k != NULL && g < 3; g++) {
		if ((err = sc_buf_put_str(out, help[g])) != SC_OK)
			return err;
		for (size_t i = 0; i < k->n && err == SC_OK; i++) {
			const struct kept_log *l = &k->v[i];
			const uint64_t v[] = { l->size, l->signed_size, l->trouble != KEPT_WELL };

			err = sc_buf_printf(out, "scrim_kept_log_%s{log=\"%s\"} %llu\n", names[g],
			    l->config->name.s, (unsigned long long)v[g]);
		}
	}
	return err;
}
