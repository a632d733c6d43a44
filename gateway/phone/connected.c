/*
 * connected.c - who was connected to whom: what the book and the disk remember
 * of it, and who wants no more texts.
 */
#include "gateway/phone/calls.h"
#include "gateway/phone/service_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A call that may be connected is in STATE by ANSWER. */
static void settle_call(const struct phone_service *s, const uint8_t key[static CALL_KEY_BYTES],
    enum call_state state, enum phone_answer answer, struct store_value *v)
{
	v[0] = store_number(state);
	v[1] = store_number(answer);
	v[2] = phone_tenant(s);
	v[3] = store_blob(key, CALL_KEY_BYTES);
	v[4] = store_number(CALL_REFUSED);
	v[5] = store_number(PHONE_CONNECT);
}

/* ---- connected ----------------------------------------------------------------------------- */

/* What becomes of the rows; nobody waits for it. */
struct connected_work {
	struct phone_write write;
	struct phone_service *s;
	uint8_t id[PHONE_ID_BYTES], call[CALL_KEY_BYTES];
	uint64_t caller, to_party, at;
	bool over; /* a text */
	uint8_t token[PHONE_TOKEN_PACKED_MAX];
	size_t token_n;
};

static bool bind_caller(void *arg, size_t i, struct store_value *v)
{
	const struct connected_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->id);
	v[2] = store_number(k->caller);
	v[3] = store_blob(k->token, k->token_n);
	v[4] = store_number(k->at);
	return k->caller != 0;
}

static bool bind_party(void *arg, size_t i, struct store_value *v)
{
	const struct connected_work *k = arg;

	(void)i;
	v[0] = store_number(k->to_party);
	v[1] = phone_tenant(k->s);
	v[2] = phone_id_value(k->id);
	return k->to_party != 0;
}

static bool bind_over(void *arg, size_t i, struct store_value *v)
{
	const struct connected_work *k = arg;

	(void)i;
	v[0] = store_number(k->at);
	v[1] = phone_tenant(k->s);
	v[2] = phone_id_value(k->id);
	return k->over;
}

static bool bind_call(void *arg, size_t i, struct store_value *v)
{
	const struct connected_work *k = arg;

	(void)i;
	settle_call(k->s, k->call, k->over ? CALL_ENDED : CALL_DIALLED, PHONE_CONNECT, v);
	return true;
}

static enum sc_err put_rows(struct store_job *j, struct store_tx *tx)
{
	struct connected_work *k =
	    loop_owner(loop_owner(j, struct phone_write, job), struct connected_work, write);
	const struct store_batch batches[] = {
		{ CALLER_PUT, 1, bind_caller, NULL, k },
		{ PARTY_PUT, 1, bind_party, NULL, k },
		{ LAST_CALL_PUT, 1, bind_over, NULL, k },
		{ CALL_SETTLE, 1, bind_call, NULL, k },
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]) && err == SC_OK; i++)
		err = store_ask(tx, &batches[i]);
	return err;
}

static void on_put(struct phone_write *wr, enum sc_err err)
{
	(void)err;
	free(loop_owner(wr, struct connected_work, write));
}

static struct book_call call_of(const struct phone_asked *q)
{
	return (struct book_call){ q->line, q->ext, q->caller, q->channel };
}

/* Does Q still lead where D says? Under the lock. */
static enum phone_answer ask_again(const struct phone_service *s, const struct phone_now *now,
    const struct phone_asked *q, const struct phone_decision *d)
{
	const struct book_call call = call_of(q);
	char to[PHONE_TOKEN_TEXT_MAX];
	struct phone_binding b;
	struct book_way way;

	book_route(s->book, now, &call, &way);
	if (way.answer != PHONE_CONNECT)
		return way.answer;
	book_view(s->book, way.at, &b);
	phone_token_text(way.to, to);
	/* somebody else's by now, or another number: a new call will tell */
	if (memcmp(b.id, d->id, PHONE_ID_BYTES) != 0 || strcmp(to, d->to) != 0)
		return PHONE_DOWN;
	return PHONE_CONNECT;
}

/* Under the lock. */
static enum sc_err remember(struct connected_work *k, const struct phone_asked *q,
    const struct phone_decision *d, enum phone_answer *got)
{
	struct phone_now now = phone_service_now(k->s);
	enum sc_err err;

	*got = ask_again(k->s, &now, q, d);
	if (*got != PHONE_CONNECT)
		return SC_OK;
	k->at = now.wall;
	err = book_connected(k->s->book, d->at, &now, k->caller, sc_span(k->token, k->token_n),
	    k->to_party);
	if (err != SC_OK)
		return err;
	if (k->over)
		book_call_ended(k->s->book, d->at, &now);
	k->s->counts[d->pool].connected++;
	phone_write_submit(k->s, NULL, &k->write);
	return SC_OK;
}

enum sc_err phone_connected(struct phone_service *s, const struct phone_asked *q,
    const struct phone_decision *d, struct sc_span token, uint64_t to_party,
    const uint8_t call[static CALL_KEY_BYTES], enum phone_answer *got)
{
	struct connected_work *k = calloc(1, sizeof(*k));
	enum sc_err err = SC_SYNTAX;

	*got = PHONE_DOWN;
	if (k == NULL)
		return SC_NOMEM;
	k->s = s;
	k->caller = q->caller;
	k->to_party = to_party;
	k->over = q->channel == PHONE_SMS;
	k->write.job.run = put_rows;
	k->write.done = on_put;
	memcpy(k->id, d->id, PHONE_ID_BYTES);
	memcpy(k->call, call, CALL_KEY_BYTES);
	if (phone_token_pack(token, k->token, &k->token_n)) {
		pthread_mutex_lock(&s->lock);
		err = remember(k, q, d, got);
		pthread_mutex_unlock(&s->lock);
	}
	if (err != SC_OK || *got != PHONE_CONNECT)
		free(k);
	return err;
}

