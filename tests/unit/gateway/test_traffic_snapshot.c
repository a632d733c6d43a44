/*
 * test_traffic_snapshot.c - each rule of the snapshot alone, against exact counts made the slow way.
 */
#include "gateway/traffic/traffic.h"

#include "tap.h"

#include <pthread.h>

#define MEMORY ((size_t)64 << 20)
#define T0 UINT64_C(1790006400000) /* a midnight */
#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MAX 6000
#define ROUNDS 12

static struct collect_site sites[2];
static struct collect_settings settings = { .sites = sites, .n_sites = 2 };
static struct traffic_event events[MAX];
static struct feed_verdict said[MAX], expected[MAX]; /* rule 0: none */
static size_t n_events;
static uint64_t rng;

static unsigned under(unsigned n)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((rng >> 33) % n);
}

/* ---- the rules' own way ------------------------------------------------------------------- */

static enum sc_err say(void *arg, const struct feed_verdict *v)
{
	(void)arg;
	if (v->rule == FEED_NO_RULE)
		return SC_OK;
	if (v->event == 0 || v->event > n_events || said[v->event - 1].rule != 0 ||
	    v->action != FEED_QUARANTINE || v->scope != FEED_OF_EVENT ||
	    v->rule_version != feed_rules[v->rule].version)
		return SC_BUG;
	said[v->event - 1] = *v;
	return SC_OK;
}

static void only(uint8_t rule)
{
	for (unsigned i = 0; i < FEED_RULE_END; i++)
		settings.rules[i] = (struct collect_rule_setting){ .off = i != rule &&
			    (rule == FEED_NO_RULE || i != FEED_SAME_DEVICE) };
}

/* Send all, and judge; false: something failed, or what rules of arrival said is another thing. */
static bool judged(uint64_t now_ms)
{
	struct traffic *r;
	struct feed_verdict v;
	struct sc_diag d;
	enum sc_err err;
	bool refused;

	memset(said, 0, sizeof(said));
	if (traffic_new(&settings, NULL, MEMORY, &d, &r) != SC_OK)
		return false;
	for (size_t i = 0; i < n_events; i++) {
		traffic_arrive(r, &events[i], &v, &refused);
		if (v.action == FEED_QUARANTINE)
			said[i] = v;
	}
	err = traffic_snapshot(r, now_ms, say, NULL);
	if (err == SC_OK)
		err = traffic_snapshot(r, now_ms, say, NULL);
	traffic_free(r);
	return err == SC_OK;
}

/* ---- the slow way ------------------------------------------------------------------------------ */

static uint64_t day_of(uint64_t ms)
{
	return ms / DAY;
}

static bool is_view(size_t i)
{
	return events[i].event.kind == FEED_PRODUCT;
}

static void expect(size_t i, uint8_t rule, uint64_t n, uint64_t usual, uint32_t threshold)
{
	if (expected[i].rule == 0)
		expected[i] = (struct feed_verdict){ .rule = rule,
			.n = (uint32_t)n,
			.expected = (uint32_t)usual,
			.threshold = threshold };
}

/* What a device is for the most part, it is wholly. */
static void expect_rest(void)
{
	static bool done[MAX];

	memset(done, 0, sizeof(done));
	for (size_t i = 0; i < n_events; i++) {
		const uint64_t device = events[i].event.device;
		size_t hit = 0, all = 0;

		if (done[i] || device == 0)
			continue;
		for (size_t k = 0; k < n_events; k++)
			if (events[k].event.device == device) {
				done[k] = true;
				all++;
				hit += expected[k].rule != 0;
			}
		for (size_t k = 0; hit >= 3 && hit * 2 >= all && k < n_events; k++)
			if (events[k].event.device == device)
				expect(k, FEED_SAME_DEVICE, hit * 1000 / all, 0, 500);
	}
}

