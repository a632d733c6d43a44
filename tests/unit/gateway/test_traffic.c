/*
 * test_traffic.c - the rules of arrival, each at its edges.
 */
#include "gateway/traffic/traffic.h"

#include "tap.h"

#include <unistd.h>

#define MEMORY ((size_t)64 << 20)
#define T0 UINT64_C(1790000000000)          /* within a day */
#define TRAFFIC_LOG_SPARE ((size_t)2 << 20) /* the log's buffer, and what is not a table */
#define MINUTE 60000u
#define HOUR 3600000u

static struct collect_site site = { .per_minute = 1000000 };
static struct collect_settings settings = { .sites = &site, .n_sites = 1 };
static struct traffic *r;
static struct feed_verdict v;
static bool refused;
static uint64_t next_id;

static bool begin_with(const char *dir, size_t memory)
{
	struct sc_diag d = { 0 };

	traffic_free(r);
	r = NULL;
	if (traffic_new(&settings, dir, memory, &d, &r) != SC_OK) {
		printf("# %s\n", d.text);
		return false;
	}
	return true;
}

static bool begin(const char *dir)
{
	return begin_with(dir, MEMORY);
}

/* A page's event of DEVICE at MS after T0, of a product of its own, touched. */
static struct traffic_event page_event(uint64_t device, uint8_t kind, uint64_t ms)
{
	next_id++;
	return (struct traffic_event){ .event = { .id = next_id,
					   .device = device,
					   .at_ms = T0 + ms,
					   .kind = kind,
					   .product = (uint32_t)next_id,
					   .shop = 1 },
		.raw_ms = T0 + ms,
		.received_ms = T0 + ms,
		.prefix = 7,
		.inputs = 1,
		.tls = true,
		.hints = true,
		.hints_due = true };
}

static uint8_t arrive(const struct traffic_event *e)
{
	traffic_arrive(r, e, &v, &refused);
	return v.rule;
}

static uint8_t at(uint64_t device, uint8_t kind, uint64_t ms)
{
	const struct traffic_event e = page_event(device, kind, ms);

	return arrive(&e);
}

static void test_real(void)
{
	NEED(begin(NULL));
	CHECK(at(1, FEED_PRODUCT, 0) == FEED_NO_RULE);
	CHECK(!refused && v.action == 0 && v.n == 0 && v.threshold == 0);
	CHECK(v.event == next_id && v.at_ms == T0 && v.scope == FEED_OF_EVENT);
}

static void test_stateless(void)
{
	struct traffic_event e = page_event(1, FEED_PRODUCT, 0);

	NEED(begin(NULL));
	e.bot = true;
	CHECK(arrive(&e) == FEED_BOT_AGENT && refused && v.action == 0);
	CHECK(v.rule_version == feed_rules[FEED_BOT_AGENT].version);
	e.app = true;
	CHECK(arrive(&e) == FEED_NO_RULE && !refused);
	e = page_event(1, FEED_PRODUCT, 0);
	e.webdriver = true;
	CHECK(arrive(&e) == FEED_WEBDRIVER && refused);
	e.webdriver = false;
	e.honeypot = true;
	CHECK(arrive(&e) == FEED_HONEYPOT && refused);
	e.bot = e.webdriver = e.vouched = true;
	CHECK(arrive(&e) == FEED_NO_RULE && !refused);
}

static void test_ceiling(void)
{
	struct traffic_event e;

	NEED(begin(NULL));
	site.per_minute = 3;
	for (unsigned i = 0; i < 3; i++)
		CHECK(at(1, FEED_PRODUCT, i) == FEED_NO_RULE);
	CHECK(at(1, FEED_PRODUCT, 4) == FEED_OVER_CEILING && refused);
	CHECK(v.n == 4 && v.threshold == 3);
	e = page_event(0, FEED_PURCHASE, 5);
	e.vouched = true;
	CHECK(arrive(&e) == FEED_NO_RULE && !refused);
	e.event.kind = FEED_PRODUCT;
	e.event.id++;
	CHECK(arrive(&e) == FEED_OVER_CEILING && v.n == 6);
	CHECK(at(1, FEED_PRODUCT, MINUTE) == FEED_NO_RULE);
	site.per_minute = 0;
	for (unsigned i = 0; i < 9; i++)
		CHECK(at(1, FEED_PRODUCT, MINUTE + i) == FEED_NO_RULE);
	site.per_minute = 1000000;
}

