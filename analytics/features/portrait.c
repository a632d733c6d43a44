/*
 * portrait.c - what one event adds to a person's sums, and the row that they make.
 *
 * Every addition is one whose order does not matter: sums that stop at their greatest,
 * minima, maxima; of campaigns the highest numbers, which, once pushed out, never come back;
 * of weeks the newest, likewise. How many orders came after an exposure is asked of their
 * times when the row is made, for either may be heard of first.
 */
#include "analytics/features/state.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400
#define LINE_WEIGHS 4
#define MONDAY 3 /* 1970 began on a Thursday: three days of its week were over */

static void add8(uint8_t *n)
{
	*n = (uint8_t)(*n + (*n < UINT8_MAX));
}

static void add16(uint16_t *n, uint16_t by)
{
	*n = *n > UINT16_MAX - by ? UINT16_MAX : (uint16_t)(*n + by);
}

static void newest(uint64_t *last, uint64_t at_ms)
{
	if (at_ms > *last)
		*last = at_ms;
}

/* ---- weeks and hours by the shop's clock ----------------------------------------------- */

static uint64_t shop_s(const struct feed_event *e)
{
	const int64_t s = (int64_t)(e->at_ms / 1000) + e->offset * 900;

	return s < 0 ? 0 : (uint64_t)s;
}

static uint32_t shop_week(const struct feed_event *e)
{
	return (uint32_t)((shop_s(e) / DAY_S + MONDAY) / 7);
}

static void move_weeks(uint16_t v[static FEATURE_WEEKS], uint32_t by)
{
	const uint32_t n = by < FEATURE_WEEKS ? by : FEATURE_WEEKS;

	memmove(v + n, v, (FEATURE_WEEKS - n) * sizeof(*v));
	memset(v, 0, n * sizeof(*v));
}

/* Something was done in WEEK, an order or not. */
static void add_week(struct fold_portrait *p, uint32_t week, bool order)
{
	if (week > p->week) {
		move_weeks(p->by_week, week - p->week);
		move_weeks(p->orders_by_week, week - p->week);
		p->week = week;
	}
	if (p->week - week >= FEATURE_WEEKS)
		return;
	add16(&p->by_week[p->week - week], 1);
	add16(&p->orders_by_week[p->week - week], order);
}

/* ---- campaigns ------------------------------------------------------------------------- */

/* The place of CAMPAIGN; NULL: it is not among the highest. */
static struct feature_campaign *campaign_place(struct fold_campaigns *c, uint16_t campaign)
{
	struct feature_campaign *lowest = &c->v[0];

	for (size_t i = 0; i < FEATURE_CAMPAIGNS; i++) {
		if (c->v[i].campaign == campaign)
			return &c->v[i];
		if (c->v[i].campaign < lowest->campaign)
			lowest = &c->v[i];
	}
	if (lowest->campaign > campaign)
		return NULL;
	*lowest = (struct feature_campaign){ .campaign = campaign };
	return lowest;
}

static void add_exposure(struct feature_campaign *c, const struct feed_event *e)
{
	const bool first = c->exposures == 0;

	if (first || e->at_ms < c->first_ms || (e->at_ms == c->first_ms && e->arm < c->arm)) {
		c->first_ms = e->at_ms;
		c->arm = e->arm;
	}
	add8(&c->exposures);
}

static enum sc_err add_campaign(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	struct feature_campaign *c;
	enum sc_err err;

	if (e->campaign == 0)
		return SC_OK;
	if (p->campaigns == 0 && (err = slab_add(&f->campaigns, &p->campaigns)) != SC_OK)
		return err;
	if ((c = campaign_place(slab_at(&f->campaigns, p->campaigns), e->campaign)) == NULL)
		return SC_OK;
	if (e->kind == FEED_EXPOSURE)
		add_exposure(c, e);
	else
		add8(&c->outcomes);
	return SC_OK;
}

/* ---- orders ------------------------------------------------------------------------------ */

static struct fold_purchases *purchases_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->purchases, i);
}

/* Where there is no more room, the oldest gives way. */
static void purchase_over(struct fold *f, const struct fold_portrait *p, uint64_t at_ms)
{
	uint64_t *oldest = &purchases_at(f, p->purchases)->at_ms[0];

	for (uint32_t i = p->purchases; i != 0; i = purchases_at(f, i)->next)
		for (uint32_t k = 0; k < purchases_at(f, i)->n; k++)
			if (purchases_at(f, i)->at_ms[k] < *oldest)
				oldest = &purchases_at(f, i)->at_ms[k];
	newest(oldest, at_ms);
}

