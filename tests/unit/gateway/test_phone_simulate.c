/*
 * test_phone_simulate.c - a simulated year: nobody is misdelivered in a
 * cooldown, and beyond it no more than arithmetic says.
 *
 * The kernel's random numbers are taken from a seed here, so that what passes
 * once passes always.
 */
#include "gateway/book/simulate.h"

#include "crypto/prim/random.h"
#include "gateway/book/book.h"
#include "gateway/book/forecast.h"
#include "tap.h"

#include <math.h>

#define DAY 86400u

static uint64_t luck;

/* In the place of the kernel's. */
void random_bytes(void *p, size_t n)
{
	for (uint8_t *at = p; n-- > 0; at++) {
		luck = luck * 6364136223846793005u + 1442695040888963407u;
		*at = (uint8_t)(luck >> 56);
	}
}

/* A quarter of a year in a small pool, more than half full, with careless couriers. */
static const struct phone_simulation careless = {
	.lines = 3,
	.ext_digits = 3,
	.orders_day = 200,
	.ttl_s = 5 * DAY,
	.cooldown_s = 3 * DAY,
	.days = 365,
	.fill = 0.5,
	.calls = 2,
	.late = 0.05,
	.after = 0.05,
	.reused = 0.05,
	.misdial = 0.05,
};

static bool play(const struct phone_simulation *s, uint64_t seed, struct phone_simulated *out)
{
	struct phone_simulation set = *s;

	set.seed = luck = seed + 1;
	return phone_simulation_check(&set, NULL) == SC_OK && phone_simulate(&set, out) == SC_OK;
}

/* ---- whom a call reaches ---- */

#define SEEDS 4
static struct phone_simulated years[SEEDS]; /* of the careless, by seed */

static void test_cooldown(void)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct phone_simulated *r = &years[seed];

		NEED(play(&careless, seed, r));
		CHECK(r->cooling.calls > 5000);
		CHECK(r->cooling.wrong == 0);
		CHECK(r->late > 0);
		CHECK(r->in_life_lost == 0);
		CHECK(r->calls ==
		    r->right + r->nobody + r->late + r->cooling.wrong + r->after.wrong +
			r->misdial.wrong);
	}
}

static void test_formula(void)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const struct phone_simulated *r = &years[seed];

		CHECK(r->after.calls > 5000 && r->after.expected > 500);
		CHECK(fabs(simulated_errors(&r->after)) < 3);
		CHECK((double)r->after.wrong <= r->after.bound);
		CHECK(r->misdial.calls > 2000 && r->misdial.expected > 200);
		CHECK(fabs(simulated_errors(&r->misdial)) < 3);
		CHECK((double)r->misdial.wrong <= r->misdial.bound);
	}
}

/* A longer extension: a tenth of the misdeliveries. */
static void test_longer(void)
{
	const struct phone_simulated *three = &years[0];
	struct phone_simulation s = careless;
	struct phone_simulated four;

	s.ext_digits = 4;
	NEED(play(&s, 0, &four));
	CHECK(four.misdial.wrong * 7 < three->misdial.wrong);
	CHECK(four.after.wrong * 7 < three->after.wrong);
}

/* ---- how full the pool is ---- */

static void test_little(void)
{
	const struct phone_simulated *r = &years[1];

	CHECK(r->exhausted == 0);
	CHECK(r->bound == r->orders);
	CHECK(fabs((double)r->orders - 200 * 365) < 3 * sqrt(200 * 365));
	CHECK(fabs(r->taken_mean * (double)r->slots - 200 * 8) < 0.02 * 200 * 8);
	CHECK(fabs(r->live_mean * (double)r->slots - 200 * 5) < 0.02 * 200 * 5);
	CHECK(r->taken_mean < r->taken_p95 && r->taken_p95 <= r->taken_max && r->taken_max < 1);
}

/* The same, told by a queue of ends: a slot is another's a cooldown after its end, and no sooner. */
static uint64_t naively_refused(const struct phone_simulation *s, uint64_t slots, uint64_t *first,
    uint64_t *last)
{
	uint64_t n = (uint64_t)s->orders_day * s->days, refused = 0, head = 0, tail = 0;
	uint64_t *free_at = calloc(n, sizeof(*free_at));

	if (free_at == NULL)
		return 0;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t now = (uint64_t)((double)DAY / (double)s->orders_day * (double)i);

		while (head < tail && free_at[head] <= now)
			head++;
		if (tail - head < slots) {
			free_at[tail++] = now + s->ttl_s + s->cooldown_s;
			continue;
		}
		*first = refused == 0 ? now : *first;
		*last = now;
		refused++;
	}
	free(free_at);
	return refused;
}

