/*
 * bind.c - making bindings: a whole batch in one job.
 *
 *	phone_bind()	slots taken, PENDING	the asking thread, under the lock
 *	write_rows()	rows			the store's thread
 *	settle()	LIVE, or slots back	the same, after the commit
 *
 * A pool that is exhausted is followed by the next of its ladder, and nothing
 * else: there is no number at the end of it that is not a virtual one.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/prim/random.h"
#include "gateway/phone/service_private.h"
#include "gateway/phone/tell.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What is written of one binding. */
struct bind_row {
	uint8_t a[PHONE_TOKEN_PACKED_MAX], b[PHONE_TOKEN_PACKED_MAX];
	size_t a_n, b_n;
	uint8_t order[16], subject[16];
	struct idem_said said;
	uint8_t was[PHONE_ID_BYTES]; /* whose slot it takes back */
	bool adds, replaces, orders, keys;
	bool waits; /* rests on a binding that is not on disk yet */
};

struct bind_work {
	struct phone_service *s;
	struct phone_want *v;
	size_t n;
	bool exhausted[PHONE_POOLS_MAX]; /* pools of which that is to be told */
	struct bind_row rows[];
};

/* ---- what is asked for -------------------------------------------------------------- */

static bool fits(const struct phone_want *want)
{
	return want->order_ref.n != 0 && want->order_ref.n <= PHONE_ORDER_REF_MAX &&
	    want->key.n <= PHONE_KEY_MAX && want->subject.n <= CRYPTO_SUBJECT_MAX;
}

/* A person by the blind index, where it is known: the same number may be sealed to another token. */
static struct sc_span person(uint64_t party, struct sc_span token)
{
	return party != 0 ? sc_span(NULL, 0) : token;
}

/* All that the caller said, so that a key stands for one thing only. */
static void digest_content(const struct phone_service *s, const struct phone_want *want,
    uint8_t out[static IDEM_BYTES])
{
	const uint64_t numbers[] = { want->pool, want->line, want->ext, want->directions,
		want->channels, want->a_party, want->b_party, want->ttl_s,
		want->ttl_s != 0 ? 0 : want->expires_at };
	const struct sc_span parts[] = { sc_span(numbers, sizeof(numbers)),
		sc_span_str(want->region == NULL ? "" : want->region->s), want->order_ref,
		want->subject, person(want->a_party, want->a), person(want->b_party, want->b) };

	phone_content_digest(s, "bind", parts, sizeof(parts) / sizeof(parts[0]), out);
}

static enum sc_err prepare(const struct phone_service *s, const struct phone_want *want,
    struct bind_row *row)
{
	if (!fits(want))
		return SC_LIMIT;
	if (!phone_token_pack(want->a, row->a, &row->a_n) ||
	    (want->b.n != 0 && !phone_token_pack(want->b, row->b, &row->b_n)))
		return SC_SYNTAX;
	phone_order_key(s, want->order_ref, row->order);
	phone_subject_key(s, want->subject, row->subject);
	phone_key_said(s, want->key, &row->said);
	if (row->said.said)
		digest_content(s, want, row->said.content);
	return SC_OK;
}

/* ---- taking slots, under the lock ------------------------------------------------------ */

static const enum phone_bound outcomes[] = {
	[BOOK_NEW] = PHONE_BOUND_NEW,
	[BOOK_SAME] = PHONE_BOUND_SAME,
	[BOOK_AGAIN] = PHONE_BOUND_NEW,
	[BOOK_SHARED] = PHONE_BOUND_NEW,
	[BOOK_EXHAUSTED] = PHONE_BOUND_EXHAUSTED,
	[BOOK_EXT_TAKEN] = PHONE_BOUND_TAKEN,
	[BOOK_CONFLICT] = PHONE_BOUND_CONFLICT,
};

static void note_exhausted(struct bind_work *k, const struct phone_now *now, uint16_t pool,
    struct phone_want *want)
{
	struct book_stats stats;