/* ---- nobody after all ------------------------------------------------------------------------ */

struct missed_work {
	struct phone_write write;
	struct phone_service *s;
	uint8_t call[CALL_KEY_BYTES];
	bool collects;
};

static bool bind_missed(void *arg, size_t i, struct store_value *v)
{
	const struct missed_work *k = arg;

	(void)i;
	settle_call(k->s, k->call, k->collects ? CALL_ASKED : CALL_REFUSED, PHONE_NOBODY, v);
	return true;
}

/* Without memory for its row the call keeps it, and is replayed for what comes later. */
void phone_missed(struct phone_service *s, const struct phone_asked *q,
    const uint8_t call[static CALL_KEY_BYTES], bool collects)
{
	const struct phone_now now = phone_service_now(s);
	const struct guard_try try = { q->line, q->caller, false };
	struct missed_work *k = calloc(1, sizeof(*k));

	if (k != NULL) {
		*k = (struct missed_work){ .s = s, .collects = collects };
		memcpy(k->call, call, CALL_KEY_BYTES);
		k->write.job.ask = (struct store_batch){ CALL_SETTLE, 1, bind_missed, NULL, k };
		k->write.done = phone_write_done_free;
	}
	pthread_mutex_lock(&s->lock);
	if (q->keyed)
		(void)guard_charge(s->guard, &now, &try);
	s->counts[s->settings->lines[q->line].pool].misses++;
	if (k != NULL)
		phone_write_submit(s, NULL, &k->write);
	pthread_mutex_unlock(&s->lock);
}

void phone_uncharge(struct phone_service *s, const struct phone_asked *q)
{
	const struct phone_now now = phone_service_now(s);

	pthread_mutex_lock(&s->lock);
	if (q->keyed && q->line < s->settings->n_lines) {
		const struct guard_try try = { q->line, q->caller,
			book_knows(s->book, q->line, q->caller) };

		guard_refund(s->guard, &now, &try);
	}
	pthread_mutex_unlock(&s->lock);
}

/* ---- a second delivery ---------------------------------------------------------------------- */

/* Whom B leads CALLER to, when it is a party or anybody may call; never back to a caller. */
static struct sc_span other_end(const struct phone_binding *b, uint64_t caller, bool *to_b)
{
	*to_b = b->b.n != 0 && caller == b->a_party;
	if (*to_b)
		return b->b;
	return caller == b->a_party ? sc_span(NULL, 0) : b->a;
}

static bool again(const struct phone_service *s, const struct phone_asked *q,
    const struct phone_call *c, struct phone_decision *out)
{
	const struct phone_now now = phone_service_now(s);
	const struct book_call call = call_of(q);
	struct phone_binding b;
	struct book_way way;

	book_route(s->book, &now, &call, &way);
	if (way.at == BOOK_NONE || (way.answer != PHONE_CONNECT && way.answer != PHONE_BUSY))
		return false;
	book_view(s->book, way.at, &b);
	/* busy, but for this very call */
	if (way.answer == PHONE_BUSY)
		way.to = other_end(&b, q->caller, &way.to_b);
	if (way.to.n == 0 || memcmp(b.id, c->binding, PHONE_ID_BYTES) != 0)
		return false;
	out->answer = PHONE_CONNECT;
	out->bound = true;
	memcpy(out->id, b.id, PHONE_ID_BYTES);
	out->at = way.at;
	out->pool = b.pool;
	out->to_b = way.to_b;
	out->callback = way.callback;
	out->party_known = way.callback || (way.to_b ? b.b_party : b.a_party) != 0;
	phone_token_text(way.to, out->to);
	return true;
}

bool phone_again(struct phone_service *s, const struct phone_asked *q, const struct phone_call *c,
    struct phone_decision *out)
{
	bool found;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&s->lock);
	found = c->bound && again(s, q, c, out);
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* ---- no more texts ---------------------------------------------------------------------------- */

static bool bind_opt(void *arg, size_t i, struct store_value *v)
{
	const struct phone_optout *o = arg;
	const struct phone_service *s = o->write.service;

	(void)i;
	v[0] = phone_tenant(s);
	v[1] = store_text(s->settings->lines[o->line].e164);
	v[2] = store_number(o->person);
	return true;
}

enum sc_err phone_opt(struct phone_service *s, struct worker *w, struct phone_optout *o)
{
	enum sc_err err = SC_OK;

	if (o->line >= s->settings->n_lines || o->person == 0)
		return SC_SYNTAX;
	o->write.job.ask =
	    (struct store_batch){ o->out ? OPTOUT_PUT : OPTOUT_FORGET, 1, bind_opt, NULL, o };
	pthread_mutex_lock(&s->lock);
	if (o->out)
		err = optout_put(&s->optouts, o->line, o->person);
	else
		optout_drop(&s->optouts, o->line, o->person);
	if (err == SC_OK)
		phone_write_submit(s, w, &o->write);
	pthread_mutex_unlock(&s->lock);
	return err;
}

bool phone_opted_out(struct phone_service *s, uint32_t line, uint64_t person)
{
	bool out;

	pthread_mutex_lock(&s->lock);
	out = optout_has(&s->optouts, line, person);
	pthread_mutex_unlock(&s->lock);
	return out;
}

bool phone_acquainted(struct phone_service *s, const struct phone_asked *q,
    const struct phone_decision *d)
{
	bool knows = d->callback || s->settings->pools[d->pool].mode == PHONE_AXB;

	pthread_mutex_lock(&s->lock);
	knows = knows || book_knows(s->book, q->line, q->caller);
	pthread_mutex_unlock(&s->lock);
	return knows;
}