static enum sc_err purchase_keep(struct fold *f, struct fold_portrait *p, uint64_t at_ms)
{
	struct fold_purchases *head;
	uint32_t i;
	enum sc_err err;

	if (p->orders >= PORTRAIT_PURCHASES_MAX) {
		purchase_over(f, p, at_ms);
		return SC_OK;
	}
	if (p->orders % PURCHASES_EACH == 0) {
		if ((err = slab_add(&f->purchases, &i)) != SC_OK)
			return err;
		purchases_at(f, i)->next = p->purchases;
		p->purchases = i;
	}
	head = purchases_at(f, p->purchases);
	head->at_ms[head->n++] = at_ms;
	return SC_OK;
}

static uint8_t purchases_after(const struct fold *f, const struct fold_portrait *p, uint64_t at_ms)
{
	uint8_t n = 0;

	for (uint32_t i = p->purchases; i != 0; i = purchases_at(f, i)->next)
		for (uint32_t k = 0; k < purchases_at(f, i)->n; k++)
			n = (uint8_t)(n + (purchases_at(f, i)->at_ms[k] > at_ms));
	return n;
}
_Static_assert(PORTRAIT_PURCHASES_MAX <= UINT8_MAX, "all of them can be counted");

/* ---- by kind ------------------------------------------------------------------------------ */

static uint16_t *category_of(struct fold_portrait *p, const struct feed_event *e)
{
	return &p->by_category[e->category < FEATURE_CATEGORIES ? e->category : 0];
}

static enum sc_err add_view(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	(void)f;
	p->views++;
	add16(category_of(p, e), 1);
	return SC_OK;
}

static enum sc_err add_search(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	(void)f;
	(void)e;
	p->searches++;
	return SC_OK;
}

static enum sc_err add_cart(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	(void)f;
	(void)e;
	p->carts++;
	return SC_OK;
}

static enum sc_err add_order(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	enum sc_err err;

	if ((err = purchase_keep(f, p, e->at_ms)) != SC_OK)
		return err;
	if (p->orders++ == 0 || e->at_ms < p->first_order_ms)
		p->first_order_ms = e->at_ms;
	newest(&p->last_order_ms, e->at_ms);
	p->spent += e->price;
	return SC_OK;
}

static enum sc_err add_line(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	const uint32_t *bounds = f->settings.words->price_bands;
	size_t band = 0;

	p->lines++;
	add16(category_of(p, e), LINE_WEIGHS);
	if (e->price == 0)
		return SC_OK;
	while (band < FEED_BANDS - 1 && e->price > bounds[band])
		band++;
	add16(&p->by_band[band], 1);
	return SC_OK;
}

static enum sc_err add_refund(struct fold *f, struct fold_portrait *p, const struct feed_event *e)
{
	(void)f;
	p->refunds++;
	p->spent -= e->price;
	return SC_OK;
}

/* What a kind of event adds. An order counts when a back end or the tap says so, never by a page's word. */
static const struct portrait_kind {
	bool did;     /* something the person did themselves */
	bool vouched; /* only */
	enum sc_err (*add)(struct fold *, struct fold_portrait *, const struct feed_event *);
} kinds[FEED_KIND_END] = {
	[FEED_PAGE] = { true, false, NULL },
	[FEED_PRODUCT] = { true, false, add_view },
	[FEED_SEARCH] = { true, false, add_search },
	[FEED_CART_ADD] = { true, false, add_cart },
	[FEED_CART_REMOVE] = { true, false, NULL },
	[FEED_CHECKOUT] = { true, false, NULL },
	[FEED_PURCHASE] = { true, true, add_order },
	[FEED_ITEM] = { false, true, add_line },
	[FEED_REFUND] = { false, true, add_refund },
	[FEED_EXPOSURE] = { false, false, add_campaign },
	[FEED_OUTCOME] = { true, false, add_campaign },
	[FEED_LOGIN] = { true, false, NULL },
};