static size_t differ(bool numbers)
{
	size_t bad = 0, hits = 0;

	for (size_t i = 0; i < n_events; i++) {
		const struct feed_verdict *a = &said[i], *b = &expected[i];

		hits += b->rule != 0;
		if (a->rule != b->rule ||
		    (numbers &&
			(a->n != b->n || a->expected != b->expected ||
			    a->threshold != b->threshold))) {
			if (bad++ < 3)
				printf(
				    "# event %zu: rule %u n %u e %u t %u, in truth %u n %u e %u t %u\n",
				    i, a->rule, a->n, a->expected, a->threshold, b->rule, b->n,
				    b->expected, b->threshold);
		}
	}
	if (hits == 0)
		printf("# nothing was to be found\n");
	return bad + (hits == 0);
}

/* ---- traffic to count ---------------------------------------------------------------------------- */

static struct traffic_event *add(uint8_t kind, uint64_t device, uint64_t prefix, uint64_t at,
    uint32_t product)
{
	struct traffic_event *e = &events[n_events++];

	*e = (struct traffic_event){ .event = { .id = n_events,
					 .device = device,
					 .at_ms = at,
					 .kind = kind,
					 .product = product,
					 .shop = 1 },
		.raw_ms = at,
		.received_ms = at,
		.prefix = prefix,
		.inputs = 255 };
	return e;
}

/* Few networks, devices and products, so that all kinds of groups come to be. */
static void mixed(uint64_t seed, unsigned n)
{
	rng = seed * 7919;
	n_events = 0;
	memset(expected, 0, sizeof(expected));
	for (unsigned i = 0; i < n; i++) {
		const uint64_t prefix = 1 + under(6), device = prefix * 100 + under(prefix * 4);
		const unsigned what = under(100), busy = prefix < 3 ? 90 : 60;
		const uint64_t at = T0 + under(3) * DAY + under(24 * 60) * MINUTE + i;

		add(what < busy         ? FEED_PRODUCT :
			what < busy + 5 ? FEED_SEARCH :
			what < 97       ? FEED_PAGE :
					  FEED_CART_ADD,
		    device, prefix, at, what < busy ? 1 + under(under(3) == 0 ? 3 : 40) : 0);
	}
}

/* ---- focus ------------------------------------------------------------------------------------------ */

static uint64_t views(uint64_t prefix, uint32_t product, uint64_t device, uint64_t day)
{
	uint64_t n = 0;

	for (size_t i = 0; i < n_events; i++)
		n += is_view(i) && (prefix == 0 || events[i].prefix == prefix) &&
		    (product == 0 || events[i].event.product == product) &&
		    (device == 0 || events[i].event.device == device) &&
		    (day == 0 || day_of(events[i].event.at_ms) == day);
	return n;
}

static bool focused(uint64_t prefix, uint32_t product, uint64_t *n, uint64_t *usual)
{
	uint64_t devices = 0, days = 0;

	*n = views(prefix, product, 0, 0);
	for (uint64_t d = 0; d < 40; d++)
		devices += views(prefix, product, prefix * 100 + d, 0) > 0;
	for (uint64_t d = day_of(T0); d < day_of(T0) + 4; d++)
		days += views(prefix, product, 0, d) >= 15;
	*usual = views(prefix, 0, 0, 0) * (views(0, product, 0, 0) - *n) * 100 /
	    (views(0, 0, 0, 0) - views(prefix, 0, 0, 0));
	return *n >= 30 && days >= 2 && devices >= 5 && *n >= 2 * devices && *n * 100 > 6 * *usual;
}

