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
#include "crypto/prim/normal.h"

/* U+00C0 .. U+017F in lower case without accents; a space stands for itself. */
static const char latin[] = "aaaaaa ceeeeiiii nooooo ouuuuy  aaaaaa ceeeeiiii nooooo ouuuuy y"
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk lllllll"
			    "lllnnnnnn   oooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(latin) == 0x180 - 0xc0 + 1, "one letter for each");

uint32_t normal_fold_width(uint32_t cp)
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

uint32_t normal_fold_case(uint32_t cp)
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

/* Append VALUE folded: names and whole values (LOOSE), or e-mail addresses. */
static enum sc_err fold_text(struct sc_span value, bool loose, bool drop_hyphens,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;
	uint8_t utf8[4];
	uint32_t cp;
	size_t n;

	for (; value.n != 0 && err == SC_OK; value = sc_span_from(value, n)) {
		if ((n = utf8_decode(value, &cp)) == 0)
			return SC_SYNTAX;
		cp = normal_fold_width(cp);
		if (loose && (is_dropped(cp) || (drop_hyphens && cp == '-')))
			continue;
		cp = loose ? drop_accent(normal_fold_case(cp)) : normal_fold_case(cp);
		err = sc_buf_put(out, utf8, utf8_encode(cp, utf8));
	}
	return err;
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
