/*
 * hooks_retry.c - when an event is tried again, and when it is given up: the
 * schedule and the status codes of Standard Webhooks (§ Deliverability).
 */
#include "gateway/phone/hooks_private.h"

#include <stdio.h>
#include <time.h>

/* Three days and some hours in all, the first try not counted. */
static const uint32_t delays_s[HOOK_RETRIES] = { 5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600,
	14 * 3600, 20 * 3600, 24 * 3600 };

#define REST_FIRST_MS 250
#define REST_MAX_MS 60000
#define REST_BUSY_MS 5000 /* of one that says it is busy */

enum hook_outcome hook_judge(const struct hook_try *t)
{
	if (t->status >= 200 && t->status < 300)
		return HOOK_DELIVERED;
	if (t->status == 410)
		return HOOK_OVER;
	return t->tries >= HOOK_RETRIES || t->age_s > HOOK_AGE_MAX_S ? HOOK_GIVEN_UP : HOOK_RETRY;
}

uint64_t hook_delay_s(unsigned tries, uint32_t random)
{
	uint64_t delay = delays_s[tries];

	/* those that failed together do not come back together */
	return delay + (delay * 1000 / 5 * (uint64_t)random >> 32) / 1000;
}

uint64_t hook_rest_ms(unsigned fails, unsigned status)
{
	bool busy = status == 429 || (status >= 502 && status <= 504);
	uint64_t rest = REST_MAX_MS;

	if (fails <= 8)
		rest = (uint64_t)REST_FIRST_MS << (fails - 1);
	return rest > REST_MAX_MS ? REST_MAX_MS : busy && rest < REST_BUSY_MS ? REST_BUSY_MS : rest;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; the obsolete forms are not read. */
static bool read_date(struct sc_span value, uint64_t *out)
{
	struct tm tm = { .tm_isdst = 0 };
	char text[32];
	const char *end;
	time_t t;

	if (value.n != 29)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)value.n, (const char *)value.p);
	end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (end == NULL || *end != '\0' || (t = timegm(&tm)) < 0)
		return false;
	*out = (uint64_t)t;
	return true;
}

uint64_t hook_retry_after(struct sc_span value, uint64_t now)
{
	uint64_t s = 0, at;

	if (!sc_span_u64(value, &s) && read_date(value, &at) && at > now)
		s = at - now;
	return s > HOOK_DAY_S ? HOOK_DAY_S : s;
}
