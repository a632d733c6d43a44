/*
 * batch.c - one body's worth, from what was taken to its answer.
 *
 *	collect_take_in() -> look_up -> (keyd: on_named) -> judge_all -> on_settled -> done()
 *
 * An identifier that stands in a batch many times is asked for once, and not at all
 * while known.c remembers it. Nothing is judged, and so nothing remembered, of a
 * batch that cannot be kept: whoever sends it again is heard anew.
 */
#include "crypto/wire/result.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/collect/service_private.h"
#include "policy/words/class.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

/* Whom an identifier stands for. */
struct batch_identity {
	struct known_entry entry;
	struct sc_span text;
	uint8_t kind; /* enum keyc_identifier */
	bool named;
};

struct batch_who {
	uint32_t device, person; /* which identity, or NOBODY */
};

struct batch_work {
	struct collect_wait wait; /* for the disk */
	struct collect_batch *batch;
	struct batch_who *who;           /* of each taken thing */
	struct batch_identity *identity; /* N_IDENTITIES */
	size_t n_identities;
	uint32_t *slots; /* identities by their keys: N_SLOTS, a power of two */
	size_t n_slots;
	struct keyc_item *items; /* those that keyd is asked for */
	size_t n_items;
};

/* ---- whose identifiers ------------------------------------------------------------------- */

static void work_free(struct batch_work *k)
{
	if (k == NULL)
		return;
	free(k->who);
	free(k->identity);
	free(k->slots);
	free(k->items);
	free(k);
}

static struct batch_work *work_new(struct collect_batch *b)
{
	struct batch_work *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->batch = b;
	for (k->n_slots = 4; k->n_slots < 4 * b->n;)
		k->n_slots *= 2;
	k->who = calloc(b->n + 1, sizeof(*k->who));
	k->identity = calloc(2 * b->n + 1, sizeof(*k->identity));
	k->items = calloc(2 * b->n + 1, sizeof(*k->items));
	k->slots = calloc(k->n_slots, sizeof(*k->slots));
	if (k->who != NULL && k->identity != NULL && k->items != NULL && k->slots != NULL)
		return k;
	work_free(k);
	return NULL;
}

/* Which identity TEXT is; slots hold it plus one. */
static uint32_t identify(struct batch_work *k, uint8_t kind, struct sc_span text)
{
	const struct collect_service *s = k->batch->priv.service;
	struct batch_identity *id = &k->identity[k->n_identities];
	uint64_t at;

	if (text.n == 0)
		return NOBODY;
	known_key(s->known, kind, text, &id->entry);
	memcpy(&at, id->entry.key, sizeof(at));
	for (at &= k->n_slots - 1; k->slots[at] != 0; at = (at + 1) & (k->n_slots - 1)) {
		const struct batch_identity *other = &k->identity[k->slots[at] - 1];

		if (memcmp(other->entry.key, id->entry.key, KNOWN_KEY_BYTES) == 0)
			return k->slots[at] - 1;
	}
	id->text = text;
	id->kind = kind;
	k->slots[at] = (uint32_t)++k->n_identities;
	return k->slots[at] - 1;
}

/* Nobody is asked for of what goes nowhere, and of a page's word on whose account it is. */
static void gather(struct batch_work *k)
{
	const struct collect_batch *b = k->batch;

	for (size_t i = 0; i < b->n; i++) {
		const struct collect_taken *t = &b->taken[i];

		k->who[i] = (struct batch_who){ NOBODY, NOBODY };
		if (t->refused != FEED_NO_RULE)
			continue;
		k->who[i].device = identify(k, KEYC_DEVICE, t->device);
		if (t->account_vouched)
			k->who[i].person = identify(k, KEYC_ACCOUNT, t->account);
	}
}

/* What is known already; the rest becomes items for keyd. */
static void look_up(struct collect_service *s, struct batch_work *k, struct worker *w)
{
	const uint8_t *policy = keyc_policy_hash(w->keyc);
	uint64_t now = clock_mono_ms();

	pthread_mutex_lock(&s->lock);
	known_policy(s->known, policy);
	for (size_t i = 0; i < k->n_identities; i++)
		k->identity[i].named = known_find(s->known, now, &k->identity[i].entry);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < k->n_identities; i++)
		if (!k->identity[i].named)
			k->items[k->n_items++] = (struct keyc_item){ .class_id = CLASS_CUSTOMER_ID,
				.flags = k->identity[i].kind,
				.value = k->identity[i].text };
}

/* ---- judged -------------------------------------------------------------------------------- */

static void on_over(struct worker_post *p)
{
	struct collect_batch *b = loop_owner(p, struct collect_batch, priv.post);
	struct batch_work *k = b->priv.work;

	b->priv.work = NULL;
	work_free(k);
	b->done(b, b->priv.err);
}

/* On its own loop, and never before the call that began it has returned. */
static void end(struct collect_batch *b, enum sc_err err)
{
	b->priv.err = err;
	b->priv.post.on_loop = on_over;
	worker_post(b->priv.worker, &b->priv.post);
}

static void on_settled(struct collect_wait *w, enum sc_err err)
{
	end(loop_owner(w, struct batch_work, wait)->batch, err);
}

static struct known_entry *entry_of(struct batch_work *k, uint32_t which)
{
	return which == NOBODY || !k->identity[which].named ? NULL : &k->identity[which].entry;
}