static void expect_focus(void)
{
	for (uint64_t prefix = 1; prefix <= 6; prefix++) {
		uint64_t most = 0, most_usual = 0, in[40] = { 0 };

		for (uint32_t product = 1; product <= 40; product++) {
			uint64_t n, usual;

			if (!focused(prefix, product, &n, &usual))
				continue;
			if (n > most) {
				most = n;
				most_usual = usual;
			}
			for (size_t i = 0; i < n_events; i++) {
				if (!is_view(i) || events[i].prefix != prefix ||
				    events[i].event.product != product)
					continue;
				in[events[i].event.device - prefix * 100]++;
				if (views(prefix, product, events[i].event.device, 0) >= 2)
					expect(i, FEED_FOCUS, n, usual, 6);
			}
		}
		for (size_t i = 0; most > 0 && i < n_events; i++) {
			const uint64_t device = events[i].event.device;

			if (events[i].prefix == prefix && in[device - prefix * 100] >= 2 &&
			    in[device - prefix * 100] * 4 >= views(prefix, 0, device, 0))
				expect(i, FEED_FOCUS, most, most_usual, 6);
		}
	}
}

static void test_focus(void)
{
	only(FEED_FOCUS);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		mixed(round, 300);
		for (unsigned i = 0; i < 84 + round; i++)
			add(FEED_PRODUCT, 504 + i % 7, 5, T0 + i % 2 * DAY + i * MINUTE,
			    30 + i / 2 % 2);
		expect_focus();
		expect_rest();
		NEED(judged(T0 + 5 * DAY));
		CHECK(differ(true) == 0);
	}
}

/* ---- barren ----------------------------------------------------------------------------------------- */

static bool seeks(size_t i)
{
	const uint8_t kind = events[i].event.kind;

	if (kind == FEED_SEARCH || kind == FEED_CART_ADD)
		return true;
	for (size_t k = 0; kind == FEED_PAGE && k < n_events; k++) {
		const uint64_t a = events[k].event.at_ms, b = events[i].event.at_ms;

		if (is_view(k) && events[k].event.device == events[i].event.device &&
		    (a > b ? a - b : b - a) <= 3000)
			return false;
	}
	return kind == FEED_PAGE;
}

static bool engaged(uint64_t device)
{
	for (size_t i = 0; i < n_events; i++)
		if (events[i].event.device == device && seeks(i))
			return true;
	return false;
}

static bool bound(uint64_t device)
{
	for (size_t i = 0; i < n_events; i++)
		if (events[i].event.device == device && events[i].event.person != 0)
			return true;
	return false;
}

static void expect_barren(void)
{
	uint64_t all = 0, all_seeks = 0;

	for (size_t i = 0; i < n_events; i++)
		if (!bound(events[i].event.device)) {
			all++;
			all_seeks += seeks(i);
		}
	for (uint64_t prefix = 1; prefix <= 9; prefix++) {
		uint64_t n = 0, sought = 0, barren = 0, others = 0;

		for (size_t i = 0; i < n_events; i++) {
			bool first = true;

			if (events[i].prefix != prefix || bound(events[i].event.device))
				continue;
			n++;
			sought += seeks(i);
			for (size_t k = 0; k < i; k++)
				first &= events[k].event.device != events[i].event.device;
			barren += first && !engaged(events[i].event.device);
			others += first && engaged(events[i].event.device);
		}
		if (n < 30 || barren < 6 || (sought * 1000 >= 60 * n && barren <= 3 * (others + 1)))
			continue;
		for (size_t i = 0; i < n_events; i++)
			if (events[i].prefix == prefix && !bound(events[i].event.device) &&
			    !engaged(events[i].event.device))
				expect(i, FEED_BARREN, sought * 1000 / n, all_seeks * 1000 / all,
				    60);
	}
}

static void test_barren(void)
{
	only(FEED_BARREN);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		mixed(round + 100, 260);
		/* on both sides of six devices, of thirty events, of three times as many */
		for (unsigned i = 0; i < 30 + round % 2; i++)
			add(FEED_PRODUCT, 700 + i % (5 + round % 3), 7, T0 + i * HOUR, 1 + i);
		for (unsigned i = 0; i < 29 + round % 3; i++)
			add(FEED_PRODUCT, 800 + i, 8, T0 + i * HOUR, 1 + i);
		for (unsigned i = 0; i < 30; i++)
			add(i >= 26 + round % 3 ? FEED_SEARCH : FEED_PRODUCT, 900 + i % 24, 9,
			    T0 + i * HOUR, 1);
		add(FEED_LOGIN, 800, 8, T0, 0)->event.person = 1;
		expect_barren();
		NEED(judged(T0 + 5 * DAY));
		CHECK(differ(true) == 0);
	}
}

