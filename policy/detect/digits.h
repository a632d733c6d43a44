/*
 * digits.h - a run of digit groups, seen through a window.
 *
 * "+86 138-1234-5678" is one run of four groups. A run may be as long as the
 * text; the window holds its next few groups, and moving on drops groups at
 * the front and reads as many at the back, so no digit is collected twice
 * however many places a number could begin at.
 */
#ifndef POLICY_DETECT_DIGITS_H
#define POLICY_DETECT_DIGITS_H

#include "base/span.h"

#define DIGITS_GROUPS 10 /* groups a verifier may look at */
#define DIGITS_MAX 40    /* digits of one group; longer is no number of ours */

/* What stands between a group and the one before it. */
enum digit_join {
	JOIN_NONE, /* it is the first of its run */
	JOIN_SPACE,
	JOIN_DASH,
	JOIN_DOT,
	JOIN_SLASH,
	JOIN_PAREN,
};

struct digit_group {
	uint32_t start, end; /* bytes of the text: ASCII digits only */
	uint8_t join;        /* enum digit_join */
	bool plus;           /* a + stands directly before */
};

struct digit_window {
	struct sc_span text;
	struct digit_group g[DIGITS_GROUPS];
	size_t n;       /* groups in the window; 0: the run is over */
	uint32_t next;  /* where the next group is read; the end of the run */
	uint32_t floor; /* bytes below belong to an earlier hit */
	bool last;      /* nothing of the run is left behind the window */
};

/* Begin at the digit TEXT.p[AT]. */
void digits_begin(struct digit_window *w, struct sc_span text, uint32_t at, uint32_t floor);
/* Drop the first K groups and read on. */
void digits_drop(struct digit_window *w, size_t k);

static inline uint32_t digits_length(const struct digit_window *w, size_t i)
{
	return w->g[i].end - w->g[i].start;
}

static inline struct sc_span digits_span(const struct digit_window *w, size_t i)
{
	return sc_span(w->text.p + w->g[i].start, digits_length(w, i));
}

/* The digits (as characters) of groups FIRST to LAST; their number. OUT has
 * room for MAX; more digits give 0. */
size_t digits_take(const struct digit_window *w, size_t first, size_t last, uint8_t *out,
    size_t max);

/* May a number begin at the first group, judged by what stands before it? */
bool digits_left_clean(const struct digit_window *w);
/* May it end with group LAST, judged by what stands behind it? */
bool digits_right_clean(const struct digit_window *w, size_t last);

/* What the first N of DIGITS say. */
static inline unsigned digits_value(const uint8_t *digits, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(digits[i] - '0');
	return v;
}

static inline bool ascii_digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

static inline bool ascii_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

#endif
