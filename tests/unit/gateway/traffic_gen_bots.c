/*
 * traffic_gen_bots.c - robots of the first shop: as they are, or as they become once they know
 * the rules (homes' networks, forged inputs and hints, shifts of eight hours, more
 * addresses, times written anew).
 */
#include "traffic_gen_private.h"

#include <stdlib.h>

static void nets_make(struct gen *g, uint64_t *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		v[i] = gen_new_id(g);
}

/* The network of a person who was made before. */
static uint64_t home_of(const struct gen *g, struct gen *rng)
{
	for (;;) {
		const struct gen_event *e = &g->out->v[gen_next(rng) % g->out->n];

		if (e->e.prefix != 0 && e->label == GEN_HOME)
			return e->e.prefix;
	}
}

static void homes(struct gen *g, uint64_t *v, unsigned n, bool adapted)
{
	nets_make(g, v, n);
	for (unsigned i = 0; adapted && i < n; i++)
		if (gen_chance(g, 500))
			v[i] = home_of(g, g);
}

/* Product after product, an id for one to three of them. */
static void crawlers(struct gen *g, bool adapted)
{
	static uint64_t nets[1024];
	const unsigned n_nets = gen_scaled(g, adapted ? 700 : 14);
	struct gen_actor a;

	homes(g, nets, n_nets, adapted);
	for (unsigned left = gen_scaled(g, adapted ? 45000 : 120000); left > 0;) {
		unsigned n = 1 + gen_under(g, 3);
		uint64_t at = gen_when(g, gen_hours_flat);
		const bool keeps = !gen_chance(g, adapted ? 950 : 750);
		const bool named = gen_chance(g, adapted ? 60 : 250);

		gen_actor(g, &a, GEN_CRAWLER, nets[gen_under(g, n_nets)]);
		a.account = 0;
		a.app = a.webview = false;
		a.no_hints = gen_chance(g, adapted ? 190 : 500);
		a.no_input = gen_chance(g, adapted ? 50 : 250);
		n = keeps ? 30 + gen_under(g, 30) : n;
		for (; n > 0 && left > 0; n--, left--) {
			struct gen_event *e = gen_emit(g, &a, FEED_PRODUCT, at,
			    gen_product_at(gen_under(g, g->products)));

			e->e.bot = named;
			at += keeps && !adapted ? 4000 + gen_under(g, 300) :
						  gen_gap(g, 9 * GEN_SECOND);
		}
	}
}

/* Visitors that never were, for a product's sake: views, carts, purchases. */
static void flood(struct gen *g, bool adapted)
{
	static uint64_t nets[512];
	const unsigned n_nets = gen_scaled(g, adapted ? 300 : 8);
	struct gen_actor a;

	homes(g, nets, n_nets, adapted);
	for (unsigned left = gen_scaled(g, adapted ? 16000 : 60000); left > 0; left--) {
		const uint32_t target = gen_product_at(g->products - 1 - gen_under(g, 20));
		const uint64_t at = gen_when(g, gen_hours_flat);
		const bool buys = gen_chance(g, 100);
		struct gen_event *e;

		gen_actor(g, &a, GEN_FLOOD, nets[gen_under(g, n_nets)]);
		a.account = 0;
		a.no_hints = gen_chance(g, adapted ? 100 : 300);
		if (adapted && buys)
			gen_emit(g, &a, FEED_PRODUCT, at - 9000, target);
		e = gen_emit(g, &a, buys ? FEED_PURCHASE : FEED_PRODUCT, at, buys ? 0 : target);
		e->e.order = buys ? gen_new_id(g) : 0;
		e->e.webdriver = gen_chance(g, adapted ? 50 : 200);
	}
}

