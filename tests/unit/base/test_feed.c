/*
 * test_feed.c - frames: every byte is accounted for, every number has its range,
 * and nothing else can be in one.
 */
#include "base/feed/feed.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/feed/words.h"
#include "tap.h"

#define SUM (FEED_FRAME_BYTES - 4)
#define MS ((uint64_t)1 << 42)

/* Written down once more, by hand, from feed.h: what each type may carry. */
struct field_case {
	uint8_t at, width;
	size_t offset;
	int64_t low;
	uint64_t high; /* of a signed one as int64_t */
	bool sign;
};
#define F(at, member, low, high) \
	{ \
		at, sizeof(((struct feed_frame *)0)->u.member), \
		    offsetof(struct feed_frame, u.member), low, high, false \
	}
#define S(at, member, low, high) \
	{ \
		at, sizeof(((struct feed_frame *)0)->u.member), \
		    offsetof(struct feed_frame, u.member), low, (uint64_t)(high), true \
	}

static const struct frame_case {
	uint8_t type;
	unsigned bits; /* how many bits a frame has that can be either */
	unsigned n;
	struct field_case v[18];
} cases[] = {
	{ FEED_EVENT, 431, 18,
	    { F(2, event.id, 1, UINT64_MAX), F(10, event.person, 0, UINT64_MAX),
		F(18, event.device, 0, UINT64_MAX), F(26, event.at_ms, 0, MS - 1),
		S(34, event.late_s, INT32_MIN, INT32_MAX), F(38, event.product, 0, UINT32_MAX),
		F(42, event.price, 0, UINT32_MAX), F(46, event.category, 0, 65535),
		F(48, event.campaign, 0, 65535), F(50, event.shop, 0, 65535),
		F(52, event.kind, 1, FEED_LOGIN), F(53, event.channel, 0, 255),
		S(54, event.offset, -48, 56), F(55, event.flags, 0, 63),
		F(56, event.quantity, 0, 255), F(57, event.arm, 0, 255), F(58, event.page, 0, 255),
		F(59, event.family, 0, FEED_OWN_APP) } },
	{ FEED_CONSENT, 147, 7,
	    { F(2, consent.who, 1, UINT64_MAX), F(10, consent.at_ms, 0, MS - 1),
		F(18, consent.version, 0, UINT32_MAX), F(22, consent.kind, 1, 2),
		F(23, consent.purpose, 1, 8), F(24, consent.word, 1, 3),
		F(25, consent.verified, 0, 1) } },
	{ FEED_LINK, 212, 4,
	    { F(2, link.device, 1, UINT64_MAX), F(10, link.person, 1, UINT64_MAX),
		F(18, link.from_ms, 0, MS - 1), F(26, link.to_ms, 0, MS - 1) } },
	{ FEED_ATTRIBUTE, 118, 4,
	    { F(2, attribute.person, 1, UINT64_MAX), F(10, attribute.at_ms, 0, MS - 1),
		F(18, attribute.attribute, 1, 8), F(19, attribute.value, 1, 255) } },
	{ FEED_VERDICT, 254, 11,
	    { F(2, verdict.event, 0, UINT64_MAX), F(10, verdict.at_ms, 0, MS - 1),
		F(18, verdict.n, 0, UINT32_MAX), F(22, verdict.expected, 0, UINT32_MAX),
		F(26, verdict.threshold, 0, UINT32_MAX), F(30, verdict.operator_uid, 0, UINT32_MAX),
		F(34, verdict.action, 1, 3), F(35, verdict.scope, 1, 2),
		F(36, verdict.rule, 0, FEED_SAME_DEVICE), F(37, verdict.rule_version, 0, 255),
		F(38, verdict.because, 0, FEED_ATTACK) } },
	{ FEED_ERASE, 66, 2, { F(2, erase.who, 1, UINT64_MAX), F(10, erase.kind, 1, 2) } },
	{ FEED_COUNT, 57, 4,
	    { F(2, count.day, 0, (MS - 1) / 86400000), F(6, count.n, 0, UINT32_MAX),
		F(10, count.reason, 1, FEED_SAME_DEVICE), F(11, count.kind, 0, FEED_LOGIN) } },
	{ FEED_SNAPSHOT, 106, 2,
	    { F(2, snapshot.number, 0, UINT64_MAX), F(10, snapshot.at_ms, 0, MS - 1) } },
	{ FEED_COMMIT, 128, 2,
	    { F(2, commit.spool, 0, UINT64_MAX), F(10, commit.next, 0, UINT64_MAX) } },
	{ FEED_HELLO, 64, 1, { F(2, hello.spool, 1, UINT64_MAX) } },
	{ FEED_AT, 128, 2, { F(2, at.spool, 1, UINT64_MAX), F(10, at.next, 0, UINT64_MAX) } },
	{ FEED_BATCH, 74, 2, { F(2, batch.first, 0, UINT64_MAX), F(10, batch.n, 1, 1023) } },
	{ FEED_ASK, 108, 5,
	    { F(2, ask.event, 0, UINT64_MAX), F(10, ask.max, 0, UINT32_MAX),
		F(14, ask.question, 1, FEED_DO_DRAFT), F(15, ask.rule, 0, FEED_SAME_DEVICE),
		F(16, ask.because, 0, FEED_ATTACK) } },
	{ FEED_TALLY, 85, 4,
	    { F(2, tally.value, 0, UINT64_MAX), F(10, tally.of, 1, FEED_N_WITHHELD),
		F(11, tally.a, 0, 255), F(12, tally.b, 0, 255) } },
	{ FEED_PROGRESS, 128, 2,
	    { F(2, progress.done, 0, UINT64_MAX), F(10, progress.total, 0, UINT64_MAX) } },
	{ FEED_END, 4, 1, { F(2, end.err, 0, SC_BUG) } },
};
#define CASES (sizeof(cases) / sizeof(*cases))