static void test_same_id(void)
{
	struct traffic_event e = page_event(1, FEED_PRODUCT, 0);
	struct traffic_stats s;

	NEED(begin(NULL));
	CHECK(arrive(&e) == FEED_NO_RULE);
	e.received_ms += 71 * (uint64_t)HOUR;
	CHECK(arrive(&e) == FEED_SAME_ID && !refused && v.action == 0);
	e.event.id = ++next_id;
	CHECK(arrive(&e) == FEED_SAME_CONTENT && refused);
	e.event.id = ++next_id;
	e.raw_ms++;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e.event.id = ++next_id;
	e.raw_ms--;
	e.event.campaign = 3;
	CHECK(arrive(&e) == FEED_NO_RULE);
	traffic_count(r, &s);
	CHECK(s.seen == 5 && s.refused[FEED_SAME_CONTENT] == 1 && s.refused[FEED_SAME_ID] == 0);
}

/* What is judged again by a retry is not counted again. */
static void test_retry_counts_once(void)
{
	struct traffic_event e;

	NEED(begin(NULL));
	for (unsigned i = 0; i < 3; i++) {
		e = page_event(1, FEED_PRODUCT, i * 1000);
		e.inputs = 0;
		CHECK(arrive(&e) == FEED_NO_RULE);
		for (unsigned k = 0; k < 5; k++)
			CHECK(arrive(&e) == FEED_SAME_ID && v.action == 0);
	}
	e = page_event(1, FEED_PRODUCT, 3000);
	e.inputs = 0;
	CHECK(arrive(&e) == FEED_NO_INPUT && v.action == FEED_QUARANTINE && v.n == 3);
	CHECK(arrive(&e) == FEED_NO_INPUT && v.action == FEED_QUARANTINE && v.n == 3);
}

static void test_impossible(void)
{
	const uint8_t shows[] = { FEED_PAGE, FEED_PRODUCT, FEED_CART_ADD, FEED_CHECKOUT,
		FEED_EXPOSURE, FEED_OUTCOME, FEED_SEARCH };
	struct traffic_event e;

	NEED(begin(NULL));
	CHECK(at(1, FEED_PURCHASE, 0) == FEED_IMPOSSIBLE && refused);
	CHECK(at(1, FEED_ITEM, 0) == FEED_IMPOSSIBLE && refused);
	for (size_t i = 0; i < sizeof(shows); i++) {
		CHECK(at(10 + i, shows[i], 0) == FEED_NO_RULE);
		CHECK(at(10 + i, FEED_PURCHASE, 1) == FEED_NO_RULE);
	}
	/* a reorder: an account's device */
	e = page_event(2, FEED_LOGIN, 0);
	e.event.person = 5;
	e.vouched = true;
	CHECK(arrive(&e) == FEED_NO_RULE);
	CHECK(at(2, FEED_PURCHASE, 1) == FEED_NO_RULE);
	/* an order that has come */
	e = page_event(0, FEED_PURCHASE, 0);
	e.event.person = 6;
	e.order = 99;
	e.vouched = true;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e = page_event(3, FEED_PURCHASE, 0);
	e.order = 98;
	CHECK(arrive(&e) == FEED_IMPOSSIBLE);
	e = page_event(3, FEED_PURCHASE, 0);
	e.order = 99;
	CHECK(arrive(&e) == FEED_NO_RULE);
	/* nobody's */
	CHECK(at(0, FEED_PURCHASE, 0) == FEED_IMPOSSIBLE);
}

