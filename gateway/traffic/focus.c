/*
 * focus.c - a network that looks at one product far more often than the other networks
 * do.
 */
#include "gateway/traffic/judge.h"

#include <stdlib.h>

#define VIEWS_MIN 30
#define DAY_VIEWS 15
#define DAYS_MIN 2
#define DEVICES_MIN 5
#define AGAIN 2     /* times that a device looks, on average: a class comes once */
#define OWN_SHARE 4 /* a quarter of what a device looks at */

/* ---- how often each product is looked at ---------------------------------------------------- */

#define PRODUCTS_FIRST 4096u
#define PRODUCTS_MAX (1u << 21)

static size_t product_place(const struct traffic_products *p, uint32_t product)
{
	size_t i = (size_t)(traffic_mix(product, 2) & (p->room - 1));

	while (p->n[i] != 0 && p->key[i] != product)
		i = (i + 1) & (p->room - 1);
	return i;
}

static enum sc_err products_grow(struct traffic_products *p)
{
	struct traffic_products was = *p;

	p->room = was.room == 0 ? PRODUCTS_FIRST : was.room * 2;
	p->key = calloc(p->room, sizeof(*p->key));
	p->n = calloc(p->room, sizeof(*p->n));
	if (p->key == NULL || p->n == NULL) {
		free(p->key);
		free(p->n);
		*p = was;
		return SC_NOMEM;
	}
	for (size_t i = 0; i < was.room; i++)
		if (was.n[i] != 0) {
			const size_t to = product_place(p, was.key[i]);

			p->key[to] = was.key[i];
			p->n[to] = was.n[i];
		}
	free(was.key);
	free(was.n);
	return SC_OK;
}

/* What does not find room any more counts in the total alone: its share is then taken for none. */
static enum sc_err product_add(struct traffic_products *p, uint32_t product)
{
	enum sc_err err = SC_OK;
	size_t i;

	p->total++;
	if (p->used * 2 >= p->room && p->room < PRODUCTS_MAX)
		err = products_grow(p);
	if (err != SC_OK)
		return err;
	i = product_place(p, product);
	if (p->n[i] == 0) {
		if (p->used * 2 >= p->room)
			return SC_OK;
		p->used++;
		p->key[i] = product;
	}
	p->n[i]++;
	return SC_OK;
}

static bool is_view(uint8_t kind, uint32_t product)
{
	return kind == FEED_PRODUCT && product != 0;
}

enum sc_err traffic_products_count(struct traffic_judge *j)
{
	struct traffic_record r;
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < j->tape.n; i++) {
		if (j->tape.said[i] != FEED_NO_RULE)
			continue;
		traffic_tape_get(&j->tape, i, &r);
		if (is_view(r.kind, r.product))
			err = product_add(&j->products, r.product);
	}
	return err;
}

uint32_t traffic_products_of(const struct traffic_products *p, uint32_t product)
{
	return p->room == 0 ? 0 : p->n[product_place(p, product)];
}

/* ---- a network -------------------------------------------------------------------------------- */

/* One product's views of a network. */
struct focus_pair {
	const struct traffic_act *v;
	size_t n, devices, days;
};

/* Days on which it was looked at DAY_VIEWS times. */
static size_t days_of(const struct traffic_act *v, size_t n)
{
	uint16_t views[TRAFFIC_LOG_DAYS * 2] = { 0 };
	size_t days = 0;
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < n; i++)
		first = v[i].at_ms < first ? v[i].at_ms : first;
	first /= TRAFFIC_DAY_MS;
	for (size_t i = 0; i < n; i++) {
		const uint64_t day = v[i].at_ms / TRAFFIC_DAY_MS - first;

		if (day < sizeof(views) / sizeof(views[0]) && ++views[day] == DAY_VIEWS)
			days++;
	}
	return days;
}

static void pair_of(const struct traffic_act *v, size_t n, struct focus_pair *out)
{
	*out = (struct focus_pair){ .v = v, .n = n };
	for (size_t i = 0; i < n; i++)
		out->devices += i == 0 || v[i].device != v[i - 1].device;
	out->days = days_of(v, n);
}

