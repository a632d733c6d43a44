/*
 * normal.c - the normal forms that blind indexes hash (index.h).
 *
 * Not Unicode's NFKC, whose tables would outweigh the rest of this folder:
 * only what people type differently into order forms, which is width, case,
 * accents and separators. Two forms too alike cost a search one row too many;
 * two forms kept apart cost a row that is not found.
 */
#include "crypto/prim/index.h"

#include "base/text/utf8.h"
#include "policy/words/dialling.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- letter by letter: ranges of Unicode whose letters differ by a constant ---- */

/* Full-width ASCII to ASCII, every space to ' ', every hyphen to '-'. */
static uint32_t fold_width(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xff01 + '!';
	if (cp == 0x3000 || cp == 0xa0 || cp == 0x202f || (cp >= 0x2000 && cp <= 0x200d) ||
	    cp == 0xfeff)
		return ' ';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return '-';
	return cp;
}

/* Latin, Greek and Cyrillic capitals to small letters. */
static uint32_t fold_case(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return cp + ('a' - 'A');
	if ((cp >= 0xc0 && cp <= 0xde && cp != 0xd7) || /* Latin-1 */
	    (cp >= 0x391 && cp <= 0x3ab) ||             /* Greek */
	    (cp >= 0x410 && cp <= 0x42f))               /* Cyrillic */
		return cp + 0x20;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 0x50;
	if (cp == 0x132 || cp == 0x14a || cp == 0x152) /* what drop_accent() leaves */
		return cp + 1;
	return cp;
}

/* U+00C0 .. U+017F in lower case without accents; a space stands for itself. */
static const char latin[] = "aaaaaa ceeeeiiii nooooo ouuuuy  aaaaaa ceeeeiiii nooooo ouuuuy y"
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk lllllll"
			    "lllnnnnnn   oooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(latin) == 0x180 - 0xc0 + 1, "one letter for each");

static uint32_t drop_accent(uint32_t cp)
{
	if (cp >= 0xc0 && cp < 0x180 && latin[cp - 0xc0] != ' ')
		return (uint32_t)latin[cp - 0xc0];
	return cp;
}

static bool is_space(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r');
}

/* Separators inside names: middle dots of several scripts, combining accents. */
static bool is_dropped(uint32_t cp)
{
	return is_space(cp) || cp == 0xb7 || cp == 0x2022 || cp == 0x2027 || cp == 0x30fb ||
	    cp == 0xff65 || (cp >= 0x300 && cp <= 0x36f);
}

/*
 * What ASCII becomes in a loose form: most of what people type is that, and
 * tags are made while an order waits. A hyphen stays in some.
 */
#define DROP 0xff
static const uint8_t loose_ascii[128] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, DROP, DROP, DROP, DROP, DROP,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, DROP, 33, 34, 35,
	36, 37, 38, 39, 40, 41, 42, 43, 44, DROP, 46, 47, '0', '1', '2', '3', '4', '5', '6', '7',
	'8', '9', 58, 59, 60, 61, 62, 63, 64, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k',
	'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 91, 92, 93, 94,
	95, 96, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q',
	'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 123, 124, 125, 126, 127 };

/* A Chinese character, U+4000 to U+9FFF, which nothing folds: its three bytes are at P. */
static bool is_plain(const uint8_t *p, const uint8_t *end)
{
	return end - p >= 3 && p[0] >= 0xe4 && p[0] <= 0xe9 && (p[1] & 0xc0) == 0x80 &&
	    (p[2] & 0xc0) == 0x80;
}

/* What is plain at the beginning of VALUE, loosely folded, to OUT. Returns behind it. */
static uint8_t *fold_plain(struct sc_span *value, bool drop_hyphens, uint8_t *out)
{
	const uint8_t *p = value->p, *end = p + value->n;
	uint8_t c;

	for (;;) {
		for (; p < end && (c = *p) < 0x80; p++) {
			if (loose_ascii[c] != DROP)
				*out++ = loose_ascii[c];
			else if (c == '-' && !drop_hyphens)
				*out++ = c;
		}
		if (!is_plain(p, end))
			break;
		memcpy(out, p, 3);
		out += 3;
		p += 3;
	}
	*value = sc_span(p, (size_t)(end - p));
	return out;
}

/*
 * VALUE folded to OUT, names and whole values (LOOSE) or e-mail addresses. Nothing
 * gets longer, so OUT has room for as much. Returns behind it; NULL: VALUE is no UTF-8.
 */
static uint8_t *fold(struct sc_span value, bool loose, bool drop_hyphens, uint8_t *out)
{
	uint32_t cp;
	size_t n;

	for (;;) {
		if (loose)
			out = fold_plain(&value, drop_hyphens, out);
		if (value.n == 0)
			return out;
		if ((n = utf8_decode(value, &cp)) == 0)
			return NULL;
		value = sc_span_from(value, n);
		cp = fold_width(cp);
		if (loose && (is_dropped(cp) || (drop_hyphens && cp == '-')))
			continue;
		out += utf8_encode(loose ? drop_accent(fold_case(cp)) : fold_case(cp), out);
	}
}

