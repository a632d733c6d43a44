/*
 * keyd_check.c - each worker has its keyd prove that the log goes on, on its own loop.
 */
#include "gateway/serve/keyd_past_int.h"

#include "base/log.h"
#include "gateway/serve/access_log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_EVERY_MS 1000

/* ---- what is wrong ---- */

static void tell(struct keyd_past *p, enum seen_word w)
{
	const struct log_field fields[SEEN_WORDS] = {
		[SEEN_FORGOTTEN] = LOG_STR("why", "forgotten: keyd.seen is gone or damaged"),
		[SEEN_ROLLED_BACK] = LOG_STR("why", "rolled-back: it has fewer entries"),
		[SEEN_FORKED] = LOG_STR("why", "forked: it has other entries"),
		[SEEN_OTHER_KEY] = LOG_STR("why", "another-key: another signs it"),
		[SEEN_OTHER_LOG] = LOG_STR("why", "another-log: it has another name"),
	};

	log_event(LOG_ERROR, "gateway.keyd_past_refused", LOG_U64("seen", p->size), fields[w],
	    LOG_STR("do", "put the newest copy of keyd's files there; docs/OPERATIONS.md"),
	    LOG_STR("if_lost", "scrim keys anew, into keyd.anew beside keyd.seen"), LOG_END);
}

/* The head that was seen, into our log: whoever verifies both later finds that they part there. */
static void record(struct keyd_past *p, const struct config *c)
{
	struct audit_record r;
	struct note_head head;
	uint64_t index;
	bool any;

	pthread_mutex_lock(&p->lock);
	any = p->seen.any;
	head = p->seen.head;
	pthread_mutex_unlock(&p->lock);
	audit_record_init(&r, AUDIT_HEAD);
	r.asking.tenant = &c->tenant;
	r.asking.policy_hash = c->policy_hash;
	r.head_origin = head.origin;
	r.head_size = head.size;
	r.head_root = head.root;
	if (any && access_log_append(p->shared, &r, true, &index) != SC_OK)
		log_event(LOG_ERROR, "gateway.record_lost", LOG_END);
}

static bool is_refusal(enum seen_word w)
{
	return w > SEEN_WELL;
}

/* The thread, which looks for an owner's word while anybody refuses, hears of it. True: the first. */
static bool begin_refusing(struct keyd_past *p)
{
	const bool first = atomic_fetch_add(&p->refused, 1) == 0;

	pthread_mutex_lock(&p->lock);
	pthread_cond_signal(&p->news);
	pthread_mutex_unlock(&p->lock);
	return first;
}

static void set_word(struct keyd_check *c, enum seen_word w)
{
	struct keyd_past *p = c->past;

	keyc_admit(c->worker->keyc, w == SEEN_WELL);
	atomic_store(&c->worker->keyd_past, (int)w);
	if (is_refusal(w) && atomic_exchange(&p->told, (int)w) != (int)w)
		tell(p, w);
	if (is_refusal(w) == c->refused)
		return;
	c->refused = is_refusal(w);
	if (c->refused && begin_refusing(p))
		record(p, c->worker->current->config);
	else if (!c->refused && atomic_fetch_sub(&p->refused, 1) == 1 &&
	    atomic_exchange(&p->told, SEEN_WELL) != SEEN_WELL)
		log_event(LOG_INFO, "gateway.keyd_past_well", LOG_U64("seen", p->size), LOG_END);
}

/* ---- asking ---- */

static void ask(struct keyd_check *c)
{
	const struct config *config = c->worker->current->config;
	const struct asking asking = { .tenant = &config->tenant,
		.principal = &config->node,
		.policy_hash = config->policy_hash };
	struct keyd_past *p = c->past;
	uint64_t from;

	if (c->asking)
		return;
	pthread_mutex_lock(&p->lock);
	from = p->seen.any ? p->seen.head.size : 0;
	c->times = p->times;
	pthread_mutex_unlock(&p->lock);
	c->asking = keyc_prove_log(c->worker->keyc, &c->call, &asking, from) == SC_OK;
}

/*
 * The head that is seen now, for the thread. The very first is on disk before a keyd is used:
 * once in the life of a log. With the lock. False: it could not be kept.
 */