/* One device that looks at many products and does nothing else. */
static void alone(unsigned n, unsigned products, unsigned pages)
{
	n_events = 0;
	memset(expected, 0, sizeof(expected));
	for (unsigned i = 0; i < n; i++)
		add(i < pages ? FEED_PAGE : FEED_PRODUCT, 5, 3, T0 + i * HOUR,
		    i < pages ? 0 : 1 + i % products);
}

static size_t n_said(void)
{
	size_t n = 0;

	for (size_t i = 0; i < n_events; i++)
		n += said[i].rule != 0;
	return n;
}

static void test_barren_alone(void)
{
	only(FEED_BARREN);
	alone(50, 40, 0);
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 50 && said[7].rule == FEED_BARREN && said[7].n == 0 &&
	    said[7].threshold == 60);
	alone(49, 40, 0);
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 0);
	alone(50, 39, 0);
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 0);
	alone(50, 40, 2);
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 50 && said[7].n == 40);
	alone(50, 40, 3);
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 0);
}

/* ---- rings ------------------------------------------------------------------------------------------- */

static struct traffic_event *order(uint64_t person, uint64_t address, uint64_t number, uint64_t at,
    uint32_t product)
{
	struct traffic_event *e = add(FEED_ITEM, 0, 0, at, product);

	e->event.person = person;
	e->address = address;
	e->order = number;
	e->vouched = true;
	return e;
}

static bool is_line(size_t i, uint32_t product)
{
	return events[i].event.kind == FEED_ITEM && events[i].event.product == product;
}

static bool in_pair(size_t of, uint32_t product)
{
	uint64_t days = 0;
	bool others = false;

	for (size_t i = 0; i < n_events; i++)
		if (is_line(i, product) && events[i].address == events[of].address) {
			others |= events[i].event.person != events[of].event.person;
			days |= (uint64_t)1 << (day_of(events[i].event.at_ms) - day_of(T0));
		}
	return others && (days & (days - 1)) != 0;
}

static void product_sums(uint32_t product, uint64_t *orders, uint64_t *paired)
{
	*orders = *paired = 0;
	for (size_t i = 0; i < n_events; i++)
		if (is_line(i, product)) {
			(*orders)++;
			*paired += in_pair(i, product);
		}
}

static bool ring_product(uint32_t product, uint64_t *n, uint64_t *usual)
{
	uint64_t orders, paired, o, p, others = 0, others_paired = 0, days = 0;

	product_sums(product, &orders, &paired);
	for (uint32_t k = 1; k <= 8; k++) {
		product_sums(k, &o, &p);
		others += k == product ? 0 : o;
		others_paired += k == product ? 0 : p;
	}
	for (size_t i = 0; i < n_events; i++)
		if (is_line(i, product))
			days |= (uint64_t)1 << (day_of(events[i].event.at_ms) - day_of(T0));
	if (orders < 8 || __builtin_popcountll(days) < 3)
		return false;
	*n = paired * 1000 / orders;
	*usual = others == 0 ? 0 : others_paired * 1000 / others;
	return *n >= 300 && *n >= 5 * *usual;
}

