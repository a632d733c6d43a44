/*
 * lineage_file.c - what is remembered as bytes; all numbers big-endian:
 *
 *	head	"scrimlin" | version u32 | noted u64 | releases u32 | parts u32 | members u64
 *	names	of LINEAGE_LIVE datasets, each behind its length u8
 *	release dataset u8 | number u64 | when u64 | classes u32 | values u16,
 *		each value: column u8 | hash u64; each class: a bit for each value, in words of u64
 *	part	erased u32 | class u32 in each release, or ffffffff
 *	member	person u64 | part u32, by person
 *	SHA-256 of all before it
 *
 * A reader refuses whatever no writer would have written.
 */
#include "analytics/lineage/lineage_private.h"

#include "base/bytes.h"
#include "base/diag.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "scrimlin"
#define MAGIC_BYTES 8
#define VERSION 1
#define SHA_BYTES crypto_hash_sha256_BYTES
#define VALUE_BYTES 9
#define MEMBER_BYTES 12

/* ---- writing ---------------------------------------------------------------------------- */

static enum sc_err put32(struct sc_buf *b, uint32_t v)
{
	uint8_t be[4];

	sc_be32_store(be, v);
	return sc_buf_put(b, be, sizeof(be));
}

static enum sc_err put_release(struct sc_buf *b, const struct lineage_release *r)
{
	enum sc_err err;

	if ((err = sc_buf_put_be8(b, r->dataset)) != SC_OK ||
	    (err = sc_buf_put_be64(b, r->number)) != SC_OK ||
	    (err = sc_buf_put_be64(b, r->when)) != SC_OK ||
	    (err = put32(b, r->n_classes)) != SC_OK ||
	    (err = sc_buf_put_be16(b, r->n_values)) != SC_OK)
		return err;
	for (size_t i = 0; i < r->n_values; i++)
		if ((err = sc_buf_put_be8(b, r->values[i].column)) != SC_OK ||
		    (err = sc_buf_put_be64(b, r->values[i].hash)) != SC_OK)
			return err;
	for (size_t i = 0; i < (size_t)r->n_classes * r->words; i++)
		if ((err = sc_buf_put_be64(b, r->masks[i])) != SC_OK)
			return err;
	return SC_OK;
}

static enum sc_err put_people(struct sc_buf *b, const struct lineage *l)
{
	enum sc_err err = SC_OK;

	for (size_t p = 0; p < l->n_parts && err == SC_OK; p++) {
		err = put32(b, l->erased[p]);
		for (size_t r = 0; r < l->n_releases && err == SC_OK; r++)
			err = put32(b, l->classes[p * LINEAGE_STRIDE + r]);
	}
	for (size_t i = 0; i < l->n_members && err == SC_OK; i++)
		if ((err = sc_buf_put_be64(b, l->members[i].person)) == SC_OK)
			err = put32(b, l->members[i].part);
	return err;
}

enum sc_err lineage_encode(const struct lineage *l, struct sc_buf *out)
{
	uint8_t sha256[SHA_BYTES];
	enum sc_err err;

