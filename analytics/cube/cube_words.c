/*
 * cube_words.c - members, weeks and days as readers see them.
 */
#include "analytics/cube/cube_private.h"

#include "base/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OTHER "(other)"     /* not in the words' list */
#define UNKNOWN "(unknown)" /* not said */

static const char *name_category(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return i == 0 || i > w->categories.n ? OTHER : w->categories.v[i - 1];
}

static const char *name_channel(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return i == 0 || i > w->channels.n ? OTHER : w->channels.v[i - 1];
}

static const char *name_segment(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	(void)w;
	(void)buf;
	(void)size;
	return cube_segment_names[i];
}

static const char *name_hour(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	(void)w;
	snprintf(buf, size, "%02u", (unsigned)i);
	return buf;
}

static const char *name_weekday(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

	(void)w;
	(void)buf;
	(void)size;
	return names[i];
}

/* STEPS of the currency's hundredths, without a fraction that is none. */
static int put_price(char *buf, size_t size, uint64_t steps, uint32_t step)
{
	const uint64_t cents = steps * step;

	if (cents % 100 == 0)
		return snprintf(buf, size, "%" PRIu64, cents / 100);
	return snprintf(buf, size, "%" PRIu64 ".%02u", cents / 100, (unsigned)(cents % 100));
}

/* "50-200": above 50, and up to 200. */
static const char *name_band(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	const uint32_t low = i < 2 ? 0 : w->price_bands[i - 2];
	const bool ends = i < FEED_BANDS && i > 0 && w->price_bands[i - 1] != UINT32_MAX;
	size_t n;

	if (i == 0)
		return UNKNOWN;
	n = (size_t)put_price(buf, size, low, w->price_step);
	buf[n++] = ends ? '-' : '+';
	buf[n] = '\0';
	if (ends)
		(void)put_price(buf + n, size - n, w->price_bands[i - 1], w->price_step);
	return buf;
}

static const char *name_trait(const struct feed_trait *t, size_t i, char *buf, size_t size)
{
	if (i == 0)
		return UNKNOWN;
	if (t->kind == FEED_WORD_OF_LIST)
		return i <= t->words.n ? t->words.v[i - 1] : UNKNOWN;
	if (t->n_bands == 0)
		return "all";
	if (i == 1)
		snprintf(buf, size, "<%" PRId64, t->bands[0]);
	else if (i > t->n_bands)
		snprintf(buf, size, "%" PRId64 "+", t->bands[t->n_bands - 1]);
	else if (t->bands[i - 1] - t->bands[i - 2] == 1)
		snprintf(buf, size, "%" PRId64, t->bands[i - 2]);
	else
		snprintf(buf, size, "%" PRId64 "-%" PRId64, t->bands[i - 2], t->bands[i - 1] - 1);
	return buf;
}

static const char *name_month(const struct feed_words *w, size_t i, char *buf, size_t size)
{
	(void)w;
	(void)size;
	return cube_month_name((uint32_t)i, buf);
}

/* What the members of a table's first and second axis are called. */
static const struct {
	const char *(*name[2])(const struct feed_words *, size_t, char *, size_t);
} axes[CUBE_SEGMENT_TRAIT] = {
	[CUBE_VISITORS_CATEGORY] = { { name_category, NULL } },
	[CUBE_BUYERS_CATEGORY] = { { name_category, NULL } },
	[CUBE_BUYERS_BAND] = { { name_band, NULL } },
	[CUBE_VISITORS_HOUR] = { { name_channel, name_hour } },
	[CUBE_BUYERS_WEEKDAY] = { { name_weekday, NULL } },
	[CUBE_SEGMENTS_TABLE] = { { name_segment, NULL } },
	[CUBE_SEGMENT_CHANNEL] = { { name_segment, name_channel } },
	[CUBE_COHORTS] = { { name_month, NULL } },
	[CUBE_MONTH_CATEGORY_BAND] = { { name_category, name_band } },
	[CUBE_QUARTERS] = { { name_segment, NULL } },
};

static const char *name_of(const struct feed_words *w, size_t t, unsigned axis, size_t i, char *buf)
{
	if (t < CUBE_SEGMENT_TRAIT)
		return axes[t].name[axis](w, i, buf, CUBE_NAME_BYTES);
	return axis == 0 ? cube_segment_names[i] :
			   name_trait(&w->traits[t - CUBE_SEGMENT_TRAIT], i, buf, CUBE_NAME_BYTES);
}

/* NAME into TO; a separator in it becomes " / ", so that members can be told apart. */
static size_t put_name(char *to, const char *name)
{
	const size_t n = strlen(name);
	char *at;

	memcpy(to, name, n + 1);
	while ((at = strstr(to, CUBE_SEPARATOR)) != NULL)
		at[1] = '/';
	return n;
}

const char *cube_members(struct cube_out *out, const struct feed_words *w, size_t t, unsigned axis,
    const uint16_t *v, size_t n, size_t base)
{
	const size_t each = CUBE_NAME_BYTES + sizeof(CUBE_SEPARATOR);
	char *text = sc_arena_alloc(&out->arena, n * each + 1), buf[CUBE_NAME_BYTES];
	size_t at = 0;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (i > 0) {
			memcpy(text + at, CUBE_SEPARATOR, sizeof(CUBE_SEPARATOR) - 1);
			at += sizeof(CUBE_SEPARATOR) - 1;
		}
		at += put_name(text + at, name_of(w, t, axis, base + v[i], buf));
	}
	return text;
}

const char *cube_week_name(uint32_t week, char out[static CUBE_DATE_BYTES])
{
	const int64_t thursday = cube_monday(week) + 3;
	const int64_t year = civil_of_days(thursday).year;
	const int64_t first = civil_days((struct civil_date){ .year = year, .month = 1, .day = 1 });

	snprintf(out, CUBE_DATE_BYTES, "%04" PRId64 "-W%02" PRId64, year,
	    (thursday - first) / 7 + 1);
	return out;
}

const char *cube_month_name(uint32_t month, char out[static CUBE_DATE_BYTES])
{
	snprintf(out, CUBE_DATE_BYTES, "%04u-%02u", month / 12, month % 12 + 1);
	return out;
}

const char *cube_day_name(int64_t day, char out[static CUBE_DATE_BYTES])
{
	const struct civil_date d = civil_of_days(day);

	snprintf(out, CUBE_DATE_BYTES, "%04" PRId64 "-%02u-%02u", d.year, d.month, d.day);
	return out;
}

static bool digits(const char *s, size_t n, int64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

bool cube_day_parse(const char *s, int64_t *day)
{
	int64_t y, m, d;

	if (strlen(s) != 10 || !digits(s, 4, &y) || s[4] != '-' || !digits(s + 5, 2, &m) ||
	    s[7] != '-' || !digits(s + 8, 2, &d) || m < 1 || m > 12 || d < 1 ||
	    d > civil_month_days(y, (uint8_t)m))
		return false;
	*day = civil_days((struct civil_date){ .year = y, .month = (uint8_t)m, .day = (uint8_t)d });
	return true;
}
