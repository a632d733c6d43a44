/*
 * feed.c - frames as bytes: a row for every field of every type, in the order in
 * which they lie, with the numbers that it may have.
 *
 * Nothing but the rows says what a frame can carry: whatever no row accounts
 * for is zero, and a number outside its row is refused on both sides.
 */
#include "base/feed/feed.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/feed/words.h"

#include <stddef.h>
#include <string.h>

#define HEAD 2 /* type and version */
#define SUM (FEED_FRAME_BYTES - 4)
#define FIELDS_MAX 20

const char *const feed_kind_names[] = { "", "page", "product", "search", "cart_add", "cart_remove",
	"checkout", "purchase", "item", "refund", "exposure", "outcome", "login", NULL };
const char *const feed_because_names[] = { "", "mistake", "known_partner", "complaint", "test",
	"attack", NULL };
const char *const feed_tally_names[] = { "", "events", "quarantined", "refused", "released",
	"condemned", "duplicates", "late", "people", "visits", "unconsented", "erased", "bytes",
	"snapshot", "snapshot_at", "digest", "live", "stale", "live_bytes", "drafted", "withheld",
	NULL };

#define NAMES(v, end) _Static_assert(sizeof(v) / sizeof(*(v)) == (end) + 1, "a name each")
NAMES(feed_kind_names, FEED_KIND_END);
NAMES(feed_because_names, FEED_BECAUSE_END);
NAMES(feed_tally_names, FEED_TALLY_END);

/* ---- the rows ------------------------------------------------------------------- */

struct feed_field {
	uint8_t offset; /* of the member in the frame */
	uint8_t width;  /* bytes, in memory and on the wire; 0: there are no more */
	bool sign;
	int64_t low;
	uint64_t span; /* the highest is LOW + SPAN */
};

#define FIELD(member, lo, hi) \
	{ \
		offsetof(struct feed_frame, u.member), sizeof(((struct feed_frame *)0)->u.member), \
		    false, (lo), (uint64_t)(hi) - (lo) \
	}
#define SIGNED(member, lo, hi) \
	{ \
		offsetof(struct feed_frame, u.member), sizeof(((struct feed_frame *)0)->u.member), \
		    true, (lo), (uint64_t)((int64_t)(hi) - (lo)) \
	}
#define ANY8(member) FIELD(member, 0, UINT8_MAX)
#define ANY16(member) FIELD(member, 0, UINT16_MAX)
#define ANY32(member) FIELD(member, 0, UINT32_MAX)
#define ANY64(member) FIELD(member, 0, UINT64_MAX)
#define SOME64(member) FIELD(member, 1, UINT64_MAX)
#define TIME(member) FIELD(member, 0, FEED_MS_MAX)

/* An event fills its frame to the last byte. */
static const struct feed_field rows[][FIELDS_MAX] = {
	[FEED_EVENT] = { SOME64(event.id), ANY64(event.person), ANY64(event.device),
	    TIME(event.at_ms), SIGNED(event.late_s, INT32_MIN, INT32_MAX), ANY32(event.product),
	    ANY32(event.price), ANY16(event.category), ANY16(event.campaign), ANY16(event.shop),
	    FIELD(event.kind, 1, FEED_KIND_END - 1), ANY8(event.channel),
	    SIGNED(event.offset, FEED_OFFSET_MIN, FEED_OFFSET_MAX),
	    FIELD(event.flags, 0, FEED_FLAGS_END - 1), ANY8(event.quantity), ANY8(event.arm),
	    ANY8(event.page), FIELD(event.family, 0, FEED_OWN_APP) },
	[FEED_CONSENT] = { SOME64(consent.who), TIME(consent.at_ms), ANY32(consent.version),
	    FIELD(consent.kind, FEED_PERSON, FEED_DEVICE),
	    FIELD(consent.purpose, 1, FEED_PURPOSES_MAX),
	    FIELD(consent.word, FEED_GRANT, FEED_WITHDRAW), FIELD(consent.verified, 0, 1) },
	[FEED_LINK] = { SOME64(link.device), SOME64(link.person), TIME(link.from_ms),
	    TIME(link.to_ms) },
	[FEED_ATTRIBUTE] = { SOME64(attribute.person), TIME(attribute.at_ms),
	    FIELD(attribute.attribute, 1, FEED_ATTRIBUTES_MAX),
	    FIELD(attribute.value, 1, UINT8_MAX) },
	[FEED_VERDICT] = { ANY64(verdict.event), TIME(verdict.at_ms), ANY32(verdict.n),
	    ANY32(verdict.expected), ANY32(verdict.threshold), ANY32(verdict.operator_uid),
	    FIELD(verdict.action, FEED_QUARANTINE, FEED_CONDEMN),
	    FIELD(verdict.scope, FEED_OF_EVENT, FEED_OF_RULE),
	    FIELD(verdict.rule, 0, FEED_RULE_END - 1), ANY8(verdict.rule_version),
	    FIELD(verdict.because, 0, FEED_BECAUSE_END - 1) },
	[FEED_ERASE] = { SOME64(erase.who), FIELD(erase.kind, FEED_PERSON, FEED_DEVICE) },
	[FEED_COUNT] = { FIELD(count.day, 0, FEED_MS_MAX / 86400000), ANY32(count.n),
	    FIELD(count.reason, 1, FEED_RULE_END - 1), FIELD(count.kind, 0, FEED_KIND_END - 1) },
	[FEED_SNAPSHOT] = { ANY64(snapshot.number), TIME(snapshot.at_ms) },
	[FEED_COMMIT] = { ANY64(commit.spool), ANY64(commit.next) },
	[FEED_HELLO] = { SOME64(hello.spool) },
	[FEED_AT] = { SOME64(at.spool), ANY64(at.next) },
	[FEED_BATCH] = { ANY64(batch.first), FIELD(batch.n, 1, FEED_PACKET_FRAMES - 1) },
	[FEED_ASK] = { ANY64(ask.event), ANY32(ask.max),
	    FIELD(ask.question, 1, FEED_QUESTION_END - 1), FIELD(ask.rule, 0, FEED_RULE_END - 1),
	    FIELD(ask.because, 0, FEED_BECAUSE_END - 1) },
	[FEED_TALLY] = { ANY64(tally.value), FIELD(tally.of, 1, FEED_TALLY_END - 1), ANY8(tally.a),
	    ANY8(tally.b) },
	[FEED_PROGRESS] = { ANY64(progress.done), ANY64(progress.total) },
	[FEED_END] = { FIELD(end.err, 0, SC_BUG) },
};