static void test_hints(void)
{
	struct traffic_event e = page_event(1, FEED_PRODUCT, 0);

	NEED(begin(NULL));
	e.hints = false;
	CHECK(arrive(&e) == FEED_NO_HINTS && v.action == FEED_QUARANTINE && !refused);
	e.tls = false;
	e.event.id = ++next_id, e.raw_ms++;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e.tls = true;
	e.hints_due = false;
	e.event.id = ++next_id, e.raw_ms++;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e.hints_due = true;
	e.app = true;
	e.event.id = ++next_id, e.raw_ms++;
	CHECK(arrive(&e) == FEED_NO_RULE);
	settings.rules[FEED_NO_HINTS].off = true;
	e.app = false;
	e.event.id = ++next_id, e.raw_ms++;
	CHECK(arrive(&e) == FEED_NO_RULE);
	settings.rules[FEED_NO_HINTS].off = false;
}

static uint8_t untouched(uint64_t device, uint8_t kind, uint64_t ms)
{
	struct traffic_event e = page_event(device, kind, ms);

	e.inputs = 0;
	return arrive(&e);
}

static void test_no_input(void)
{
	struct traffic_event e;

	NEED(begin(NULL));
	/* the first of a session does not count: two sessions of two and one of two more */
	for (unsigned s = 0; s < 2; s++) {
		CHECK(untouched(1, FEED_PRODUCT, s * HOUR) == FEED_NO_RULE);
		CHECK(untouched(1, FEED_PRODUCT, s * HOUR + 1799999) == FEED_NO_RULE);
	}
	CHECK(untouched(1, FEED_PRODUCT, 2 * HOUR + 1799999) == FEED_NO_RULE);
	CHECK(untouched(1, FEED_PRODUCT, 2 * HOUR + 1900000) == FEED_NO_INPUT && v.n == 3 &&
	    v.threshold == 3);
	/* half an hour ends a session, so each of these is a first */
	for (unsigned i = 0; i < 9; i++)
		CHECK(untouched(2, FEED_PRODUCT, i * 1800000) == FEED_NO_RULE);
	/* a touch */
	for (unsigned i = 0; i < 3; i++)
		CHECK(untouched(3, FEED_PRODUCT, i * 1000) == FEED_NO_RULE);
	CHECK(at(3, FEED_PRODUCT, 3000) == FEED_NO_RULE);
	CHECK(untouched(3, FEED_PRODUCT, 4000) == FEED_NO_RULE);
	/* not said, and what is shown */
	for (unsigned i = 0; i < 9; i++) {
		e = page_event(4, FEED_PRODUCT, i * 1000);
		e.inputs = 255;
		CHECK(arrive(&e) == FEED_NO_RULE);
		CHECK(untouched(4, FEED_EXPOSURE, i * 1000 + 1) == FEED_NO_RULE);
	}
	/* with a program that reads the page aloud one does several things */
	CHECK(untouched(5, FEED_PRODUCT, 0) == FEED_NO_RULE);
	CHECK(untouched(5, FEED_PAGE, 5000) == FEED_NO_RULE);
	for (unsigned i = 2; i < 9; i++)
		CHECK(untouched(5, FEED_PRODUCT, i * 5000 + i * i * 700) == FEED_NO_RULE);
}

/* Sixteen acts GAP apart, every other longer by PART per mille. */
static uint8_t rhythm(uint64_t device, uint32_t gap, uint32_t part, unsigned acts)
{
	uint64_t ms = 0;
	uint8_t rule = 0;

	for (unsigned i = 0; i < acts; i++) {
		rule = at(device, FEED_PRODUCT, ms);
		ms += gap + (i % 2 != 0 ? (uint64_t)gap * part / 1000 : 0);
	}
	return rule;
}

static void test_cadence(void)
{
	NEED(begin(NULL));
	CHECK(rhythm(1, 5000, 0, 15) == FEED_NO_RULE);
	CHECK(rhythm(2, 5000, 0, 16) == FEED_CADENCE && v.n == 0 && v.threshold == 120);
	/* ln(1 + x) / 2 is the spread of two gaps that take turns, 7 of 15 and 8 */
	CHECK(rhythm(3, 5000, 271, 16) == FEED_CADENCE && v.n == 119);
	CHECK(rhythm(4, 5000, 272, 16) == FEED_NO_RULE);
	/* what comes at once is one act */
	CHECK(rhythm(5, 199, 0, 40) == FEED_NO_RULE);
	CHECK(rhythm(6, 200, 0, 40) == FEED_CADENCE);
}