/* The same, appended to OUT. */
static enum sc_err fold_text(struct sc_span value, bool loose, bool drop_hyphens,
    struct sc_buf *out)
{
	size_t before = out->n;
	uint8_t *to, *end;
	enum sc_err err;

	if (value.n == 0)
		return SC_OK;
	if ((err = sc_buf_grow(out, value.n, &to)) != SC_OK)
		return err;
	if ((end = fold(value, loose, drop_hyphens, to)) == NULL)
		return SC_SYNTAX;
	sc_buf_truncate(out, before + (size_t)(end - to));
	return SC_OK;
}

#if defined(__SSE2__)
#define AHEAD 32 /* where a step's letters wait is behind all that the step writes */
_Static_assert(AHEAD + 32 <= INDEX_WHOLE_SPARE, "a step's letters, and as much behind them");

/* Bytes of V, which is ASCII, from LO to HI: those above wrap round to less than all. */
static inline __m128i between(__m128i v, char lo, char hi)
{
	return _mm_cmpgt_epi8(_mm_add_epi8(v, _mm_set1_epi8((char)(0x7f - hi))),
	    _mm_set1_epi8((char)(0x7f - hi + lo - 1)));
}

static inline void move16(uint8_t *to, const uint8_t *from)
{
	_mm_storeu_si128((__m128i *)(void *)to,
	    _mm_loadu_si128((const __m128i *)(const void *)from));
}

/*
 * V, 16 bytes of ASCII of which SKIP are done, loosely folded to OUT, which has N bytes.
 * Returns how many it has then.
 */
static inline size_t fold_step(__m128i v, size_t skip, uint8_t *out, size_t n)
{
	const __m128i drop = _mm_or_si128(between(v, '\t', '\r'),
	    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')),
		_mm_cmpeq_epi8(v, _mm_set1_epi8('-'))));
	const __m128i shift = _mm_and_si128(between(v, 'A', 'Z'), _mm_set1_epi8('a' - 'A'));
	uint64_t gaps = (uint64_t)_mm_movemask_epi8(drop) >> skip << skip;
	uint8_t *letters = out + n + AHEAD;

	_mm_storeu_si128((__m128i *)(void *)letters, _mm_or_si128(v, shift));
	/* run by run, each with whatever stands behind it: the next is written over that */
	move16(out + n, letters + skip);
	for (n -= skip; gaps != 0; gaps &= gaps - 1, n--) {
		size_t gap = (unsigned)__builtin_ctzll(gaps);

		move16(out + (n + gap), letters + gap + 1);
	}
	return n + 16;
}

/* What VALUE begins with as far as it is ASCII in 16 bytes, to OUT. Returns behind it. */
static uint8_t *fold_wide(struct sc_span *value, uint8_t *out)
{
	const uint8_t *p = value->p, *end = p + value->n;
	size_t skip = 0, n = 0;

	for (; value->n >= 16 && p != end; p += 16) {
		__m128i v;

		/* the last few, with those before them */
		if (end - p < 16) {
			skip = (size_t)(16 - (end - p));
			p = end - 16;
		}
		v = _mm_loadu_si128((const __m128i *)(const void *)p);
		if (_mm_movemask_epi8(v) != 0)
			break;
		n = fold_step(v, skip, out, n);
		skip = 0;
	}
	p += skip;
	*value = sc_span(p, (size_t)(end - p));
	return out + n;
}
#else
static uint8_t *fold_wide(struct sc_span *value, uint8_t *out)
{
	(void)value;
	return out;
}
#endif

size_t index_whole(struct sc_span value, uint8_t out[static INDEX_VALUE_MAX + INDEX_WHOLE_SPARE])
{
	uint8_t *end;

	if (value.n == 0 || value.n > INDEX_VALUE_MAX)
		return 0;
	end = fold_wide(&value, out);
	if (value.n != 0 && (end = fold(value, true, true, end)) == NULL) {
		sc_wipe(out, INDEX_VALUE_MAX + INDEX_WHOLE_SPARE);
		return 0;
	}
	return (size_t)(end - out);
}

static enum sc_err email(struct sc_span value, struct sc_buf *out)
{
	size_t from = out->n, lead = 0;
	enum sc_err err;

	if ((err = fold_text(value, false, false, out)) != SC_OK)
		return err;
	while (out->n > from && is_space(out->p[out->n - 1]))
		sc_buf_truncate(out, out->n - 1);
	while (from + lead < out->n && is_space(out->p[from + lead]))
		lead++;
	if (lead != 0) {
		memmove(out->p + from, out->p + from + lead, out->n - from - lead);
		sc_buf_truncate(out, out->n - lead);
	}
	return SC_OK;
}

