/*
 * test_fold.c - what each kind of frame adds to a person's row, at its edges.
 */
#include "analytics/features/figures.h"
#include "fold_kit.h"
#include "tap.h"

#include <time.h>

#define ANNA 11u
#define BERT 12u
#define PHONE 21u
#define TABLET 22u
#define T (KIT_START + 3 * KIT_DAY) /* a Sunday, 00:00 UTC */

static struct fold_kit kit;
static struct fold *f;
static struct feature_row row;

static void begin(void)
{
	kit_init(&kit);
	fold_free(f);
	f = NULL;
}

static void grant(uint64_t person)
{
	kit_word(&kit, FEED_PERSON, person, FEED_GRANT, KIT_START);
}

/* Fold it all; is there a row of PERSON? ROW has it, or zeros. */
static bool folded(uint64_t person)
{
	bool there;

	fold_free(f);
	f = kit_fold(&kit);
	there = fold_row(f, person, &row);
	if (!there)
		memset(&row, 0, sizeof(row));
	return there;
}

static uint32_t orders_of(uint64_t person)
{
	(void)folded(person);
	return row.orders;
}

/* ---- kinds ------------------------------------------------------------------------- */

static void test_kinds(void)
{
	begin();
	grant(ANNA);
	for (uint8_t kind = 1; kind < FEED_KIND_END; kind++)
		kit_event(&kit, kind, ANNA, 0, T + kind);
	CHECK(folded(ANNA));
	CHECK(row.person == ANNA && row.orders == 1 && row.refunds == 1 && row.lines == 1);
	CHECK(row.views == 1 && row.searches == 1 && row.carts == 1);
	/* items, refunds and exposures are nothing that she did */
	CHECK(row.by_channel[0] == 9 && row.by_hour[0] == 9 && row.by_week[0] == 9);
	CHECK(row.orders_by_week[0] == 1 && row.by_week[1] == 0);
	CHECK(row.last_seen_ms == T + FEED_LOGIN);
	CHECK(row.first_order_ms == T + FEED_PURCHASE && row.last_order_ms == T + FEED_PURCHASE);
	CHECK(row.by_category[0] == 1 + 4 && row.campaigns[0].campaign == 0);
	begin();
	grant(ANNA);
	kit_event(&kit, FEED_KIND_END, ANNA, 0, T);
	CHECK(!folded(ANNA));
}

static void test_page_orders(void)
{
	static const uint8_t kinds[] = { FEED_PURCHASE, FEED_ITEM, FEED_REFUND };

	begin();
	grant(ANNA);
	for (size_t i = 0; i < 3; i++) {
		struct feed_event *e = kit_event(&kit, kinds[i], ANNA, 0, T);

		e->flags = FEED_LATE | FEED_MOBILE;
		e->price = 50;
	}
	CHECK(!folded(ANNA));
	kit_event(&kit, FEED_PAGE, ANNA, 0, T)->flags = 0;
	CHECK(folded(ANNA) && row.orders == 0 && row.lines == 0 && row.refunds == 0);
	CHECK(row.spent == 0 && row.by_week[0] == 1);
}

static void test_money(void)
{
	begin();
	grant(ANNA);
	kit_event(&kit, FEED_REFUND, ANNA, 0, T)->price = 70;
	CHECK(folded(ANNA) && row.spent == 0 && row.refunds == 1 && row.last_seen_ms == 0);
	CHECK(row.first_order_ms == 0 && row.last_order_ms == 0);
	kit_event(&kit, FEED_PURCHASE, ANNA, 0, T + 2)->price = 100;
	CHECK(folded(ANNA) && row.spent == 30);
	kit_event(&kit, FEED_PURCHASE, ANNA, 0, T + 1)->price = UINT32_MAX;
	kit_event(&kit, FEED_PURCHASE, ANNA, 0, T + 3)->price = UINT32_MAX;
	CHECK(folded(ANNA) && row.spent == 30 + 2 * (uint64_t)UINT32_MAX && row.orders == 3);
	CHECK(row.first_order_ms == T + 1 && row.last_order_ms == T + 3);
}