static void test_awake(void)
{
	NEED(begin(NULL));
	for (unsigned h = 0; h < 19; h++)
		CHECK(at(1, FEED_PRODUCT, h * (uint64_t)HOUR + h * 1000) == FEED_NO_RULE);
	CHECK(at(1, FEED_PRODUCT, 19 * (uint64_t)HOUR) == FEED_AWAKE && v.n == 20);
	for (unsigned h = 0; h < 48; h++)
		CHECK(at(2, FEED_PRODUCT, h * (uint64_t)HOUR * 4 / 3) == FEED_NO_RULE);
}

static void test_burst(void)
{
	struct traffic_event e;

	NEED(begin(NULL));
	for (unsigned i = 0; i < 19; i++)
		CHECK(at(100 + i, FEED_PRODUCT, i) == FEED_NO_RULE);
	CHECK(at(150, FEED_PRODUCT, 30) == FEED_PREFIX_BURST && v.n == 20);
	/* one that was there before it */
	e = page_event(151, FEED_PRODUCT, 0);
	e.event.at_ms -= 2 * HOUR;
	CHECK(arrive(&e) == FEED_NO_RULE);
	CHECK(at(151, FEED_PRODUCT, 40) == FEED_NO_RULE);
	/* another network, another hour */
	e = page_event(152, FEED_PRODUCT, 50);
	e.prefix = 8;
	CHECK(arrive(&e) == FEED_NO_RULE);
	CHECK(at(153, FEED_PRODUCT, HOUR) == FEED_NO_RULE);
}

static void test_burst_share(void)
{
	NEED(begin(NULL));
	/* 14 of 20, then 14 of 21 */
	for (unsigned i = 0; i < 13; i++)
		CHECK(at(100 + i, FEED_PRODUCT, i) == FEED_NO_RULE);
	for (unsigned i = 0; i < 6; i++)
		CHECK(at(120 + i, FEED_SEARCH, 20 + i) == FEED_NO_RULE);
	CHECK(at(130, FEED_PRODUCT, 30) == FEED_PREFIX_BURST);
	CHECK(at(131, FEED_SEARCH, 31) == FEED_NO_RULE);
}

static const char *folder(void)
{
	static char dir[] = "/tmp/test_traffic.XXXXXX";
	static char inside[64];

	if (inside[0] == '\0' && mkdtemp(dir) != NULL)
		(void)snprintf(inside, sizeof(inside), "%s/rules", dir);
	return inside;
}

static void test_restart(void)
{
	struct traffic_event e = page_event(1, FEED_PRODUCT, 0), twice;

	e.prefix = 9;

	NEED(begin(folder()));
	twice = e;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e = page_event(0, FEED_PURCHASE, 1);
	e.vouched = true, e.event.person = 3, e.order = 77;
	CHECK(arrive(&e) == FEED_NO_RULE);
	for (unsigned i = 0; i < 19; i++)
		CHECK(at(100 + i, FEED_PRODUCT, i) == FEED_NO_RULE);
	for (unsigned i = 0; i < 3; i++)
		CHECK(untouched(50, FEED_PRODUCT, 2 * HOUR + i * 1000) == FEED_NO_RULE);
	NEED(begin(folder()));
	CHECK(arrive(&twice) == FEED_SAME_ID);
	twice.event.id = ++next_id;
	CHECK(arrive(&twice) == FEED_SAME_CONTENT);
	CHECK(at(1, FEED_PURCHASE, 2) == FEED_NO_RULE);
	e = page_event(9, FEED_PURCHASE, 3 * HOUR);
	e.order = 77;
	CHECK(arrive(&e) == FEED_NO_RULE);
	CHECK(at(200, FEED_PRODUCT, 30) == FEED_PREFIX_BURST && v.n == 20);
	CHECK(untouched(50, FEED_PRODUCT, 2 * HOUR + 3000) == FEED_NO_INPUT && v.n == 3);
}

