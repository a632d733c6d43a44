/*
 * fold.c - ranges of capital letters, each with the way to its small ones.
 */
#include "base/text/fold.h"

#include "base/text/utf8.h"

#include <string.h>

/* Capitals: from FIRST to LAST, every STEP of them, the small one UP further. */
static const struct {
	uint16_t first, last;
	uint8_t step, up;
} ranges[] = {
	{ 0x00c0, 0x00d6, 1, 32 },
	{ 0x00d8, 0x00de, 1, 32 },
	{ 0x0100, 0x012e, 2, 1 },
	{ 0x0132, 0x0136, 2, 1 },
	{ 0x0139, 0x0147, 2, 1 },
	{ 0x014a, 0x0176, 2, 1 },
	{ 0x0179, 0x017d, 2, 1 },
	{ 0x01cd, 0x01db, 2, 1 },
	{ 0x01de, 0x01ee, 2, 1 },
	{ 0x01f8, 0x021e, 2, 1 },
	{ 0x0222, 0x0232, 2, 1 },
	{ 0x0386, 0x0386, 1, 38 },
	{ 0x0388, 0x038a, 1, 37 },
	{ 0x038c, 0x038c, 1, 64 },
	{ 0x038e, 0x038f, 1, 63 },
	{ 0x0391, 0x03a1, 1, 32 },
	{ 0x03a3, 0x03ab, 1, 32 },
	{ 0x03c2, 0x03c2, 1, 1 }, /* a sigma at a word's end */
	{ 0x0400, 0x040f, 1, 80 },
	{ 0x0410, 0x042f, 1, 32 },
	{ 0x0460, 0x0480, 2, 1 },
	{ 0x048a, 0x04be, 2, 1 },
	{ 0x04c0, 0x04c0, 1, 15 },
	{ 0x04c1, 0x04cd, 2, 1 },
	{ 0x04d0, 0x052e, 2, 1 },
	{ 0x0531, 0x0556, 1, 48 },
	{ 0x1e00, 0x1e94, 2, 1 },
	{ 0x1ea0, 0x1efe, 2, 1 },
	{ 0xff21, 0xff3a, 1, 32 },
};

static uint32_t small(uint32_t cp)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);

	if (cp == 0x0178)
		return 0x00ff;
	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (cp > ranges[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == sizeof(ranges) / sizeof(ranges[0]) || cp < ranges[low].first ||
	    (cp - ranges[low].first) % ranges[low].step != 0)
		return cp;
	return cp + ranges[low].up;
}

size_t fold_beyond(struct sc_span s, uint8_t out[static 4])
{
	uint32_t cp;

	if (utf8_decode(s, &cp) != 0)
		return utf8_encode(small(cp), out);
	out[0] = s.p[0];
	return 1;
}

void fold_text(struct sc_span s, uint8_t *to)
{
	uint8_t c[4];

	for (size_t i = 0, n; i < s.n; i += n) {
		n = fold_char(sc_span_from(s, i), c);
		memcpy(to + i, c, n);
	}
}
