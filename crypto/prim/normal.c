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
#include "crypto/prim/fold.h"
#include "crypto/prim/normal_phone.h"

#include <string.h>

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
		cp = fold_width(cp);
		if (loose && (is_dropped(cp) || (drop_hyphens && cp == '-')))
			continue;
		cp = loose ? drop_accent(fold_case(cp)) : fold_case(cp);
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
