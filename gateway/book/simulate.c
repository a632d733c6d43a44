/*
 * simulate.c - the play: orders, calls, and who is reached, in the order of time.
 *
 *	play -> order -> book_bind, book_confirm, plan_calls
 *	     -> call  -> book_route -> judge
 *	     -> sweep (before each), sample (each hour)
 */
#include "gateway/book/simulate.h"

#include "gateway/book/forecast.h"
#include "gateway/book/simulate_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MAX 256

/* ---- the pool ---- */

static enum sc_err make_pool(struct play *p)
{
	const struct phone_simulation *s = p->set;
	static const char *const dial[] = { "44" };

	p->out->lines = s->lines != 0 ? s->lines :
					forecast_lines((double)s->orders_day, s->ttl_s,
					    s->cooldown_s, s->fill, (unsigned)s->ext_digits);
	p->pool = (struct phone_pool){
		.name = { "simulated" },
		.mode = PHONE_AXE,
		.ext_digits = (uint8_t)s->ext_digits,
		.voice = true,
		.next = PHONE_NO_POOL,
		.ttl_s = (uint32_t)s->ttl_s,
		.ttl_max_s = (uint32_t)s->ttl_s,
		.cooldown_s = (uint32_t)s->cooldown_s,
		.max_call_s = 600,
		.max_parallel = 1000,
		.max_calls_day = 1000,
		.dial = dial,
		.n_dial = 1,
	};
	p->settings.home = dial[0];
	p->settings.pools = &p->pool;
	p->settings.n_pools = 1;
	p->settings.n_lines = (size_t)p->out->lines;
	p->settings.lines = calloc(p->settings.n_lines, sizeof(*p->settings.lines));
	if (p->settings.lines == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < p->settings.n_lines; i++)
		snprintf(p->settings.lines[i].e164, sizeof(p->settings.lines[i].e164), "+4416%08u",
		    (unsigned)i);
	return book_new(&p->settings, &p->book);
}

struct released {
	uint32_t v[SWEEP_MAX];
	size_t n;
};

static void note_due(void *arg, uint32_t at, enum book_due what)
{
	struct released *r = arg;

	if (what == BOOK_RELEASE)
		r->v[r->n++] = at;
}

/* What is due: expired, or free again. */
static void sweep(struct play *p)
{
	struct phone_now now = play_clock(p);
	struct released r;
	size_t n;

	do {
		r.n = 0;
		n = book_sweep(p->book, &now, SWEEP_MAX, note_due, &r);
		for (size_t i = 0; i < r.n; i++)
			book_release(p->book, r.v[i]);
	} while (n == SWEEP_MAX);
}

/* ---- orders ---- */

static void note_exhausted(struct play *p)
{
	uint64_t day = p->now / DAY_S + 1;

	if (p->out->exhausted++ == 0)
		p->out->first_exhausted_s = p->now;
	p->out->last_exhausted_s = p->now;
	if (day != p->exhausted_day)
		p->out->exhausted_days++;
	p->exhausted_day = day;
}

/* One order: its person is known to the book by the parcel's number. */
static enum sc_err order(struct play *p)
{
	uint64_t parcel = ++p->out->orders;
	struct phone_now now = play_clock(p);
	struct book_wanted w = {
		.line = PHONE_NO_LINE,
		.ext = PHONE_NO_EXT,
		.a = sc_span(&parcel, sizeof(parcel)),
		.expires_at = now.wall + p->set->ttl_s,
		.directions = PHONE_TO_A,
		.channels = PHONE_VOICE,
	};
	enum book_bound how;
	enum sc_err err;
	uint32_t at;

	memcpy(w.id, &parcel, sizeof(parcel));
	memcpy(w.order, &parcel, sizeof(parcel));
	if ((err = book_bind(p->book, &now, &w, &at, &how)) != SC_OK)
		return err;
	if (how == BOOK_EXHAUSTED) {
		note_exhausted(p);
		return SC_OK;
	}
	if (how != BOOK_NEW)
		return SC_BUG;
	p->out->bound++;
	book_confirm(p->book, at);
	return play_plan(p, at, parcel);
}

/* ---- the whole year ---- */

/* Orders, calls and samples in the order of their time. */
static enum sc_err play_on(struct play *p)
{
	const struct phone_simulation *s = p->set;
	const uint64_t end = s->days * DAY_S;
	const double gap = (double)DAY_S / (double)s->orders_day;
	uint64_t next_sample = 0;
	enum sc_err err = SC_OK;

	while (err == SC_OK) {
		uint64_t at = p->next >= (double)end ? end : (uint64_t)p->next;
		bool calls = p->queue.n > 0 && p->queue.v[0].at < at;

		p->now = calls ? p->queue.v[0].at : at;
		if (next_sample <= p->now && next_sample < end) {
			struct phone_now now;

			p->now = next_sample;
			now = play_clock(p);
			sweep(p);
			play_sample(p, &now);
			if (p->now % DAY_S == 0 && s->progress != NULL)
				s->progress(s->arg, p->now / DAY_S);
			next_sample += SAMPLE_S;
			continue;
		}
		if (p->now >= end)
			break;
		sweep(p);
		if (calls) {
			struct simulated_call c = simulate_queue_take(&p->queue);

			err = play_call(p, &c);
			continue;
		}
		err = order(p);
		/* a product, not a sum of gaps: the last order is not early */
		p->next = s->even ? gap * (double)p->out->orders : p->next + play_wait(p, gap);
	}
	return err;
}

enum sc_err phone_simulate(const struct phone_simulation *s, struct phone_simulated *out)
{
	struct play p = { .set = s, .out = out, .luck = s->seed };
	enum sc_err err;

	*out = (struct phone_simulated){ .lines = 0 };
	p.n_ages = (size_t)(s->days * DAY_S / STEP_S) + 1;
	p.ages = calloc(p.n_ages, sizeof(*p.ages));
	p.taken = calloc((size_t)(s->days * DAY_S / SAMPLE_S) + 1, sizeof(*p.taken));
	err = p.ages == NULL || p.taken == NULL ? SC_NOMEM : make_pool(&p);
	if (err == SC_OK)
		err = play_on(&p);
	if (err == SC_OK)
		err = play_sums(&p);
	simulate_queue_fini(&p.queue);
	book_free(p.book);
	free(p.settings.lines);
	free(p.ages);
	free(p.taken);
	return err;
}
