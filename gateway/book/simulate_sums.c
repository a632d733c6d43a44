/*
 * simulate_sums.c - what a simulation may be asked, and what it adds up to.
 */
#include "gateway/book/forecast.h"
#include "gateway/book/simulate_private.h"

#include <math.h>
#include <stdlib.h>

/* ---- settings ---- */

static bool shares_ok(const struct phone_simulation *s)
{
	return s->late >= 0 && s->after >= 0 && s->reused >= 0 && s->misdial >= 0 &&
	    s->late + s->after + s->reused <= 1 && s->misdial <= 1;
}

/* What is wrong with it, or NULL. */
static const char *complaint(const struct phone_simulation *s)
{
	if (s->ext_digits < 3 || s->ext_digits > PHONE_EXT_DIGITS_MAX)
		return "an extension has 3 to 6 digits";
	if (s->lines > PHONE_LINES_MAX)
		return "there are 1 to 65536 numbers";
	if (!(s->fill >= 0.0001 && s->fill <= 1))
		return "a pool is filled to 0.01 % at least and 100 % at most";
	if (!shares_ok(s))
		return "shares of calls are not negative, and at most 100 % together";
	if (!(s->calls >= 0 && s->calls <= 100))
		return "a parcel has 0 to 100 calls";
	if (s->cooldown_s < PHONE_COOLDOWN_MIN_S || s->cooldown_s > 365 * DAY_S)
		return "a cooldown is a day at least, and a year at most";
	if (s->ttl_s < SAMPLE_S || s->ttl_s > 365 * DAY_S)
		return "a binding lives an hour at least, and a year at most";
	if (s->days > SIMULATE_DAYS_MAX || s->days * DAY_S <= s->ttl_s + s->cooldown_s)
		return "the days must be more than TTL and cooldown together, and at most 3650";
	if (s->orders_day == 0 || s->orders_day > SIMULATE_ORDERS_MAX / s->days)
		return "there is 1 order a day at least, and 60,000,000 in all";
	return NULL;
}

enum sc_err phone_simulation_check(const struct phone_simulation *s, struct sc_diag *d)
{
	const char *what = complaint(s);
	uint64_t lines = s->lines;

	if (what == NULL && lines == 0)
		lines = forecast_lines((double)s->orders_day, s->ttl_s, s->cooldown_s, s->fill,
		    (unsigned)s->ext_digits);
	if (what == NULL &&
	    (lines > PHONE_LINES_MAX ||
		lines * forecast_extensions((unsigned)s->ext_digits) > SIMULATE_SLOTS_MAX))
		what = "that is more than 65536 numbers or 200,000,000 slots: "
		       "fewer orders, numbers or digits";
	if (what == NULL)
		return SC_OK;
	sc_diag_set(d, "%s", what);
	return SC_SYNTAX;
}

/* ---- sums ---- */

void play_sample(struct play *p, const struct phone_now *now)
{
	size_t bytes = book_memory(p->book);
	struct book_stats st;

	book_pool_stats(p->book, now, 0, &st);
	p->out->slots = st.total;
	p->live_now = (double)st.live;
	if (bytes > p->out->book_bytes)
		p->out->book_bytes = bytes;
	if (p->now < p->set->ttl_s + p->set->cooldown_s)
		return;
	if (p->n_taken == 0) {
		p->filled_at = p->now;
		p->bound_before = p->out->bound;
	}
	p->taken[p->n_taken++] = (double)(st.total - st.free) / (double)st.total;
	p->live += (double)st.live;
	p->free += (double)st.free;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sum_samples(struct play *p)
{
	struct phone_simulated *o = p->out;
	double sum = 0;

	qsort(p->taken, p->n_taken, sizeof(*p->taken), by_size);
	for (size_t i = 0; i < p->n_taken; i++)
		sum += p->taken[i];
	o->taken_mean = sum / (double)p->n_taken;
	o->taken_p95 = p->taken[(p->n_taken - 1) * 95 / 100];
	o->taken_max = p->taken[p->n_taken - 1];
	o->live_mean = p->live / (double)p->n_taken / (double)o->slots;
	o->after.bound = (double)o->after.calls * o->taken_mean;
	o->misdial.bound = (double)o->misdial.calls * o->taken_mean;
}

/* How often a slot that is free is drawn, in a second. */
static double drawn(const struct play *p)
{
	double seconds = (double)(p->set->days * DAY_S - p->filled_at);
	double free = p->free / (double)p->n_taken;

	/* a pool without a free slot binds what comes back at once */
	return (double)(p->out->bound - p->bound_before) / seconds / (free < 0.01 ? 0.01 : free);
}

enum sc_err play_sums(struct play *p)
{
	struct simulated_risk *r = &p->out->after;
	struct forecast_slot slot = { 0, p->set->ttl_s, p->set->cooldown_s };
	double *live = calloc(p->n_ages, sizeof(*live));
	enum sc_err err = live == NULL ? SC_NOMEM : SC_OK;

	if (err == SC_OK && p->n_taken > 0) {
		sum_samples(p);
		slot.drawn = drawn(p);
		err = forecast_reuse(&slot, STEP_S, live, p->n_ages);
	}
	for (size_t i = 0; i < p->n_ages && err == SC_OK; i++) {
		r->expected += p->ages[i] * live[i];
		r->variance += p->ages[i] * live[i] * (1 - live[i]);
	}
	free(live);
	return err;
}

double simulated_errors(const struct simulated_risk *r)
{
	return r->variance > 0 ? ((double)r->wrong - r->expected) / sqrt(r->variance) : 0;
}