/* New ids push out visitors, never accounts; and of whom was pushed out nothing is held impossible. */
static void test_flood(void)
{
	struct traffic_event e;
	struct traffic_stats s;
	unsigned again = 0;

	NEED(begin_with(NULL, (size_t)2 << 20));
	for (unsigned i = 0; i < 100; i++) {
		e = page_event(1000 + i, FEED_LOGIN, i);
		e.event.person = i + 1;
		e.vouched = true;
		CHECK(arrive(&e) == FEED_NO_RULE);
		/* one that is a visitor first */
		e = page_event(2000 + i, FEED_PRODUCT, HOUR + i);
		e.prefix = 50000 + i;
		CHECK(arrive(&e) == FEED_NO_RULE);
		e = page_event(2000 + i, FEED_LOGIN, HOUR + i);
		e.event.person = 1000 + i;
		e.vouched = true;
		CHECK(arrive(&e) == FEED_NO_RULE);
	}
	CHECK(at(1, FEED_PURCHASE, HOUR) == FEED_IMPOSSIBLE);
	for (unsigned i = 0; i < 40000; i++) {
		e = page_event(100000 + i, FEED_PRODUCT, 2 * HOUR + i);
		e.prefix = 1000000 + i;
		/* a filter may take one for an old one, seldom */
		again += arrive(&e) == FEED_SAME_ID;
		CHECK(v.action == 0 && !refused);
	}
	CHECK(again < 10);
	traffic_count(r, &s);
	CHECK(s.evicted > 30000 && s.bytes <= ((size_t)2 << 20) + TRAFFIC_LOG_SPARE);
	for (unsigned i = 0; i < 100; i++) {
		(void)at(1000 + i, FEED_PURCHASE, 3 * HOUR);
		CHECK(!refused && v.action == 0);
		for (unsigned k = 0; k < 5; k++) {
			(void)untouched(2000 + i, FEED_PRODUCT, 3 * HOUR + k * k * 1000);
			CHECK(!refused && v.action == 0);
		}
	}
	(void)at(1, FEED_PURCHASE, 3 * HOUR);
	CHECK(!refused);
	CHECK(at(2, FEED_PURCHASE, 4 * HOUR + 72 * (uint64_t)HOUR) == FEED_IMPOSSIBLE);
}

/* Clocks that are years off share one filter, and push out no day. */
static void test_raw_days(void)
{
	struct traffic_event first = page_event(1, FEED_PRODUCT, 0), e;

	NEED(begin_with(NULL, (size_t)2 << 20));
	CHECK(arrive(&first) == FEED_NO_RULE);
	for (unsigned i = 0; i < 40; i++) {
		e = page_event(2, FEED_PAGE, i * i * 3000);
		e.raw_ms = i * 400 * (uint64_t)86400000;
		CHECK(arrive(&e) == FEED_NO_RULE);
		CHECK(arrive(&e) == FEED_SAME_ID);
	}
	CHECK(arrive(&first) == FEED_SAME_ID);
}

/* An eighth of a minute over, one bound device, one order by tap: what each rule's switch does. */
static void test_thresholds(void)
{
	settings.rules[FEED_NO_INPUT].threshold = 1;
	settings.rules[FEED_PREFIX_BURST].threshold = 3;
	NEED(begin(NULL));
	CHECK(untouched(1, FEED_PRODUCT, 0) == FEED_NO_RULE);
	CHECK(untouched(1, FEED_PRODUCT, 1000) == FEED_NO_INPUT && v.threshold == 1);
	CHECK(at(2, FEED_PRODUCT, 2000) == FEED_NO_RULE);
	CHECK(at(3, FEED_PRODUCT, 3000) == FEED_PREFIX_BURST && v.threshold == 3 && v.n == 3);
	settings.rules[FEED_NO_INPUT].off = settings.rules[FEED_PREFIX_BURST].off = true;
	CHECK(untouched(1, FEED_PRODUCT, 4000) == FEED_NO_RULE);
	settings.rules[FEED_SAME_ID].off = settings.rules[FEED_SAME_CONTENT].off = true;
	const struct traffic_event e = page_event(5, FEED_PRODUCT, 9);
	CHECK(arrive(&e) == FEED_NO_RULE && arrive(&e) == FEED_NO_RULE && !refused);
	memset(settings.rules, 0, sizeof(settings.rules));
}