static void expect_ring(void)
{
	static bool ring[MAX];

	memset(ring, 0, sizeof(ring));
	for (uint32_t product = 1; product <= 8; product++) {
		uint64_t n, usual;

		for (size_t i = 0; ring_product(product, &n, &usual) && i < n_events; i++)
			ring[i] |= is_line(i, product) && in_pair(i, product);
	}
	for (size_t i = 0; i < n_events; i++) {
		size_t orders = 0;
		uint64_t n, usual;

		for (size_t k = 0; ring[i] && k < n_events; k++)
			orders += ring[k] && events[k].event.person == events[i].event.person;
		if (orders < 2 || !ring_product(events[i].event.product, &n, &usual))
			continue;
		for (size_t k = 0; k < n_events; k++)
			if (events[k].order == events[i].order)
				expect(k, FEED_RING, n, usual, 300);
	}
}

static void test_ring(void)
{
	only(FEED_RING);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		rng = round * 31;
		n_events = 0;
		memset(expected, 0, sizeof(expected));
		for (unsigned i = 0; i < 400; i++)
			order(1 + under(300), 1 + under(2000), 10000 + i, T0 + under(10) * DAY + i,
			    1 + under(4));
		/* one who orders the same again and again is no ring */
		for (unsigned i = 0; i < 12; i++)
			order(7000 + i % 4, 800 + i % 4, 700 + i, T0 + i / 4 * DAY + i, 5);
		for (unsigned p = 6; p <= 8; p++)
			for (unsigned i = 0; i < 7 + round; i++) {
				order(5000 + under(6), 9000 + p * 10 + under(p - 4), p * 100 + i,
				    T0 + under(round % 3 + 3) * DAY + i, p);
				add(FEED_PURCHASE, 0, 0, T0 + i, 0)->order = p * 100 + i;
				events[n_events - 1].vouched = true;
			}
		expect_ring();
		NEED(judged(T0 + 12 * DAY));
		CHECK(differ(true) == 0);
	}
}

/* ---- untapped ------------------------------------------------------------------------------------------- */

static void test_untapped(void)
{
	const uint64_t now = T0 + 5 * DAY;
	size_t i, wanted;

	only(FEED_UNTAPPED);
	n_events = 0;
	add(FEED_PURCHASE, 0, 0, T0, 0)->order = 1; /* an order, */
	events[0].vouched = true;
	add(FEED_PURCHASE, 1, 3, T0 + 1, 0)->order = 1; /* and its page */
	wanted = n_events;
	add(FEED_PURCHASE, 2, 3, T0 + 2, 0)->order = 2;
	add(FEED_ITEM, 2, 3, T0 + 3, 7)->order = 2;
	i = n_events;
	add(FEED_PURCHASE, 2, 3, T0 - 1, 0)->order = 3; /* before any order that is known */
	add(FEED_PURCHASE, 2, 3, T0 + 4, 0);            /* of no order */
	add(FEED_PURCHASE, 3, 3, now - HOUR + 1, 0)->order = 4;
	add(FEED_PURCHASE, 3, 3, T0 + 5, 0)->order = 5; /* of a shop none of whose orders came */
	events[n_events - 1].event.shop = 2;
	add(FEED_PURCHASE, 3, 3, now - HOUR, 0)->order = 6;
	for (size_t k = 0; k < n_events; k++)
		events[k].received_ms = now;
	NEED(judged(now));
	CHECK(n_said() == 3);
	CHECK(said[wanted].rule == FEED_UNTAPPED && said[wanted].n == 119 &&
	    said[wanted].threshold == 1);
	CHECK(said[wanted + 1].rule == FEED_UNTAPPED);
	CHECK(said[i].rule == 0 && said[n_events - 1].rule == FEED_UNTAPPED &&
	    said[n_events - 1].n == 1);
	settings.rules[FEED_UNTAPPED].threshold = 2;
	NEED(judged(now));
	CHECK(n_said() == 2 && said[n_events - 1].rule == 0);
}

/* ---- a device's days ---------------------------------------------------------------------------------------- */

static uint32_t awake(uint64_t device, uint64_t hour)
{
	uint32_t n = 0;

	for (uint64_t h = hour - 23; h <= hour; h++)
		for (size_t i = 0; i < n_events; i++)
			if (events[i].event.device == device && events[i].event.at_ms / HOUR == h) {
				n++;
				break;
			}
	return n;
}

