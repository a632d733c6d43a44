/*
 * traffic_gen.c - the traffic maker's numbers, and a visit as people make it.
 */
#include "traffic_gen_private.h"

#include <stdlib.h>
#include <string.h>

const struct gen_label_row gen_labels[GEN_LABELS] = {
	[GEN_HOME] = { "at home", GEN_PEOPLE },
	[GEN_CARRIER] = { "behind a carrier", GEN_PEOPLE },
	[GEN_OFFICE] = { "in an office", GEN_AWKWARD },
	[GEN_DORM] = { "in a dormitory", GEN_AWKWARD },
	[GEN_SCANNER] = { "in steps of 1.5 s", GEN_AWKWARD },
	[GEN_NIGHT] = { "by night", GEN_AWKWARD },
	[GEN_RESELLER] = { "resellers without views", GEN_AWKWARD },
	[GEN_COMPARER] = { "comparers", GEN_AWKWARD },
	[GEN_LATE_APP] = { "late apps", GEN_AWKWARD },
	[GEN_NEW_ID] = { "a new id a session", GEN_AWKWARD },
	[GEN_WRONG_CLOCK] = { "wrong clocks", GEN_AWKWARD },
	[GEN_FLASH] = { "a flash sale", GEN_AWKWARD },
	[GEN_GROUP_BUY] = { "group buys", GEN_APART },
	[GEN_BLIND] = { "without a pointer", GEN_AWKWARD },
	[GEN_SCHOOL] = { "a school class", GEN_AWKWARD },
	[GEN_TRAVELLER] = { "travellers", GEN_AWKWARD },
	[GEN_WAREHOUSE] = { "an office with scanners", GEN_AWKWARD },
	[GEN_KIOSK] = { "shared screens in shops", GEN_AWKWARD },
	[GEN_CRAWLER] = { "crawlers", GEN_FARM },
	[GEN_FLOOD] = { "flood", GEN_OTHER_BOT },
	[GEN_CLICK_FARM] = { "click farm", GEN_FARM },
	[GEN_REPLAY] = { "replays", GEN_OTHER_BOT },
	[GEN_BRUSH] = { "brushing", GEN_OTHER_BOT },
	[GEN_PROXY_SCRAPER] = { "scrapers by proxies", GEN_FARM },
	[GEN_PRICE_CRAWLER] = { "price crawlers", GEN_FARM },
	[GEN_SLOW_FARM] = { "slow farm", GEN_FARM },
	[GEN_COUPON] = { "coupon hunters", GEN_OTHER_BOT },
	[GEN_CLICKS] = { "injected clicks", GEN_OTHER_BOT },
	[GEN_SLOW_BRUSH] = { "slow brushing", GEN_OTHER_BOT },
};

const uint8_t gen_hours_day[24] = { 4, 2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 8, 9, 11, 13,
	15, 15, 12, 8 };
const uint8_t gen_hours_night[24] = { 12, 12, 12, 10, 8, 6, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2,
	3, 5, 7, 10, 12 };
const uint8_t gen_hours_flat[24] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1 };

/* ---- numbers -------------------------------------------------------------------------------- */

static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t gen_next(struct gen *g)
{
	return mixed(g->rng += UINT64_C(0x9e3779b97f4a7c15));
}

unsigned gen_under(struct gen *g, unsigned n)
{
	return (unsigned)((gen_next(g) >> 32) * n >> 32);
}

bool gen_chance(struct gen *g, unsigned per_mille)
{
	return gen_under(g, 1000) < per_mille;
}

uint64_t gen_new_id(struct gen *g)
{
	return mixed(++g->ids ^ g->rng << 40) | 1;
}

uint32_t gen_product_at(unsigned rank)
{
	return (uint32_t)mixed(rank + 77) | 1;
}

uint32_t gen_product(struct gen *g)
{
	uint64_t x = UINT32_MAX;

	for (unsigned i = 0; i < g->zipf; i++)
		x = x * (gen_next(g) >> 32) >> 32;
	return gen_product_at((unsigned)(x * g->products >> 32));
}

uint64_t gen_gap(struct gen *g, uint64_t median_ms)
{
	static const uint32_t per_mille[] = { 120, 230, 320, 410, 500, 600, 710, 840, 1000, 1190,
		1410, 1680, 2030, 2500, 3300, 5000, 9000 };
	const unsigned i = gen_under(g, 16);
	const unsigned part = gen_under(g, 1000);

	return median_ms * (per_mille[i] * (1000 - part) + per_mille[i + 1] * (uint64_t)part) /
	    1000000;
}

uint64_t gen_when(struct gen *g, const uint8_t *hours)
{
	unsigned sum = 0, pick, hour = 0;

	for (unsigned h = 0; h < 24; h++)
		sum += hours[h];
	pick = gen_under(g, sum);
	while (pick >= hours[hour])
		pick -= hours[hour++];
	return GEN_T0 + gen_under(g, GEN_DAYS) * GEN_DAY + hour * GEN_HOUR +
	    gen_under(g, (unsigned)GEN_HOUR);
}