/* A crowd for one product is left to the snapshot, and so is who does other things. */
static void test_burst_crowd(void)
{
	struct traffic_event e;

	NEED(begin(NULL));
	for (unsigned i = 0; i < 40; i++) {
		e = page_event(100 + i, FEED_PRODUCT, i);
		e.event.product = 5;
		CHECK(arrive(&e) == FEED_NO_RULE);
	}
	for (unsigned i = 0; i < 30; i++) {
		e = page_event(200 + i, FEED_PRODUCT, i);
		e.prefix = 8;
		(void)arrive(&e);
		e = page_event(200 + i, FEED_SEARCH, 1000 + i);
		e.prefix = 8;
		if (i < 5)
			CHECK(arrive(&e) == FEED_NO_RULE);
	}
	e = page_event(201, FEED_PRODUCT, 5000);
	e.prefix = 8;
	CHECK(arrive(&e) == FEED_NO_RULE);
	e = page_event(220, FEED_PRODUCT, 5000);
	e.prefix = 8;
	CHECK(arrive(&e) == FEED_PREFIX_BURST);
}

static void test_counts(void)
{
	struct traffic_stats s;

	NEED(begin(NULL));
	for (unsigned i = 0; i < 6; i++)
		(void)untouched(1, FEED_PRODUCT, i * 1000 + i * i * 90);
	(void)at(9, FEED_PURCHASE, 0);
	traffic_count(r, &s);
	CHECK(s.seen == 7 && s.set_aside[FEED_NO_INPUT] == 3 && s.refused[FEED_IMPOSSIBLE] == 1);
	CHECK(s.refused[FEED_NO_INPUT] == 0 && s.evicted == 0);
	CHECK(s.bytes > MEMORY / 2 && s.bytes <= MEMORY + TRAFFIC_LOG_SPARE);
}

static void test_bad_log(void)
{
	struct sc_diag d = { 0 };
	struct traffic *none = r;

	CHECK(traffic_new(&settings, "/proc/nowhere/x", MEMORY, &d, &none) == SC_IO &&
	    none == NULL && d.text[0] != '\0');
	traffic_free(NULL);
}

static void clean(void)
{
	char cmd[96];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%.*s'", (int)(strlen(folder()) - 6), folder());
	if (system(cmd) != 0)
		printf("# the folder stays\n");
}

int main(void)
{
	RUN(test_real, "what no rule hits is real");
	RUN(test_stateless, "robots, drivers and honeypots are refused of pages alone");
	RUN(test_ceiling, "a site's ceiling counts a minute, and no order is refused by it");
	RUN(test_same_id, "an id that may have been seen goes on; the same content does not");
	RUN(test_retry_counts_once, "a retry is judged and not counted");
	RUN(test_impossible, "a purchase that nothing led to is refused");
	RUN(test_hints, "a browser that owes hints is set aside without");
	RUN(test_no_input, "three acts inside sessions that nobody touched");
	RUN(test_cadence, "fifteen even gaps");
	RUN(test_awake, "twenty hours of twenty-four");
	RUN(test_burst, "twenty new devices of one network in an hour");
	RUN(test_burst_share, "seven tenths of one event");
	RUN(test_burst_crowd,
	    "a sale, and neighbours who do other things, are no burst at arrival");
	RUN(test_thresholds, "thresholds and switches");
	RUN(test_flood, "a flood of new ids pushes out no account");
	RUN(test_raw_days, "clocks that are years off push out no day");
	RUN(test_counts, "what is counted");
	RUN(test_bad_log, "without its log it does not begin");
	RUN(test_restart, "a restart forgets nothing");
	traffic_free(r);
	clean();
	return tap_done();
}
