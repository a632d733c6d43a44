/*
 * traffic_gen_people.c - people of both shops, with the ways that robots are taken by.
 */
#include "traffic_gen_private.h"

#include <stdlib.h>

/* N networks that K of the people share. */
static uint64_t *networks(struct gen *g, unsigned n)
{
	uint64_t *v = calloc(n, sizeof(*v));

	if (v == NULL)
		abort();
	for (unsigned i = 0; i < n; i++)
		v[i] = gen_new_id(g);
	return v;
}

/* People of LABEL, spread over NETS networks, VISITS on average. */
struct crowd {
	uint8_t label;
	unsigned people, nets, visits;
	const uint8_t *hours;
	uint64_t step_ms, late_ms, gap_ms;
	bool no_input;
};

static void pickup(struct gen *g, struct gen_actor *a)
{
	if (g->n_pickups > 0 && gen_chance(g, 350))
		a->address = g->pickup[gen_under(g, (unsigned)g->n_pickups)];
}

static void crowd(struct gen *g, const struct crowd *c)
{
	const bool varies = g->varies;
	const unsigned n = varies ? gen_varied(g, c->people) : gen_scaled(g, c->people);
	const unsigned n_nets = varies ? gen_varied(g, c->nets) : gen_scaled(g, c->nets);
	uint64_t *nets = networks(g, n_nets);
	struct gen_actor a;

	for (unsigned i = 0; i < n; i++) {
		gen_actor(g, &a, c->label, nets[gen_under(g, n_nets)]);
		pickup(g, &a);
		a.step_ms = c->step_ms;
		a.late_ms = c->late_ms;
		a.no_input = c->no_input;
		a.app |= c->late_ms != 0;
		if (c->gap_ms != 0)
			a.gap_ms = c->gap_ms;
		if (c->hours != NULL)
			a.hours = c->hours;
		if (gen_chance(g, 10)) {
			a.clock_ms = (int64_t)((1 + gen_under(g, 47)) * GEN_HOUR);
			a.clock_ms = gen_chance(g, 500) ? a.clock_ms : -a.clock_ms;
			a.label = c->label <= GEN_CARRIER ? GEN_WRONG_CLOCK : c->label;
		}
		gen_visits(g, &a, 1 + gen_under(g, 2 * c->visits));
	}
	free(nets);
}

static void new_ids(struct gen *g, unsigned people, unsigned nets)
{
	const unsigned n = gen_scaled(g, people), n_nets = gen_scaled(g, nets);
	uint64_t *v = networks(g, n_nets);
	struct gen_actor a;

	for (unsigned i = 0; i < n; i++) {
		const uint64_t net = v[gen_under(g, n_nets)];

		for (unsigned k = 1 + gen_under(g, 10); k > 0; k--) {
			gen_actor(g, &a, GEN_NEW_ID, net);
			a.account = 0;
			gen_visits(g, &a, 1);
		}
	}
	free(v);
}

/* They know what they want: a cart by back end, and the page only says thank you. */
static void resellers(struct gen *g, unsigned people)
{
	struct gen_actor a;
	uint32_t products[3];

	for (unsigned i = gen_scaled(g, people); i > 0; i--) {
		gen_actor(g, &a, GEN_RESELLER, gen_new_id(g));
		a.account = gen_new_id(g);
		for (unsigned k = 3 + gen_under(g, 8); k > 0; k--) {
			const uint64_t at = gen_when(g, a.hours);

			gen_login(g, &a, at);
			for (unsigned p = 0; p < 3; p++)
				products[p] = gen_product(g);
			gen_order(g, &a, at + GEN_MINUTE, products, 3, true);
		}
	}
}

/* The same few products again and again, on many days. */
static void comparers(struct gen *g, unsigned people)
{
	struct gen_actor a;

	for (unsigned i = gen_scaled(g, people); i > 0; i--) {
		uint32_t products[4];

		gen_actor(g, &a, GEN_COMPARER, gen_new_id(g));
		for (unsigned p = 0; p < 4; p++)
			products[p] = gen_product(g);
		for (unsigned k = 4 + gen_under(g, 10); k > 0; k--) {
			uint64_t at = gen_when(g, a.hours);

			gen_emit(g, &a, FEED_SEARCH, at, 0);
			for (unsigned s = 6 + gen_under(g, 12); s > 0; s--)
				gen_emit(g, &a, FEED_PRODUCT, at += gen_gap(g, 9 * GEN_SECOND),
				    products[gen_under(g, 4)]);
		}
	}
}

