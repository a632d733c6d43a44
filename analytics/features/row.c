/*
 * row.c - a head and a row as bytes: a line for every field, in the order in which they lie.
 */
#include "analytics/features/file.h"

#include "base/bytes.h"

#include <sodium.h>
#include <string.h>

static const uint8_t magic[8] = "SCRIMFEA";

/* ---- a head -------------------------------------------------------------------------- */

void feature_head_encode(const struct feature_head *h, uint8_t out[static FEATURE_HEAD_BYTES])
{
	memcpy(out, magic, sizeof(magic));
	sc_be16_store(out + 8, FEATURE_VERSION);
	sc_be16_store(out + 10, FEATURE_ROW_BYTES);
	sc_be32_store(out + 12, 0);
	sc_be64_store(out + 16, h->number);
	sc_be64_store(out + 24, h->at_ms);
	sc_be64_store(out + 32, h->count);
	memcpy(out + 40, h->settings, sizeof(h->settings));
}

enum sc_err feature_head_decode(const uint8_t in[static FEATURE_HEAD_BYTES],
    struct feature_head *out)
{
	uint8_t again[FEATURE_HEAD_BYTES];

	out->number = sc_be64_load(in + 16);
	out->at_ms = sc_be64_load(in + 24);
	out->count = sc_be64_load(in + 32);
	memcpy(out->settings, in + 40, sizeof(out->settings));
	feature_head_encode(out, again);
	return memcmp(in, again, sizeof(again)) == 0 ? SC_OK : SC_CORRUPT;
}

/* ---- a row ----------------------------------------------------------------------------- */

/* COUNT numbers of WIDTH bytes, the first at OFFSET of the struct, STRIDE apart. */
struct row_field {
	uint16_t offset;
	uint8_t width, count, stride;
};

#define ROW ((struct feature_row *)0)
#define ONE(member) \
	{ \
		offsetof(struct feature_row, member), sizeof(ROW->member), 1, 0 \
	}
#define ALL(member) \
	{ \
		offsetof(struct feature_row, member), sizeof(*ROW->member), \
		    sizeof(ROW->member) / sizeof(*ROW->member), sizeof(*ROW->member) \
	}
#define EACH(member, inner) \
	{ \
		offsetof(struct feature_row, member) + offsetof(struct feature_campaign, inner), \
		    sizeof(ROW->member->inner), sizeof(ROW->member) / sizeof(*ROW->member), \
		    sizeof(*ROW->member) \
	}

static const struct row_field fields[] = { ONE(person), ONE(first_order_ms), ONE(last_order_ms),
	ONE(last_seen_ms), ONE(spent), ONE(orders), ONE(refunds), ONE(lines), ONE(views),
	ONE(searches), ONE(carts), ALL(by_category), ALL(by_channel), ALL(by_hour), ALL(by_band),
	ONE(week), ALL(by_week), ALL(orders_by_week), EACH(campaigns, campaign),
	EACH(campaigns, arm), EACH(campaigns, exposures), EACH(campaigns, outcomes),
	EACH(campaigns, purchases), EACH(campaigns, first_ms), ALL(attributes), ALL(attribute_ms) };

_Static_assert(FEATURE_ROW_BYTES ==
	5 * 8 + 6 * 4 +
	    2 * (FEATURE_CATEGORIES + FEATURE_CHANNELS + 24 + FEED_BANDS + 2 * FEATURE_WEEKS) + 4 +
	    FEATURE_CAMPAIGNS * (2 + 4 + 8) + FEED_ATTRIBUTES_MAX * (1 + 8),
    "as long as its fields");

static void store(uint8_t *out, const uint8_t *member, uint8_t width)
{
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (width) {
	case 8: memcpy(&v8, member, 8), sc_be64_store(out, v8); break;
	case 4: memcpy(&v4, member, 4), sc_be32_store(out, v4); break;
	case 2: memcpy(&v2, member, 2), sc_be16_store(out, v2); break;
	default: *out = *member;
	}
}

static void load(const uint8_t *in, uint8_t *member, uint8_t width)
{
	const uint64_t v8 = width == 8 ? sc_be64_load(in) : 0;
	const uint32_t v4 = width == 4 ? sc_be32_load(in) : 0;
	const uint16_t v2 = width == 2 ? sc_be16_load(in) : 0;

	switch (width) {
	case 8: memcpy(member, &v8, 8); break;
	case 4: memcpy(member, &v4, 4); break;
	case 2: memcpy(member, &v2, 2); break;
	default: *member = *in;
	}
}

void feature_row_encode(const struct feature_row *row, uint8_t out[static FEATURE_ROW_BYTES])
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const uint8_t *p = (const uint8_t *)row + fields[i].offset;

		for (size_t k = 0; k < fields[i].count; k++, out += fields[i].width)
			store(out, p + k * fields[i].stride, fields[i].width);
	}
}

void feature_row_decode(const uint8_t in[static FEATURE_ROW_BYTES], struct feature_row *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		uint8_t *p = (uint8_t *)out + fields[i].offset;

		for (size_t k = 0; k < fields[i].count; k++, in += fields[i].width)
			load(in, p + k * fields[i].stride, fields[i].width);
	}
}

/* ---- settings ----------------------------------------------------------------------------- */

void feature_settings_sha256(const struct fold_settings *s, uint8_t out[static FEATURE_SHA_BYTES])
{
	uint8_t b[2 + 4 + 4 + 4 + 4 * (FEED_BANDS - 1)];

	b[0] = s->purpose;
	b[1] = s->join_devices;
	sc_be32_store(b + 2, s->rules_off);
	sc_be32_store(b + 6, s->words->text_version);
	sc_be32_store(b + 10, s->words->price_step);
	for (size_t i = 0; i < FEED_BANDS - 1; i++)
		sc_be32_store(b + 14 + 4 * i, s->words->price_bands[i]);
	crypto_hash_sha256(out, b, sizeof(b));
}
