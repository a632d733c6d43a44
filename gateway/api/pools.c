/*
 * pools.c - GET /v1/pools and /v1/pools/{name}/stats: how full pools of virtual numbers
 * are, and how long they will last. Nobody's number is in it.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"

#include <string.h>

#define PREFIX "/v1/pools/"
#define SUFFIX "/stats"

/* Per cent of the slots that are not free, rounded down. */
static uint64_t occupancy(const struct book_stats *s)
{
	return s->total == 0 ? 0 : (s->total - s->free) * 100 / s->total;
}

static void print_slots(struct jsonw *w, const struct book_stats *s)
{
	jsonw_ku64(w, "total", s->total);
	jsonw_ku64(w, "live", s->live);
	jsonw_ku64(w, "cooling", s->cooling);
	jsonw_ku64(w, "free", s->free);
	jsonw_ku64(w, "occupancy_percent", occupancy(s));
	if (s->next_release != 0)
		binding_print_time(w, "next_release", s->next_release);
}

/* When the last slot goes, if bindings come and go as within the last hour. */
static void print_projection(struct jsonw *w, struct phone_service *s, uint16_t pool,
    const struct book_stats *stats)
{
	int64_t growth = phone_pool_growth(s, pool);

	jsonw_key(w, "growth_per_hour");
	if (growth < 0) {
		jsonw_u64(w, 0);
		return;
	}
	jsonw_u64(w, (uint64_t)growth);
	if (growth != 0)
		jsonw_ku64(w, "exhausted_in_s", stats->free * 3600 / (uint64_t)growth);
}

static void print_counts(struct jsonw *w, struct phone_service *s, uint16_t pool)
{
	struct phone_counts c;

	phone_pool_counts(s, pool, &c);
	jsonw_ku64(w, "bound", c.bound);
	jsonw_ku64(w, "same", c.same);
	jsonw_ku64(w, "again", c.again);
	jsonw_ku64(w, "allocation_failures", c.exhausted);
	jsonw_ku64(w, "connected", c.connected);
	jsonw_ku64(w, "late_calls", c.late_calls);
	jsonw_ku64(w, "misses", c.misses);
	jsonw_ku64(w, "blocked", c.blocked);
}

static void print_pool(struct jsonw *w, struct phone_service *s, uint16_t pool)
{
	const struct phone_pool *p = &phone_settings_of(s)->pools[pool];
	struct book_stats stats;

	phone_pool_stats(s, pool, &stats);
	jsonw_kstr(w, "name", p->name.s);
	jsonw_kstr(w, "mode", phone_mode_names[p->mode]);
	print_slots(w, &stats);
	jsonw_ku64(w, "oldest_s", stats.oldest_s);
	print_projection(w, s, pool, &stats);
	print_counts(w, s, pool);
}

static void print_lines(struct jsonw *w, struct phone_service *s, uint16_t pool)
{
	static const char *const states[] = { [PHONE_LINE_ACTIVE] = "active",
		[PHONE_LINE_DRAINING] = "draining",
		[PHONE_LINE_SUSPENDED] = "suspended" };
	const struct phone_settings *set = phone_settings_of(s);
	struct book_stats stats;

	jsonw_key(w, "lines");
	jsonw_array(w);
	for (size_t i = 0; i < set->n_lines; i++) {
		if (set->lines[i].pool != pool)
			continue;
		phone_line_stats(s, (uint32_t)i, &stats);
		jsonw_object(w);
		jsonw_kstr(w, "x", set->lines[i].e164);
		if (set->lines[i].region.s[0] != '\0')
			jsonw_kstr(w, "region", set->lines[i].region.s);
		jsonw_kstr(w, "state", states[set->lines[i].state]);
		print_slots(w, &stats);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void answer(struct served_request *rq, struct jsonw *w)
{
	binding_print_request(w, rq);
	jsonw_object_end(w);
	rq->record.outcome = AUDIT_OK;
	if (w->err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/* ---- requests ------------------------------------------------------------------------- */

/* The answer is given at the head; a body, if any, is not read. */
static const struct served_ops pool_ops = { .on_body = NULL };

static struct phone_service *begin(struct served_request *rq)
{
	rq->ops = &pool_ops;
	return binding_begin(rq, AUDIT_ADMIN, "phone.pools") ? rq->worker->shared->phone : NULL;
}

void api_pools(struct served_request *rq)
{
	struct phone_service *s = begin(rq);
	struct jsonw w = jsonw(&rq->out);

	if (s == NULL)
		return;
	jsonw_object(&w);
	jsonw_key(&w, "items");
	jsonw_array(&w);
	for (size_t i = 0; i < phone_settings_of(s)->n_pools; i++) {
		jsonw_object(&w);
		print_pool(&w, s, (uint16_t)i);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	answer(rq, &w);
}

void api_pool(struct served_request *rq)
{
	struct sc_span name = sc_span_from(rq->call->head->path, strlen(PREFIX));
	struct phone_service *s = begin(rq);
	struct jsonw w = jsonw(&rq->out);
	uint16_t pool = PHONE_NO_POOL;

	if (s == NULL)
		return;
	if (name.n > strlen(SUFFIX) &&
	    sc_span_is(sc_span_from(name, name.n - strlen(SUFFIX)), SUFFIX))
		pool = phone_pool_find(s, sc_span(name.p, name.n - strlen(SUFFIX)));
	if (pool == PHONE_NO_POOL) {
		served_refuse(rq, 404, "pool-unknown",
		    "GET /v1/pools/{name}/stats with the name of a pool of the configuration");
		return;
	}
	jsonw_object(&w);
	print_pool(&w, s, pool);
	print_lines(&w, s, pool);
	answer(rq, &w);
}
