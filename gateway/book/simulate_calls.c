/*
 * simulate_calls.c - what couriers do with a label, and whom they reach by it.
 */
#include "gateway/book/forecast.h"
#include "gateway/book/simulate_private.h"

#include <math.h>
#include <string.h>

#define CALLER 0x10000000000u    /* a blind index of the first epoch */
#define PARCELS_OF_A_COURIER 100 /* a day */

/* ---- luck ---- */

static uint64_t draw(struct play *p)
{
	uint64_t z = p->luck += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* From 0 to below 1. */
static double chance(struct play *p)
{
	return (double)(draw(p) >> 11) * 0x1p-53;
}

double play_wait(struct play *p, double mean)
{
	return -log1p(-chance(p)) * mean;
}

/* When a courier uses this label; 0: not in the time that is simulated. */
static uint64_t call_time(struct play *p, uint64_t expires_at)
{
	const struct phone_simulation *s = p->set;
	double u = chance(p), at = (double)expires_at;

	if ((u -= s->late) < 0)
		at += chance(p) * (double)s->cooldown_s;
	else if ((u -= s->after) < 0)
		at += (double)s->cooldown_s + play_wait(p, SIMULATE_AFTER_S);
	else if (u < s->reused)
		at += chance(p) * SIMULATE_REUSED_S;
	else
		at -= (1 - chance(p)) * (double)s->ttl_s; /* after it was bound, before it ends */
	return at >= (double)s->days * DAY_S ? 0 : (uint64_t)at;
}

enum sc_err play_plan(struct play *p, uint32_t at, uint64_t parcel)
{
	uint64_t couriers = p->set->orders_day / PARCELS_OF_A_COURIER + 1;
	uint64_t n = (uint64_t)(p->set->calls + chance(p));
	struct phone_binding b;
	struct simulated_call c;

	book_view(p->book, at, &b);
	c = (struct simulated_call){
		.expires_at = b.expires_at - BEGIN_S,
		.parcel = parcel,
		.courier = CALLER + 1 + draw(p) % couriers,
		.line = b.line,
		.ext = b.ext,
	};
	for (uint64_t i = 0; i < n; i++) {
		enum sc_err err;

		if ((c.at = call_time(p, c.expires_at)) == 0)
			continue;
		if ((err = simulate_queue_put(&p->queue, &c)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* ---- calls ---- */

/* EXT with one digit that is another. */
static uint32_t misdialled(struct play *p, uint32_t ext)
{
	uint64_t place = forecast_extensions((unsigned)(draw(p) % p->set->ext_digits));
	uint32_t digit = (uint32_t)(ext / place % 10);
	uint32_t other = (uint32_t)((digit + 1 + draw(p) % 9) % 10);

	return (uint32_t)(ext - digit * place + other * place);
}

/* Which of the risks this call is, or NULL: the parcel lives, and the label says whom it reaches. */
static struct simulated_risk *risk_of(struct play *p, const struct simulated_call *c,
    bool wrong_digit)
{
	uint64_t free_at = c->expires_at + p->set->cooldown_s;
	double chance_of;

	if (wrong_digit) {
		/* of its X, those that are live, without the right one */
		chance_of = (p->live_now / (double)p->out->lines - 1) /
		    (double)(forecast_extensions((unsigned)p->set->ext_digits) - 1);
		p->out->misdial.expected += chance_of;
		p->out->misdial.variance += chance_of * (1 - chance_of);
		return &p->out->misdial;
	}
	if (c->at < c->expires_at)
		return NULL;
	if (c->at < free_at)
		return &p->out->cooling;
	p->ages[(c->at - free_at) / STEP_S]++;
	return &p->out->after;
}

/* Whom did it reach, of those that it could have? */
static void judge(struct play *p, const struct simulated_call *c, const struct book_way *way,
    struct simulated_risk *risk)
{
	uint64_t reached = 0;

	if (way->answer == PHONE_CONNECT && way->to.n == sizeof(reached))
		memcpy(&reached, way->to.p, sizeof(reached));
	p->out->calls++;
	if (risk != NULL)
		risk->calls++;
	if (reached != 0 && reached == c->parcel)
		p->out->right++;
	else if (reached != 0 && risk != NULL)
		risk->wrong++;
	else if (way->answer == PHONE_LATE)
		p->out->late++;
	else
		p->out->nobody++;
	if (risk == NULL && reached != c->parcel)
		p->out->in_life_lost++;
}

enum sc_err play_call(struct play *p, const struct simulated_call *c)
{
	bool wrong_digit = c->at < c->expires_at && chance(p) < p->set->misdial;
	struct phone_now now = play_clock(p);
	struct book_call q = {
		.line = c->line,
		.ext = wrong_digit ? misdialled(p, c->ext) : c->ext,
		.caller = c->courier,
		.channel = PHONE_VOICE,
	};
	struct book_way way;
	enum sc_err err;

	book_route(p->book, &now, &q, &way);
	judge(p, c, &way, risk_of(p, c, wrong_digit));
	if (way.answer != PHONE_CONNECT)
		return SC_OK;
	err = book_connected(p->book, way.at, &now, c->courier,
	    sc_span(&c->courier, sizeof(c->courier)), 0);
	if (err == SC_OK)
		book_call_ended(p->book, way.at, &now);
	return err;
}
