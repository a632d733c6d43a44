/*
 * skip.h - from the first byte of a JSON string to its closing quote.
 *
 * Strings are most of the bytes of a document and short (8 to 12 bytes), so
 * this is where the speed is: 16 bytes a step where the processor can, a table
 * of bytes where it cannot, and both give the same answer. Everything special
 * is left to json_skip_special(): escapes and UTF-8 are checked there.
 *
 * No bounds are tested. The byte behind the document is 0 or LF, which ends
 * every loop, and CODEC_PAD bytes from it on are readable.
 */
#ifndef GATEWAY_CODEC_SKIP_H
#define GATEWAY_CODEC_SKIP_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/*
 * Both: P is the first byte inside the string; the answer is the closing
 * quote, or, when the string is malformed, the byte that is (never a quote).
 * *ESCAPED is set when there was a backslash, and left alone otherwise.
 */
typedef const uint8_t *json_skip_fn(const uint8_t *p, bool *escaped);

/* 1 for quote, backslash, controls and everything from 0x80 on. */
extern const uint8_t json_special[256];

static inline bool json_hex(uint8_t c)
{
	return (uint8_t)(c - '0') < 10 || (uint8_t)((c | 0x20) - 'a') < 6;
}

/* Behind the escape at P, or P itself when it is malformed. */
static inline const uint8_t *json_skip_escape(const uint8_t *p)
{
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't': return p + 2;
	case 'u':
		if (json_hex(p[2]) && json_hex(p[3]) && json_hex(p[4]) && json_hex(p[5]))
			return p + 6;
		return p;
	default: return p;
	}
}

static inline bool json_tail(uint8_t c)
{
	return (c & 0xC0) == 0x80;
}

/* Behind the one character of 2 to 4 bytes at P, or P itself (RFC 3629 §4). */
static inline const uint8_t *json_skip_char(const uint8_t *p)
{
	uint32_t c;

	if ((p[0] & 0xF0) == 0xE0) {
		c = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6;
		if (!json_tail(p[1]) || !json_tail(p[2]) || c < 0x800 || (c & 0xF800) == 0xD800)
			return p;
		return p + 3;
	}
	if ((p[0] & 0xE0) == 0xC0)
		return (p[0] & 0x1E) != 0 && json_tail(p[1]) ? p + 2 : p;
	if ((p[0] & 0xF8) != 0xF0 || !json_tail(p[1]) || !json_tail(p[2]) || !json_tail(p[3]))
		return p;
	c = (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12;
	return c >= 0x10000 && c <= 0x10FFFF ? p + 4 : p;
}

/* Behind a run of characters from U+0080 on; stops at a malformed one. */
static inline const uint8_t *json_skip_run(const uint8_t *p)
{
	const uint8_t *from;

	do {
#if __BYTE_ORDER == __LITTLE_ENDIAN
		/* two characters of three bytes at a time: Chinese text */
		for (;;) {
			uint64_t w, a, b;

			memcpy(&w, p, sizeof(w));
			a = w & 0x200F;
			b = w >> 24 & 0x200F;
			if ((w & 0x0000C0C0F0C0C0F0u) != 0x00008080E08080E0u || a == 0 || b == 0 ||
			    a == 0x200D || b == 0x200D)
				break;
			p += 6;
		}
#endif
		if (*p < 0x80)
			break;
		from = p;
		p = json_skip_char(p);
	} while (p != from);
	return p;
}

/*
 * Deal with the special byte at P. The answer is behind it; it is P itself
 * when the string ends here, well or badly.
 */
static inline const uint8_t *json_skip_special(const uint8_t *p, bool *escaped)
{
	if (*p >= 0x80)
		return json_skip_run(p);
	if (*p != '\\')
		return p;
	*escaped = true;
	return json_skip_escape(p);
}

/* With a table of bytes only. */
static inline const uint8_t *json_skip_plain(const uint8_t *p, bool *escaped)
{
	for (;;) {
		const uint8_t *next;

		while (!json_special[*p])
			p++;
		if (*p == '"')
			return p;
		next = json_skip_special(p, escaped);
		if (next == p)
			return p;
		p = next;
	}
}

#if defined(__SSE2__)
/* Distance to the first special byte among 16; 16 or more when there is none. */
static inline unsigned json_special16(const uint8_t *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
				       _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
	    /* signed: finds the controls and what has its top bit set */
	    _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));

	return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(hit) | 0x10000u);
}
#define JSON_SKIP_WIDE 1
#elif defined(__aarch64__) && defined(__ARM_NEON)
static inline unsigned json_special16(const uint8_t *p)
{
	uint8x16_t v = vld1q_u8(p);
	uint8x16_t hit =
	    vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\'))),
		vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20)));
	uint64_t nibbles =
	    vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hit), 4)), 0);

	return nibbles == 0 ? 16 : (unsigned)__builtin_ctzll(nibbles) / 4;
}
#define JSON_SKIP_WIDE 1
#endif

/* 16 bytes at a time, where there is a way. */
static inline const uint8_t *json_skip_wide(const uint8_t *p, bool *escaped)
{
#ifdef JSON_SKIP_WIDE
	for (;;) {
		const uint8_t *next;

		/* Chinese text begins with its first byte: nothing to look for */
		if (*p < 0x80) {
			unsigned to = json_special16(p);

			p += to;
			if (to >= 16)
				continue;
		}
		if (*p == '"')
			return p;
		next = json_skip_special(p, escaped);
		if (next == p)
			return p;
		p = next;
		/* a value often ends with its Chinese or its escape */
		if (*p == '"')
			return p;
	}
#else
	return json_skip_plain(p, escaped);
#endif
}

#endif