unsigned gen_scaled(const struct gen *g, unsigned n)
{
	const unsigned out = n * g->scale / 1000;

	return out == 0 ? 1 : out;
}

unsigned gen_varied(struct gen *g, unsigned n)
{
	static const unsigned per_cent[] = { 50, 60, 75, 90, 100, 120, 150, 200 };

	return gen_scaled(g, n * per_cent[gen_under(g, 8)] / 100);
}

/* ---- events --------------------------------------------------------------------------------- */

void gen_actor(struct gen *g, struct gen_actor *a, uint8_t label, uint64_t prefix)
{
	*a = (struct gen_actor){ .device = gen_new_id(g),
		.prefix = prefix,
		.address = gen_new_id(g),
		.gap_ms = 18 * GEN_SECOND,
		.hours = g->hours,
		.label = label };
	if (gen_chance(g, 450))
		a->account = gen_new_id(g);
	a->app = gen_chance(g, 150);
	a->webview = !a->app && gen_chance(g, 350);
}

static struct gen_event *event_add(struct gen *g)
{
	struct gen_traffic *t = g->out;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 1 << 16 : t->room * 2;
		t->v = realloc(t->v, t->room * sizeof(*t->v));
		if (t->v == NULL)
			abort();
	}
	memset(&t->v[t->n], 0, sizeof(*t->v));
	return &t->v[t->n++];
}

struct gen_event *gen_emit(struct gen *g, const struct gen_actor *a, uint8_t kind, uint64_t at,
    uint32_t product)
{
	struct gen_event *out = event_add(g);
	struct traffic_event *e = &out->e;
	const uint64_t late = a->late_ms == 0 ? 0 : gen_next(g) % a->late_ms;

	out->label = a->label;
	out->account = a->account;
	out->category = (uint16_t)(product % g->categories);
	e->event = (struct feed_event){ .id = gen_new_id(g),
		.device = a->device,
		.at_ms = at,
		.product = product,
		.kind = kind,
		.shop = 1 };
	e->raw_ms = at + (uint64_t)a->clock_ms;
	e->received_ms = at + 200 + gen_under(g, 3000) + late;
	e->prefix = a->prefix;
	e->inputs = a->no_input ? 0 : (uint8_t)(1 + gen_under(g, 12));
	if (kind == FEED_EXPOSURE)
		e->inputs = 0;
	e->tls = true;
	e->app = a->app;
	e->hints_due = !a->app && !a->webview;
	e->hints = e->hints_due && !a->no_hints;
	if (late > 72 * GEN_HOUR)
		e->event.flags |= FEED_LATE;
	if (a->clock_ms > (int64_t)(15 * GEN_MINUTE) || a->clock_ms < -(int64_t)(15 * GEN_MINUTE))
		e->event.flags |= FEED_CLOCK_OFF;
	return out;
}

static void vouch(struct gen_event *e, uint64_t account)
{
	e->e.vouched = true;
	e->e.event.flags = FEED_VOUCHED;
	e->e.event.person = account;
	e->e.prefix = 0;
	e->e.inputs = UINT8_MAX;
	e->e.app = e->e.hints = e->e.hints_due = false;
	e->e.received_ms = e->e.event.at_ms + 50;
}

void gen_login(struct gen *g, const struct gen_actor *a, uint64_t at)
{
	vouch(gen_emit(g, a, FEED_LOGIN, at, 0), a->account);
}

static void order_events(struct gen *g, const struct gen_actor *a, uint64_t at, uint64_t order,
    const uint32_t *products, unsigned n, bool tap)
{
	for (unsigned i = 0; i <= n; i++) {
		struct gen_event *e = gen_emit(g, a, i == 0 ? FEED_PURCHASE : FEED_ITEM, at,
		    i == 0 ? 0 : products[i - 1]);

		e->e.order = order;
		if (!tap)
			continue;
		vouch(e, a->account != 0 ? a->account : a->device ^ 1);
		e->e.event.device = 0;
		e->e.address = a->address;
	}
}

void gen_order(struct gen *g, const struct gen_actor *a, uint64_t at, const uint32_t *products,
    unsigned n, bool page)
{
	const uint64_t order = gen_new_id(g);

	order_events(g, a, at, order, products, n, true);
	if (page)
		order_events(g, a, at + 700, order, products, n, false);
}

/* ---- people ---------------------------------------------------------------------------------- */

static uint64_t pause(struct gen *g, const struct gen_actor *a)
{
	const uint64_t gap = gen_gap(g, a->gap_ms);

	return a->step_ms == 0 ? gap : (gap / a->step_ms + 1) * a->step_ms;
}