/* They come for one product within an hour, by whatever network they have. */
static void flash(struct gen *g, unsigned people, unsigned nets, uint64_t day)
{
	const unsigned n = gen_scaled(g, people), n_nets = gen_scaled(g, nets);
	uint64_t *v = networks(g, n_nets);
	const uint32_t product = gen_product_at(g->products / 2);
	struct gen_actor a;

	for (unsigned i = 0; i < n; i++) {
		uint64_t at = GEN_T0 + day * GEN_DAY + 20 * GEN_HOUR +
		    gen_under(g, 3600) * GEN_SECOND;

		gen_actor(g, &a, GEN_FLASH,
		    gen_chance(g, 400) ? v[gen_under(g, n_nets)] : gen_new_id(g));
		pickup(g, &a);
		gen_emit(g, &a, FEED_PRODUCT, at, product)->e.inputs = 0;
		while (gen_chance(g, 350))
			gen_emit(g, &a, FEED_PRODUCT, at += gen_gap(g, 20 * GEN_SECOND), product);
		if (!gen_chance(g, 400))
			continue;
		gen_emit(g, &a, FEED_CART_ADD, at += gen_gap(g, 9 * GEN_SECOND), product);
		if (gen_chance(g, 600))
			gen_order(g, &a, at + gen_gap(g, 40 * GEN_SECOND), &product, 1, true);
	}
	free(v);
}

/* Neighbours order one thing together, to one address, now and then. */
static void group_buys(struct gen *g, unsigned groups, unsigned people)
{
	struct gen_actor a;

	for (unsigned i = gen_scaled(g, groups); i > 0; i--) {
		const uint64_t address = gen_new_id(g), day = gen_under(g, GEN_DAYS - 2);
		const uint32_t product = gen_product(g);

		for (unsigned k = 0; k < people; k++) {
			gen_actor(g, &a, GEN_GROUP_BUY, gen_new_id(g));
			a.account = gen_new_id(g);
			a.address = address;
			const uint64_t at = GEN_T0 + (day + gen_under(g, 2)) * GEN_DAY +
			    9 * GEN_HOUR + gen_under(g, 36000) * GEN_SECOND;

			gen_login(g, &a, at);
			gen_emit(g, &a, FEED_PRODUCT, at + 1000, product);
			gen_order(g, &a, at + GEN_MINUTE, &product, 1, true);
		}
	}
}

static void pickups(struct gen *g, unsigned n)
{
	g->n_pickups = gen_scaled(g, n);
	for (size_t i = 0; i < g->n_pickups; i++)
		g->pickup[i] = gen_new_id(g);
}

void gen_people_first(struct gen *g)
{
	static const struct crowd crowds[] = {
		{ .label = GEN_HOME, .people = 9300, .nets = 4500, .visits = 4 },
		{ .label = GEN_CARRIER, .people = 9900, .nets = 30, .visits = 4 },
		{ .label = GEN_OFFICE, .people = 1500, .nets = 25, .visits = 4 },
		{ .label = GEN_SCANNER,
		    .people = 600,
		    .nets = 300,
		    .visits = 4,
		    .step_ms = 1500,
		    .gap_ms = 3000 },
		{ .label = GEN_NIGHT,
		    .people = 500,
		    .nets = 250,
		    .visits = 5,
		    .hours = gen_hours_night },
		{ .label = GEN_LATE_APP,
		    .people = 700,
		    .nets = 350,
		    .visits = 4,
		    .late_ms = 90 * GEN_HOUR },
		{ .label = GEN_DORM,
		    .people = 500,
		    .nets = 10,
		    .visits = 5,
		    .hours = gen_hours_night },
	};

	pickups(g, 120);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++)
		crowd(g, &crowds[i]);
	new_ids(g, 1500, 800);
	resellers(g, 120);
	comparers(g, 250);
	flash(g, 3000, 30, 6);
	group_buys(g, 8, 60);
}

/* ---- another shop --------------------------------------------------------------------------- */

/* Teachers say where to go: pages and products, for an hour, on two days. */
static void school(struct gen *g, unsigned classes)
{
	struct gen_actor a;

	for (unsigned c = gen_scaled(g, classes); c > 0; c--) {
		const uint64_t net = gen_new_id(g);
		const uint32_t product = gen_product(g);

		for (unsigned day = 2; day < 10; day += 7)
			for (unsigned k = 0; k < 28; k++) {
				uint64_t at = GEN_T0 + day * GEN_DAY + 10 * GEN_HOUR +
				    gen_under(g, 600) * GEN_SECOND;

				gen_actor(g, &a, GEN_SCHOOL, net);
				a.account = 0;
				gen_emit(g, &a, FEED_PAGE, at, 0)->e.inputs = 0;
				gen_emit(g, &a, FEED_PRODUCT, at += gen_gap(g, 20 * GEN_SECOND),
				    product);
				for (unsigned s = gen_under(g, 9); s > 0; s--)
					gen_emit(g, &a,
					    gen_chance(g, 300) ? FEED_SEARCH : FEED_PRODUCT,
					    at += gen_gap(g, 25 * GEN_SECOND), gen_product(g));
			}
	}
}

