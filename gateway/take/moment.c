/*
 * moment.c - moments as client libraries write them (RFC 3339): with a fraction of any
 * length and an offset from UTC.
 */
#include "base/civil.h"
#include "gateway/take/private.h"

#define DAY_MS 86400000

/* N digits at the start of *S, which moves behind them. */
static bool digits(struct sc_span *s, size_t n, int64_t *out)
{
	uint64_t v;

	if (s->n < n || !sc_span_u64(sc_span(s->p, n), &v))
		return false;
	*out = (int64_t)v;
	*s = sc_span_from(*s, n);
	return true;
}

static bool letter(struct sc_span *s, uint8_t a, uint8_t b)
{
	if (s->n == 0 || (s->p[0] != a && s->p[0] != b))
		return false;
	*s = sc_span_from(*s, 1);
	return true;
}

static bool date(struct sc_span *s, int64_t *days)
{
	int64_t year, month, day;

	if (!digits(s, 4, &year) || !letter(s, '-', '-') || !digits(s, 2, &month) ||
	    !letter(s, '-', '-') || !digits(s, 2, &day) || month < 1 || month > 12 || day < 1 ||
	    day > civil_month_days(year, (uint8_t)month))
		return false;
	*days = civil_days((struct civil_date){ year, (uint8_t)month, (uint8_t)day });
	return true;
}

/* Of a leap second there is only the one before it. */
static bool time_of_day(struct sc_span *s, int64_t *ms)
{
	int64_t h, m, sec, fraction = 0, unit = 100;

	if (!digits(s, 2, &h) || !letter(s, ':', ':') || !digits(s, 2, &m) ||
	    !letter(s, ':', ':') || !digits(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	if (letter(s, '.', '.')) {
		if (s->n == 0 || s->p[0] < '0' || s->p[0] > '9')
			return false;
		for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'; unit /= 10) {
			fraction += (s->p[0] - '0') * unit;
			*s = sc_span_from(*s, 1);
		}
	}
	*ms = ((h * 60 + m) * 60 + (sec == 60 ? 59 : sec)) * 1000 + fraction;
	return true;
}

/* "Z", or how far the clock is ahead of UTC. */
static bool offset(struct sc_span *s, int64_t *ms)
{
	int64_t h, m;
	bool west;

	*ms = 0;
	if (letter(s, 'Z', 'z'))
		return true;
	if (s->n == 0)
		return false;
	west = s->p[0] == '-';
	if (!letter(s, '+', '-') || !digits(s, 2, &h) || !letter(s, ':', ':') ||
	    !digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*ms = (h * 60 + m) * 60000 * (west ? -1 : 1);
	return true;
}

bool take_moment(struct sc_span text, int64_t *ms)
{
	int64_t days, of_day, ahead;

	if (!date(&text, &days) || (!letter(&text, 'T', 't') && !letter(&text, ' ', ' ')) ||
	    !time_of_day(&text, &of_day) || !offset(&text, &ahead) || text.n != 0)
		return false;
	*ms = days * DAY_MS + of_day - ahead;
	return true;
}