	k->s->counts[pool].exhausted++;
	k->exhausted[pool] |= phone_tell_exhausted(k->s, now, pool);
	book_pool_stats(k->s->book, now, pool, &stats);
	if (stats.next_release != 0 && (want->retry_at == 0 || stats.next_release < want->retry_at))
		want->retry_at = stats.next_release;
}

/* Walk the ladder that begins at the wanted pool. */
static enum sc_err walk(struct bind_work *k, const struct phone_now *now, struct book_wanted *w,
    struct phone_want *want)
{
	const struct phone_service *s = k->s;
	uint16_t pool = want->pool;
	enum sc_err err;

	for (size_t steps = 0; pool != PHONE_NO_POOL && steps < s->settings->n_pools; steps++) {
		const struct phone_pool *p = &s->settings->pools[pool];

		w->pool = pool;
		if (w->expires_at > now->wall + p->ttl_max_s)
			w->expires_at = now->wall + p->ttl_max_s;
		err = book_bind(s->book, now, w, &want->at, &want->how);
		if (err != SC_OK || want->how != BOOK_EXHAUSTED)
			return err;
		note_exhausted(k, now, pool, want);
		pool = p->next;
	}
	return SC_OK;
}

static void note_bound(struct phone_service *s, const struct phone_want *want)
{
	struct phone_counts *c = &s->counts[want->binding.pool];

	c->bound += want->how == BOOK_NEW || want->how == BOOK_SHARED;
	c->again += want->how == BOOK_AGAIN;
	c->same += want->how == BOOK_SAME;
	if (want->how == BOOK_NEW)
		phone_trend_note(s, want->binding.pool, 1);
}

/* The row of a binding that has its slot; its key is known from now on. */
static enum sc_err take_row(struct phone_service *s, struct phone_want *want, struct bind_row *row)
{
	row->adds = want->how == BOOK_NEW || want->how == BOOK_AGAIN;
	row->orders = want->how != BOOK_SAME;
	row->keys = row->said.said;
	row->replaces = want->how == BOOK_AGAIN && book_was(s->book, want->at, row->was);
	phone_view(s, want->at, &want->binding);
	row->waits = !row->adds && want->binding.state == BOOK_PENDING;
	note_bound(s, want);
	return idem_put(&s->idem, s->book, &row->said, want->binding.id);
}

static enum sc_err take_new(struct bind_work *k, const struct phone_now *now,
    struct phone_want *want, struct bind_row *row)
{
	struct book_wanted w = {
		.region = want->region,
		.line = want->line,
		.ext = want->ext,
		.a = sc_span(row->a, row->a_n),
		.b = sc_span(row->b, row->b_n),
		.a_party = want->a_party,
		.b_party = want->b_party,
		.expires_at = want->expires_at,
		.directions = want->directions,
		.channels = want->channels,
	};
	enum sc_err err;

	memcpy(w.id, want->binding.id, PHONE_ID_BYTES);
	memcpy(w.order, row->order, sizeof(w.order));
	if ((err = walk(k, now, &w, want)) != SC_OK)
		return err;
	want->got = outcomes[want->how];
	return want->how <= BOOK_SHARED ? take_row(k->s, want, row) : SC_OK;
}

static enum sc_err take(struct bind_work *k, const struct phone_now *now, struct phone_want *want,
    struct bind_row *row)
{
	const struct phone_service *s = k->s;
	enum idem_found found = idem_find(&s->idem, s->book, &row->said, &want->at);

	want->retry_at = 0;
	want->how = BOOK_EXHAUSTED;
	if (found == IDEM_NEW)
		return take_new(k, now, want, row);
	want->got = found == IDEM_SAME ? PHONE_BOUND_SAME : PHONE_BOUND_KEY;
	if (found == IDEM_SAME) {
		phone_view(s, want->at, &want->binding);
		row->waits = want->binding.state == BOOK_PENDING;
	}
	return SC_OK;
}

/* ---- rows, on the store's thread ------------------------------------------------------- */