static void expect_awake(void)
{
	for (size_t i = 0; i < n_events; i++) {
		const uint64_t device = events[i].event.device, hour = events[i].event.at_ms / HOUR;

		for (size_t k = 0; k < n_events; k++) {
			const uint64_t last = events[k].event.at_ms / HOUR;

			if (events[k].event.device == device && last >= hour && last < hour + 24 &&
			    awake(device, last) >= 20)
				expect(i, FEED_AWAKE, 0, 0, 20);
		}
	}
}

static void test_awake(void)
{
	only(FEED_AWAKE);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		rng = round;
		n_events = 0;
		memset(expected, 0, sizeof(expected));
		for (unsigned h = 0; h < 60; h++)
			for (unsigned d = 0; d < 4; d++)
				if (under(100) < 70 + d * 8)
					add(FEED_PRODUCT, 1 + d, 1,
					    T0 + h * HOUR + under(3600) * 1000, h);
		expect_awake();
		expect_rest();
		NEED(judged(T0 + 5 * DAY));
		CHECK(differ(false) == 0);
		for (size_t i = 0; i < n_events; i++)
			CHECK(said[i].rule != FEED_AWAKE || said[i].threshold == 20);
	}
}

static void test_sessions(void)
{
	only(FEED_NO_INPUT);
	n_events = 0;
	for (unsigned i = 0; i < 4; i++) {
		add(FEED_PRODUCT, 1, 1, T0 + i * MINUTE, i)->inputs = 0;
		add(FEED_PRODUCT, 2, 1, T0 + i * MINUTE, i)->inputs = i == 0 ? 1 : 0;
		add(FEED_PRODUCT, 3, 1, T0 + i * MINUTE, i)->inputs = 0;
	}
	add(FEED_SEARCH, 3, 1, T0 + HOUR, 0); /* later it does what people do */
	NEED(judged(T0 + DAY));
	/* the first three, and what arrival said of device 3, which knew no better */
	for (size_t i = 0; i < 12; i++)
		CHECK((said[i].rule == FEED_NO_INPUT) == (i % 3 == 0 || i == 11));
	only(FEED_CADENCE);
	n_events = 0;
	for (unsigned i = 0; i < 16; i++)
		add(FEED_PRODUCT, 1, 1, T0 + i * MINUTE, i);
	add(FEED_PRODUCT, 1, 1, T0 + 2 * HOUR, 0);
	NEED(judged(T0 + DAY));
	CHECK(n_said() == 17 && said[0].rule == FEED_CADENCE && said[0].n == 0 &&
	    said[0].threshold == 120);
}

/* ---- bursts --------------------------------------------------------------------------------------------------- */

static void burst(unsigned devices, unsigned others, uint32_t product, unsigned elsewhere)
{
	n_events = 0;
	for (unsigned i = 0; i < devices; i++)
		add(FEED_PRODUCT, 10 + i, 1, T0 + i, product == 0 ? 1 + i : product);
	for (unsigned i = 0; i < others; i++)
		add(FEED_SEARCH, 1000 + i, 1, T0 + 500 + i, 0);
	for (unsigned i = 0; i < elsewhere; i++)
		add(FEED_PRODUCT, 2000 + i, 2 + i, T0 + 600 + i, product);
}

