/*
 * put_back.c - searching an answer, piece by piece, and writing it anew behind the first find.
 */
#include "gateway/protect/put_back.h"

#include "crypto/token/token.h"
#include "gateway/codec/pieces.h"

#include <string.h>

#define NUMBER_MAX 40u /* digits of a number that can be somebody's value */
#define EXPONENT_MAX 1000

struct searching {
	const struct lent *lent;
	const struct codec *codec;
	struct sc_span body;
	struct sc_buf *out;
	struct sc_buf text, put;  /* a piece decoded, and what takes its place */
	struct codec_fields none; /* room for strings that are JSON */
	size_t copied;            /* of BODY into OUT */
	size_t n, at;
	enum protect_outcome refusal;
};

/* FIELD, encoded as KIND, instead of P, a piece of the record at BASE. */
static enum sc_err replace(struct searching *s, size_t base, const struct codec_piece *p,
    enum codec_kind kind, struct sc_span field)
{
	size_t quotes = p->kind == CODEC_TEXT ? s->codec->quotes : 0;
	size_t start = base + p->start - (p->nest == 0 ? quotes : p->before);
	enum sc_err err;

	s->n++;
	err = sc_buf_put(s->out, s->body.p + s->copied, start - s->copied);
	s->copied = base + p->end + (p->nest == 0 ? quotes : p->after);
	return err == SC_OK ? codec_encode_field(s->codec, p->nest, kind, field, s->out) : err;
}

/* lent_find(), but that what stands in a token is nobody's value. */
static bool find(const struct lent *l, struct sc_span text, size_t from, struct lent_hit *hit)
{
	struct sc_span token;

	while (lent_find(l, text, from, hit)) {
		size_t end = 0;

		for (size_t at = from; end <= hit->start && token_find(text, at, &token);
		     at = end) {
			end = (size_t)(token.p - text.p) + token.n;
			if ((size_t)(token.p - text.p) > hit->start)
				return true;
		}
		if (end <= hit->start)
			return true;
		from = end;
	}
	return false;
}

/* TEXT with every find put back, in s->put. */
static enum sc_err put_tokens(struct searching *s, struct sc_span text, struct lent_hit hit)
{
	size_t from = 0;
	enum sc_err err;

	sc_buf_clear(&s->put);
	do {
		if ((err = sc_buf_put(&s->put, text.p + from, hit.start - from)) != SC_OK ||
		    (err = sc_buf_put_span(&s->put, hit.token)) != SC_OK)
			return err;
		from = hit.end;
	} while (find(s->lent, text, from, &hit));
	return sc_buf_put(&s->put, text.p + from, text.n - from);
}

/* What stands behind the digits of a number: its power of ten, as far as it matters. */
static int exponent_of(struct sc_span s)
{
	int power = 0;
	bool minus = s.n > 1 && s.p[1] == '-';

	for (size_t i = 1; i < s.n && power < EXPONENT_MAX; i++)
		if (s.p[i] >= '0')
			power = power * 10 + s.p[i] - '0';
	return minus ? -power : power;
}

/*
 * The whole number that TEXT, a number of JSON, is, in digits alone and without its sign:
 * 1.38e2 is 138. Nothing where it has a fraction, or more than NUMBER_MAX digits.
 */
static struct sc_span digits_of(struct sc_span text, uint8_t out[static NUMBER_MAX])
{
	size_t i = text.p[0] == '-', n = 0;
	int power = 0;
	bool fraction = false;

	for (; i < text.n && (text.p[i] | 0x20) != 'e'; i++) {
		if (text.p[i] == '.') {
			fraction = true;
			continue;
		}
		power -= fraction;
		if (n == NUMBER_MAX)
			return sc_span(NULL, 0);
		out[n++] = text.p[i];
	}
	power += exponent_of(sc_span_from(text, i));
	for (; power < 0 && n > 0 && out[n - 1] == '0'; power++)
		n--;
	if (power < 0 || power > (int)(NUMBER_MAX - n))
		return sc_span(NULL, 0);
	memset(out + n, '0', (size_t)power);
	return sc_span(out, n + (size_t)power);
}