bool portrait_takes(const struct feed_event *e)
{
	return e->kind < FEED_KIND_END && (!kinds[e->kind].vouched || (e->flags & FEED_VOUCHED));
}

static enum sc_err portrait_of(struct fold *f, struct fold_identity *i, struct fold_portrait **out)
{
	enum sc_err err;

	if (i->portrait == 0 && (err = slab_add(&f->portraits, &i->portrait)) != SC_OK)
		return err;
	*out = slab_at(&f->portraits, i->portrait);
	return SC_OK;
}

enum sc_err portrait_add(struct fold *f, struct fold_identity *i, const struct feed_event *e)
{
	const struct portrait_kind *kind = &kinds[e->kind];
	struct fold_portrait *p;
	enum sc_err err;

	if ((err = portrait_of(f, i, &p)) != SC_OK ||
	    (kind->add != NULL && (err = kind->add(f, p, e)) != SC_OK))
		return err;
	p->counted = true;
	if (!kind->did)
		return SC_OK;
	newest(&p->last_seen_ms, e->at_ms);
	add16(&p->by_channel[e->channel < FEATURE_CHANNELS ? e->channel : 0], 1);
	add16(&p->by_hour[shop_s(e) % DAY_S / 3600], 1);
	add_week(p, shop_week(e), e->kind == FEED_PURCHASE);
	return SC_OK;
}

/* Of two of the same time the greater value counts: either order must end alike. */
enum sc_err portrait_attribute(struct fold *f, struct fold_identity *i,
    const struct feed_attribute *a)
{
	const size_t n = a->attribute - 1u;
	struct fold_portrait *p;
	struct fold_attributes *v;
	enum sc_err err;

	if ((err = portrait_of(f, i, &p)) != SC_OK ||
	    (p->attributes == 0 && (err = slab_add(&f->attributes, &p->attributes)) != SC_OK))
		return err;
	v = slab_at(&f->attributes, p->attributes);
	if (v->value[n] != 0 &&
	    (a->at_ms != v->at_ms[n] ? a->at_ms < v->at_ms[n] : a->value <= v->value[n]))
		return SC_OK;
	v->value[n] = a->value;
	v->at_ms[n] = a->at_ms;
	return SC_OK;
}

/* ---- the row --------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	return ((const struct feature_campaign *)b)->campaign -
	    ((const struct feature_campaign *)a)->campaign;
}

static void row_campaigns(const struct fold *f, const struct fold_portrait *p,
    struct feature_row *out)
{
	if (p->campaigns == 0)
		return;
	memcpy(out->campaigns, slab_at(&f->campaigns, p->campaigns), sizeof(out->campaigns));
	for (size_t i = 0; i < FEATURE_CAMPAIGNS; i++)
		if (out->campaigns[i].exposures != 0)
			out->campaigns[i].purchases =
			    purchases_after(f, p, out->campaigns[i].first_ms);
	qsort(out->campaigns, FEATURE_CAMPAIGNS, sizeof(*out->campaigns), by_number);
}

static void row_attributes(const struct fold *f, const struct fold_portrait *p,
    struct feature_row *out)
{
	const struct fold_attributes *v;

	if (p->attributes == 0)
		return;
	v = slab_at(&f->attributes, p->attributes);
	memcpy(out->attributes, v->value, sizeof(out->attributes));
	memcpy(out->attribute_ms, v->at_ms, sizeof(out->attribute_ms));
}

#define COPY(member) memcpy(out->member, p->member, sizeof(out->member))

void portrait_row(const struct fold *f, const struct fold_identity *i, struct feature_row *out)
{
	const struct fold_portrait *p = slab_at(&f->portraits, i->portrait);

	*out = (struct feature_row){
		.person = i->who,
		.first_order_ms = p->first_order_ms,
		.last_order_ms = p->last_order_ms,
		.last_seen_ms = p->last_seen_ms,
		.spent = p->spent < 0 ? 0 : (uint64_t)p->spent,
		.orders = p->orders,
		.refunds = p->refunds,
		.lines = p->lines,
		.views = p->views,
		.searches = p->searches,
		.carts = p->carts,
		.week = p->week,
	};
	COPY(by_category);
	COPY(by_channel);
	COPY(by_hour);
	COPY(by_band);
	COPY(by_week);
	COPY(orders_by_week);
	row_campaigns(f, p, out);
	row_attributes(f, p, out);
}