static uint64_t look(struct gen *g, const struct gen_actor *a, uint64_t at, uint32_t product)
{
	if (gen_chance(g, g->page_pairs * 10))
		gen_emit(g, a, FEED_PAGE, at, 0);
	gen_emit(g, a, FEED_PRODUCT, at + 30, product);
	return at + 30;
}

/* How one comes: by a page, a search, a product, or a message. */
static uint64_t enter(struct gen *g, const struct gen_actor *a, uint64_t at)
{
	const unsigned how = gen_under(g, 100);

	if (how < 50)
		gen_emit(g, a, FEED_PAGE, at, 0)->e.inputs = 0;
	else if (how < 75)
		gen_emit(g, a, FEED_SEARCH, at, 0)->e.inputs = a->no_input ? 0 : 1;
	else if (how < 90)
		at = look(g, a, at, gen_product(g));
	else {
		gen_emit(g, a, FEED_OUTCOME, at, 0)->e.event.campaign = 1 + gen_under(g, 6);
		at = look(g, a, at + 800, gen_product(g));
	}
	if (gen_chance(g, 200))
		gen_emit(g, a, FEED_EXPOSURE, at + 5, 0)->e.event.campaign = 1 + gen_under(g, 6);
	return at;
}

uint64_t gen_session(struct gen *g, const struct gen_actor *who, uint64_t at, bool logged)
{
	struct gen_actor a = *who;
	unsigned steps = gen_under(g, 6);
	uint32_t cart[3];
	unsigned n = 0;

	while (gen_chance(g, 780) && steps < 40)
		steps++;
	if (!logged)
		a.account = 0;
	else
		gen_login(g, &a, at);
	at = enter(g, &a, at + 40);
	for (unsigned i = 0; i < steps; i++) {
		const unsigned what = gen_under(g, 1000);
		const uint32_t product = gen_product(g);

		at += pause(g, &a);
		if (what < 130)
			gen_emit(g, &a, FEED_SEARCH, at, 0);
		else if (what < 300)
			gen_emit(g, &a, FEED_PAGE, at, 0);
		else
			at = look(g, &a, at, product);
		if (what >= 1000 - g->cart && n < 3) {
			at += pause(g, &a);
			gen_emit(g, &a, FEED_CART_ADD, at, product);
			cart[n++] = product;
		}
	}
	if (n > 0 && gen_chance(g, g->buy)) {
		at += pause(g, &a);
		gen_emit(g, &a, FEED_CHECKOUT, at, 0);
		at += pause(g, &a);
		a.account = who->account;
		gen_order(g, &a, at, cart, n, true);
	}
	return at;
}

void gen_visits(struct gen *g, struct gen_actor *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		gen_session(g, a, gen_when(g, a->hours), a->account != 0 && gen_chance(g, 600));
}

/* ---- a world ------------------------------------------------------------------------------------ */

static int by_coming(const void *a, const void *b)
{
	const struct gen_event *x = a, *y = b;

	if (x->e.received_ms != y->e.received_ms)
		return x->e.received_ms < y->e.received_ms ? -1 : 1;
	return x->e.event.id < y->e.event.id ? -1 : x->e.event.id > y->e.event.id;
}

/* A network that fails: one of a hundred of people's events is sent twice. */
static void retries(struct gen *g)
{
	const size_t n = g->out->n;

	for (size_t i = 0; i < n; i++) {
		const struct gen_event was = g->out->v[i];
		struct gen_event *e;

		if (was.e.vouched || gen_labels[was.label].what >= GEN_FARM || !gen_chance(g, 10))
			continue;
		e = event_add(g);
		*e = was;
		e->again = true;
		e->e.received_ms += 2 * GEN_SECOND + gen_under(g, 40 * GEN_MINUTE);
	}
}

void traffic_gen(enum gen_world world, unsigned scale, uint64_t seed, struct gen_traffic *out)
{
	struct gen g = { .out = out,
		.rng = seed * UINT64_C(0x2545f4914f6cdd1d),
		.ids = seed << 40,
		.scale = scale,
		.products = 3000,
		.categories = 20,
		.zipf = 3,
		.cart = 90,
		.buy = 350,
		.page_pairs = 0,
		.hours = gen_hours_day };

	memset(out, 0, sizeof(*out));
	if (world == GEN_ANOTHER) {
		gen_people_other(&g);
		gen_bots_other(&g);
	} else {
		gen_people_first(&g);
		gen_bots_first(&g, world == GEN_ADAPTED);
	}
	retries(&g);
	qsort(out->v, out->n, sizeof(*out->v), by_coming);
	/* what has not come when the snapshot is made */
	out->end_ms = GEN_T0 + (GEN_DAYS + 1) * GEN_DAY;
	while (out->n > 0 && out->v[out->n - 1].e.received_ms > out->end_ms)
		out->n--;
}

void traffic_gen_free(struct gen_traffic *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}