static void test_burst(void)
{
	only(FEED_PREFIX_BURST);
	burst(14, 6, 0, 0);
	NEED(judged(T0 + DAY));
	CHECK(n_said() == 14 && said[0].n == 20 && said[0].threshold == 20 &&
	    said[0].rule == FEED_PREFIX_BURST);
	burst(13, 6, 0, 0);
	NEED(judged(T0 + DAY));
	CHECK(n_said() == 0);
	burst(14, 7, 0, 0);
	NEED(judged(T0 + DAY));
	/* the fourteenth made seven tenths of twenty when it came */
	CHECK(n_said() == 0);
	/* one product: for nobody else, and for twice as many elsewhere */
	burst(20, 0, 9, 39);
	NEED(judged(T0 + DAY));
	CHECK(n_said() == 20);
	burst(20, 0, 9, 40);
	NEED(judged(T0 + DAY));
	CHECK(n_said() == 0);
	/* who does other things too is a neighbour */
	burst(20, 0, 0, 0);
	add(FEED_PAGE, 10, 1, T0 + 700, 0);
	NEED(judged(T0 + DAY));
	CHECK(said[0].rule == 0 && n_said() == 19);
}

/* ---- replays --------------------------------------------------------------------------------------------------- */

static void walk(uint64_t device, uint64_t at, unsigned acts, bool clock_off, unsigned jitter)
{
	static const unsigned gaps[] = { 0, 7100, 3300, 21500, 900, 12000, 5200, 8000 };

	for (unsigned i = 0; i < acts; i++) {
		at += gaps[i] + (i == 3 ? jitter : 0);
		add(FEED_PRODUCT, device, 1, at, 50 + i)->event.flags = clock_off ? FEED_CLOCK_OFF :
										    0;
	}
}

static void test_replay(void)
{
	only(FEED_REPLAY);
	n_events = 0;
	walk(1, T0, 8, false, 0);
	walk(2, T0 + HOUR, 6, false, 0);
	walk(3, T0 + HOUR, 5, false, 0);   /* too short for a clock that is right */
	walk(4, T0 + HOUR, 4, true, 0);    /* long enough for one that is not */
	walk(5, T0 + HOUR, 8, true, 5000); /* out of step: three, and five which are most of it */
	walk(6, T0 + 59999, 8, true, 0);   /* at the same time */
	walk(7, T0 + 3 * HOUR, 3, true, 0);
	NEED(judged(T0 + DAY));
	for (size_t i = 0; i < 8; i++)
		CHECK(said[i].rule == 0);
	for (size_t i = 8; i < 14; i++)
		CHECK(said[i].rule == FEED_REPLAY && said[i].n == 6 && said[i].threshold == 4);
	for (size_t i = 14; i < 19; i++)
		CHECK(said[i].rule == 0);
	for (size_t i = 19; i < 23; i++)
		CHECK(said[i].rule == FEED_REPLAY && said[i].n == 4);
	for (size_t i = 23; i < 31; i++)
		CHECK(i < 26 ? said[i].rule == FEED_SAME_DEVICE && said[i].n == 625 :
			       said[i].rule == FEED_REPLAY && said[i].n == 5);
	for (size_t i = 31; i < n_events; i++)
		CHECK(said[i].rule == 0);
}

/* ---- all off ------------------------------------------------------------------------------------------------------ */

static void test_off(void)
{
	only(FEED_NO_RULE);
	mixed(5, 900);
	for (unsigned i = 0; i < 90; i++)
		add(FEED_PRODUCT, 700 + i, 7, T0 + i, 30)->inputs = 0;
	NEED(judged(T0 + 5 * DAY));
	CHECK(n_said() == 0);
}

static enum sc_err stop(void *arg, const struct feed_verdict *v)
{
	return v->rule != FEED_NO_RULE && --*(int *)arg < 0 ? SC_LIMIT : SC_OK;
}

/* Who is told may stop it: what was told until then is told again, since nobody may have kept it. */
static void test_stopped(void)
{
	struct traffic *r;
	struct feed_verdict v;
	struct sc_diag d;
	bool refused;
	int some = 10;

	only(FEED_BARREN);
	alone(60, 45, 0);
	memset(said, 0, sizeof(said));
	NEED(traffic_new(&settings, NULL, MEMORY, &d, &r) == SC_OK);
	for (size_t i = 0; i < n_events; i++)
		traffic_arrive(r, &events[i], &v, &refused);
	CHECK(traffic_snapshot(r, T0 + DAY, stop, &some) == SC_LIMIT);
	CHECK(traffic_snapshot(r, T0 + DAY, say, NULL) == SC_OK);
	CHECK(n_said() == 60);
	CHECK(traffic_snapshot(r, T0 + DAY, stop, &some) == SC_OK);
	traffic_free(r);
}

