/*
 * event.c - what the rule log keeps of an event, and an event again from it.
 */
#include "gateway/traffic/private.h"

/* Not a key: the numbers that go in are keyed already. It outlives a restart. */
static const uint8_t content_key[TRAFFIC_KEY_BYTES] = "scrim/content/1";

/*
 * What (device, kind, product, raw milliseconds) say. A banner is told from the next by its
 * campaign; lines of an order, and what a back end says, may be alike.
 */
uint64_t traffic_content(const struct traffic_event *e)
{
	const struct feed_event *f = &e->event;
	const uint64_t what = (uint64_t)f->product << 32 | (uint64_t)f->campaign << 16 |
	    (uint64_t)f->page << 8 | f->kind;

	uint64_t h;

	if (e->vouched || e->raw_ms == 0 || f->device == 0 || f->kind == FEED_ITEM)
		return 0;
	h = traffic_hash(content_key, f->device ^ e->raw_ms * UINT64_C(0x9e3779b97f4a7c15), what);
	/* as much as the log has room for, so that a restart changes nothing */
	return traffic_record_orders(f->kind) ? h & TRAFFIC_TAG_MASK : h;
}

static uint8_t bits_of(const struct traffic_event *e)
{
	uint8_t bits = 0;

	bits |= e->vouched ? TRAFFIC_VOUCHED : 0;
	bits |= (e->event.flags & FEED_CLOCK_OFF) != 0 ? TRAFFIC_CLOCK_OFF : 0;
	bits |= (e->event.flags & FEED_LATE) != 0 ? TRAFFIC_LATE : 0;
	if (e->inputs != UINT8_MAX)
		bits |= e->inputs > 0 ? TRAFFIC_INPUT : TRAFFIC_NO_INPUT;
	return bits;
}

static int64_t day_of(uint64_t ms)
{
	return (int64_t)(ms / TRAFFIC_DAY_MS);
}

static int8_t raw_days_of(const struct traffic_event *e)
{
	const int64_t d = day_of(e->raw_ms) - day_of(e->event.at_ms);

	return (int8_t)(d < INT8_MIN ? INT8_MIN : d > INT8_MAX ? INT8_MAX : d);
}

void traffic_record_of(const struct traffic_event *e, struct traffic_record *out)
{
	const struct feed_event *f = &e->event;

	*out = (struct traffic_record){ .id = f->id,
		.device = f->device,
		.person = f->person,
		.at_ms = f->at_ms,
		.prefix = e->prefix & TRAFFIC_TAG_MASK,
		.order = e->order,
		.address = e->address & TRAFFIC_TAG_MASK,
		.content = traffic_content(e),
		.product = f->product,
		.raw_days = raw_days_of(e),
		.shop = f->shop,
		.campaign = f->campaign,
		.kind = f->kind,
		.bits = bits_of(e) };
}

void traffic_event_of(const struct traffic_record *r, uint32_t day, struct traffic_event *out)
{
	*out = (struct traffic_event){
		.event = { .id = r->id,
		    .person = r->person,
		    .device = r->device,
		    .at_ms = r->at_ms,
		    .product = r->product,
		    .campaign = r->campaign,
		    .shop = r->shop,
		    .kind = r->kind },
		.raw_ms = (uint64_t)((day_of(r->at_ms) + r->raw_days) * (int64_t)TRAFFIC_DAY_MS),
		.received_ms = (uint64_t)day * TRAFFIC_DAY_MS,
		.prefix = r->prefix,
		.address = r->address,
		.order = r->order,
		.inputs = (r->bits & TRAFFIC_INPUT) != 0 ? 1 :
		    (r->bits & TRAFFIC_NO_INPUT) != 0    ? 0 :
							   UINT8_MAX,
		.vouched = (r->bits & TRAFFIC_VOUCHED) != 0,
	};
}