/*
 * N and what is usual, in hundredths: the network's views times the share that the product has of
 * the views elsewhere. Itself is not in what is usual, or a farm would be its own excuse.
 */
static bool pair_hits(const struct traffic_judge *j, const struct focus_pair *p, size_t views,
    struct feed_verdict *v)
{
	const uint64_t own = p->n, elsewhere = j->products.total - views;
	const uint64_t product = traffic_products_of(&j->products, p->v->product);
	const uint64_t others = product > own ? product - own : 0;
	const uint64_t usual = elsewhere == 0 ? 0 : views * others * 100 / elsewhere;

	v->n = (uint32_t)own;
	v->expected = (uint32_t)(usual < UINT32_MAX ? usual : UINT32_MAX);
	v->threshold = traffic_threshold(j->settings, FEED_FOCUS);
	return own >= VIEWS_MIN && p->days >= DAYS_MIN && p->devices >= DEVICES_MIN &&
	    own >= AGAIN * p->devices && own * 100 > v->threshold * usual;
}

/* The views of those that looked again, which is in order of devices. */
static enum sc_err pair_aside(struct traffic_judge *j, const struct focus_pair *p,
    const struct feed_verdict *v)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0, end; err == SC_OK && i < p->n; i = end) {
		for (end = i + 1; end < p->n && p->v[end].device == p->v[i].device;)
			end++;
		if (end - i >= AGAIN)
			err = traffic_aside_all(j, p->v + i, end - i, v);
	}
	return err;
}

/* Acts of V, in order of devices, of a device that looked at nothing else much, go with its looks. */
static enum sc_err device_aside(struct traffic_judge *j, const struct traffic_act *v, size_t n,
    const struct feed_verdict *said)
{
	size_t views = 0, focused = 0;

	for (size_t i = 0; i < n; i++) {
		views += is_view(v[i].kind, v[i].product);
		focused += (v[i].note & TRAFFIC_NOTE_FOCUS) != 0;
	}
	if (focused < AGAIN || focused * OWN_SHARE < views)
		return SC_OK;
	return traffic_aside_all(j, v, n, said);
}

static enum sc_err devices_aside(struct traffic_judge *j, struct traffic_act *v, size_t n,
    const struct feed_verdict *said)
{
	enum sc_err err = SC_OK;

	traffic_sort_by_device(v, n);
	for (size_t i = 0, end; err == SC_OK && i < n; i = end) {
		for (end = i + 1; end < n && v[end].device == v[i].device;)
			end++;
		err = device_aside(j, v + i, end - i, said);
	}
	return err;
}

/* Views that nothing has set aside to the front; how many. */
static size_t views_first(const struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	size_t views = 0;

	for (size_t i = 0; i < n; i++)
		if (is_view(v[i].kind, v[i].product) && j->tape.said[v[i].i] == FEED_NO_RULE) {
			const struct traffic_act a = v[views];

			v[views++] = v[i];
			v[i] = a;
		}
	return views;
}

enum sc_err traffic_focus(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct feed_verdict said = { .rule = FEED_FOCUS }, most = { 0 };
	enum sc_err err = SC_OK;
	const size_t views = views_first(j, v, n);
	struct focus_pair p;

	traffic_sort_by_product(v, views);
	for (size_t i = 0, end; err == SC_OK && i < views; i = end) {
		for (end = i + 1; end < views && v[end].product == v[i].product;)
			end++;
		if (end - i < VIEWS_MIN)
			continue;
		pair_of(v + i, end - i, &p);
		if (!pair_hits(j, &p, views, &said))
			continue;
		for (size_t k = i; k < end; k++)
			v[k].note |= TRAFFIC_NOTE_FOCUS;
		most = said.n > most.n ? said : most;
		err = pair_aside(j, &p, &said);
	}
	return most.n == 0 || err != SC_OK ? err : devices_aside(j, v, n, &most);
}