/* The value that TEXT, a number, is, however it is spelled; within a longer one the digits are another's. */
static bool find_number(const struct lent *l, struct sc_span text, struct lent_hit *hit)
{
	uint8_t digits[NUMBER_MAX];
	struct sc_span plain = digits_of(text, digits);

	return (lent_find(l, text, 0, hit) && hit->start == 0 && hit->end == text.n) ||
	    (plain.n != 0 && lent_find(l, plain, 0, hit) && hit->start == 0 && hit->end == plain.n);
}

/* The piece P of the record REC at BASE. */
static enum sc_err search_piece(struct searching *s, struct sc_span rec, size_t base,
    const struct codec_piece *p)
{
	const struct codec_field f = codec_piece_field(p);
	struct lent_hit hit;
	struct sc_span text;
	enum sc_err err = codec_text(s->codec, rec, &f, &s->text, NULL, &text);

	if (err != SC_OK || text.n == 0)
		return err;
	if (p->name) {
		if (lent_find(s->lent, text, 0, &hit) || lent_escaped_in(s->lent, text)) {
			s->refusal = PROTECT_FORBIDDEN;
			s->at = base + p->start;
		}
		return SC_OK;
	}
	if (lent_passes(s->lent, text))
		return SC_OK;
	if (p->kind == CODEC_NUMBER)
		return find_number(s->lent, text, &hit) ?
		    replace(s, base, p, CODEC_TEXT, hit.token) :
		    SC_OK;
	if (!find(s->lent, text, 0, &hit))
		return lent_escaped_in(s->lent, text) ?
		    replace(s, base, p, CODEC_NULL, sc_span(NULL, 0)) :
		    SC_OK;
	if ((err = put_tokens(s, text, hit)) != SC_OK)
		return err;
	/* what is left beside the finds may hold one behind escapes */
	if (lent_escaped_in(s->lent, sc_buf_span(&s->put)))
		return replace(s, base, p, CODEC_NULL, sc_span(NULL, 0));
	return replace(s, base, p, CODEC_TEXT, sc_buf_span(&s->put));
}

static enum sc_err search_record(struct searching *s, struct sc_span rec)
{
	size_t base = (size_t)(rec.p - s->body.p);
	struct codec_pieces pieces = { .fields = &s->none };
	struct codec_piece p = { .kind = 0 };
	struct sc_diag d;
	enum sc_err err;

	err = s->codec->scan(NULL, rec, &s->none, &d);
	if (err == SC_SYNTAX || err == SC_LIMIT) {
		s->refusal = PROTECT_MALFORMED;
		s->at = base + d.offset;
		return SC_OK;
	}
	while (err == SC_OK && s->refusal == PROTECT_DONE &&
	    codec_pieces_next(&pieces, s->codec, rec, &p))
		err = search_piece(s, rec, base, &p);
	return err;
}

static enum sc_err search_all(struct searching *s)
{
	struct sc_span rec;
	size_t from = 0;
	enum sc_err err = SC_OK;

	if (s->codec->next == NULL)
		return search_record(s, s->body);
	while (err == SC_OK && s->refusal == PROTECT_DONE &&
	    s->codec->next(s->body, true, &from, &rec))
		if (!codec_blank(rec))
			err = search_record(s, rec);
	return err;
}

enum protect_outcome put_back(const struct lent *l, const struct codec *c, struct sc_span body,
    struct sc_buf *space, struct sc_span *out, size_t *n, size_t *at)
{
	struct searching s = { .lent = l, .codec = c, .body = body, .out = space };
	enum sc_err err;

	sc_buf_clear(space);
	sc_buf_init(&s.text, 2 * body.n); /* a text in a string is decoded twice */
	sc_buf_init(&s.put, space->max);
	codec_fields_init(&s.none);
	*out = body;
	err = search_all(&s);
	if (err == SC_OK && s.refusal == PROTECT_DONE && s.n != 0 &&
	    (err = sc_buf_put(space, body.p + s.copied, body.n - s.copied)) == SC_OK &&
	    (err = codec_pad(space)) == SC_OK)
		*out = sc_buf_span(space);
	*n = s.n;
	*at = s.at;
	sc_buf_fini(&s.text);
	sc_buf_fini(&s.put);
	codec_fields_fini(&s.none);
	if (err != SC_OK)
		return err == SC_LIMIT ? PROTECT_TOO_LARGE : PROTECT_FAILED;
	return s.refusal;
}
