/*
 * flow.c - frames into the spool, in the order in which they were judged, and who waits
 * until they are on disk.
 *
 * Whoever was refused waits like whoever was let in: for a commit. One is made for them
 * where nothing else asks for it, of what was counted; so that the time of an answer
 * says as little as its bytes.
 */
#include "base/clock.h"
#include "gateway/collect/service_private.h"

#include <pthread.h>
#include <string.h>

enum sc_err flow_put(struct collect_service *s, const struct feed_frame *v, size_t n)
{
	uint64_t next;
	enum sc_err err;

	if (n == 0)
		return SC_OK;
	if ((err = spool_put(s->spool, v, n, &next)) == SC_OK)
		s->put = next;
	return err;
}

void flow_over(struct collect_wait *w, enum sc_err err)
{
	if (err != SC_OK)
		w->err = err;
	if (--w->left == 0)
		w->over(w, w->err);
}

void flow_wait(struct collect_service *s, struct collect_wait *w)
{
	w->until = s->put;
	w->next = NULL;
	w->left++;
	if (w->until <= s->durable) {
		flow_over(w, SC_OK);
		return;
	}
	*s->waits_tail = w;
	s->waits_tail = &w->next;
}

void flow_durable(void *service, uint64_t next, bool ok)
{
	struct collect_service *s = service;
	struct collect_wait *w;

	pthread_mutex_lock(&s->lock);
	if (ok && next > s->durable)
		s->durable = next;
	/* they stand in order: all wait for what was put before them */
	while ((w = s->waits) != NULL && (!ok || w->until <= s->durable)) {
		if ((s->waits = w->next) == NULL)
			s->waits_tail = &s->waits;
		flow_over(w, ok ? SC_OK : SC_IO);
	}
	pthread_mutex_unlock(&s->lock);
}

/* ---- what is counted and nowhere else --------------------------------------------------- */

static uint32_t today(void)
{
	return (uint32_t)(clock_unix_ms() / 86400000);
}

_Static_assert(FEED_KIND_END < 32, "a kind is a bit");

void flow_refused(struct collect_service *s, uint8_t rule, uint8_t kind)
{
	/*
	 * a day's counts are that day's: what cannot be told now is told as of the day
	 * it ended on
	 */
	if (!s->counted)
		s->count_day = today();
	s->counted = true;
	kind = kind < FEED_KIND_END ? kind : 0;
	s->counts[rule][kind]++;
	s->counted_kinds[rule] |= (uint32_t)1 << kind;
	s->stats.refused[rule]++;
}

enum sc_err flow_counts(struct collect_service *s)
{
	struct feed_frame v[FEED_RULE_END * 2];
	size_t n = 0, most = sizeof(v) / sizeof(v[0]);
	enum sc_err err;
	bool all = true;

	if (!s->counted)
		return SC_OK;
	for (uint8_t r = 0; r < FEED_RULE_END; r++)
		for (uint8_t k = 0; s->counted_kinds[r] >> k != 0; k++) {
			if (s->counts[r][k] == 0)
				continue;
			if (n == most) {
				all = false;
				continue;
			}
			v[n++] = (struct feed_frame){ .type = FEED_COUNT,
				.u.count = { s->count_day, s->counts[r][k], r, k } };
		}
	if ((err = flow_put(s, v, n)) != SC_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		s->counts[v[i].u.count.reason][v[i].u.count.kind] = 0;
		s->counted_kinds[v[i].u.count.reason] &= ~((uint32_t)1 << v[i].u.count.kind);
	}
	s->counted = !all;
	return SC_OK;
}
