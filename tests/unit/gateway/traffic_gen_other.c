/*
 * traffic_gen_other.c - robots of another shop, of other families.
 */
#include "traffic_gen_private.h"

#include <stdlib.h>

static uint64_t somebodys(struct gen *g, uint8_t label)
{
	for (;;) {
		const struct gen_event *e = &g->out->v[gen_next(g) % g->out->n];

		if (e->e.prefix != 0 && e->label == label)
			return e->e.prefix;
	}
}

/* One event an id, through homes that rent out their line: all is forged as it should be. */
static void proxies(struct gen *g)
{
	static uint64_t nets[2048];
	const unsigned n = gen_varied(g, 900);
	struct gen_actor a;

	for (unsigned i = 0; i < n; i++)
		nets[i] = gen_chance(g, 50) ? somebodys(g, GEN_CARRIER) :
		    gen_chance(g, 600)      ? somebodys(g, GEN_HOME) :
					      gen_new_id(g);
	for (unsigned left = gen_varied(g, 70000); left > 0; left--) {
		gen_actor(g, &a, GEN_PROXY_SCRAPER, nets[gen_under(g, n)]);
		a.account = 0;
		gen_emit(g, &a, FEED_PRODUCT, gen_when(g, gen_hours_day),
		    gen_product_at(gen_under(g, g->products)));
	}
}

/* Competitors' programs that keep their cookie: the same list every day, at people's pace. */
static void price_crawlers(struct gen *g)
{
	struct gen_actor a;

	for (unsigned i = gen_varied(g, 60); i > 0; i--) {
		const unsigned first = gen_under(g, g->products), n = 60 + gen_under(g, 160);

		gen_actor(g, &a, GEN_PRICE_CRAWLER, gen_new_id(g));
		a.account = 0;
		for (unsigned day = 0; day < GEN_DAYS; day++) {
			uint64_t at = GEN_T0 + day * GEN_DAY + 3 * GEN_HOUR +
			    gen_under(g, 7200) * GEN_SECOND;

			gen_emit(g, &a, FEED_PAGE, at, 0);
			for (unsigned p = 0; p < n; p++)
				gen_emit(g, &a, FEED_PRODUCT, at += gen_gap(g, 7 * GEN_SECOND),
				    gen_product_at((first + p) % g->products));
		}
	}
}

/* A few looks a day each, by day, behind one line; half of them for show. */
static void slow_farms(struct gen *g)
{
	struct gen_actor a;

	for (unsigned r = gen_varied(g, 30); r > 0; r--) {
		const uint64_t net = gen_chance(g, 500) ?
		    gen_new_id(g) :
		    somebodys(g, gen_chance(g, 200) ? GEN_CARRIER : GEN_HOME);
		const uint32_t target = gen_product_at(
		    g->products / 4 + gen_under(g, g->products / 2));

		for (unsigned p = 9; p > 0; p--) {
			gen_actor(g, &a, GEN_SLOW_FARM, net);
			a.webview = true;
			for (unsigned day = 0; day < GEN_DAYS; day++) {
				uint64_t at = GEN_T0 + day * GEN_DAY + 9 * GEN_HOUR +
				    gen_under(g, 36000) * GEN_SECOND;

				if (a.account != 0)
					gen_login(g, &a, at);
				for (unsigned k = 2 + gen_under(g, 3); k > 0; k--)
					gen_emit(g, &a, FEED_PRODUCT,
					    at += gen_gap(g, 25 * GEN_SECOND),
					    gen_chance(g, 400) ? gen_product(g) : target);
			}
		}
	}
}

/* A visit that once brought a coupon, done again by a program under other names. */
static void coupons(struct gen *g)
{
	struct gen_actor a;

	for (unsigned s = gen_varied(g, 40); s > 0; s--) {
		uint64_t gap[12];
		uint32_t product[12];
		uint8_t kind[12];
		uint64_t net[6];

		for (unsigned i = 0; i < 12; i++) {
			gap[i] = gen_gap(g, 12 * GEN_SECOND);
			product[i] = gen_product(g);
			kind[i] = i % 5 == 4 ? FEED_CART_ADD :
			    i % 4 == 1       ? FEED_SEARCH :
					       FEED_PRODUCT;
		}
		for (unsigned i = 0; i < 6; i++)
			net[i] = gen_new_id(g);
		for (unsigned k = 40; k > 0; k--) {
			uint64_t at = gen_when(g, g->hours);

			gen_actor(g, &a, GEN_COUPON, net[gen_under(g, 6)]);
			a.account = 0;
			for (unsigned i = 0; i < 12; i++)
				gen_emit(g, &a, kind[i], at += gap[i],
				    kind[i] == FEED_SEARCH ? 0 : product[i]);
		}
	}
}

/* Clicks on promotions that nobody made, for whoever is paid by the click. */
static void clicks(struct gen *g)
{
	static uint64_t nets[256];
	const unsigned n = gen_varied(g, 160);
	struct gen_actor a;

	for (unsigned i = 0; i < n; i++)
		nets[i] = gen_new_id(g);
	for (unsigned left = gen_varied(g, 16000); left > 0; left--) {
		const uint64_t at = gen_when(g, gen_hours_day);

		gen_actor(g, &a, GEN_CLICKS, nets[gen_under(g, n)]);
		a.account = 0;
		gen_emit(g, &a, FEED_EXPOSURE, at, 0)->e.event.campaign = 2;
		gen_emit(g, &a, FEED_OUTCOME, at + gen_gap(g, 4 * GEN_SECOND), 0)
		    ->e.event.campaign = 2;
		if (gen_chance(g, 300))
			gen_emit(g, &a, FEED_PRODUCT, at + 20000, gen_product(g));
	}
}

/* Over weeks, some of it to pick-up points that everybody uses. */
static void slow_brushing(struct gen *g)
{
	struct gen_actor a;

	for (unsigned s = gen_varied(g, 16); s > 0; s--) {
		uint64_t address[6], buyer[20];
		const uint32_t target = gen_product_at(
		    g->products - 1 - gen_under(g, g->products / 2));

		for (unsigned i = 0; i < 6; i++)
			address[i] = i < 3 || g->n_pickups == 0 ?
			    gen_new_id(g) :
			    g->pickup[gen_under(g, (unsigned)g->n_pickups)];
		for (unsigned i = 0; i < 20; i++)
			buyer[i] = gen_new_id(g);
		for (unsigned k = 60; k > 0; k--) {
			gen_actor(g, &a, GEN_SLOW_BRUSH, gen_new_id(g));
			a.account = buyer[gen_under(g, 20)];
			a.address = address[gen_under(g, 6)];
			gen_order(g, &a, gen_when(g, g->hours), &target, 1, false);
		}
	}
}

void gen_bots_other(struct gen *g)
{
	proxies(g);
	price_crawlers(g);
	slow_farms(g);
	coupons(g);
	clicks(g);
	slow_brushing(g);
}
