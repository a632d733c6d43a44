/*
 * calls.c - calls as they are kept: opened once, moved on, raised to their end.
 *
 *	open	a row, or the row that is there already, seen once more
 *	step	from digits asked for to what came of them, once
 *	raise	by what is told of a call: ring, answer, end, in any order
 *
 * Each is one transaction, and what it answers is read back within it.
 */
#include "gateway/phone/calls.h"

#include "base/text/hex.h"
#include "gateway/phone/calls_private.h"

#include <pthread.h>
#include <string.h>

/* ---- a call as a row ----------------------------------------------------------------- */

enum {
	COL_DIGEST,
	COL_X,
	COL_CALLER,
	COL_STATE,
	COL_ANSWER,
	COL_STEP,
	COL_BINDING,
	COL_CHILD,
	COL_REPEATS,
	COL_OPENED_AT,
	COL_RUNG_AT,
	COL_ANSWERED_AT,
	COL_ENDED_AT,
	COL_MOVED_AT
};

static struct call_work work_of(struct store_job *j)
{
	struct phone_write *wr = loop_owner(j, struct phone_write, job);
	struct phone_call_write *cw = loop_owner(wr, struct phone_call_write, write);

	return (struct call_work){
		.s = wr->service,
		.c = &cw->call,
		.cause = cw->cause,
		.told = &cw->told,
		.now = phone_latest_s(wr->service),
	};
}

static const char *x_of(const struct phone_service *s, uint32_t line)
{
	return s->settings->lines[line].e164;
}

static struct store_value key_value(const struct phone_call *c)
{
	return store_blob(c->key, CALL_KEY_BYTES);
}

static struct store_value binding_value(const struct phone_call *c)
{
	return store_blob(c->binding, c->bound ? PHONE_ID_BYTES : 0);
}

/* No child is the empty text that the statements compare with. */
static struct store_value child_value(const struct phone_call *c)
{
	static const uint8_t none[CALL_KEY_BYTES];

	return memcmp(c->child, none, CALL_KEY_BYTES) == 0 ? store_text("") :
							     store_blob(c->child, CALL_KEY_BYTES);
}

static bool take_bytes(const struct store_value *v, uint8_t *out, size_t n)
{
	if (v->bytes.n == n)
		memcpy(out, v->bytes.p, n);
	return v->bytes.n == n;
}

static enum sc_err take_call(void *arg, size_t i, const struct store_value *v)
{
	struct call_work *k = arg;
	struct phone_call *c = &k->is;

	(void)i;
	*c = (struct phone_call){
		.line = phone_line_find(k->s, v[COL_X].bytes),
		.caller = (uint64_t)v[COL_CALLER].number,
		.state = (uint8_t)v[COL_STATE].number,
		.answer = (uint8_t)v[COL_ANSWER].number,
		.step = (uint8_t)v[COL_STEP].number,
		.repeats = (uint8_t)(v[COL_REPEATS].number > 255 ? 255 : v[COL_REPEATS].number),
		.opened_at = (uint64_t)v[COL_OPENED_AT].number,
		.rung_at = (uint64_t)v[COL_RUNG_AT].number,
		.answered_at = (uint64_t)v[COL_ANSWERED_AT].number,
		.ended_at = (uint64_t)v[COL_ENDED_AT].number,
		.moved_at = (uint64_t)v[COL_MOVED_AT].number,
	};
	memcpy(c->key, k->c->key, CALL_KEY_BYTES);
	c->bound = v[COL_BINDING].bytes.n != 0;
	if (!take_bytes(&v[COL_DIGEST], c->digest, CALL_DIGEST_BYTES) ||
	    (c->bound && !take_bytes(&v[COL_BINDING], c->binding, PHONE_ID_BYTES)) ||
	    (v[COL_CHILD].bytes.n != 0 && !take_bytes(&v[COL_CHILD], c->child, CALL_KEY_BYTES)) ||
	    c->answer >= PHONE_ANSWER_COUNT || c->state > CALL_ENDED)
		return SC_CORRUPT;
	k->found = true;
	return SC_OK;
}

static bool bind_key(void *arg, size_t i, struct store_value *v)
{
	const struct call_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = key_value(k->c);
	return true;
}

enum sc_err call_find(struct call_work *k, struct store_tx *tx)
{
	const struct store_batch b = { CALL_FIND, 1, bind_key, take_call, k };

	k->found = false;
	return store_ask(tx, &b);
}