static void wire_set(uint8_t *frame, const struct field_case *f, uint64_t v)
{
	for (unsigned i = 0; i < f->width; i++)
		frame[f->at + i] = (uint8_t)(v >> 8 * (f->width - 1 - i));
}

static uint64_t member(const struct feed_frame *frame, const struct field_case *f)
{
	uint64_t v = 0;

	memcpy(&v, (const uint8_t *)frame + f->offset, f->width); /* little-endian only */
	if (f->sign && f->width < 8 && v >> (8 * f->width - 1) != 0)
		v |= ~(uint64_t)0 << 8 * f->width;
	return v;
}

static void member_set(struct feed_frame *frame, const struct field_case *f, uint64_t v)
{
	memcpy((uint8_t *)frame + f->offset, &v, f->width);
}

static void sum(uint8_t *frame)
{
	sc_be32_store(frame + SUM, crc32c(frame, SUM));
}

/* The least frame of a type: every field at its lowest. */
static void least(const struct frame_case *c, uint8_t *out)
{
	memset(out, 0, FEED_FRAME_BYTES);
	out[0] = c->type;
	out[1] = 1;
	for (unsigned i = 0; i < c->n; i++)
		wire_set(out, &c->v[i], (uint64_t)c->v[i].low);
	sum(out);
}

/* ---- numbers there and back --------------------------------------------------------- */

static uint64_t seed = 1;
static uint64_t chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 32 ^ seed << 20;
}

static uint64_t within(const struct field_case *f)
{
	const uint64_t span = f->high - (uint64_t)f->low;

	return (uint64_t)f->low + (span == UINT64_MAX ? chance() : chance() % (span + 1));
}

static void test_there_and_back(void)
{
	uint8_t bytes[FEED_FRAME_BYTES], again[FEED_FRAME_BYTES];
	struct feed_frame f, g;

	for (unsigned round = 0; round < 200; round++)
		for (size_t i = 0; i < CASES; i++) {
			memset(&f, 0, sizeof(f));
			f.type = cases[i].type;
			for (unsigned k = 0; k < cases[i].n; k++)
				member_set(&f, &cases[i].v[k], within(&cases[i].v[k]));
			memset(bytes, 0xee, sizeof(bytes));
			memset(&g, 0xee, sizeof(g));
			CHECK(feed_encode(&f, bytes) == SC_OK);
			CHECK(feed_decode(bytes, &g) == SC_OK);
			CHECK(memcmp(&f, &g, sizeof(f)) == 0);
			CHECK(feed_encode(&g, again) == SC_OK &&
			    memcmp(bytes, again, sizeof(bytes)) == 0);
			CHECK(bytes[0] == cases[i].type && bytes[1] == 1);
			for (unsigned k = 0; k < cases[i].n; k++)
				CHECK(member(&g, &cases[i].v[k]) == member(&f, &cases[i].v[k]));
		}
}

