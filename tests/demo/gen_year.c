/*
 * gen_year.c - a made-up shop's year, as a gateway would have handed it over: people who
 * consented, their traits, what they looked at and bought.
 *
 *	gen_year SPOOL SOCKET PEOPLE WEEKS [SEED]
 *
 * Everybody is a number that a generator printed. It puts the weeks before now into the spool
 * at SPOOL, which feeds viewd at SOCKET, and ends when all is handed over; it prints how many
 * frames that were. Categories are liked as Zipf says, a third of them more by one sex; one
 * rises in the last five weeks. Weekends and evenings are busier.
 */
#include "base/feed/feed.h"
#include "gateway/spool/spool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CATEGORIES 24
#define RISING 5 /* of categories, from 0 */
#define CHANNELS 4
#define BATCH 256
#define WAIT_MS 60000
#define WEEK_MS INT64_C(604800000)
#define HOUR_MS 3600000
#define EAST 32 /* quarters of an hour: UTC+8 */
#define STEPS_MAX 5000

struct year {
	struct spool *spool;
	struct feed_frame batch[BATCH];
	size_t n;
	uint64_t put, random;
	uint64_t begin_ms, now_ms;
	unsigned weeks;
};

struct shopper {
	uint64_t person;
	uint8_t age, sex, region, channel;
	double visits, buys; /* a week; of visits */
};

/* ---- chance ---------------------------------------------------------------------------- */