/* Rooms of telephones that look at what they are paid for; accounts, some. */
static void click_farm(struct gen *g, bool adapted)
{
	const unsigned rooms = gen_scaled(g, adapted ? 40 : 10), phones = adapted ? 8 : 14;
	struct gen_actor a;

	for (unsigned r = 0; r < rooms; r++) {
		const uint64_t net = adapted ? home_of(g, g) : gen_new_id(g);
		uint32_t target[3];

		for (unsigned i = 0; i < 3; i++)
			target[i] = gen_product_at(g->products / 3 + gen_under(g, g->products / 2));
		for (unsigned p = 0; p < phones; p++) {
			const unsigned shift = gen_under(g, 3) * 8;

			gen_actor(g, &a, GEN_CLICK_FARM, net);
			a.webview = true;
			for (unsigned day = 0; day < GEN_DAYS; day++)
				for (unsigned h = 0; h < 24; h++) {
					const bool up = adapted ? h / 8 == shift / 8 : h != 5;
					uint64_t at = GEN_T0 + day * GEN_DAY + h * GEN_HOUR +
					    gen_under(g, 3000) * GEN_SECOND;

					if (!up || (adapted && gen_chance(g, 400)))
						continue;
					if (a.account != 0 && h % 8 == 0)
						gen_login(g, &a, at);
					for (unsigned k = adapted ? 3 : 4; k > 0; k--)
						gen_emit(g, &a, FEED_PRODUCT,
						    at += gen_gap(g, 20 * GEN_SECOND),
						    adapted && gen_chance(g, 400) ?
							gen_product(g) :
							target[gen_under(g, 3)]);
				}
		}
	}
}

/* What people sent, sent again: as it was, with new ids, or with new ids and times. */
static void replays(struct gen *g, bool adapted)
{
	const size_t people = g->out->n;
	unsigned left = gen_scaled(g, adapted ? 9000 : 25000);

	while (left > 0) {
		const size_t from = gen_next(g) % people;
		const uint64_t device = g->out->v[from].e.event.device;
		const unsigned how = gen_under(g, 100);
		const uint64_t later = (1 + gen_under(g, 30)) * GEN_HOUR + gen_under(g, 3600000);
		const bool same_id = how < (adapted ? 15 : 50), anew = adapted && how >= 50;

		if (g->out->v[from].e.vouched || g->out->v[from].label >= GEN_CRAWLER)
			continue;
		for (size_t i = from; i < people && i < from + 60 && left > 0; i++) {
			struct gen_event was = g->out->v[i];
			struct gen_actor a = { .device = device, .label = GEN_REPLAY };
			struct gen_event *e;

			if (was.e.event.device != device || was.e.vouched)
				continue;
			e = gen_emit(g, &a, was.e.event.kind, was.e.event.at_ms,
			    was.e.event.product);
			was.label = GEN_REPLAY;
			was.account = 0;
			was.e.event.id = same_id ? was.e.event.id : e->e.event.id;
			was.e.received_ms += later;
			if (anew) {
				was.e.event.at_ms += later;
				was.e.raw_ms += later;
			} else {
				was.e.event.flags |= FEED_CLOCK_OFF;
				was.e.event.at_ms += later;
			}
			*e = was;
			left--;
		}
	}
}

/* Sellers whose friends buy from them, in turns, to few addresses. */
static void brushing(struct gen *g, bool adapted)
{
	struct gen_actor a;

	for (unsigned s = gen_scaled(g, 14); s > 0; s--) {
		uint64_t address[24], buyer[24], device[24];
		const unsigned n = 16, homes_n = adapted ? 7 : 3;
		const uint32_t target = gen_product_at(g->products - 40 - gen_under(g, 400));

		nets_make(g, address, homes_n);
		nets_make(g, buyer, n);
		nets_make(g, device, n);
		for (unsigned k = 0; k < (adapted ? 45u : 70u); k++) {
			const unsigned b = gen_under(g, n);
			const uint64_t at = gen_when(g, g->hours);

			gen_actor(g, &a, GEN_BRUSH, gen_new_id(g));
			a.device = device[b];
			a.account = buyer[b];
			a.address = address[gen_under(g, homes_n)];
			gen_order(g, &a, at, &target, 1, false);
		}
	}
}

void gen_bots_first(struct gen *g, bool adapted)
{
	replays(g, adapted);
	crawlers(g, adapted);
	flood(g, adapted);
	click_farm(g, adapted);
	brushing(g, adapted);
}
