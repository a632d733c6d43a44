/*
 * window.c - weekly hours, and the moments of a policy's own tests.
 */
#include "policy/lang/window.h"

#include <time.h>

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

bool lang_weeks_parse(struct sc_span text, uint32_t *weeks)
{
	const unsigned days = text.n == 0 ? 0 : text.p[text.n - 1] == 'w' ? 7 : 1;
	unsigned n;

	if (text.n < 2 || text.n > 5 || text.p[0] == '0' ||
	    (days == 1 && text.p[text.n - 1] != 'd') || !take_digits(&text, text.n - 1, &n) ||
	    text.n != 1)
		return false;
	*weeks = (n * days + 6) / 7;
	return *weeks <= LANG_WEEKS_MAX;
}

bool lang_time_parse(struct sc_span s, uint64_t *ms)
{
	unsigned y, mo, d, minute, sec;
	struct tm tm;
	int offset;
	time_t t;

	if (!take_digits(&s, 4, &y) || !take(&s, '-') || !take_digits(&s, 2, &mo) ||
	    !take(&s, '-') || !take_digits(&s, 2, &d) || !take(&s, 'T') ||
	    !take_clock(&s, &minute) || !take(&s, ':') || !take_digits(&s, 2, &sec) ||
	    !take_offset(&s, &offset) || s.n != 0)
		return false;
	if (y < 1971 || minute >= DAY_MIN || sec > 59)
		return false;
	tm = (struct tm){ .tm_year = (int)y - 1900, .tm_mon = (int)mo - 1, .tm_mday = (int)d };
	t = timegm(&tm);
	/* a day that no month has comes back as one of another month */
	if (tm.tm_mday != (int)d || tm.tm_mon != (int)mo - 1)
		return false;
	*ms = (uint64_t)(t + 60 * ((int)minute - offset) + (int)sec) * 1000;
	return true;
}