static void test_bands(void)
{
	static const struct {
		uint32_t price;
		uint8_t band;
	} rows[] = { { 1, 0 }, { 10, 0 }, { 11, 1 }, { 20, 1 }, { 21, 2 }, { 160, 4 }, { 161, 5 },
		{ UINT32_MAX, 5 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin();
		grant(ANNA);
		kit_event(&kit, FEED_ITEM, ANNA, 0, T)->price = rows[i].price;
		kit_event(&kit, FEED_ITEM, ANNA, 0, T)->price = 0; /* not said */
		CHECK(folded(ANNA) && row.lines == 2);
		for (size_t k = 0; k < FEED_BANDS; k++)
			CHECK(row.by_band[k] == (k == rows[i].band));
	}
	/* all eight */
	begin();
	for (uint32_t i = 0; i < FEED_BANDS - 1; i++)
		kit.words.price_bands[i] = i + 1;
	grant(ANNA);
	kit_event(&kit, FEED_ITEM, ANNA, 0, T)->price = 8;
	CHECK(folded(ANNA) && row.by_band[7] == 1);
}

static void test_other_numbers(void)
{
	begin();
	grant(ANNA);
	kit_event(&kit, FEED_PRODUCT, ANNA, 0, T)->category = 63;
	kit_event(&kit, FEED_PRODUCT, ANNA, 0, T)->category = 64;
	kit_event(&kit, FEED_ITEM, ANNA, 0, T)->category = UINT16_MAX;
	kit_event(&kit, FEED_PAGE, ANNA, 0, T)->channel = 15;
	kit_event(&kit, FEED_PAGE, ANNA, 0, T)->channel = 16;
	CHECK(folded(ANNA) && row.by_category[63] == 1 && row.by_category[0] == 1 + 4);
	CHECK(row.by_channel[15] == 1 && row.by_channel[0] == 1 + 2);
}

static void take_many(const struct feed_event *e, uint32_t n)
{
	struct feed_frame frame = { .type = FEED_EVENT, .u.event = *e };

	for (uint32_t i = 0; i < n; i++, frame.u.event.id++)
		if (fold_take(f, &frame) != SC_OK)
			tap_ok = false;
}

static void test_greatest(void)
{
	struct feed_event e = { .id = 1, .person = ANNA, .at_ms = T, .flags = FEED_VOUCHED };

	begin();
	grant(ANNA);
	f = kit_fold(&kit);
	e.kind = FEED_PRODUCT;
	e.category = 5;
	take_many(&e, 65533);
	CHECK(fold_row(f, ANNA, &row) && row.by_category[5] == 65533 && row.by_hour[0] == 65533);
	e.kind = FEED_ITEM;
	take_many(&e, 1);
	CHECK(fold_row(f, ANNA, &row) && row.by_category[5] == 65535);
	e.kind = FEED_PRODUCT;
	take_many(&e, 3);
	CHECK(fold_row(f, ANNA, &row) && row.by_category[5] == 65535 && row.by_hour[0] == 65535);
	CHECK(row.by_week[0] == 65535 && row.by_channel[0] == 65535 && row.views == 65536);
}

/* ---- the shop's clock ------------------------------------------------------------------ */

static uint32_t week_at(uint64_t at_ms, int8_t offset)
{
	begin();
	grant(ANNA);
	kit.v[0].u.consent.at_ms = 0;
	kit_event(&kit, FEED_PAGE, ANNA, 0, at_ms)->offset = offset;
	return folded(ANNA) && row.by_week[0] == 1 ? row.week : UINT32_MAX;
}

static unsigned hour_at(uint64_t at_ms, int8_t offset)
{
	(void)week_at(at_ms, offset);
	for (unsigned h = 0; h < 24; h++)
		if (row.by_hour[h] == 1)
			return h;
	return 24;
}

static void test_weeks(void)
{
	const uint64_t monday = T + KIT_DAY;
	const uint32_t week = week_at(monday, 0);

	CHECK(week == 2923);
	CHECK(week_at(monday - 1, 0) == week - 1 && week_at(monday + KIT_WEEK - 1, 0) == week);
	CHECK(week_at(monday + KIT_WEEK, 0) == week + 1);
	/* fourteen hours before UTC, twelve behind */
	CHECK(week_at(monday - 14 * KIT_HOUR, 56) == week);
	CHECK(week_at(monday - 14 * KIT_HOUR - 1, 56) == week - 1);
	CHECK(week_at(monday + 12 * KIT_HOUR, -48) == week);
	CHECK(week_at(monday + 12 * KIT_HOUR - 1, -48) == week - 1);
	CHECK(hour_at(monday, 0) == 0 && hour_at(monday - 1, 0) == 23 && hour_at(monday, 1) == 0);
	CHECK(hour_at(monday, 56) == 14 && hour_at(monday, -48) == 12 && hour_at(monday, -1) == 23);
	CHECK(hour_at(monday + 45 * 60000, 1) == 1 && hour_at(monday + 45 * 60000 - 1, 1) == 0);
	/* the calendar's ends */
	CHECK(
	    week_at(0, 0) == 0 && week_at(4 * KIT_DAY - 1, 0) == 0 && week_at(4 * KIT_DAY, 0) == 1);
	CHECK(week_at(1, -48) == 0 && hour_at(1, -48) == 0);
	CHECK(week_at(FEED_MS_MAX, 56) == 7272 && hour_at(FEED_MS_MAX, 0) == 7);
}

static void test_ring(void)
{
	const uint64_t monday = T + KIT_DAY;

	begin();
	grant(ANNA);
	kit.v[0].u.consent.at_ms = 0;
	for (uint32_t w = 0; w < 17; w++)
		for (uint32_t n = 0; n <= w; n++)
			kit_event(&kit, n == 0 ? FEED_PURCHASE : FEED_PAGE, ANNA, 0,
			    monday - w * KIT_WEEK);
	kit_shuffle(&kit);
	CHECK(folded(ANNA));
	for (uint32_t w = 0; w < FEATURE_WEEKS; w++)
		CHECK(row.by_week[w] == w + 1 && row.orders_by_week[w] == 1);
	CHECK(row.orders == 17);
	/* one so new that none of the others is left, and one that leaves the last alone */
	kit_event(&kit, FEED_PAGE, ANNA, 0, monday + 15 * KIT_WEEK);
	CHECK(folded(ANNA) && row.by_week[0] == 1 && row.by_week[15] == 1 && row.by_week[14] == 0);
	kit_event(&kit, FEED_PAGE, ANNA, 0, monday + 16 * KIT_WEEK);
	CHECK(folded(ANNA) && row.by_week[0] == 1 && row.by_week[1] == 1 && row.by_week[15] == 0);
	kit_event(&kit, FEED_PAGE, ANNA, 0, monday + 900 * KIT_WEEK);
	CHECK(folded(ANNA) && row.by_week[0] == 1 && row.by_week[1] == 0 && row.orders == 17);
}

/* Every hour of a year of Berlin, as the C library's calendar has it: the days of 23 and 25 hours too. */
static void test_summer_time(void)
{
	uint32_t hours[24] = { 0 }, weeks[60] = { 0 }, week = 0, sum = 0;
	const time_t from = 1767225600, to = from + 8760 * 3600;
	struct feed_event e = { .person = ANNA, .kind = FEED_PAGE };
	char label[16], last[16] = "";
	struct tm tm;

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	begin();
	grant(ANNA);
	kit.v[0].u.consent.at_ms = 0;
	f = kit_fold(&kit);
	for (time_t t = from; t < to; t += 3600) {
		localtime_r(&t, &tm);
		e.id = (uint64_t)t;
		e.at_ms = (uint64_t)t * 1000;
		e.offset = (int8_t)(tm.tm_gmtoff / 900);
		take_many(&e, 1);
		hours[tm.tm_hour]++;
		strftime(label, sizeof(label), "%G-%V", &tm);
		week += strcmp(label, last) != 0;
		weeks[week]++;
		strcpy(last, label);
	}
	setenv("TZ", "UTC", 1);
	tzset();
	NEED(tm.tm_gmtoff == 3600 && week == 53); /* the system has zone files */
	CHECK(fold_row(f, ANNA, &row));
	for (unsigned h = 0; h < 24; h++) {
		CHECK(row.by_hour[h] == hours[h]);
		sum += row.by_hour[h];
	}
	CHECK(sum == 8760 && hours[2] == 365 && hours[1] == 365 && hours[3] == 365);
	for (unsigned w = 0; w < FEATURE_WEEKS; w++)
		CHECK(row.by_week[w] == weeks[week - w]);
	CHECK(row.by_week[10] == 7 * 24 + 1); /* the one that summer time ended in */
}

/* ---- campaigns --------------------------------------------------------------------------- */

static struct feed_event *campaign(uint8_t kind, uint16_t number, uint8_t arm, uint64_t at_ms)
{
	struct feed_event *e = kit_event(&kit, kind, ANNA, 0, at_ms);

	e->campaign = number;
	e->arm = arm;
	return e;
}

static void test_campaigns(void)
{
	begin();
	grant(ANNA);
	campaign(FEED_EXPOSURE, 3, 2, T + 10);
	campaign(FEED_EXPOSURE, 3, 1, T + 20);
	campaign(FEED_OUTCOME, 3, 7, T + 5);
	campaign(FEED_OUTCOME, 4, 7, T + 5);
	campaign(FEED_PURCHASE, 3, 7, T + 10);
	campaign(FEED_PURCHASE, 3, 7, T + 11);
	CHECK(folded(ANNA));
	CHECK(row.campaigns[1].campaign == 3 && row.campaigns[1].arm == 2);
	CHECK(row.campaigns[1].exposures == 2 && row.campaigns[1].outcomes == 1);
	CHECK(row.campaigns[1].first_ms == T + 10 && row.campaigns[1].purchases == 1);
	CHECK(row.campaigns[0].campaign == 4 && row.campaigns[0].exposures == 0);
	CHECK(row.campaigns[0].outcomes == 1 && row.campaigns[0].arm == 0);
	CHECK(row.campaigns[0].purchases == 0 && row.campaigns[0].first_ms == 0);
	CHECK(row.campaigns[2].campaign == 0);
	/* an earlier exposure comes late; of one time the lower arm counts */
	campaign(FEED_EXPOSURE, 3, 5, T + 9);
	campaign(FEED_EXPOSURE, 3, 4, T + 9);
	CHECK(folded(ANNA) && row.campaigns[1].purchases == 2 && row.campaigns[1].arm == 4);
	CHECK(row.campaigns[1].exposures == 4);
}

static void test_highest_campaigns(void)
{
	begin();
	grant(ANNA);
	for (uint16_t i = 1; i <= 20; i++)
		campaign(FEED_EXPOSURE, i, 0, T + i);
	campaign(FEED_EXPOSURE, UINT16_MAX, 0, T);
	for (int turn = 0; turn < 20; turn++) {
		kit_shuffle(&kit);
		CHECK(folded(ANNA) && row.campaigns[0].campaign == UINT16_MAX);
		for (uint16_t i = 1; i < FEATURE_CAMPAIGNS; i++)
			CHECK(row.campaigns[i].campaign == 21 - i &&
			    row.campaigns[i].exposures == 1 &&
			    row.campaigns[i].first_ms == T + 21u - i);
	}
}

static void test_many_purchases(void)
{
	begin();
	grant(ANNA);
	campaign(FEED_EXPOSURE, 1, 0, T);
	campaign(FEED_EXPOSURE, 2, 0, T + 100);
	campaign(FEED_EXPOSURE, 3, 0, T + 246);
	for (uint64_t i = 1; i <= 500; i++)
		kit_event(&kit, FEED_PURCHASE, ANNA, 0, T + i);
	for (int i = 0; i < 300; i++)
		campaign(FEED_OUTCOME, 1, 0, T);
	for (int turn = 0; turn < 5; turn++) {
		kit_shuffle(&kit);
		CHECK(folded(ANNA) && row.orders == 500);
		CHECK(row.campaigns[2].purchases == 255 && row.campaigns[2].outcomes == 255);
		CHECK(row.campaigns[1].purchases == 255 && row.campaigns[0].purchases == 254);
	}
}

/* ---- traits --------------------------------------------------------------------------------- */

static void test_attributes(void)
{
	begin();
	grant(ANNA);
	kit_attribute(&kit, ANNA, 1, 3, T);
	kit_attribute(&kit, ANNA, 8, 9, T);
	CHECK(!folded(ANNA));
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	kit_attribute(&kit, ANNA, 1, 5, T - 1);
	CHECK(folded(ANNA) && row.attributes[0] == 3 && row.attribute_ms[0] == T);
	CHECK(row.attributes[7] == 9 && row.attribute_ms[7] == T && row.attributes[1] == 0);
	kit_attribute(&kit, ANNA, 1, 4, T);
	kit_attribute(&kit, ANNA, 1, 2, T);
	CHECK(folded(ANNA) && row.attributes[0] == 4);
	kit_attribute(&kit, ANNA, 1, 1, T + 1);
	CHECK(folded(ANNA) && row.attributes[0] == 1 && row.attribute_ms[0] == T + 1);
	/* one of before she was asked */
	kit_attribute(&kit, ANNA, 2, 1, KIT_START - 1);
	CHECK(folded(ANNA) && row.attributes[1] == 0);
}

static void test_figures(void)
{
	struct feature_figures sum;
	struct fold_stats stats;

	begin();
	grant(ANNA);
	grant(BERT);
	kit_event(&kit, FEED_PRODUCT, ANNA, 0, T)->category = 2;
	kit_event(&kit, FEED_PRODUCT, BERT, 0, T)->category = 2;
	kit_event(&kit, FEED_ITEM, BERT, 0, T)->category = 3;
	kit_event(&kit, FEED_PURCHASE, BERT, 0, T)->price = 40;
	kit_event(&kit, FEED_PURCHASE, ANNA, 0, T)->price = 2;
	kit_word(&kit, FEED_DEVICE, PHONE, FEED_GRANT, KIT_START)->verified = false;
	kit_event(&kit, FEED_PAGE, 0, PHONE, T);
	kit_event(&kit, FEED_PAGE, 0, PHONE, T + 1);
	(void)folded(ANNA);
	fold_figures(f, &sum);
	CHECK(sum.people == 2 && sum.views == 2 && sum.orders == 2 && sum.spent == 42);
	CHECK(sum.by_category[2] == 2 && sum.by_category[3] == 4 && sum.visits == 1);
	fold_count(f, &stats);
	CHECK(stats.people == 2 && stats.visits == 1 && stats.counted[FEED_PURCHASE] == 2);
	CHECK(stats.counted[FEED_PAGE] == 0 && stats.unconsented == 0 && stats.erased == 0);
	CHECK(orders_of(BERT) == 1);
}

int main(void)
{
	RUN(test_kinds, "each kind of event adds to its own counts");
	RUN(test_page_orders, "a page's purchase, item or refund counts nowhere");
	RUN(test_money, "refunds are taken off what was spent, whichever is heard of first");
	RUN(test_bands, "a line's price falls into its band, and one that is not said into none");
	RUN(test_other_numbers, "numbers past the last count as another");
	RUN(test_greatest, "counts of sixteen bits stay at their greatest");
	RUN(test_weeks, "a week begins on Monday by the shop's clock, wherever it is");
	RUN(test_ring, "sixteen weeks are kept, the newest first");
	RUN(test_summer_time,
	    "hours and weeks of a year with summer time are those of the calendar");
	RUN(test_campaigns,
	    "orders count for a campaign after its first exposure, heard of in any order");
	RUN(test_highest_campaigns, "the eight campaigns of the highest numbers are kept");
	RUN(test_many_purchases, "of hundreds of orders as many are told as can be");
	RUN(test_attributes, "the newest value of a trait counts, once there is a person");
	RUN(test_figures, "figures are sums over people, with visits beside them");
	fold_free(f);
	return tap_done();
}