	if ((err = sc_buf_put(out, MAGIC, MAGIC_BYTES)) != SC_OK ||
	    (err = put32(out, VERSION)) != SC_OK ||
	    (err = sc_buf_put_be64(out, l->noted)) != SC_OK ||
	    (err = put32(out, (uint32_t)l->n_releases)) != SC_OK ||
	    (err = put32(out, (uint32_t)l->n_parts)) != SC_OK ||
	    (err = sc_buf_put_be64(out, l->n_members)) != SC_OK)
		return err;
	for (size_t i = 0; i < LINEAGE_LIVE && err == SC_OK; i++)
		err = sc_buf_put_field8(out, sc_span_str(l->datasets[i].s));
	for (size_t i = 0; i < l->n_releases && err == SC_OK; i++)
		err = put_release(out, &l->releases[i]);
	if (err != SC_OK || (err = put_people(out, l)) != SC_OK)
		return err;
	crypto_hash_sha256(sha256, out->p, out->n);
	return sc_buf_put(out, sha256, sizeof(sha256));
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Are there N things of EACH bytes left? Then they may be given memory. */
static bool has_room(struct sc_reader *r, uint64_t n, size_t each)
{
	if (!r->bad && n <= (size_t)(r->end - r->p) / each)
		return true;
	r->bad = true;
	return false;
}

static enum sc_err read_names(struct lineage *l, struct sc_reader *in)
{
	for (size_t i = 0; i < LINEAGE_LIVE; i++) {
		const struct sc_span name = sc_read_field8(in);

		if (in->bad || (name.n > 0 && sc_name_parse(name, &l->datasets[i]) != SC_OK) ||
		    (name.n > 0 && lineage_dataset(l, l->datasets[i].s) < i))
			return SC_CORRUPT;
	}
	return SC_OK;
}

static bool values_are_sound(const struct lineage_release *r)
{
	for (size_t i = 0; i < r->n_values; i++) {
		const struct lineage_value *a = &r->values[i], *b = a - 1;

		if (a->column >= RELEASE_SENSITIVE_MAX ||
		    (i > 0 &&
			(a->column < b->column || (a->column == b->column && a->hash <= b->hash))))
			return false;
	}
	for (size_t c = 0; c < r->n_classes && r->n_values % 64 != 0; c++)
		if (r->masks[c * r->words + r->words - 1] >> r->n_values % 64 != 0)
			return false;
	return true;
}

static enum sc_err read_release(struct lineage_release *r, struct sc_reader *in)
{
	r->dataset = sc_read_u8(in);
	r->number = sc_read_u64(in);
	r->when = sc_read_u64(in);
	r->n_classes = sc_read_u32(in);
	r->n_values = sc_read_u16(in);
	r->words = (uint16_t)((r->n_values + 63) / 64);
	if (r->words > LINEAGE_WORDS || r->n_classes == LINEAGE_ABSENT ||
	    !has_room(in, r->n_values, VALUE_BYTES))
		return SC_CORRUPT;
	if ((r->values = calloc((size_t)r->n_values + 1, sizeof(*r->values))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < r->n_values; i++) {
		r->values[i].column = sc_read_u8(in);
		r->values[i].hash = sc_read_u64(in);
	}
	const size_t n = (size_t)r->n_classes * r->words;

	if (!has_room(in, n, sizeof(*r->masks)))
		return SC_CORRUPT;
	if ((r->masks = calloc(n + 1, sizeof(*r->masks))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++)
		r->masks[i] = sc_read_u64(in);
	return values_are_sound(r) ? SC_OK : SC_CORRUPT;
}

/* Is release AT of a dataset that has a name, newer than that before it, and noted after all? */
static bool release_fits(const struct lineage *l, size_t at)
{
	const struct lineage_release *r = &l->releases[at];

	if (r->dataset >= LINEAGE_LIVE || l->datasets[r->dataset].s[0] == '\0' ||
	    r->when >= l->noted || (at > 0 && r[-1].when >= r->when))
		return false;
	for (size_t i = at; i-- > 0;)
		if (l->releases[i].dataset == r->dataset)
			return l->releases[i].number < r->number;
	return true;
}

static enum sc_err read_releases(struct lineage *l, struct sc_reader *in, uint32_t n)
{
	enum sc_err err;

	if (n > LINEAGE_RELEASES_MAX)
		return SC_CORRUPT;
	for (l->n_releases = 0; l->n_releases < n;) {
		const size_t at = l->n_releases++;

		if ((err = read_release(&l->releases[at], in)) != SC_OK)
			return err;
		if (in->bad || !release_fits(l, at))
			return SC_CORRUPT;
	}
	for (size_t i = 0; i < LINEAGE_LIVE; i++)
		if (l->datasets[i].s[0] != '\0' && lineage_newest(l, i) == l->n_releases)
			return SC_CORRUPT;
	return SC_OK;
}

static enum sc_err read_parts(struct lineage *l, struct sc_reader *in, uint32_t n)
{
	if (!has_room(in, n, 4 + 4 * l->n_releases))
		return SC_CORRUPT;
	l->erased = calloc((size_t)n + 1, sizeof(*l->erased));
	l->classes = calloc(((size_t)n + 1) * LINEAGE_STRIDE, sizeof(*l->classes));
	if (l->erased == NULL || l->classes == NULL)
		return SC_NOMEM;
	l->n_parts = n;
	for (size_t p = 0; p < n; p++) {
		bool seen = false;

		l->erased[p] = sc_read_u32(in);
		for (size_t r = 0; r < l->n_releases; r++) {
			const uint32_t c = sc_read_u32(in);

			l->classes[p * LINEAGE_STRIDE + r] = c;
			if (c != LINEAGE_ABSENT && c >= l->releases[r].n_classes)
				return SC_CORRUPT;
			seen |= c != LINEAGE_ABSENT;
		}
		if (!seen)
			return SC_CORRUPT;
	}
	return SC_OK;
}

static enum sc_err read_members(struct lineage *l, struct sc_reader *in, uint64_t n)
{
	if (!has_room(in, n, MEMBER_BYTES))
		return SC_CORRUPT;
	if ((l->members = calloc(n + 1, sizeof(*l->members))) == NULL)
		return SC_NOMEM;
	for (l->n_members = 0; l->n_members < n; l->n_members++) {
		struct lineage_member *m = &l->members[l->n_members];

		m->person = sc_read_u64(in);
		m->part = sc_read_u32(in);
		if (m->part >= l->n_parts || (l->n_members > 0 && m[-1].person >= m->person))
			return SC_CORRUPT;
	}
	return sc_reader_done(in) ? SC_OK : SC_CORRUPT;
}

static enum sc_err read_all(struct lineage *l, struct sc_reader *in)
{
	const struct sc_span magic = sc_read_bytes(in, MAGIC_BYTES);
	const uint32_t version = sc_read_u32(in);
	enum sc_err err;

	l->noted = sc_read_u64(in);
	const uint32_t releases = sc_read_u32(in), parts = sc_read_u32(in);
	const uint64_t members = sc_read_u64(in);

	if (in->bad || !sc_span_is(magic, MAGIC) || version != VERSION)
		return SC_CORRUPT;
	if ((err = read_names(l, in)) != SC_OK || (err = read_releases(l, in, releases)) != SC_OK ||
	    (err = read_parts(l, in, parts)) != SC_OK)
		return err;
	return read_members(l, in, members);
}

enum sc_err lineage_decode(struct lineage *l, struct sc_span bytes, struct sc_diag *d)
{
	uint8_t sha256[SHA_BYTES];
	enum sc_err err = SC_CORRUPT;

	if (bytes.n >= SHA_BYTES) {
		struct sc_reader in = sc_reader(sc_span(bytes.p, bytes.n - SHA_BYTES));

		crypto_hash_sha256(sha256, bytes.p, bytes.n - SHA_BYTES);
		if (memcmp(sha256, bytes.p + bytes.n - SHA_BYTES, SHA_BYTES) == 0)
			err = read_all(l, &in);
	}
	if (err != SC_OK)
		lineage_clear(l);
	if (err == SC_CORRUPT)
		sc_diag_set(d,
		    "the lineage is damaged: nothing can be released beside what it "
		    "remembered; put it back from a copy");
	return err;
}