/* A row came back: the statement did something. */
static enum sc_err take_changed(void *arg, size_t i, const struct store_value *v)
{
	struct call_work *k = arg;

	(void)i;
	(void)v;
	k->changed = true;
	return SC_OK;
}

static void answer(struct call_work *k, struct store_job *j)
{
	struct phone_write *wr = loop_owner(j, struct phone_write, job);
	struct phone_call_write *cw = loop_owner(wr, struct phone_call_write, write);

	if (k->found)
		cw->call = k->is;
	cw->fresh = k->changed;
}

/* ---- opened ------------------------------------------------------------------------------ */

static bool bind_add(void *arg, size_t i, struct store_value *v)
{
	const struct call_work *k = arg;
	const struct phone_call *c = k->c;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = key_value(c);
	v[2] = store_blob(c->digest, CALL_DIGEST_BYTES);
	v[3] = store_text(x_of(k->s, c->line));
	v[4] = store_number(c->caller);
	v[5] = store_number(c->state);
	v[6] = store_number(c->answer);
	v[7] = store_number(c->step);
	v[8] = binding_value(c);
	v[9] = store_number(k->now);
	return true;
}

/* STATEMENT, or where it changes nothing one repeat more; and how the call is then. */
static enum sc_err run_or_repeat(struct store_job *j, struct store_tx *tx,
    enum phone_statement statement, bool (*bind)(void *arg, size_t i, struct store_value *v))
{
	struct call_work k = work_of(j);
	const struct store_batch change = { statement, 1, bind, take_changed, &k };
	const struct store_batch repeat = { CALL_REPEAT, 1, bind_key, NULL, &k };
	enum sc_err err = store_ask(tx, &change);

	if (err == SC_OK && !k.changed)
		err = store_ask(tx, &repeat);
	if (err == SC_OK)
		err = call_find(&k, tx);
	if (err == SC_OK)
		answer(&k, j);
	return err;
}

static enum sc_err run_open(struct store_job *j, struct store_tx *tx)
{
	return run_or_repeat(j, tx, CALL_ADD, bind_add);
}

/* What was answered within a job is true only once that is committed. */
static void settle(struct phone_write *wr)
{
	struct phone_call_write *cw = loop_owner(wr, struct phone_call_write, write);

	cw->fresh = cw->fresh && wr->err == SC_OK;
}

static enum sc_err submit(struct phone_service *s, struct worker *w, struct phone_call_write *cw,
    enum sc_err (*run)(struct store_job *, struct store_tx *))
{
	if (cw->call.line >= s->settings->n_lines)
		return SC_SYNTAX;
	cw->fresh = false;
	cw->write.job.run = run;
	cw->write.settle = settle;
	phone_write_submit(s, w, &cw->write);
	return SC_OK;
}

enum sc_err phone_call_open(struct phone_service *s, struct worker *w, struct phone_call_write *cw)
{
	return submit(s, w, cw, run_open);
}

/* ---- moved on ------------------------------------------------------------------------------ */

static bool bind_step(void *arg, size_t i, struct store_value *v)
{
	const struct call_work *k = arg;
	const struct phone_call *c = k->c;

	(void)i;
	v[0] = store_number(c->state);
	v[1] = store_number(c->answer);
	v[2] = binding_value(c);
	v[3] = store_blob(c->digest, CALL_DIGEST_BYTES);
	v[4] = store_number(k->now);
	v[5] = phone_tenant(k->s);
	v[6] = key_value(c);
	v[7] = store_number(c->step);
	v[8] = store_text(x_of(k->s, c->line));
	v[9] = store_number(c->caller);
	v[10] = store_number(CALL_ASKED);
	return true;
}

static enum sc_err run_step(struct store_job *j, struct store_tx *tx)
{
	return run_or_repeat(j, tx, CALL_STEP, bind_step);
}

enum sc_err phone_call_step(struct phone_service *s, struct worker *w, struct phone_call_write *cw)
{
	return submit(s, w, cw, run_step);
}

/* ---- raised -------------------------------------------------------------------------------- */

/* Told before the call was, by a clock that is behind: it was then. */
static uint64_t not_before(uint64_t at, uint64_t opened_at)
{
	return at != 0 && at < opened_at ? opened_at : at;
}