static void judge_each(struct collect_service *s, struct batch_work *k)
{
	struct collect_batch *b = k->batch;
	struct collect_who who;

	s->n_frames = 0;
	for (size_t i = 0; i < b->n; i++) {
		who.device = entry_of(k, k->who[i].device);
		who.person = entry_of(k, k->who[i].person);
		judge_taken(s, b, i, &who, &k->wait);
	}
}

/* How many frames B becomes, at most. *EVENTS: there are some among it. */
static size_t frames_of(const struct collect_batch *b, bool *events)
{
	size_t n = 0;

	*events = false;
	for (size_t i = 0; i < b->n; i++) {
		*events |= b->taken[i].what == COLLECT_AN_EVENT;
		n += b->taken[i].what == COLLECT_AN_EVENT ? COLLECT_FRAMES_OF_AN_EVENT :
		    b->taken[i].what == COLLECT_TRAITS    ? b->taken[i].n_traits :
							    1;
	}
	return n;
}

/* With the lock: may B be judged at all? SC_LIMIT: the spool is full, SC_IO: its disk failed. */
static enum sc_err can_keep(struct collect_service *s, const struct collect_batch *b)
{
	struct spool_stats spool;
	uint64_t kept = 0;
	bool events;
	size_t n = frames_of(b, &events);

	spool_count(s->spool, &spool);
	if (spool.failed)
		return SC_IO;
	if (events)
		kept = s->settings->spool_max / COLLECT_SPOOL_KEPT;
	if (kept > COLLECT_SPOOL_KEPT_MAX)
		kept = COLLECT_SPOOL_KEPT_MAX;
	return (uint64_t)n * FEED_FRAME_BYTES + kept <= spool.room ? SC_OK : SC_LIMIT;
}

/* With the lock. Nobody's answer comes without a commit. */
static enum sc_err judge_all(struct collect_service *s, struct batch_work *k)
{
	enum sc_err err;

	judge_each(s, k);
	if ((err = flow_put(s, s->frames, s->n_frames)) != SC_OK)
		return err;
	return s->put <= s->durable ? flow_counts(s) : SC_OK;
}

static void settle(struct batch_work *k)
{
	struct collect_batch *b = k->batch;
	struct collect_service *s = b->priv.service;
	uint64_t now = clock_mono_ms();
	enum sc_err err;

	k->wait.over = on_settled;
	k->wait.left = 1; /* this function */
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < k->n_identities; i++)
		if (k->identity[i].named)
			known_put(s->known, now, &k->identity[i].entry);
	s->stats.taken += b->n;
	if (!b->visit.vouched)
		pages_count(s, b->visit.shop, b->n);
	if ((err = can_keep(s, b)) == SC_OK && (err = judge_all(s, k)) == SC_OK)
		flow_wait(s, &k->wait);
	flow_over(&k->wait, err);
	pthread_mutex_unlock(&s->lock);
}

/* ---- named --------------------------------------------------------------------------------- */

/* R into the identity it is of; false: keyd does not let this caller collect. */
static bool take_name(struct batch_identity *id, const struct wire_result *r)
{
	if (r->status == WIRE_DENIED || r->status == WIRE_QUOTA)
		return false;
	/* what has no name is nobody's */
	if (r->status != WIRE_OK || r->value.n != HANDLE_BYTES + KEYC_PSEUDONYM_BYTES)
		return true;
	memcpy(id->entry.handle.handle, r->value.p, HANDLE_BYTES);
	id->entry.handle.pseudonym = sc_be64_load(r->value.p + HANDLE_BYTES);
	id->named = true;
	return true;
}

static enum sc_err take_names(struct batch_work *k, const struct keyc_reply *reply)
{
	size_t at = 0;

	if (reply->err != SC_OK)
		return reply->err;
	for (size_t i = 0; i < k->n_identities; i++) {
		if (k->identity[i].named)
			continue;
		if (at == reply->n || !take_name(&k->identity[i], &reply->results[at++]))
			return SC_AUTH;
	}
	return SC_OK;
}

static void on_named(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct collect_batch *b = loop_owner(call, struct collect_batch, priv.call);
	enum sc_err err = take_names(b->priv.work, reply);

	if (err == SC_OK)
		settle(b->priv.work);
	else
		/* its log is full, or it decides by another policy: it cannot be asked either */
		end(b, err == SC_AUTH ? SC_AUTH : SC_AGAIN);
}

enum sc_err collect_take_in(struct collect_service *s, struct worker *w, struct collect_batch *b)
{
	struct batch_work *k = work_new(b);
	enum sc_err err = SC_OK;

	if (k == NULL)
		return SC_NOMEM;
	b->priv.service = s;
	b->priv.worker = w;
	b->priv.work = k;
	gather(k);
	look_up(s, k, w);
	b->priv.call.done = on_named;
	if (!keyc_ready(w->keyc))
		err = SC_AGAIN;
	else if (k->n_items != 0)
		err = keyc_pseudonym(w->keyc, &b->priv.call, &b->asking, k->items, k->n_items);
	else
		settle(k);
	if (err == SC_OK)
		return SC_OK;
	b->priv.work = NULL;
	work_free(k);
	return err == SC_NOMEM ? SC_NOMEM : SC_AGAIN;
}

bool collect_give_up(struct collect_batch *b)
{
	if (b->priv.call.priv.kc == NULL)
		return false;
	keyc_cancel(&b->priv.call);
	work_free(b->priv.work);
	b->priv.work = NULL;
	return true;
}
