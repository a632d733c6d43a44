/*
 * calls_tend.c - calls whose end was never told are given up, and old ones
 * forgotten, when both clocks say so: one that is ahead for a moment must not
 * make every replay a first.
 *
 * Each call has its pool's longest time, and a while more: so a lost event
 * costs a binding its parallel call for that long, and no longer.
 */
#include "gateway/phone/calls_private.h"

#include <stdlib.h>
#include <string.h>

#define TEND_MAX 256
#define TEND_SLACK_S 120 /* an end may be late */

struct tend_work {
	struct phone_write write;
	struct phone_service *s;
	uint64_t given_up_before; /* last asked about before it, and not ended */
	struct phone_call calls[TEND_MAX];
	size_t n;
	struct hooks_put told;
};

static uint64_t earliest(const struct phone_service *s)
{
	const struct phone_now now = phone_service_now(s);

	return now.wall < now.steady ? now.wall : now.steady;
}

static uint64_t longest_call(const struct phone_settings *set)
{
	uint64_t max = 0;

	for (size_t i = 0; i < set->n_pools; i++)
		if (set->pools[i].max_call_s > max)
			max = set->pools[i].max_call_s;
	return max;
}

static bool bind_open(void *arg, size_t i, struct store_value *v)
{
	const struct tend_work *t = arg;

	(void)i;
	v[0] = phone_tenant(t->s);
	v[1] = store_number(t->given_up_before);
	v[2] = store_number(CALL_DIALLED);
	v[3] = store_number(CALL_ENDED);
	v[4] = store_number(TEND_MAX);
	return true;
}

static enum sc_err take_open(void *arg, size_t i, const struct store_value *v)
{
	struct tend_work *t = arg;
	struct phone_call *c = &t->calls[t->n];

	(void)i;
	if (t->n == TEND_MAX)
		return SC_OK;
	memset(c, 0, sizeof(*c));
	if (v[0].bytes.n != CALL_KEY_BYTES)
		return SC_CORRUPT;
	memcpy(c->key, v[0].bytes.p, CALL_KEY_BYTES);
	t->n++;
	return SC_OK;
}

/*
 * How long an id is known. A vendor's webhook has no time in it: who keeps one may
 * send it again when he likes, so its id is known until whatever it led to then is
 * over, cooldown and all.
 */
static uint64_t kept_s(const struct phone_settings *set)
{
	uint64_t max = CALL_KEPT_S;

	for (size_t i = 0; set->n_vendors != 0 && i < set->n_pools; i++) {
		uint64_t life = (uint64_t)set->pools[i].ttl_max_s + set->pools[i].cooldown_s;

		if (life > max)
			max = life;
	}
	return max;
}

static bool bind_old(void *arg, size_t i, struct store_value *v)
{
	const struct tend_work *t = arg;
	uint64_t now = earliest(t->s), kept = kept_s(t->s->settings);

	(void)i;
	v[0] = phone_tenant(t->s);
	v[1] = store_number(now < kept ? 0 : now - kept);
	return true;
}

static enum sc_err give_up(struct tend_work *t, size_t i, struct store_tx *tx)
{
	struct call_work k = {
		.s = t->s,
		.c = &t->calls[i],
		.now = phone_latest_s(t->s),
		.cause = "given_up",
		.told = &t->told,
	};
	enum sc_err err = call_find(&k, tx);

	t->calls[i].state = CALL_ENDED;
	t->calls[i].ended_at = k.now;
	if (err == SC_OK && k.found)
		err = call_raise(&k, tx);
	t->calls[i] = k.is;
	return err;
}

static enum sc_err run_tend(struct store_job *j, struct store_tx *tx)
{
	struct tend_work *t =
	    loop_owner(loop_owner(j, struct phone_write, job), struct tend_work, write);
	const struct store_batch open = { CALLS_OPEN, 1, bind_open, take_open, t };
	const struct store_batch old = { CALLS_FORGET, 1, bind_old, NULL, t };
	enum sc_err err = store_ask(tx, &open);

	for (size_t i = 0; i < t->n && err == SC_OK; i++)
		err = give_up(t, i, tx);
	return err != SC_OK ? err : store_ask(tx, &old);
}

static void settle_tend(struct phone_write *wr)
{
	struct tend_work *t = loop_owner(wr, struct tend_work, write);

	for (size_t i = 0; i < t->n && wr->err == SC_OK; i++)
		call_raised(t->s, &t->calls[i]);
	hooks_put_over(t->s->hooks, &t->told, wr->err);
}

static void on_tended(struct phone_write *wr, enum sc_err err)
{
	(void)err;
	free(loop_owner(wr, struct tend_work, write));
}

void phone_calls_tend(struct phone_service *s, struct worker *w)
{
	uint64_t now = earliest(s), longest = longest_call(s->settings);
	struct tend_work *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return;
	t->s = s;
	if (now > longest + TEND_SLACK_S)
		t->given_up_before = now - longest - TEND_SLACK_S;
	t->write.job.run = run_tend;
	t->write.settle = settle_tend;
	t->write.done = on_tended;
	phone_write_submit(s, w, &t->write);
}