/* Bytes that never change again: other versions read them. */
static void test_golden(void)
{
	static const char want[] = "0101"
				   "0102030405060708"
				   "1112131415161718"
				   "2122232425262728"
				   "0000019b76da8c01"
				   "fffffffb"
				   "31323334"
				   "41424344"
				   "5152"
				   "6162"
				   "7172"
				   "03"
				   "81"
				   "e0"
				   "15"
				   "82"
				   "83"
				   "84"
				   "06";
	const struct feed_frame f = { .type = FEED_EVENT,
		.u.event = { .id = 0x0102030405060708,
		    .person = 0x1112131415161718,
		    .device = 0x2122232425262728,
		    .at_ms = 0x19b76da8c01,
		    .late_s = -5,
		    .product = 0x31323334,
		    .price = 0x41424344,
		    .category = 0x5152,
		    .campaign = 0x6162,
		    .shop = 0x7172,
		    .kind = FEED_SEARCH,
		    .channel = 0x81,
		    .offset = -32,
		    .flags = FEED_VOUCHED | FEED_CLOCK_OFF | FEED_APP,
		    .quantity = 0x82,
		    .arm = 0x83,
		    .page = 0x84,
		    .family = FEED_OWN_APP } };
	uint8_t bytes[FEED_FRAME_BYTES];
	char text[2 * SUM + 1];

	NEED(feed_encode(&f, bytes) == SC_OK);
	for (size_t i = 0; i < SUM; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	CHECK(strcmp(text, want) == 0);
	CHECK(sc_be32_load(bytes + SUM) == crc32c(bytes, SUM));
}

static void test_any_flipped_bit(void)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame f;

	for (size_t i = 0; i < CASES; i++) {
		least(&cases[i], bytes);
		CHECK(feed_decode(bytes, &f) == SC_OK);
		for (unsigned b = 0; b < 8 * FEED_FRAME_BYTES; b++) {
			bytes[b / 8] ^= (uint8_t)(1u << b % 8);
			CHECK(feed_decode(bytes, &f) == SC_CORRUPT);
			bytes[b / 8] ^= (uint8_t)(1u << b % 8);
		}
	}
}

/* ---- ranges --------------------------------------------------------------------------- */

/* V in field K of the least frame of C: taken on both sides, or refused on both. */
static bool taken(const struct frame_case *c, unsigned k, uint64_t v)
{
	uint8_t bytes[FEED_FRAME_BYTES], out[FEED_FRAME_BYTES];
	struct feed_frame f;
	enum sc_err err;

	least(c, bytes);
	if (feed_decode(bytes, &f) != SC_OK)
		abort();
	member_set(&f, &c->v[k], v);
	wire_set(bytes, &c->v[k], v);
	sum(bytes);
	err = feed_encode(&f, out);
	CHECK(err == SC_OK || err == SC_BUG);
	CHECK(err != SC_OK || memcmp(bytes, out, sizeof(bytes)) == 0);
	CHECK(feed_decode(bytes, &f) == (err == SC_OK ? SC_OK : SC_SYNTAX));
	return err == SC_OK;
}

static void test_ranges(void)
{
	for (size_t i = 0; i < CASES; i++)
		for (unsigned k = 0; k < cases[i].n; k++) {
			const struct field_case *f = &cases[i].v[k];
			const unsigned bits = 8 * f->width - (f->sign ? 1 : 0);
			const uint64_t most = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;

			CHECK(taken(&cases[i], k, (uint64_t)f->low));
			CHECK(taken(&cases[i], k, f->high));
			if (f->high < most)
				CHECK(!taken(&cases[i], k, f->high + 1) &&
				    !taken(&cases[i], k, most));
			if (f->sign ? f->low > -(int64_t)most - 1 : f->low > 0)
				CHECK(!taken(&cases[i], k, (uint64_t)f->low - 1));
		}
}

static void test_types_and_versions(void)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame f;

	for (unsigned type = 0; type < 256; type++) {
		const struct frame_case *c = NULL;

		for (size_t i = 0; i < CASES; i++)
			if (cases[i].type == type)
				c = &cases[i];
		memset(&f, 0, sizeof(f));
		f.type = (uint8_t)type;
		if (c == NULL) {
			memset(bytes, 0, sizeof(bytes));
			bytes[0] = (uint8_t)type;
			bytes[1] = 1;
			sum(bytes);
			CHECK(feed_decode(bytes, &f) == SC_SYNTAX &&
			    feed_encode(&f, bytes) == SC_BUG);
			continue;
		}
		for (unsigned version = 0; version < 256; version++) {
			least(c, bytes);
			bytes[1] = (uint8_t)version;
			sum(bytes);
			CHECK(feed_decode(bytes, &f) == (version == 1 ? SC_OK : SC_SYNTAX));
		}
	}
}

