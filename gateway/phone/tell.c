/*
 * tell.c - events of bindings and pools, on their way to the outbox.
 */
#include "gateway/phone/tell.h"

#include <pthread.h>

#define EXHAUSTED_EVERY_S 3600
#define MARK_BACK 2 /* per cent below a mark, until it is forgotten that it was told */

static struct phone_told told_of(const struct phone_service *s, enum phone_event event,
    const struct phone_binding *b)
{
	return (struct phone_told){
		.event = event,
		.binding = b,
		.pool = &s->settings->pools[b->pool].name,
		.x = s->settings->lines[b->line].e164,
	};
}

void phone_tell_binding(struct phone_service *s, enum phone_event event,
    const struct phone_binding *b)
{
	const struct phone_told t = told_of(s, event, b);

	hooks_tell(s->hooks, &t);
}

enum sc_err phone_put_binding(struct phone_service *s, struct store_tx *tx, enum phone_event event,
    const struct phone_binding *b, struct hooks_put *p)
{
	const struct phone_told t = told_of(s, event, b);

	return hooks_put(s->hooks, tx, &t, p);
}

void phone_tell_pool(struct phone_service *s, enum phone_event event, uint16_t pool,
    unsigned percent)
{
	const struct phone_told t = {
		.event = event,
		.pool = &s->settings->pools[pool].name,
		.percent = percent,
	};

	hooks_tell(s->hooks, &t);
}

void phone_tell_line(struct phone_service *s, enum phone_event event, uint32_t line)
{
	const struct phone_line *l = &s->settings->lines[line];
	const struct phone_told t = {
		.event = event,
		.pool = &s->settings->pools[l->pool].name,
		.x = l->e164,
	};

	hooks_tell(s->hooks, &t);
}

bool phone_tell_exhausted(struct phone_service *s, const struct phone_now *now, uint16_t pool)
{
	struct pool_trend *t = &s->trends[pool];

	if (t->exhausted_at != 0 && now->steady - t->exhausted_at < EXHAUSTED_EVERY_S)
		return false;
	t->exhausted_at = now->steady;
	return true;
}

/* The highest mark at or below PERCENT: 1 to 3; 0: none. */
static uint8_t mark_of(const struct phone_pool *p, unsigned percent)
{
	uint8_t mark = 0;

	while (mark < sizeof(p->watermarks) && p->watermarks[mark] <= percent)
		mark++;
	return mark;
}

/* With the lock held. The mark that is to be told, or 0. */
static unsigned rise(struct phone_service *s, const struct phone_now *now, uint16_t pool)
{
	const struct phone_pool *p = &s->settings->pools[pool];
	struct pool_trend *t = &s->trends[pool];
	struct book_stats stats;
	unsigned percent;
	uint8_t mark;

	book_pool_stats(s->book, now, pool, &stats);
	if (stats.total == 0)
		return 0;
	percent = (unsigned)((stats.total - stats.free) * 100 / stats.total);
	mark = mark_of(p, percent);
	if (mark > t->mark) {
		t->mark = mark;
		return p->watermarks[mark - 1];
	}
	if (mark_of(p, percent + MARK_BACK) < t->mark)
		t->mark = mark;
	return 0;
}

void phone_tell_watermarks(struct phone_service *s)
{
	struct phone_now now = phone_service_now(s);
	unsigned percent;

	for (size_t i = 0; i < s->settings->n_pools; i++) {
		pthread_mutex_lock(&s->lock);
		percent = rise(s, &now, (uint16_t)i);
		pthread_mutex_unlock(&s->lock);
		if (percent != 0)
			phone_tell_pool(s, PHONE_EVENT_POOL_WATERMARK, (uint16_t)i, percent);
	}
}