static bool bind_was(void *arg, size_t i, struct store_value *v)
{
	const struct bind_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->rows[i].was);
	v[2] = store_text("");
	return k->rows[i].replaces;
}

static bool bind_binding(void *arg, size_t i, struct store_value *v)
{
	const struct bind_work *k = arg;
	const struct bind_row *r = &k->rows[i];
	const struct phone_binding *b = &k->v[i].binding;
	const struct phone_settings *set = k->s->settings;
	static const uint8_t nobody[sizeof(r->subject)];
	size_t n = memcmp(r->subject, nobody, sizeof(nobody)) == 0 ? 0 : sizeof(r->subject);

	if (!r->adds)
		return false;
	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(b->id);
	v[2] = store_text(set->pools[b->pool].name.s);
	v[3] = store_number(b->mode);
	v[4] = store_text(set->lines[b->line].e164);
	v[5] = b->ext == PHONE_NO_EXT ? store_number((uint64_t)-1) : store_number(b->ext);
	v[6] = store_blob(r->a, r->a_n);
	v[7] = store_blob(r->b, r->b_n);
	v[8] = store_number(b->a_party);
	v[9] = store_number(b->b_party);
	v[10] = store_number(b->directions);
	v[11] = store_number(b->channels);
	v[12] = store_number(b->made_at);
	v[13] = store_number(b->expires_at);
	v[14] = store_blob(r->subject, n);
	return true;
}

static bool bind_order(void *arg, size_t i, struct store_value *v)
{
	const struct bind_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = (struct store_value){ .kind = STORE_TEXT, .bytes = k->v[i].order_ref };
	v[2] = phone_id_value(k->v[i].binding.id);
	return k->rows[i].orders;
}

static bool bind_key(void *arg, size_t i, struct store_value *v)
{
	const struct bind_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = store_blob(k->rows[i].said.key, IDEM_BYTES);
	v[2] = store_blob(k->rows[i].said.content, IDEM_BYTES);
	v[3] = phone_id_value(k->v[i].binding.id);
	return k->rows[i].keys;
}

/* What it rests on was not on disk when it was asked for. */
static bool bind_awaited(void *arg, size_t i, struct store_value *v)
{
	const struct bind_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->v[i].binding.id);
	return k->rows[i].waits;
}

static enum sc_err take_awaited(void *arg, size_t i, const struct store_value *v)
{
	struct bind_work *k = arg;

	(void)v;
	k->rows[i].waits = false;
	return SC_OK;
}

/* Whoever makes it comes first: a row that is not there now never will be, and nothing may rest on it. */
static enum sc_err check_awaited(struct bind_work *k, struct store_tx *tx)
{
	const struct store_batch awaited = { BINDING_THERE, k->n, bind_awaited, take_awaited, k };
	enum sc_err err = store_ask(tx, &awaited);

	for (size_t i = 0; i < k->n && err == SC_OK; i++)
		if (k->rows[i].waits)
			err = SC_IO;
	return err;
}

static enum sc_err write_rows(struct store_job *j, struct store_tx *tx)
{
	struct bind_work *k = loop_owner(j, struct phone_write, job)->work;
	const struct store_batch writes[] = {
		{ BINDING_FORGET, k->n, bind_was, NULL, k },
		{ ORDER_FORGET, k->n, bind_was, NULL, k },
		{ CALLER_FORGET, k->n, bind_was, NULL, k },
		{ IDEM_FORGET, k->n, bind_was, NULL, k },
		{ BINDING_ADD, k->n, bind_binding, NULL, k },
		{ ORDER_ADD, k->n, bind_order, NULL, k },
		{ IDEM_PUT, k->n, bind_key, NULL, k },
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]) && err == SC_OK; i++)
		err = store_ask(tx, &writes[i]);
	return err != SC_OK ? err : check_awaited(k, tx);
}

/* ---- and after ---------------------------------------------------------------------------- */