/* ---- beside events that go on coming ------------------------------------------------------------- */

static void *go_on(void *arg)
{
	struct traffic *r = arg;
	struct feed_verdict v;
	bool refused;

	for (unsigned round = 0; round < 40; round++)
		for (size_t i = 0; i < n_events; i++) {
			struct traffic_event e = events[i];

			e.event.id += (uint64_t)(round + 1) << 32;
			e.raw_ms += round + 1;
			traffic_arrive(r, &e, &v, &refused);
		}
	return NULL;
}

static enum sc_err count(void *arg, const struct feed_verdict *v)
{
	*(size_t *)arg += v->rule != FEED_NO_RULE;
	return SC_OK;
}

static void test_beside(void)
{
	struct traffic *r;
	struct sc_diag d;
	pthread_t thread;
	size_t told = 0;

	only(FEED_BARREN);
	alone(60, 45, 0);
	NEED(traffic_new(&settings, NULL, MEMORY, &d, &r) == SC_OK);
	NEED(pthread_create(&thread, NULL, go_on, r) == 0);
	for (unsigned i = 0; i < 10; i++) {
		CHECK(traffic_snapshot(r, T0 + DAY, count, &told) == SC_OK);
		CHECK(traffic_tend(r, T0 + DAY) == SC_OK);
	}
	NEED(pthread_join(thread, NULL) == 0);
	CHECK(traffic_snapshot(r, T0 + DAY, count, &told) == SC_OK);
	CHECK(told == 40 * n_events);
	traffic_free(r);
}

/* What was told is known after a restart, and nothing of it is told twice. */
static void test_reopened(void)
{
	char dir[] = "/tmp/test_traffic_snapshot.XXXXXX", cmd[64];
	struct traffic *r;
	struct feed_verdict v;
	struct sc_diag d;
	size_t told = 0;
	bool refused;

	NEED(mkdtemp(dir) != NULL);
	only(FEED_BARREN);
	alone(60, 45, 0);
	NEED(traffic_new(&settings, dir, MEMORY, &d, &r) == SC_OK);
	for (size_t i = 0; i < n_events; i++)
		traffic_arrive(r, &events[i], &v, &refused);
	traffic_free(r);
	NEED(traffic_new(&settings, dir, MEMORY, &d, &r) == SC_OK);
	CHECK(traffic_snapshot(r, T0 + DAY, count, &told) == SC_OK && told == 60);
	traffic_free(r);
	NEED(traffic_new(&settings, dir, MEMORY, &d, &r) == SC_OK);
	CHECK(traffic_snapshot(r, T0 + DAY, count, &told) == SC_OK && told == 60);
	traffic_free(r);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	CHECK(system(cmd) == 0);
}

int main(void)
{
	RUN(test_focus, "focus: exact counts, and what is usual without itself");
	RUN(test_barren, "barren: exact counts on both sides of each edge");
	RUN(test_barren_alone, "barren: one device that only looks");
	RUN(test_ring, "ring: exact counts, whole orders");
	RUN(test_untapped, "untapped: what never was an order, and nothing younger");
	RUN(test_awake, "awake: every act of a day that was too long");
	RUN(test_sessions, "input, cadence: what came before the rule could know");
	RUN(test_burst, "burst: whole hours, and no sale");
	RUN(test_replay, "replay: acts in somebody's step");
	RUN(test_beside, "a snapshot beside events that go on coming");
	RUN(test_reopened, "what was told is known after a restart");
	RUN(test_off, "what is off says nothing");
	RUN(test_stopped, "a snapshot that was stopped is made again, and told once");
	return tap_done();
}