/* Staff who scan what arrives: product after product, in step, all day, logged in or not. */
static void warehouse(struct gen *g, unsigned offices)
{
	struct gen_actor a;

	for (unsigned o = gen_scaled(g, offices); o > 0; o--) {
		const uint64_t net = gen_new_id(g);

		for (unsigned k = 0; k < 6; k++) {
			gen_actor(g, &a, GEN_WAREHOUSE, net);
			a.app = true;
			for (unsigned day = 0; day < GEN_DAYS; day += 2) {
				uint64_t at = GEN_T0 + day * GEN_DAY + 8 * GEN_HOUR +
				    gen_under(g, 14400) * GEN_SECOND;

				gen_emit(g, &a, FEED_PAGE, at, 0);
				for (unsigned s = 4 + gen_under(g, 10); s > 0; s--) {
					at += 1500 * (1 + gen_under(g, 6));
					gen_emit(g, &a, FEED_PRODUCT, at, gen_product(g));
					if (gen_chance(g, 400))
						gen_emit(g, &a, FEED_CART_ADD, at += 1500,
						    gen_product(g));
				}
			}
		}
	}
}

/* A screen in a shop: everybody's, ten hours a day. */
static void kiosks(struct gen *g, unsigned screens)
{
	struct gen_actor a;

	for (unsigned i = gen_scaled(g, screens); i > 0; i--) {
		gen_actor(g, &a, GEN_KIOSK, gen_new_id(g));
		a.account = 0;
		for (unsigned day = 0; day < GEN_DAYS; day++)
			for (unsigned k = 0; k < 12; k++)
				gen_session(g, &a,
				    GEN_T0 + day * GEN_DAY + 9 * GEN_HOUR +
					gen_under(g, 36000) * GEN_SECOND,
				    false);
	}
}

/* A hundred and forty hours of other time zones, and a new network in each. */
static void travellers(struct gen *g, unsigned people)
{
	struct gen_actor a;

	for (unsigned i = gen_scaled(g, people); i > 0; i--) {
		gen_actor(g, &a, GEN_TRAVELLER, gen_new_id(g));
		a.hours = gen_hours_flat;
		for (unsigned k = 4 + gen_under(g, 14); k > 0; k--) {
			a.prefix = gen_new_id(g);
			gen_visits(g, &a, 1);
		}
	}
}

void gen_people_other(struct gen *g)
{
	static const struct crowd crowds[] = {
		{ .label = GEN_HOME, .people = 14000, .nets = 5200, .visits = 3, .gap_ms = 25000 },
		{ .label = GEN_CARRIER, .people = 6500, .nets = 11, .visits = 3, .gap_ms = 12000 },
		{ .label = GEN_OFFICE, .people = 2200, .nets = 60, .visits = 3 },
		{ .label = GEN_DORM,
		    .people = 900,
		    .nets = 6,
		    .visits = 6,
		    .hours = gen_hours_night },
		{ .label = GEN_NIGHT,
		    .people = 700,
		    .nets = 600,
		    .visits = 7,
		    .hours = gen_hours_night },
		{ .label = GEN_LATE_APP,
		    .people = 900,
		    .nets = 20,
		    .visits = 4,
		    .late_ms = 120 * GEN_HOUR },
		{ .label = GEN_BLIND,
		    .people = 260,
		    .nets = 260,
		    .visits = 5,
		    .no_input = true,
		    .gap_ms = 30000 },
		{ .label = GEN_SCANNER,
		    .people = 200,
		    .nets = 20,
		    .visits = 4,
		    .step_ms = 1500,
		    .gap_ms = 1800 },
	};

	g->varies = true;
	g->products = 300 + gen_under(g, 1500);
	g->categories = 12;
	g->zipf = 2 + gen_under(g, 2);
	g->cart = 40 + gen_under(g, 60);
	g->buy = 200 + gen_under(g, 200);
	g->page_pairs = gen_chance(g, 500) ? 100 : 0;
	pickups(g, 240);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++)
		crowd(g, &crowds[i]);
	new_ids(g, 1200, 300);
	resellers(g, 60);
	comparers(g, 400);
	flash(g, 5000, 12, 3);
	flash(g, 2000, 40, 11);
	group_buys(g, 5, 40);
	school(g, 30);
	warehouse(g, 25);
	kiosks(g, 12);
	travellers(g, 300);
}