/* ---- nothing else -------------------------------------------------------------------- */

/* Does some frame of C have another bit B of its 64 bytes than the least one has? */
static bool is_free(const struct frame_case *c, unsigned b)
{
	static const int steps[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame f;

	/* alone, or with one other bit of the same byte: a range's top may need it cleared */
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		least(c, bytes);
		bytes[b / 8] ^= (uint8_t)(1u << b % 8);
		if (steps[i] != (int)(b % 8))
			bytes[b / 8] ^= (uint8_t)(1u << steps[i]);
		sum(bytes);
		if (feed_decode(bytes, &f) == SC_OK && f.type == c->type)
			return true;
	}
	return false;
}

/*
 * What an attacker who has all of the gateway could say to analytics in one frame: so many
 * bits, in so many fields, and in no other place.
 */
static void test_nothing_else(void)
{
	for (size_t i = 0; i < CASES; i++) {
		const struct frame_case *c = &cases[i];
		unsigned free = 0;

		for (unsigned b = 0; b < 8 * SUM; b++) {
			bool in_a_field = false;

			for (unsigned k = 0; k < c->n; k++)
				in_a_field |= b / 8 >= c->v[k].at &&
				    b / 8 < c->v[k].at + c->v[k].width;
			if (is_free(c, b)) {
				CHECK(in_a_field);
				free++;
			}
		}
		if (free != c->bits)
			printf("# type %u has %u free bits\n", c->type, free);
		CHECK(free == c->bits);
	}
}

/* ---- names ------------------------------------------------------------------------------- */

static void test_names(void)
{
	static const char *const *const lists[] = { feed_kind_names, feed_because_names,
		feed_tally_names };
	static const unsigned ends[] = { FEED_KIND_END, FEED_BECAUSE_END, FEED_TALLY_END };

	for (unsigned i = 0; i < 3; i++) {
		CHECK(lists[i][0][0] == '\0' && lists[i][ends[i]] == NULL);
		for (unsigned k = 1; k < ends[i]; k++) {
			CHECK(lists[i][k][0] != '\0');
			CHECK(strspn(lists[i][k], "abcdefghijklmnopqrstuvwxyz_") ==
			    strlen(lists[i][k]));
			for (unsigned other = 1; other < k; other++)
				CHECK(strcmp(lists[i][k], lists[i][other]) != 0);
		}
	}
	CHECK(strcmp(feed_kind_names[FEED_PAGE], "page") == 0);
	CHECK(strcmp(feed_kind_names[FEED_CHECKOUT], "checkout") == 0);
	CHECK(strcmp(feed_kind_names[FEED_LOGIN], "login") == 0);
	CHECK(strcmp(feed_because_names[FEED_MISTAKE], "mistake") == 0);
	CHECK(strcmp(feed_because_names[FEED_ATTACK], "attack") == 0);
	CHECK(strcmp(feed_tally_names[FEED_N_EVENTS], "events") == 0);
	CHECK(strcmp(feed_tally_names[FEED_N_UNCONSENTED], "unconsented") == 0);
	CHECK(strcmp(feed_tally_names[FEED_N_DIGEST], "digest") == 0);
	CHECK(strcmp(feed_tally_names[FEED_N_LIVE_BYTES], "live_bytes") == 0);
	CHECK(strcmp(feed_tally_names[FEED_N_WITHHELD], "withheld") == 0);
}

int main(void)
{
	RUN(test_there_and_back, "what is encoded is what is decoded, every byte of it");
	RUN(test_golden, "an event's bytes are as they always were");
	RUN(test_any_flipped_bit, "any flipped bit is refused");
	RUN(test_ranges, "a number outside its range is refused on both sides");
	RUN(test_types_and_versions, "no other type and no other version");
	RUN(test_nothing_else,
	    "no frame carries more than its numbers: every other bit is refused");
	RUN(test_names, "every number has a name of its own");
	return tap_done();
}
