/*
 * zone_rule.c - POSIX's rules for when clocks change, and what they show.
 */
#include "base/zone_rule.h"

#include "base/civil.h"

#define DAY_S 86400

/* ---- the text ------------------------------------------------------------------------ */

static bool take(struct sc_span *s, uint8_t c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = sc_span_from(*s, 1);
	return true;
}

/* A number from MIN to MAX, of at most four digits. */
static bool take_number(struct sc_span *s, int32_t min, int32_t max, int32_t *out)
{
	size_t n = 0;

	*out = 0;
	for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		*out = *out * 10 + s->p[n] - '0';
	*s = sc_span_from(*s, n);
	return n > 0 && *out >= min && *out <= max;
}

/* The name of a clock: three letters or more, or anything plain in < >. */
static bool take_name(struct sc_span *s)
{
	bool quoted = take(s, '<');
	size_t n = 0;

	for (; n < s->n; n++) {
		uint8_t c = s->p[n], letter = c | 0x20;

		if (!(letter >= 'a' && letter <= 'z') &&
		    !(quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
			break;
	}
	*s = sc_span_from(*s, n);
	return n >= 3 && (!quoted || take(s, '>'));
}

/* [+-]h[:m[:s]], at most HOURS. */
static bool take_time(struct sc_span *s, int32_t hours, int32_t *out)
{
	bool minus = take(s, '-');
	int32_t h, m = 0, sec = 0;

	if (!minus)
		(void)take(s, '+');
	if (!take_number(s, 0, hours, &h) ||
	    (take(s, ':') &&
		(!take_number(s, 0, 59, &m) || (take(s, ':') && !take_number(s, 0, 59, &sec)))))
		return false;
	*out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
	return true;
}

static bool take_day(struct sc_span *s, struct zone_moment *m)
{
	int32_t month, week, day;

	if (take(s, 'M')) {
		m->kind = ZONE_WEEKDAY;
		if (!take_number(s, 1, 12, &month) || !take(s, '.') ||
		    !take_number(s, 1, 5, &week) || !take(s, '.') || !take_number(s, 0, 6, &day))
			return false;
		m->month = (int8_t)month;
		m->week = (int8_t)week;
	} else {
		m->kind = take(s, 'J') ? ZONE_JULIAN : ZONE_DAY;
		if (!take_number(s, m->kind == ZONE_JULIAN, 365, &day))
			return false;
	}
	m->day = (int16_t)day;
	return true;
}

static bool take_moment(struct sc_span *s, struct zone_moment *m)
{
	m->time_s = 2 * 3600;
	return take(s, ',') && take_day(s, m) && (!take(s, '/') || take_time(s, 167, &m->time_s));
}

bool zone_rule_parse(struct sc_span text, struct zone_rule *out)
{
	int32_t west;

	*out = (struct zone_rule){ .has_dst = false };
	if (!take_name(&text) || !take_time(&text, 24, &west))
		return false;
	out->std_s = -west;
	if (text.n == 0)
		return true;
	out->has_dst = true;
	out->dst_s = out->std_s + 3600;
	if (!take_name(&text))
		return false;
	if (text.n > 0 && text.p[0] != ',') {
		if (!take_time(&text, 24, &west))
			return false;
		out->dst_s = -west;
	}
	return take_moment(&text, &out->begin) && take_moment(&text, &out->end) && text.n == 0;
}

/* ---- the calendar -------------------------------------------------------------------- */

/* Of YEAR, which begins with day FIRST since 1970: the day, from 0, that M is on. */
static int64_t day_of(const struct zone_moment *m, int64_t year, int64_t first)
{
	struct civil_date month = { year, (uint8_t)m->month, 1 };
	int64_t start, weekday, day;

	if (m->kind == ZONE_DAY)
		return m->day;
	if (m->kind == ZONE_JULIAN)
		return m->day - 1 + (civil_is_leap(year) && m->day >= 60);
	start = civil_days(month);
	weekday = start + 4 - civil_floor(start + 4, 7) * 7; /* 1970 began on a Thursday */
	day = (m->day - weekday + 7) % 7 + (m->week - 1) * 7;
	return start - first + (day < civil_month_days(year, month.month) ? day : day - 7);
}

int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t unix_s)
{
	int64_t year, first, begin, end;
	bool dst;

	if (!r->has_dst || unix_s > INT64_MAX / 2 || unix_s < INT64_MIN / 2)
		return r->std_s;
	year = civil_of_days(civil_floor(unix_s + r->std_s, DAY_S)).year;
	first = civil_days((struct civil_date){ year, 1, 1 });
	begin = (first + day_of(&r->begin, year, first)) * DAY_S + r->begin.time_s - r->std_s;
	end = (first + day_of(&r->end, year, first)) * DAY_S + r->end.time_s - r->dst_s;
	dst = begin < end ? unix_s >= begin && unix_s < end : unix_s < end || unix_s >= begin;
	return dst ? r->dst_s : r->std_s;
}