static bool take(struct keyd_past *p)
{
	const uint64_t was = atomic_load(&p->size);

	if (was == 0 && !keyd_past_keep(p, &p->seen)) {
		p->seen.any = false;
		return false;
	}
	if (was == p->seen.head.size)
		return true;
	atomic_store(&p->size, p->seen.head.size);
	p->times++;
	p->unkept = was != 0;
	pthread_cond_signal(&p->news);
	return true;
}

static void keep_name(struct keyd_past *p, struct sc_span vkey)
{
	const uint8_t *plus = memchr(vkey.p, '+', vkey.n);

	if (plus != NULL && (size_t)(plus - vkey.p) < sizeof(p->shown))
		snprintf(p->shown, sizeof(p->shown), "%.*s", (int)(plus - vkey.p),
		    (const char *)vkey.p);
}

/* Judged by what is seen now. False: that is another head than the proof begins at. */
static bool judge(struct keyd_check *c, const struct seen_shown *shown, enum seen_word *word)
{
	struct keyd_past *p = c->past;
	bool same;

	pthread_mutex_lock(&p->lock);
	if (shown->vkey.n != 0)
		keep_name(p, shown->vkey);
	if ((same = c->times == p->times)) {
		*word = p->forgotten ? SEEN_FORGOTTEN : seen_judge(&p->seen, shown, &p->seen);
		if (*word == SEEN_WELL && !take(p))
			*word = SEEN_UNPROVED;
	}
	pthread_mutex_unlock(&p->lock);
	return same;
}

static void on_proof(struct keyc_call *call, const struct keyc_reply *r)
{
	struct keyd_check *c = loop_owner(call, struct keyd_check, call);
	struct merkle_proof proof;
	struct seen_shown shown;
	enum seen_word word = SEEN_UNPROVED;

	c->asking = false;
	if (r->err == SC_OK && r->n >= 3 && r->results[0].status == WIRE_OK &&
	    r->results[1].value.n % HASH_BYTES == 0 && r->results[1].value.n <= sizeof(proof.h)) {
		proof.n = r->results[1].value.n / HASH_BYTES;
		if (proof.n > 0)
			memcpy(proof.h, r->results[1].value.p, proof.n * HASH_BYTES);
		shown = (struct seen_shown){ r->results[0].value, r->results[2].value, &proof };
		if (!judge(c, &shown, &word)) {
			ask(c);
			return;
		}
	} else if (r->err == SC_LIMIT && atomic_load(&c->worker->keyd_past) == SEEN_WELL) {
		return; /* its log is dead, and it opens nothing by itself */
	}
	/* refused stays refused until it is proved */
	if (word == SEEN_UNPROVED && c->refused)
		word = (enum seen_word)atomic_load(&c->worker->keyd_past);
	set_word(c, word);
}

/* ---- meeting keyd ---- */

static void on_met(void *arg)
{
	struct keyd_check *c = arg;

	if (!c->refused)
		atomic_store(&c->worker->keyd_past, SEEN_UNPROVED);
	ask(c);
}

static void on_tick(struct loop_timer *t)
{
	struct keyd_check *c = loop_owner(t, struct keyd_check, tick);

	if (c->refused)
		keyd_check_word(c);
	if (keyc_ready(c->worker->keyc))
		ask(c);
	loop_timer_set(c->worker->loop, &c->tick, ASK_EVERY_MS);
}

enum sc_err keyd_past_bind(struct keyd_past *p, struct worker *w)
{
	struct keyd_check *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return SC_NOMEM;
	c->past = p;
	c->worker = w;
	c->call.done = on_proof;
	w->keyd_check = c;
	loop_timer_init(&c->tick, on_tick);
	loop_timer_set(w->loop, &c->tick, ASK_EVERY_MS);
	keyc_examine(w->keyc, on_met, c);
	return SC_OK;
}

/* Nobody is there any more to judge it; the one that was admitted signs the last head. */
static void on_met_late(void *arg)
{
	(void)arg;
}

void keyd_past_unbind(struct worker *w)
{
	struct keyd_check *c = w->keyd_check;

	if (c == NULL)
		return;
	keyc_cancel(&c->call);
	worker_forget_wait(w, &c->wait);
	keyc_examine(w->keyc, on_met_late, NULL);
	loop_timer_clear(w->loop, &c->tick);
	w->keyd_check = NULL;
	free(c);
}
