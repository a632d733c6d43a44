/*
 * order_read.c - what the tap heard of one record, as an order: the fields that its route's
 * rules collect become what a back end would have sent.
 *
 *	order, total, status	PURCHASE, or REFUND where the status says so
 *	product, ... of lines	ITEM, in the order of the document
 *	traits			TRAITS of its customer
 *
 * A line's members stand in parallel lists. Where one of them has not as many as there are
 * products, nobody can say whose they are, and none is taken.
 */
#include "gateway/collect/orders.h"

#include "gateway/take/private.h"
#include "gateway/protect/tap.h"

#include <string.h>

#define LINES_MAX 200

/* The members of an order's lines, each in the order of the document. */
struct columns {
	size_t n; /* lines */
	struct sc_span product[LINES_MAX], category[LINES_MAX], price[LINES_MAX],
	    quantity[LINES_MAX];
};

/* The fields of one record, and what is made of them. */
struct order_reader {
	const struct collect_settings *s;
	const struct collect_order *o;
	const struct tap_body *b;
	uint32_t record;
	struct order_read *out;
	struct columns *lines;
};

/* ---- fields ------------------------------------------------------------------------------ */

/* The first field of this record that stands at AT; empty: there is none, or AT is NULL. */
static struct sc_span field(const struct order_reader *r, const char *at)
{
	for (uint32_t k = 0; at != NULL && k < r->b->n_fields; k++) {
		const struct tap_field *f = &r->b->fields[k];

		if (f->record == r->record && f->kind <= TAP_TAG && sc_span_is(f->at, at))
			return f->text;
	}
	return sc_span(NULL, 0);
}

/* All fields of this record that stand at AT, the first LINES_MAX of them to OUT. Returns how many. */
static size_t column(const struct order_reader *r, const char *at,
    struct sc_span out[static LINES_MAX])
{
	size_t n = 0;

	for (uint32_t k = 0; at != NULL && k < r->b->n_fields; k++) {
		const struct tap_field *f = &r->b->fields[k];

		if (f->record != r->record || f->kind > TAP_TAG || !sc_span_is(f->at, at))
			continue;
		if (n < LINES_MAX)
			out[n] = f->text;
		n++;
	}
	return n;
}

/* The tag at AT: never a value, were it there in clear; empty: there is none. */
static struct sc_span tag(const struct order_reader *r, const char *at)
{
	for (uint32_t k = 0; at != NULL && k < r->b->n_fields; k++) {
		const struct tap_field *f = &r->b->fields[k];

		if (f->record == r->record && f->kind == TAP_TAG && sc_span_is(f->at, at))
			return f->text;
	}
	return sc_span(NULL, 0);
}

/* An identifier, kept; empty: it is none. */
static struct sc_span keep_id(const struct order_reader *r, struct sc_span text)
{
	const char *copy;

	if (text.n == 0 || text.n > COLLECT_ID_MAX ||
	    (copy = sc_arena_copy(&r->out->arena, text)) == NULL)
		return sc_span(NULL, 0);
	return sc_span(copy, text.n);
}

/* ---- what is made ------------------------------------------------------------------------ */

static void set_time(const struct order_reader *r, struct collect_taken *x)
{
	const struct zone *zone = r->s->sites[r->o->shop - 1].zone;
	int64_t at = (int64_t)r->b->at_ms, late;

	if (!take_moment(field(r, r->o->at), &at) || at > (int64_t)r->b->at_ms)
		at = (int64_t)r->b->at_ms;
	late = (int64_t)r->b->at_ms - at;
	x->refused = late > (int64_t)COLLECT_OLDEST_S * 1000 ? FEED_TOO_OLD : FEED_NO_RULE;
	x->event.at_ms = (uint64_t)at;
	x->event.late_s = (int32_t)(late / 1000);
	x->event.offset = take_offset(zone, at);
	x->event.flags = FEED_VOUCHED | (late > (int64_t)COLLECT_WINDOW_S * 1000 ? FEED_LATE : 0);
	x->raw_ms = (uint64_t)at;
}

static struct collect_taken *put(struct order_reader *r, const struct collect_taken *x)
{
	r->out->taken[r->out->n] = *x;
	return &r->out->taken[r->out->n++];
}

static uint32_t amount(const struct order_reader *r, struct sc_span text)
{
	return take_amount(text, r->s->words->price_step);
}