static uint64_t draw(struct year *y)
{
	uint64_t x = y->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static double share(struct year *y)
{
	return (double)(draw(y) >> 11) / 9007199254740992.0;
}

static double normal(struct year *y)
{
	return sqrt(-2 * log(1 - share(y))) * cos(6.283185307179586 * share(y));
}

static unsigned poisson(struct year *y, double mean)
{
	const double end = exp(-mean);
	unsigned n = 0;

	for (double p = share(y); p > end && n < 40; p *= share(y))
		n++;
	return n;
}

/* A place of N by its weight. */
static unsigned pick(struct year *y, const double *weights, unsigned n)
{
	double sum = 0, at;

	for (unsigned i = 0; i < n; i++)
		sum += weights[i];
	at = share(y) * sum;
	for (unsigned i = 0; i < n; i++)
		if ((at -= weights[i]) < 0)
			return i;
	return n - 1;
}

/* ---- frames ---------------------------------------------------------------------------- */

static void nap(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void flush(struct year *y)
{
	uint64_t next;
	enum sc_err err = SC_OK;

	while (y->n > 0 && (err = spool_put(y->spool, y->batch, y->n, &next)) == SC_LIMIT)
		nap(5); /* analytics is behind */
	if (err != SC_OK) {
		fprintf(stderr, "gen_year: the spool: %s\n", sc_err_name(err));
		exit(1);
	}
	y->put += y->n;
	y->n = 0;
}

static struct feed_frame *add(struct year *y, uint8_t type)
{
	if (y->n == BATCH)
		flush(y);
	memset(&y->batch[y->n], 0, sizeof(y->batch[0]));
	y->batch[y->n].type = type;
	return &y->batch[y->n++];
}

static struct feed_event *add_event(struct year *y, const struct shopper *s, uint8_t kind,
    uint64_t at_ms, unsigned channel, unsigned category)
{
	struct feed_event *e = &add(y, FEED_EVENT)->u.event;

	e->id = draw(y) | 1;
	e->person = s->person;
	e->at_ms = at_ms;
	e->kind = kind;
	e->flags = FEED_VOUCHED;
	e->channel = (uint8_t)(channel + 1);
	e->category = (uint16_t)(category + 1);
	e->offset = EAST;
	e->shop = 1;
	return e;
}

/* ---- people ----------------------------------------------------------------------------- */

static void add_trait(struct year *y, const struct shopper *s, uint8_t which, uint8_t value)
{
	add(y, FEED_ATTRIBUTE)->u.attribute = (struct feed_attribute){ .person = s->person,
		.at_ms = y->begin_ms,
		.attribute = which,
		.value = value };
}

/* Who they are; they agreed before the year began. */
static struct shopper enter(struct year *y)
{
	static const double ages[] = { 15, 30, 28, 17, 10 }, channels[] = { 52, 28, 12, 8 };
	struct shopper s = { .person = draw(y) | 1,
		.age = (uint8_t)(1 + pick(y, ages, 5)),
		.sex = (uint8_t)(1 + draw(y) % 2),
		.region = (uint8_t)(1 + draw(y) % 6),
		.channel = (uint8_t)pick(y, channels, CHANNELS),
		.visits = .35 * exp(.9 * normal(y)),
		.buys = .10 * exp(.6 * normal(y)) };

	add(y, FEED_CONSENT)->u.consent = (struct feed_consent){ .who = s.person,
		.at_ms = y->begin_ms - HOUR_MS,
		.version = 1,
		.kind = FEED_PERSON,
		.purpose = 1,
		.word = FEED_GRANT,
		.verified = true };
	add_trait(y, &s, 1, s.age);
	add_trait(y, &s, 2, s.sex);
	add_trait(y, &s, 3, s.region);
	return s;
}

/* ---- what they do ------------------------------------------------------------------------- */

static unsigned like(struct year *y, const struct shopper *s, unsigned week)
{
	double w[CATEGORIES];

	for (unsigned c = 0; c < CATEGORIES; c++) {
		w[c] = pow(c + 1, -1.1);
		if (c % 3 < 2)
			w[c] *= (c % 3 == 0) == (s->sex == 1) ? 1.6 : .63;
		if (c % 4 == 0)
			w[c] *= s->age <= 2 ? 1.5 : .7;
	}
	if (week + 5 >= y->weeks)
		w[RISING] *= 1.8;
	return pick(y, w, CATEGORIES);
}

static uint64_t when(struct year *y, unsigned week)
{
	static const double days[] = { 9, 9, 9, 9, 10, 13, 13 };
	static const double hours[] = { 6, 3, 2, 1, 1, 1, 3, 8, 14, 18, 20, 20, 24, 20, 18, 18, 19,
		20, 24, 34, 46, 52, 40, 18 };
	const uint64_t hour = pick(y, days, 7) * 24 + pick(y, hours, 24);

	return y->begin_ms + week * WEEK_MS + hour * HOUR_MS + draw(y) % HOUR_MS;
}

static void buy(struct year *y, const struct shopper *s, unsigned channel, unsigned category,
    uint64_t at_ms)
{
	const unsigned lines = 1 + draw(y) % 3;
	uint32_t total = 0;

	for (unsigned i = 0; i < lines; i++) {
		const double price = exp(4.3 + .25 * (category % 5) + .7 * normal(y));
		const uint32_t steps = price > STEPS_MAX ? STEPS_MAX : (uint32_t)price + 1;
		struct feed_event *e = add_event(y, s, FEED_ITEM, at_ms, channel,
		    i == 0 ? category : (category + i * 7) % CATEGORIES);

		e->price = steps;
		e->quantity = 1;
		total += steps;
	}
	add_event(y, s, FEED_PURCHASE, at_ms + 1000, channel, category)->price = total;
}

static void visit(struct year *y, const struct shopper *s, unsigned week)
{
	const unsigned channel = share(y) < .8 ? s->channel : (unsigned)(draw(y) % CHANNELS);
	const unsigned category = like(y, s, week), looks = 1 + draw(y) % 3;
	const uint64_t at_ms = when(y, week);

	if (at_ms + HOUR_MS > y->now_ms)
		return;
	for (unsigned i = 0; i < looks; i++)
		add_event(y, s, FEED_PRODUCT, at_ms + i * 60000, channel,
		    i == 0 ? category : like(y, s, week));
	if (share(y) >= s->buys)
		return;
	add_event(y, s, FEED_CART_ADD, at_ms + 300000, channel, category);
	buy(y, s, channel, category, at_ms + 420000);
}

static void live(struct year *y)
{
	const struct shopper s = enter(y);
	const unsigned from = share(y) < .7 ? 0 : (unsigned)(draw(y) % y->weeks);

	for (unsigned w = from; w < y->weeks; w++)
		for (unsigned n = poisson(y, s.visits); n > 0; n--)
			visit(y, &s, w);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The shop's Monday, WEEKS before the one that has begun. */
static void set_times(struct year *y)
{
	const int64_t now = (int64_t)time(NULL) * 1000, east = EAST * INT64_C(900000);
	const int64_t monday = INT64_C(4) * 86400000; /* of 1970, the first */
	const int64_t began = (now + east - monday) / WEEK_MS * WEEK_MS + monday - east;

	y->now_ms = (uint64_t)now;
	y->begin_ms = (uint64_t)(began - (int64_t)y->weeks * WEEK_MS);
	y->weeks++; /* and what there is of this one */
}

static int finish(struct year *y)
{
	struct spool_stats st;

	flush(y);
	for (int i = 0; i < WAIT_MS / 10; i++) {
		spool_count(y->spool, &st);
		if (st.fed == st.put)
			break;
		nap(10);
	}
	spool_close(y->spool);
	printf("%llu\n", (unsigned long long)y->put);
	return st.fed == st.put && st.lost == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct year y = { .random = argc > 5 ? strtoull(argv[5], NULL, 10) : 1 };
	struct sc_diag d = { .text = "" };

	if (argc < 5) {
		fprintf(stderr, "usage: gen_year SPOOL SOCKET PEOPLE WEEKS [SEED]\n");
		return 2;
	}
	const struct spool_options o = { .dir = argv[1],
		.socket = argv[2],
		.max = (uint64_t)512 << 20 };

	y.weeks = (unsigned)strtoul(argv[4], NULL, 10);
	if (spool_open(&o, &d, &y.spool) != SC_OK) {
		fprintf(stderr, "gen_year: %s: %s\n", d.file, d.text);
		return 1;
	}
	set_times(&y);
	for (unsigned long n = strtoul(argv[3], NULL, 10); n > 0; n--)
		live(&y);
	return finish(&y);
}