static bool bind_raise(void *arg, size_t i, struct store_value *v)
{
	const struct call_work *k = arg;
	const struct phone_call *c = k->c;

	(void)i;
	v[0] = store_number(c->state);
	v[1] = store_number(not_before(c->rung_at, k->is.opened_at));
	v[2] = store_number(not_before(c->answered_at, k->is.opened_at));
	v[3] = store_number(not_before(c->ended_at, k->is.opened_at));
	v[4] = child_value(c);
	v[5] = phone_tenant(k->s);
	v[6] = key_value(c);
	return true;
}

static bool bind_last_call(void *arg, size_t i, struct store_value *v)
{
	const struct call_work *k = arg;

	(void)i;
	v[0] = store_number(k->now);
	v[1] = phone_tenant(k->s);
	v[2] = phone_id_value(k->is.binding);
	return k->is.bound;
}

/* Others are told of an answer and of an end. */
static enum sc_err tell_raised(const struct call_work *k, struct store_tx *tx)
{
	const struct phone_call *c = &k->is;
	char key[2 * CALL_KEY_BYTES + 1];
	struct phone_told t = {
		.event = c->state == CALL_ENDED ? PHONE_EVENT_CALL_ENDED : PHONE_EVENT_CALL_STARTED,
		.cause = k->cause,
		.call = key,
	};
	struct phone_binding b;

	if (k->s->hooks == NULL || (c->state != CALL_ANSWERED && c->state != CALL_ENDED))
		return SC_OK;
	hex_u64(sc_be64_load(c->key), key);
	hex_u64(sc_be64_load(c->key + 8), key + 16);
	if (c->line < k->s->settings->n_lines) {
		t.x = x_of(k->s, c->line);
		t.pool = &k->s->settings->pools[k->s->settings->lines[c->line].pool].name;
	}
	if (c->bound && phone_find(k->s, c->binding, &b))
		t.binding = &b;
	if (c->answered_at != 0 && c->ended_at > c->answered_at)
		t.seconds = c->ended_at - c->answered_at;
	return hooks_put(k->s->hooks, tx, &t, k->told);
}

enum sc_err call_raise(struct call_work *k, struct store_tx *tx)
{
	const struct store_batch raised = { CALL_RAISE, 1, bind_raise, NULL, k };
	const struct store_batch last = { LAST_CALL_PUT, 1, bind_last_call, NULL, k };
	uint8_t before = k->is.state;
	enum sc_err err = SC_OK;

	if (before < CALL_DIALLED)
		return SC_OK;
	if ((err = store_ask(tx, &raised)) != SC_OK || (err = call_find(k, tx)) != SC_OK)
		return err;
	k->changed = k->is.state > before;
	if (k->changed && k->is.state == CALL_ENDED)
		err = store_ask(tx, &last);
	return err != SC_OK || !k->changed ? err : tell_raised(k, tx);
}

static enum sc_err run_raise(struct store_job *j, struct store_tx *tx)
{
	struct call_work k = work_of(j);
	enum sc_err err = call_find(&k, tx);

	if (err == SC_OK && k.found)
		err = call_raise(&k, tx);
	if (err != SC_OK)
		return err;
	if (!k.found) {
		k.is = (struct phone_call){ .line = PHONE_NO_LINE };
		memcpy(k.is.key, k.c->key, CALL_KEY_BYTES);
		k.found = true;
	}
	answer(&k, j);
	return SC_OK;
}

void call_raised(struct phone_service *s, const struct phone_call *c)
{
	struct phone_now now = phone_service_now(s);
	uint32_t at;

	if (c->state != CALL_ENDED || !c->bound)
		return;
	pthread_mutex_lock(&s->lock);
	at = book_find(s->book, c->binding);
	if (at != BOOK_NONE && c->moved_at < s->started_wall)
		book_old_call_ended(s->book, at, &now);
	else if (at != BOOK_NONE)
		book_call_ended(s->book, at, &now);
	pthread_mutex_unlock(&s->lock);
}

static void settle_raise(struct phone_write *wr)
{
	struct phone_call_write *cw = loop_owner(wr, struct phone_call_write, write);

	settle(wr);
	if (cw->fresh)
		call_raised(wr->service, &cw->call);
	hooks_put_over(wr->service->hooks, &cw->told, wr->err);
}

enum sc_err phone_call_raise(struct phone_service *s, struct worker *w, struct phone_call_write *cw)
{
	cw->fresh = false;
	cw->told = (struct hooks_put){ .rows = 0 };
	cw->write.job.run = run_raise;
	cw->write.settle = settle_raise;
	phone_write_submit(s, w, &cw->write);
	return SC_OK;
}