/*
 * ---- phone numbers: the digits that their spellings share ----
 *
 * The home country is not known here, and need not be: the calling code is taken off
 * where it is marked as one, or where nothing else could be meant, instead of being put
 * on everywhere. Numbers of two countries that agree otherwise then have one index; a
 * search tells them apart by opening the rows it found.
 */

/* A Chinese mobile number: eleven digits that begin with 13 to 19. */
static bool is_cn_mobile(const uint8_t *d, size_t n)
{
	return n == 11 && d[0] == '1' && d[1] >= '3' && d[1] <= '9';
}

/* The same behind 86, +86 or 0086 (the + is not among the digits). */
static bool ends_cn_mobile(const uint8_t *d, size_t n)
{
	size_t front = n == 13 ? 2 : n == 15 ? 4 : 0;

	return is_cn_mobile(d + front, n - front) && memcmp(d, &"0086"[4 - front], front) == 0;
}

enum { PHONE_DIGITS = 32 };
struct phone {
	uint8_t d[PHONE_DIGITS];
	size_t n;
	bool plus;
};

/*
 * The digits of VALUE up to an extension: after seven digits, a letter or one
 * of # , ; * begins one; after a Chinese mobile, a hyphen does, as in the
 * virtual numbers of order platforms.
 */
static enum sc_err collect(struct sc_span value, struct phone *ph)
{
	uint32_t cp;
	size_t n;

	for (; value.n != 0; value = sc_span_from(value, n)) {
		if ((n = utf8_decode(value, &cp)) == 0)
			return SC_SYNTAX;
		cp = fold_case(fold_width(cp));
		if (cp >= '0' && cp <= '9') {
			if (ph->n == PHONE_DIGITS) {
				ph->n = 0; /* no phone number */
				break;
			}
			ph->d[ph->n++] = (uint8_t)cp;
		} else if (cp == '+' && ph->n == 0) {
			ph->plus = true;
		} else if (ph->n >= 7 &&
		    ((cp >= 'a' && cp <= 'z') || cp > 0x2fff ||
			(cp < 0x80 && cp != 0 && strchr("#,;*/", (int)cp) != NULL))) {
			break;
		} else if (cp == '-' && ends_cn_mobile(ph->d, ph->n)) {
			break;
		}
	}
	return utf8_valid(value) ? SC_OK : SC_SYNTAX;
}

static void drop_front(struct phone *ph, size_t n)
{
	if (n > ph->n)
		n = ph->n;
	memmove(ph->d, ph->d + n, ph->n - n);
	ph->n -= n;
}

/*
 * Take off 00 or +, the calling code, and trunk zeros. A trunk zero at the front says that
 * what follows is no calling code. Of eleven digits a 1 at the front goes too: it is North
 * America's code or trunk, or the first digit of a mobile number in China, which nothing
 * tells apart; both lose it in all their spellings.
 */
static void to_national(struct phone *ph)
{
	if (!ph->plus && ph->n > 8 && ph->d[0] == '0' && ph->d[1] == '0') {
		drop_front(ph, 2);
		ph->plus = true;
	}
	if (ph->plus)
		drop_front(ph, dialling_code(sc_span(ph->d, ph->n)));
	else
		drop_front(ph, dialling_unmarked(sc_span(ph->d, ph->n)));
	while (ph->n != 0 && ph->d[0] == '0')
		drop_front(ph, 1);
	if (ph->n == 11 && ph->d[0] == '1')
		drop_front(ph, 1);
}

/* Append the last four digits, or the national ones; nothing when there are too few. */
static enum sc_err normal_phone(struct sc_span value, bool last_four, struct sc_buf *out)
{
	struct phone ph = { .n = 0, .plus = false };
	enum sc_err err;
	size_t from = 0;

	if ((err = collect(value, &ph)) != SC_OK)
		goto out;
	if (last_four) {
		if (ph.n < 4)
			goto out;
		from = ph.n - 4;
	} else {
		to_national(&ph);
		if (ph.n < 7)
			goto out;
	}
	err = sc_buf_put(out, ph.d + from, ph.n - from);
out:
	sc_wipe(&ph, sizeof(ph));
	return err;
}

enum sc_err index_normalise(enum index_kind kind, struct sc_span value, struct sc_buf *out)
{
	size_t before = out->n;
	enum sc_err err = SC_BUG;

	if (value.n > INDEX_VALUE_MAX)
		return SC_LIMIT;
	switch (kind) {
	case INDEX_L4:
	case INDEX_PF: err = normal_phone(value, kind == INDEX_L4, out); break;
	case INDEX_NF:
	case INDEX_WF: err = fold_text(value, true, kind == INDEX_WF, out); break;
	case INDEX_EF: err = email(value, out); break;
	case INDEX_KIND_COUNT: break;
	}
	if (err != SC_OK)
		sc_buf_truncate(out, before);
	return err;
}
