/*
 * test_cube_shop.c - what survives folding in a shop of 50,000 customers, week by week: more
 * than 95 of 100 visitors, and 75 of 100 buyers, by category and week in cells of their own.
 */
#include "cube_kit.h"
#include "tap.h"

#include <unistd.h>
#include <zlib.h>

#define DATA "../shared/data/analytics"
#define FIRST_CUSTOMER 100001
#define CATEGORIES 60
#define OFFSET 32                                 /* of its clock: UTC+8 */
#define START (KIT_MONDAY - OFFSET * 15 * 60000u) /* 2024-01-01T00:00 there */
#define LAST_WEEK 52

static struct kit_shop *shop;
static bool agreed[KIT_PEOPLE];

static const char *names[CATEGORIES];
static const char *const channels[] = { "app", "mini_program", "h5", "pc" };
static const char *const sexes[] = { "F", "M" };
static const int64_t ages[] = { 18, 25, 35, 45, 55 };

static void fill_words(struct feed_words *w)
{
	static char text[CATEGORIES][8];
	static const uint32_t bands[] = { 20, 50, 100, 200, 500, 1000 };

	for (size_t i = 0; i < CATEGORIES; i++) {
		snprintf(text[i], sizeof(text[i]), "c%02zu", i + 1);
		names[i] = text[i];
	}
	w->categories = (struct feed_list){ .v = names, .n = CATEGORIES };
	w->channels = (struct feed_list){ .v = channels, .n = 4 };
	w->traits[0].bands = ages;
	w->traits[0].n_bands = sizeof(ages) / sizeof(ages[0]);
	w->traits[1].words.v = sexes;
	memcpy(w->price_bands, bands, sizeof(bands));
}

/* Field I of LINE as a number; a letter as itself. */
static unsigned field(const char *line, unsigned i)
{
	for (; i > 0; i--)
		line = strchr(line, ',') + 1;
	return *line >= '0' && *line <= '9' ? (unsigned)strtoul(line, NULL, 10) :
					      (unsigned char)*line;
}

typedef void line_fn(const char *line);

static bool each_line(const char *name, line_fn *fn)
{
	char path[128], line[512];
	gzFile f;

	snprintf(path, sizeof(path), "%s/%s", DATA, name);
	if (access(path, R_OK) != 0 || (f = gzopen(path, "rb")) == NULL)
		return false;
	(void)gzgets(f, line, sizeof(line));
	while (gzgets(f, line, sizeof(line)) != NULL)
		fn(line);
	gzclose(f);
	return true;
}

static void take_customer(const char *line)
{
	const unsigned who = field(line, 0) - FIRST_CUSTOMER + 1, age = field(line, 1);
	uint8_t *traits = shop->traits[who];

	agreed[who] = field(line, 8) == 1;
	traits[0] = 1;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		traits[0] = (uint8_t)(traits[0] + (age >= ages[i]));
	traits[1] = field(line, 2) == 'F' ? 1 : 2;
}

static void take_event(const char *line)
{
	const uint64_t at = START + field(line, 0) * UINT64_C(60000);
	const unsigned who = field(line, 1) - FIRST_CUSTOMER + 1, type = field(line, 2);
	const size_t first = shop->n;

	if (!agreed[who])
		return;
	if (type == 'p')
		kit_buy(shop, who, at, field(line, 3), field(line, 5) / 100);
	else
		cube_kit_event(shop, who, at, type == 'b' ? FEED_PRODUCT : FEED_CART_ADD)
		    ->category = (uint16_t)field(line, 3);
	for (size_t i = first; i < shop->n; i++) {
		shop->v[i].offset = OFFSET;
		shop->v[i].channel = shop->v[i].kind == FEED_ITEM ? 0 :
								    (uint8_t)(field(line, 6) + 1);
	}
}

static bool read_shop(void)
{
	shop = kit_new();
	fill_words(&shop->words);
	shop->champion_steps = 2000;
	return each_line("customers.csv.gz", take_customer) &&
	    each_line("events.csv.gz", take_event);
}

/* Pairs of a person and a category, in all weeks together. */
static void count_pairs(bool buyers, int64_t *out)
{
	static uint8_t seen[KIT_PEOPLE]
			   [CATEGORIES + 1]; /* the week they were last seen in, from 1 */

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < shop->n; i++) {
		const struct feed_event *e = &shop->v[i];
		const uint64_t week = (e->at_ms - START) / KIT_WEEK + 1;
		uint8_t *at = &seen[e->person][e->category];

		if (week > LAST_WEEK || e->kind == FEED_PURCHASE ||
		    (buyers && e->kind != FEED_ITEM) || *at == week)
			continue;
		*at = (uint8_t)week;
		out[week]++;
	}
}

static int64_t worst(sqlite3 *db, const char *table, const char *measure, const int64_t *pairs,
    int64_t *permille)
{
	int64_t least = 1000, own = 0, all = 0;

	for (unsigned w = 1; w <= LAST_WEEK; w++) {
		char sql[160];
		int64_t n;

		snprintf(sql, sizeof(sql),
		    "SELECT ifnull(sum(%s), 0) FROM %s WHERE folded = 1 AND week = '2024-W%02u'",
		    measure, table, w);
		n = kit_number(db, sql);
		own += n;
		all += pairs[w];
		if (n * 1000 / pairs[w] < least)
			least = n * 1000 / pairs[w];
	}
	*permille = own * 1000 / all;
	return least;
}

static void test_utility(void)
{
	static int64_t visitors[LAST_WEEK + 1], buyers[LAST_WEEK + 1];
	int64_t seen, bought, worst_seen, worst_bought;
	sqlite3 *db;

	for (unsigned w = 1; w <= LAST_WEEK; w++)
		NEED(kit_release(shop, START + w * KIT_WEEK) == SC_OK);
	count_pairs(false, visitors);
	count_pairs(true, buyers);
	db = kit_db(shop, shop->made);
	worst_seen = worst(db, "visitors_category", "visitors", visitors, &seen);
	worst_bought = worst(db, "buyers_category", "buyers", buyers, &bought);
	printf("# by category and week in cells of their own, of 1000: visitors %lld (worst week "
	       "%lld), buyers %lld (%lld)\n",
	    (long long)seen, (long long)worst_seen, (long long)bought, (long long)worst_bought);
	CHECK(seen >= 950 && worst_seen >= 950 && bought >= 750);
	CHECK(kit_number(db, "SELECT count(*) FROM week") == LAST_WEEK);
	CHECK(kit_number(db, "SELECT count(*) FROM calendar") == LAST_WEEK);
	sqlite3_close(db);
}

int main(void)
{
	if (!read_shop())
		tap_skip("a shop of 50,000",
		    "../shared/data/analytics IS NOT HERE: NO UTILITY WAS MEASURED");
	else
		RUN(test_utility, "a shop of 50,000, of which 52 releases are made");
	kit_free(shop);
	return tap_done();
}