/* Back to what was, the last first: the others may rest on the first. */
static void abandon(struct bind_work *k)
{
	for (size_t i = k->n; i-- > 0;) {
		struct bind_row *r = &k->rows[i];
		struct phone_want *want = &k->v[i];

		if (r->keys)
			idem_drop(&k->s->idem, &r->said);
		if (!r->orders)
			continue;
		if (want->how == BOOK_NEW)
			phone_trend_note(k->s, want->binding.pool, -1);
		book_abandon(k->s->book, want->at, want->how, r->order);
	}
}

/* Live, unless it was ended before it was on disk. */
static void confirm(struct bind_work *k, size_t i)
{
	struct phone_want *want = &k->v[i];

	if (want->got != PHONE_BOUND_NEW && want->got != PHONE_BOUND_SAME)
		return;
	want->at = book_find(k->s->book, want->binding.id);
	if (want->at == BOOK_NONE)
		return;
	if (k->rows[i].adds)
		book_confirm(k->s->book, want->at);
	phone_view(k->s, want->at, &want->binding);
}

static void settle(struct phone_write *wr)
{
	struct bind_work *k = wr->work;

	pthread_mutex_lock(&k->s->lock);
	if (wr->err != SC_OK)
		abandon(k);
	for (size_t i = 0; i < k->n && wr->err == SC_OK; i++)
		confirm(k, i);
	pthread_mutex_unlock(&k->s->lock);
	free(k);
	wr->work = NULL;
}

/* ---- the write ------------------------------------------------------------------------------ */

/*
 * Milliseconds and 80 random bits, as RFC 9562 §5.7 has it but for its version: rows
 * of one time lie side by side, and a batch writes few pages of the store.
 */
static void make_ids(uint8_t ids[][PHONE_ID_BYTES], size_t n)
{
	uint8_t now[8];

	random_bytes(ids, n * PHONE_ID_BYTES);
	sc_be64_store(now, clock_unix_ms());
	for (size_t i = 0; i < n; i++)
		memcpy(ids[i], now + 2, 6);
}

static enum sc_err prepare_all(struct bind_work *k)
{
	uint8_t ids[PHONE_BATCH_MAX][PHONE_ID_BYTES];
	enum sc_err err = SC_OK;

	make_ids(ids, k->n);
	for (size_t i = 0; i < k->n && err == SC_OK; i++) {
		memcpy(k->v[i].binding.id, ids[i], PHONE_ID_BYTES);
		err = prepare(k->s, &k->v[i], &k->rows[i]);
	}
	return err;
}

/* Slots for all; those of a batch that cannot go on are given back. */
static enum sc_err take_all(struct bind_work *k)
{
	struct phone_now now = phone_service_now(k->s);
	size_t n = k->n;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		k->n = i + 1;
		err = take(k, &now, &k->v[i], &k->rows[i]);
	}
	if (err != SC_OK)
		abandon(k);
	return err;
}

enum sc_err phone_bind(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_want *v, size_t n)
{
	bool exhausted[PHONE_POOLS_MAX];
	struct bind_work *k;
	enum sc_err err;

	if (n > PHONE_BATCH_MAX)
		return SC_LIMIT;
	if ((k = calloc(1, sizeof(*k) + n * sizeof(k->rows[0]))) == NULL)
		return SC_NOMEM;
	k->s = s;
	k->v = v;
	k->n = n;
	if ((err = prepare_all(k)) != SC_OK)
		goto out;
	wr->work = k;
	wr->job.run = write_rows;
	wr->settle = settle;
	pthread_mutex_lock(&s->lock);
	if ((err = take_all(k)) == SC_OK) {
		memcpy(exhausted, k->exhausted, sizeof(exhausted));
		k = NULL;
		phone_write_submit(s, w, wr);
	}
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; err == SC_OK && i < s->settings->n_pools; i++)
		if (exhausted[i])
			phone_tell_pool(s, PHONE_EVENT_POOL_EXHAUSTED, (uint16_t)i, 0);
out:
	free(k);
	return err;
}
