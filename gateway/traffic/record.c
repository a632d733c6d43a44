/*
 * record.c - one record of the rule log as bytes, and back (log.h draws it).
 */
#include "gateway/traffic/log.h"

#include "base/bytes.h"
#include "base/crc32c.h"

enum at {
	AT_ID = 0,
	AT_DEVICE = 8,
	AT_PERSON = 16,
	AT_TIME = 24,
	AT_PREFIX = 30,
	AT_PRODUCT = 35,
	AT_KIND = 39,
	AT_BITS = 40,
	AT_RAW_DAYS = 41,
	AT_SHOP = 42,
	AT_CAMPAIGN = 44,
	AT_ORDER = 46,
	AT_ADDRESS = 54,
	AT_SAID = TRAFFIC_AT_SAID,
	AT_CRC = 60,
};
_Static_assert(AT_CRC + 4 == TRAFFIC_RECORD_BYTES, "no byte is left over");

bool traffic_record_orders(uint8_t kind)
{
	return kind == FEED_PURCHASE || kind == FEED_ITEM || kind == FEED_REFUND;
}

static void store_wide(uint8_t *p, unsigned bytes, uint64_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static uint64_t load_u40(const uint8_t *p)
{
	return (uint64_t)p[0] << 32 | sc_be32_load(p + 1);
}

static uint64_t load_u48(const uint8_t *p)
{
	return (uint64_t)sc_be16_load(p) << 32 | sc_be32_load(p + 2);
}

static uint32_t sum_of(const uint8_t *p)
{
	return crc32c(p, AT_SAID);
}

void traffic_record_encode(const struct traffic_record *in,
    uint8_t out[static TRAFFIC_RECORD_BYTES])
{
	const bool orders = traffic_record_orders(in->kind);
	const bool by_page = (in->bits & TRAFFIC_VOUCHED) == 0;

	sc_be64_store(out + AT_ID, in->id);
	sc_be64_store(out + AT_DEVICE, in->device);
	sc_be64_store(out + AT_PERSON, in->person);
	store_wide(out + AT_TIME, 6, in->at_ms);
	store_wide(out + AT_PREFIX, 5, in->prefix);
	sc_be32_store(out + AT_PRODUCT, in->product);
	out[AT_KIND] = in->kind;
	out[AT_BITS] = in->bits;
	out[AT_RAW_DAYS] = (uint8_t)in->raw_days;
	sc_be16_store(out + AT_SHOP, in->shop);
	sc_be16_store(out + AT_CAMPAIGN, in->campaign);
	sc_be64_store(out + AT_ORDER, orders ? in->order : in->content);
	store_wide(out + AT_ADDRESS, 5, orders && by_page ? in->content : in->address);
	out[AT_SAID] = in->said;
	sc_be32_store(out + AT_CRC, sum_of(out));
}

void traffic_record_read(const uint8_t in[static TRAFFIC_RECORD_BYTES], struct traffic_record *out)
{
	const uint64_t eight = sc_be64_load(in + AT_ORDER), five = load_u40(in + AT_ADDRESS);
	bool orders, by_page;

	*out = (struct traffic_record){
		.id = sc_be64_load(in + AT_ID),
		.device = sc_be64_load(in + AT_DEVICE),
		.person = sc_be64_load(in + AT_PERSON),
		.at_ms = load_u48(in + AT_TIME),
		.prefix = load_u40(in + AT_PREFIX),
		.product = sc_be32_load(in + AT_PRODUCT),
		.kind = in[AT_KIND],
		.bits = in[AT_BITS],
		.raw_days = (int8_t)in[AT_RAW_DAYS],
		.shop = sc_be16_load(in + AT_SHOP),
		.campaign = sc_be16_load(in + AT_CAMPAIGN),
		.said = in[AT_SAID],
	};
	orders = traffic_record_orders(out->kind);
	by_page = (out->bits & TRAFFIC_VOUCHED) == 0;
	out->order = orders ? eight : 0;
	out->content = !orders ? eight : by_page ? five : 0;
	out->address = orders && by_page ? 0 : five;
}

bool traffic_record_decode(const uint8_t in[static TRAFFIC_RECORD_BYTES],
    struct traffic_record *out)
{
	traffic_record_read(in, out);
	return sc_be32_load(in + AT_CRC) == sum_of(in);
}