static void test_exhausted(void)
{
	struct phone_simulation s = careless;
	uint64_t first = 0, last = 0, wanted;
	struct phone_simulated r;

	s.lines = 1;
	s.even = true;
	s.orders_day = 700;
	s.ttl_s = 1 * DAY;
	s.cooldown_s = 1 * DAY;
	s.days = 20;
	NEED(play(&s, 3, &r));
	wanted = naively_refused(&s, r.slots, &first, &last);
	CHECK(r.slots > 900 && r.slots <= 1000);
	CHECK(wanted > 1000);
	CHECK(r.exhausted == wanted);
	CHECK(r.first_exhausted_s == first && r.last_exhausted_s == last);
	CHECK(r.orders == r.bound + r.exhausted && r.orders == 700 * 20);
	CHECK(r.exhausted_days > 1 && r.exhausted_days <= 20);
	CHECK(r.taken_max == 1);
	CHECK(r.cooling.wrong == 0);
	/* a slot more, and one is refused less each time round */
	s.orders_day = 400;
	NEED(play(&s, 3, &r));
	CHECK(r.exhausted == 0);
}

/* ---- arithmetic ---- */

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 + 1e-6 * fabs(b);
}

static void test_lines(void)
{
	/* the table of the plan: 15 days and 7, half full */
	CHECK(forecast_lines(10000, 15 * DAY, 7 * DAY, 0.5, 4) == 44);
	CHECK(forecast_lines(10000, 15 * DAY, 7 * DAY, 0.5, 3) == 440);
	CHECK(forecast_lines(100000, 15 * DAY, 7 * DAY, 0.5, 4) == 440);
	CHECK(forecast_lines(1000000, 15 * DAY, 7 * DAY, 0.5, 3) == 44000);
	CHECK(forecast_lines(1, DAY, DAY, 1, 6) == 1);
	CHECK(forecast_extensions(3) == 1000 && forecast_extensions(6) == 1000000);
}

static void test_guess(void)
{
	CHECK(near(forecast_guess(0.3, 3), 0.657));
	CHECK(fabs(forecast_guess(0.003, 3) - 0.009) < 0.0001);
	CHECK(fabs(forecast_guess(0.003, 30) - 0.0862) < 0.0001);
	CHECK(forecast_guess(0, 30) == 0 && forecast_guess(1, 1) == 1);
}

static void test_erlang(void)
{
	CHECK(near(forecast_blocked(1, 1), 0.5));
	CHECK(near(forecast_blocked(2, 2), 0.4));
	CHECK(fabs(forecast_blocked(10, 10) - 0.2146) < 0.0001);
	CHECK(forecast_blocked(1000, 100000) < 1e-200);
	CHECK(near(forecast_blocked(5, 0), 1));
}

/* A slot tends to what Little's law says; before that it is free for a while, then more than that. */
static void test_renewal(void)
{
	const struct forecast_slot s = { 1.0 / (22 * DAY), 15 * DAY, 7 * DAY };
	static double live[400 * 96];

	NEED(forecast_reuse(&s, 900, live, 400 * 96) == SC_OK);
	CHECK(live[0] == 0);
	CHECK(fabs(live[15 * 96] - (1 - exp(-15.0 / 22))) < 0.001);
	CHECK(fabs(live[400 * 96 - 1] - 15.0 / 44) < 0.001);
}

/* ---- settings ---- */

static bool refused(const struct phone_simulation *s)
{
	struct sc_diag d = { .line = 0 };

	return phone_simulation_check(s, &d) == SC_SYNTAX && d.text[0] != '\0';
}

static void test_settings(void)
{
	struct phone_simulation s = careless;

	CHECK(!refused(&s));
	s.cooldown_s = DAY - 1;
	CHECK(refused(&s));
	s.cooldown_s = DAY;
	CHECK(!refused(&s));
	s.ext_digits = 7;
	CHECK(refused(&s));
	s.ext_digits = 2;
	CHECK(refused(&s));
	s = careless;
	s.days = 8; /* TTL and cooldown, and nothing after */
	CHECK(refused(&s));
	s.days = 9;
	CHECK(!refused(&s));
	s = careless;
	s.late = 0.91;
	CHECK(refused(&s));
	s.late = -0.1;
	CHECK(refused(&s));
	s = careless;
	s.fill = 0;
	CHECK(refused(&s));
	s.fill = NAN;
	CHECK(refused(&s));
	s = careless;
	s.orders_day = SIMULATE_ORDERS_MAX / 365 + 1;
	CHECK(refused(&s));
	s.orders_day = 0;
	CHECK(refused(&s));
	s = careless;
	s.lines = 201;
	s.ext_digits = 6;
	CHECK(refused(&s));
}

int main(void)
{
	RUN(test_cooldown, "nobody else is reached while a slot cools down");
	RUN(test_formula, "beyond it and by misdial, within three standard errors of the formula");
	RUN(test_longer, "a longer extension buys what is promised");
	RUN(test_little, "the pool is as full as Little's law says");
	RUN(test_exhausted, "exhaustion is exactly what a queue of ends says");
	RUN(test_lines, "numbers needed");
	RUN(test_guess, "what guesses find");
	RUN(test_erlang, "what share is refused");
	RUN(test_renewal, "when a slot is somebody else's");
	RUN(test_settings, "settings that make no sense are refused");
	return tap_done();
}
