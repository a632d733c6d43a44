/*
 * window.c - weekly hours, and the moments of a policy's own tests.
 */
#include "policy/lang/window.h"

#define DAY_MIN 1440

static bool take(struct sc_span *s, char c)
{
	if (s->n == 0 || s->p[0] != (uint8_t)c)
		return false;
	*s = sc_span_from(*s, 1);
	return true;
}

/* Exactly N digits. */
static bool take_digits(struct sc_span *s, size_t n, unsigned *out)
{
	unsigned v = 0;

	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s->p[i] - '0');
	}
	*s = sc_span_from(*s, n);
	*out = v;
	return true;
}

/* "HH:MM", at most 24:00. */
static bool take_clock(struct sc_span *s, unsigned *minute)
{
	unsigned h, m;

	if (!take_digits(s, 2, &h) || !take(s, ':') || !take_digits(s, 2, &m) || m > 59 ||
	    h * 60 + m > DAY_MIN)
		return false;
	*minute = h * 60 + m;
	return true;
}

/* "Z" or "+HH:MM" or "-HH:MM", at most 14 hours. */
static bool take_offset(struct sc_span *s, int *out)
{
	unsigned minute;
	bool west;

	*out = 0;
	if (take(s, 'Z'))
		return true;
	west = take(s, '-');
	if ((!west && !take(s, '+')) || !take_clock(s, &minute) || minute > 14 * 60)
		return false;
	*out = west ? -(int)minute : (int)minute;
	return true;
}

static bool take_day(struct sc_span *s, unsigned *day)
{
	static const char *const names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

	for (*day = 0; *day < 7; (*day)++) {
		if (sc_span_starts(*s, names[*day])) {
			*s = sc_span_from(*s, 3);
			return true;
		}
	}
	return false;
}

static bool take_days(struct sc_span *s, uint8_t *days)
{
	unsigned first, last;

	*days = 0;
	if (take(s, '*')) {
		*days = 0x7F;
		return true;
	}
	do {
		if (!take_day(s, &first))
			return false;
		last = first;
		if (take(s, '-') && !take_day(s, &last))
			return false;
		for (;; first = (first + 1) % 7) {
			*days |= (uint8_t)(1u << first);
			if (first == last)
				break;
		}
	} while (take(s, ','));
	return true;
}

bool lang_window_parse(struct sc_span text, struct lang_window *out, const char **why)
{
	unsigned from = 0, to = 0;
	int offset = 0;

	*why = "hours look like \"Mon-Fri 09:00-18:00 +08:00\"";
	if (!take_days(&text, &out->days) || !take(&text, ' ') || !take_clock(&text, &from) ||
	    !take(&text, '-') || !take_clock(&text, &to) || !take(&text, ' ') ||
	    !take_offset(&text, &offset) || text.n != 0)
		return false;
	if (from == to || from == DAY_MIN) {
		*why = "this window of hours is empty";
		return false;
	}
	out->from = (uint16_t)from;
	out->to = (uint16_t)to;
	out->offset = (int16_t)offset;
	return true;
}

bool lang_window_holds(const struct lang_window *w, uint64_t now_ms)
{
	/* a week more, so that a western offset does not go below zero */
	int64_t local = (int64_t)(now_ms / 60000) + 7 * DAY_MIN + w->offset;
	unsigned minute = (unsigned)(local % DAY_MIN);
	unsigned day = (unsigned)((local / DAY_MIN + 4) % 7); /* 1970-01-01: Thursday */
	unsigned yesterday = (day + 6) % 7;

	if (w->from < w->to)
		return (w->days >> day & 1) && minute >= w->from && minute < w->to;
	return ((w->days >> day & 1) && minute >= w->from) ||
	    ((w->days >> yesterday & 1) && minute < w->to);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + (int64_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

bool lang_time_parse(struct sc_span s, uint64_t *ms)
{
	static const unsigned long_months = 0x15AA; /* bits 1 3 5 7 8 10 12 */
	unsigned y, mo, d, minute, sec, last;
	int64_t t;
	int offset;

	if (!take_digits(&s, 4, &y) || !take(&s, '-') || !take_digits(&s, 2, &mo) ||
	    !take(&s, '-') || !take_digits(&s, 2, &d) || !take(&s, 'T') ||
	    !take_clock(&s, &minute) || !take(&s, ':') || !take_digits(&s, 2, &sec) ||
	    !take_offset(&s, &offset) || s.n != 0)
		return false;
	if (y < 1971 || mo < 1 || mo > 12 || minute >= DAY_MIN || sec > 59)
		return false;
	last = mo != 2 ? 30 + (long_months >> mo & 1) :
			 28u + ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0);
	if (d < 1 || d > last)
		return false;
	t = days_from_civil(y, mo, d) * DAY_MIN + minute - offset;
	*ms = (uint64_t)t * 60000 + sec * 1000;
	return true;
}