/* The column at AT, beside as many products; else nothing is in it. */
static void beside(const struct order_reader *r, const char *at, size_t n,
    struct sc_span out[static LINES_MAX])
{
	if (column(r, at, out) == n)
		return;
	for (size_t i = 0; i < n && i < LINES_MAX; i++)
		out[i] = sc_span(NULL, 0);
}

static void read_columns(const struct order_reader *r)
{
	struct columns *c = r->lines;

	c->n = column(r, r->o->product, c->product);
	beside(r, r->o->category, c->n, c->category);
	beside(r, r->o->price, c->n, c->price);
	beside(r, r->o->quantity, c->n, c->quantity);
	if (c->n > LINES_MAX)
		c->n = LINES_MAX;
}

static uint8_t quantity(struct sc_span text)
{
	uint64_t v;

	if (!sc_span_u64(text, &v))
		return 0;
	return v > UINT8_MAX ? UINT8_MAX : (uint8_t)v;
}

static void put_lines(struct order_reader *r, const struct collect_taken *order)
{
	const struct columns *c = r->lines;

	for (size_t i = 0; i < c->n; i++) {
		struct sc_span category = c->category[i];
		struct collect_taken *x = put(r, order);

		x->line = (uint16_t)(i + 1);
		x->event.kind = FEED_ITEM;
		x->event.price = amount(r, c->price[i]);
		x->event.quantity = quantity(c->quantity[i]);
		x->event.category = category.n == 0 ?
		    0 :
		    (uint16_t)feed_list_find(&r->s->words->categories, category);
		x->product = keep_id(r, c->product[i]);
		if (x->product.n == 0)
			x->refused = FEED_BAD_FORM;
	}
}

static void put_traits(struct order_reader *r, const struct collect_taken *order)
{
	const struct feed_words *w = r->s->words;
	struct collect_taken x = *order;
	unsigned value;

	for (size_t i = 0; i < w->n_traits; i++) {
		struct sc_span text = field(r, r->o->traits[i]);

		if (text.n != 0 &&
		    (value = feed_trait_value(&w->traits[i], text,
			 (int64_t)(r->b->at_ms / 1000))) != 0)
			x.traits[x.n_traits++] =
			    (struct collect_trait){ (uint8_t)(i + 1), (uint8_t)value };
	}
	if (x.n_traits == 0 || x.account.n == 0)
		return;
	x.what = COLLECT_TRAITS;
	put(r, &x);
}

static bool is_cancelled(const struct order_reader *r)
{
	struct sc_span status = field(r, r->o->status);

	return status.n != 0 && feed_list_find(&r->o->cancelled, status) != 0;
}

/* Does the site take KIND? What it does not take is refused, and so counted. */
static uint8_t undeclared(const struct order_reader *r, uint8_t kind)
{
	return (r->s->sites[r->o->shop - 1].kinds & 1u << kind) != 0 ? FEED_NO_RULE :
								       FEED_UNDECLARED;
}

static bool read_order(struct order_reader *r)
{
	struct collect_taken x = { .inputs = 255, .event.shop = r->o->shop };

	x.order = keep_id(r, field(r, r->o->order));
	if (x.order.n == 0)
		return false;
	x.account = keep_id(r, field(r, r->o->customer));
	x.account_vouched = x.account.n != 0;
	r->out->address = keep_id(r, tag(r, r->o->address));
	set_time(r, &x);
	x.event.kind = is_cancelled(r) ? FEED_REFUND : FEED_PURCHASE;
	if (x.refused == FEED_NO_RULE)
		x.refused = undeclared(r, x.event.kind);
	x.event.price = amount(r, field(r, r->o->total));
	put(r, &x);
	if (x.refused != FEED_NO_RULE)
		return true;
	x.event.price = 0;
	if (x.event.kind == FEED_PURCHASE && undeclared(r, FEED_ITEM) == FEED_NO_RULE)
		put_lines(r, &x);
	put_traits(r, &x);
	return true;
}

bool order_read(const struct collect_settings *s, const struct collect_order *o,
    const struct tap_body *b, uint32_t record, struct order_read *out)
{
	struct columns lines;
	struct order_reader r = { s, o, b, record, out, &lines };

	read_columns(&r);
	/* the order, its lines, its buyer's traits: no more, since all of it is wiped afterwards */
	out->taken = sc_arena_alloc(&out->arena, (lines.n + 2) * sizeof(*out->taken));
	if (out->taken != NULL && read_order(&r))
		return true;
	sc_arena_fini(&out->arena);
	memset(out, 0, sizeof(*out));
	return false;
}