/* The rows of TYPE; NULL: there is no such type. */
static const struct feed_field *rows_of(uint8_t type)
{
	return type < sizeof(rows) / sizeof(*rows) && rows[type][0].width != 0 ? rows[type] : NULL;
}

/* ---- a number ------------------------------------------------------------------- */

static uint64_t extended(uint64_t v, const struct feed_field *f)
{
	const unsigned shift = 64 - 8 * f->width;

	return f->sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v;
}

/* In one comparison: what lies below wraps to the far end. */
static bool in_range(uint64_t v, const struct feed_field *f)
{
	return extended(v, f) - (uint64_t)f->low <= f->span;
}

static uint64_t member_get(const struct feed_frame *frame, const struct feed_field *f)
{
	const uint8_t *p = (const uint8_t *)frame + f->offset;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (f->width) {
	case 8: return memcpy(&v8, p, sizeof(v8)), v8;
	case 4: return memcpy(&v4, p, sizeof(v4)), v4;
	case 2: return memcpy(&v2, p, sizeof(v2)), v2;
	default: return *p;
	}
}

static void member_set(struct feed_frame *frame, const struct feed_field *f, uint64_t v)
{
	uint8_t *p = (uint8_t *)frame + f->offset;
	const uint32_t v4 = (uint32_t)v;
	const uint16_t v2 = (uint16_t)v;

	switch (f->width) {
	case 8: memcpy(p, &v, sizeof(v)); break;
	case 4: memcpy(p, &v4, sizeof(v4)); break;
	case 2: memcpy(p, &v2, sizeof(v2)); break;
	default: *p = (uint8_t)v;
	}
}

static uint64_t wire_get(const uint8_t *p, uint8_t width)
{
	switch (width) {
	case 8: return sc_be64_load(p);
	case 4: return sc_be32_load(p);
	case 2: return sc_be16_load(p);
	default: return *p;
	}
}

static void wire_set(uint8_t *p, uint8_t width, uint64_t v)
{
	switch (width) {
	case 8: sc_be64_store(p, v); break;
	case 4: sc_be32_store(p, (uint32_t)v); break;
	case 2: sc_be16_store(p, (uint16_t)v); break;
	default: *p = (uint8_t)v;
	}
}

/* ---- a frame ---------------------------------------------------------------------- */

enum sc_err feed_encode(const struct feed_frame *f, uint8_t out[static FEED_FRAME_BYTES])
{
	const struct feed_field *r = rows_of(f->type);
	size_t at = HEAD;

	if (r == NULL)
		return SC_BUG;
	out[0] = f->type;
	out[1] = FEED_VERSION;
	for (; r->width != 0; at += r->width, r++) {
		uint64_t v = member_get(f, r);

		if (!in_range(v, r))
			return SC_BUG;
		wire_set(out + at, r->width, v);
	}
	memset(out + at, 0, SUM - at);
	sc_be32_store(out + SUM, crc32c(out, SUM));
	return SC_OK;
}

static bool all_zero(const uint8_t *p, const uint8_t *end)
{
	uint8_t any = 0;

	for (; p < end; p++)
		any |= *p;
	return any == 0;
}

enum sc_err feed_decode(const uint8_t in[static FEED_FRAME_BYTES], struct feed_frame *out)
{
	const struct feed_field *r = rows_of(in[0]);
	size_t at = HEAD;

	if (sc_be32_load(in + SUM) != crc32c(in, SUM))
		return SC_CORRUPT;
	if (r == NULL || in[1] != FEED_VERSION)
		return SC_SYNTAX;
	memset(out, 0, sizeof(*out));
	out->type = in[0];
	for (; r->width != 0; at += r->width, r++) {
		uint64_t v = wire_get(in + at, r->width);

		if (!in_range(v, r))
			return SC_SYNTAX;
		member_set(out, r, v);
	}
	return all_zero(in + at, in + SUM) ? SC_OK : SC_SYNTAX;
}
